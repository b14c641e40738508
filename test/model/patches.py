# file: tests/unit/test_patches.py
import os
import unittest
from unittest import mock

import ddt
import fixtures
import testtools

from app import service


class TestPatches(unittest.TestCase):
    patcher = mock.patch('app.service.Held')

    def setUp(self):
        self.started = mock.patch('app.service.run')
        self.mock_run = self.started.start()
        self.addCleanup(self.started.stop)
        self.kept = mock.patch.object(service, 'walk', autospec=True)
        mock.patch('app.service.forgotten').start()
        mock.patch('app.service.unused')
        unused = mock.patch('app.service.unused_too')
        self.enterContext(mock.patch('app.service.entered'))
        self.mock_multi = self.enterContext(mock.patch.multiple(service, a=1))
        mock.patch.dict(os.environ, {'A': 'b'}).start()
        for name in ('x', 'y'):
            p = mock.patch(f'app.service.{name}')
            p.start()
            self.addCleanup(p.stop)

    def test_started(self):
        self.mock_run.assert_called()  #? self.mock_run
        self.started.stop()  #? self.started.stop

    @mock.patch('app.service.inner', new=1)
    @mock.patch('app.service.outer', new_callable=mock.PropertyMock)
    @mock.patch(service.__name__ + '.computed')
    def test_decorated(self, computed, outer):
        computed  #? computed
        outer  #? outer

    def test_with(self):
        with mock.patch('app.service.w') as w, mock.patch.object(service, 'v', return_value=1):
            w  #? w
        with mock.patch('app.service.new', mock.sentinel.new) as new:
            new  #? new


class TestFixtures(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MonkeyPatch('app.service.mp', lambda: None))
        self.m = self.useFixture(fixtures.MockPatch('app.service.m')).mock
        self.o = self.useFixture(fixtures.MockPatchObject(service, 'o')).mock
        self.patch(service, 'three', 1)
        self.stub_out('app.service.stubbed', print)
        self.useFixture(fixtures.EnvironmentVariable('A', 'b'))
        fixtures.MonkeyPatch('app.service.never', None)

    def test_f(self):
        self.m.assert_called()  #? self.m.assert_called
        self.o.x()  #? self.o


def test_pytest(monkeypatch, mocker):
    monkeypatch.setattr(service, 'a', 1)
    monkeypatch.setattr('app.service.b', 2)
    monkeypatch.setitem(os.environ, 'A', 'b')
    monkeypatch.setenv('A', 'b')
    monkeypatch.delenv('A')
    monkeypatch.syspath_prepend('x')
    monkeypatch.chdir('x')
    m = mocker.patch('app.service.c', autospec=True)
    m.x()  #? m.x
    mocker.patch.object(service, 'd')
    mocker.spy(service, 'e')
    s = mocker.stub()
    s()  #? s()


@mock.patch('app.service.all')
class TestAll(unittest.TestCase):
    def test_all(self, everything):
        everything  #? everything


class TestOrder(unittest.TestCase):
    @mock.patch('app.service.run')
    @mock.patch('app.service.walk')
    def _helper(self, given, walk, run):
        given  #? given
        walk  #? walk

    @ddt.data('a')
    @mock.patch('app.service.run')
    def test_rows(self, row, run):
        row  #? row
        run  #? run


@mock.patch('app.service.run')
def test_fixtures_by_name(run, tmp_path):
    run  #? run
    tmp_path  #? tmp_path
# file: app/service.py
def run():
    pass


def walk():
    pass
