# file: tests/unit/db/test_fixtures.py
import os
import pytest
import requests

from tests.unit.db.plugin import imported_fixture


@pytest.fixture
def client():
    session = requests.Session()
    yield session
    session.close()


@pytest.fixture(scope='module', autouse=True, name='renamed')
def original():
    return requests.Session()


@pytest.fixture(params=['http', 'https'])
def scheme(request):
    request.addfinalizer(print)  #? request.addfinalizer
    return request.param  #? request.param


@pytest.fixture
def overridden(overridden):
    overridden.get('/')  #? overridden.get
    return overridden


@pytest.fixture()
def with_finalizer(request):
    handle = open('x')
    request.addfinalizer(handle.close)
    return handle


def test_local(client, renamed, scheme):
    client.get('/')  #? client ; client.get
    renamed.get('/')  #? renamed.get
    scheme  #? scheme


def test_conftest(near, far, overridden):
    near.get('/')  #? near.get
    far.cursor()  #? far.cursor
    overridden.get('/')  #? overridden.get


def test_imported(imported_fixture, with_finalizer):
    imported_fixture.get('/')  #? imported_fixture.get
    with_finalizer.read()  #? with_finalizer.read


def test_dynamic(request):
    request.getfixturevalue('client').get('/')  #? request.getfixturevalue('client').get


@pytest.mark.usefixtures('near')
@pytest.mark.parametrize('client', ['a', 'b'], indirect=True)
def test_indirect(client):
    client.get('/')  #? client.get


@pytest.mark.parametrize('client', ['a', 'b'])
def test_direct(client):
    client.get('/')  #? client ; client.get


@pytest.mark.parametrize(('x', 'y'), [(1, 2), (3, 4)])
def test_table(x, y):
    y  #? y


class TestInClass:
    @pytest.fixture
    def own(self):
        return requests.Session()

    @pytest.fixture(autouse=True)
    def _set(self, near):
        self.near = near

    def setup_method(self, method):
        self.opened = requests.Session()

    def test_in_class(self, own, far):
        own.get('/')  #? own.get
        far.cursor()  #? far.cursor
        self.near.get('/')  #? self.near.get
        self.opened.get('/')  #? self.opened.get


def test_well_known(tmp_path, monkeypatch, mocker, requests_mock, httpx_mock, caplog, capsys, request, tmp_path_factory, tmpdir):
    tmp_path.joinpath('a')  #? tmp_path
    monkeypatch.setenv('A', 'b')  #? monkeypatch.setenv
    mocker.patch('a.b')  #? mocker.patch
    requests_mock.get('http://x')  #? requests_mock.get
    httpx_mock.add_response()  #? httpx_mock
    caplog.text  #? caplog
    capsys.readouterr()  #? capsys
    tmp_path_factory.mktemp('x')  #? tmp_path_factory
    tmpdir.join('x')  #? tmpdir


def test_frameworks(live_server, django_user_model, admin_client, rf, aiohttp_client, testdir, settings, async_client, test_client):
    admin_client.get('/')  #? admin_client.get
    rf.get('/')  #? rf.get
    live_server.url  #? live_server
    testdir.makepyfile('')  #? testdir
    settings.DEBUG = True  #? settings
    aiohttp_client  #? aiohttp_client


async def test_aiohttp(aiohttp_client, app):
    c = await aiohttp_client(app)
    await c.get('/')  #? c.get
# file: tests/unit/db/plugin.py
import pytest
import requests


@pytest.fixture
def imported_fixture():
    return requests.Session()
# file: tests/unit/db/conftest.py
import pytest
import requests


@pytest.fixture
def near():
    return requests.Session()


@pytest.fixture
def overridden():
    return requests.Session()
# file: tests/conftest.py
import sqlite3

import pytest


@pytest.fixture(scope='session')
def far():
    with sqlite3.connect(':memory:') as connection:
        yield connection


@pytest.fixture
def near():
    return None


@pytest.fixture(autouse=True)
def no_requests(monkeypatch):
    monkeypatch.delattr('requests.sessions.Session.request')
