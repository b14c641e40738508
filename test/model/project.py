# file: services/tides/tests/test_project.py
import pytest
from tides.api import Client
from helpers_on_path import help_it
import tests.shared

pytestmark = [pytest.mark.integration]


def test_p():
    Client()  #? Client
    help_it()  #? help_it
    tests.shared.x()  #? tests.shared.x
# file: services/tides/python/tides/api.py
class Client:
    pass
# file: services/tides/tests/helpers/helpers_on_path.py
def help_it():
    pass
# file: services/tides/tests/shared.py
def x():
    pass
# file: services/tides/pyproject.toml
[project]
name = "tides"
requires-python = ">=3.10,<4"

[tool.setuptools.packages.find]
where = ["python"]

[tool.pytest.ini_options]
addopts = "--strict-markers --disable-socket -m 'not live'"
pythonpath = ["tests/helpers"]
markers = ["integration: needs a database", "live(name): real service"]
filterwarnings = ["error", "ignore::DeprecationWarning"]
# file: old/setup.cfg
[metadata]
name = old

[options]
python_requires = >=3.6
package_dir =
    = code
# comment
[tool:pytest]
addopts = -p no:cacheprovider
    --disable-socket   ; trailing
markers =
    slow: takes long
# file: old/tests/unit/test_old.py
from package import thing


def test_old():
    thing()  #? thing
# file: old/code/package/__init__.py
def thing():
    pass
# file: broken/pyproject.toml
[tool.pytest
# file: broken/tests/test_broken.py
def test_broken():
    pass
# file: samples/pytest.ini
[pytest]
norecursedirs = .* tests/completion tests/da* tests/deep/* */input
    data* literal/
addopts = --ignore-glob='*left*' --ignore="tests/aside"
# file: samples/tests/completion/test_names.py
def test_x():
    pass
# file: samples/tests/unit/data_files/test_names.py
def test_x():
    pass
# file: samples/tests/unit/test_names.py
def test_x():
    pass
# file: tests/completion/test_elsewhere.py
def test_x():
    pass
# file: samples/tests/dates/test_names.py
def test_x():
    pass
# file: samples/tests/deep/test_names.py
def test_x():
    pass
# file: samples/tests/deep/one/test_names.py
def test_x():
    pass
# file: samples/tests/more/input/test_names.py
def test_x():
    pass
# file: samples/input/test_names.py
def test_x():
    pass
# file: samples/literal/test_names.py
def test_x():
    pass
# file: samples/tests/left/test_names.py
def test_x():
    pass
# file: samples/tests/aside/test_names.py
def test_x():
    pass
# file: samples/more/tests/dates/test_names.py
def test_x():
    pass
# file: rooted/tox.ini
[pytest]
norecursedirs = rooted/data /rooted/kept
# file: rooted/data/test_names.py
def test_x():
    pass
# file: rooted/kept/test_names.py
def test_x():
    pass
# file: layered/tox.ini
[testenv]
commands =
    pip install pytest
    pytest -q --ignore=tests/layers --ignore {toxinidir}/tests/slow \
        {posargs:tests}
[testenv:slow]
commands = python -m pytest --ignore=tests/layers tests/slow
# file: layered/tests/layers/hooks.py
def install():
    pass
# file: layered/tests/slow/machines.py
def start():
    pass
# file: layered/tests/layers/test_hooks.py
def test_x():
    pass
