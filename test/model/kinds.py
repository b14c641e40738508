# file: pkg/tests/unit/test_a.py
def test_a(): pass
# file: pkg/tests/functional/test_b.py
def test_b(): pass
# file: pkg/tests/functional_tests/check.py
x = 1
# file: tests/integration/test_c.py
def test_c(): pass
# file: tests/e2e/flow_test.py
def test_d(): pass
# file: tempest/scenario/test_servers.py
def test_e(): pass
# file: tests/test_contract.py
import pytest

pytestmark = pytest.mark.contract


def test_f(): pass
# file: tests/test_live_marked.py
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.live]


def test_g(): pass
# file: conftest.py
import pytest
# file: tests/fixtures/database.py
import fixtures


class Database(fixtures.Fixture):
    def _setUp(self):
        self.addCleanup(print)
# file: tests/fakes.py
import fixtures


class Fake(fixtures.Fixture):
    pass
# file: tests/fixtures/test_database.py
def test_h(): pass
# file: tests/helpers.py
def make(): pass
# file: app/tests.py
from django.test import TestCase


class TestX(TestCase):
    def test_i(self): pass
# file: app/checks.py
import pytest


def test_j(): pass


class TestY:
    def test_k(self): pass
# file: app/main.py
import unittest


def run(): pass
# file: app/ports.py
import unittest


class Port:
    def test_local(self): pass


class TestBerth:
    pass
# file: app/mixins.py
import pytest


class BerthTests:
    @pytest.mark.slow
    def test_berth(self): pass
# file: app/without_imports.py
def test_l(): pass


def test_m(): pass


def helper(): pass
# file: app/mostly_code.py
def test_connection(): pass


def test_mode(): pass


def a(): pass


def b(): pass


def c(): pass
