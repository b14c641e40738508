# file: parts/client/tides/tests/test_temp.py
import beside
from elsewhere import gone, Gone
from tides import temp
from tides.tests import base

from unittest import mock


class TestTemp(base.Case.ForUser):
    pass


class TestPlain(base.unittest.TestCase):
    pass


@mock.patch(temp.__name__ + '.folder')
@mock.patch(f'{temp.__name__}.other')
@mock.patch(lost.__name__ + '.folder')
@mock.patch(gone.__name__ + '.folder')
@mock.patch(Gone.__name__ + '.folder')
def test_temp(a, b, c, other, folder, shared_client):
    temp.folder()  #? temp.folder
    beside.make()  #? beside.make
    shared_client  #? shared_client
# file: parts/client/setup.py
from setuptools import setup

setup(name='tides', entry_points={'pytest11': ['tides = tides.plugin']})
# file: parts/client/checks/conftest.py
pytest_plugins = []
# file: parts/client/checks/shared.py
import unittest


class Shared(unittest.TestCase):
    pass
# file: parts/client/checks/north/test_quay.py
import shared


class TestQuay(shared.Shared):
    def test_quay(self):
        pass
# file: parts/client/tides/temp.py
def folder():
    pass


def other():
    pass
# file: parts/client/tides/__init__.py
# file: parts/client/tides/plugin.py
pytest_plugins = ['tides.fixtures']
# file: parts/client/tides/fixtures.py
import pytest
import requests


@pytest.fixture
def shared_client():
    return requests.Session()
# file: parts/client/tides/tests/beside.py
def make():
    pass
# file: parts/client/tides/tests/base.py
import sys

if sys.version_info < (3,):
    import unittest2 as unittest
else:
    import unittest


class ForUsers(type):
    @property
    def ForUser(cls):
        return cls.made_for('user')


class Case(unittest.TestCase, metaclass=ForUsers):
    def setUp(self):
        super().setUp()
# file: harbour/setup.cfg
[options.entry_points]
pytest11 =
    ports = ports.plugin:all
# file: harbour/ports/plugin.py
import pytest


@pytest.fixture
def port():
    return 8080
# file: harbour/ports/test_port.py
def test_port(port):
    port  #? port
# file: toml/pyproject.toml
[project.entry-points.pytest11]
quays = "quays.plugin"
# file: toml/quays/plugin.py
import pytest


@pytest.fixture
def quay():
    return 'north'
# file: toml/quays/test_quay.py
def test_quay(quay):
    quay  #? quay
# file: fleet/harbour/pyproject.toml
[tool.poetry.dependencies]
python = "^3.10"
fleet-common = "^0.7"

[tool.poetry.group.dev.dependencies]
fleet-common = { path = "../common", develop = true }
elsewhere = { path = "../../../elsewhere" }
# file: fleet/harbour/tests/test_pier.py
from fleet.common.testing import FleetCase
from fleet.wharf import rope


class TestPier(FleetCase):
    def test_pier(self):
        rope.tie()  #? rope.tie
# file: fleet/common/pyproject.toml
[tool.poetry]
packages = [{ include = "fleet", from = "code" }]

[tool.poetry.dev-dependencies]
wharf = { path = "../wharf/" }
# file: fleet/common/code/fleet/common/testing.py
import unittest


class FleetCase(unittest.TestCase):
    def setUp(self):
        super().setUp()
# file: fleet/wharf/tox.ini
[testenv]
deps =
    pytest
    -e ../harbour
# file: fleet/wharf/src/fleet/wharf/rope.py
def tie():
    pass
# file: space/pyproject.toml
[tool.uv.workspace]
members = ["packages/*"]
# file: space/packages/north/pyproject.toml
[tool.uv.sources]
south-pole = { workspace = true }
# file: space/packages/north/tests/test_north.py
from south import base


class TestNorth(base.SouthCase):
    pass
# file: space/packages/south_pole/pyproject.toml
[project]
name = "south-pole"
# file: space/packages/south_pole/src/south/base.py
import unittest


class SouthCase(unittest.TestCase):
    pass
# file: space/packages/east/pyproject.toml
[tool.uv.sources]
"fleet.north_pole" = { workspace = true }
# file: space/packages/east/tests/test_east.py
from northern import base


class TestEast(base.NorthCase):
    pass
# file: space/packages/north_pole/pyproject.toml
[project]
name = "fleet.north_pole"
# file: space/packages/north_pole/src/northern/base.py
import unittest


class NorthCase(unittest.TestCase):
    pass
# file: space/packages/west/tests/test_west.py
from south import base


class TestWest(base.SouthCase):
    pass
# file: made/Makefile
test:
	PYTHONPATH=.:apps/backend:$(LIBS) pytest
# file: made/setup.cfg
[testenv]
# file: made/tests/test_made.py
from web_app import app


def test_made():
    app.start()  #? app.start
# file: made/apps/backend/web_app.py
class App:
    def start(self):
        pass


app = App()
# file: own/pyproject.toml
[tool.uv.workspace]
members = ["tools/mailer"]
# file: own/tests/test_own.py
from .common import OwnCase


class TestOwn(OwnCase):
    pass
# file: own/tests/__init__.py
# file: own/tests/common.py
import unittest


class OwnCase(unittest.TestCase):
    def setUp(self):
        super().setUp()
# file: own/tools/mailer/tests/__init__.py
# file: own/tools/mailer/tests/common.py
class Letters:
    pass
