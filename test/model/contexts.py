# file: tests/unit/test_contexts.py
import os
import subprocess
import unittest
from unittest import mock

import ddt
import pytest
import requests
import responses
from hypothesis import given, strategies as st

EXPECTED_URL = 'http://expected'
pytestmark = pytest.mark.skipif(os.name == 'nt', reason='no')


class TestExpect(unittest.TestCase):
    def test_expect(self, m):
        self.assertEqual('/tmp/a', m.path)  #? '/tmp/a'
        self.assertIn('b', [m.call('c')])  #? 'b' ; 'c'
        m.assert_called_once_with('/tmp/d', key='e')  #? '/tmp/d' ; 'e'
        m.assert_has_calls([mock.call('f')])  #? 'f'
        expected = ['g']  #? 'g'
        want_path = os.path.join('h', 'i')  #? 'i'
        assert m.value == 'j'  #? 'j'
        other = 'k'  #? 'k'
        m.run('l')  #? 'l'
        self.assertEqual(subprocess.run('n'), 1)  #? subprocess.run('n') ; 'n'
        exp_body = {'o': 'p'}  #? 'p'
        self.assertThat('q', m)  #? 'q'
        m.foo.return_value = 'r'  #? 'r'


class TestStubbed(unittest.TestCase):
    def setUp(self):
        patcher = mock.patch('requests.post')
        patcher.start()
        self.addCleanup(patcher.stop)
        self.enterContext(mock.patch.object(requests, 'put'))

    @mock.patch('subprocess.run')
    @mock.patch.object(os, 'remove')
    def test_decorated(self, remove, run):
        subprocess.run('a')  #? subprocess.run
        os.remove('a')  #? os.remove
        run.assert_called()  #? run
        remove.x  #? remove
        requests.post('u')  #? requests.post
        requests.put('u')  #? requests.put
        requests.get('u')  #? requests.get
        with mock.patch('requests.get'):
            requests.get('v')  #? requests.get
        requests.get('w')  #? requests.get

    @responses.activate
    def test_responses(self):
        requests.delete('u')  #? requests.delete

    def test_stopped(self):
        p = mock.patch('os.unlink')
        p.start()
        os.unlink('a')  #? os.unlink
        p.stop()
        os.unlink('b')  #? os.unlink


@mock.patch('os.system')
class TestClassStub(unittest.TestCase):
    def test_class(self, system):
        os.system('a')  #? os.system ; system


def test_monkeypatch(monkeypatch, mocker):
    monkeypatch.setattr(os, 'kill', None)
    os.kill(1, 2)  #? os.kill
    monkeypatch.setattr('os.listdir', lambda: [])
    os.listdir()  #? os.listdir
    mocker.patch('os.rename')
    os.rename('a', 'b')  #? os.rename
    with monkeypatch.context() as m:
        m.setattr(os, 'chmod', None)
        os.chmod('a', 1)  #? os.chmod


@pytest.mark.integration
def test_marked():
    requests.get('http://x')  #? requests.get


@pytest.mark.parametrize('bad', ['../../etc', 'x'])  #? '../../etc'
def test_rejects(bad):
    with pytest.raises(ValueError):
        requests.get(bad)  #? requests.get
    with pytest.raises(ValueError, match='x'):
        open(bad)  #? open


def test_importorskip():
    boto3 = pytest.importorskip('boto3')
    boto3.client('s3')  #? boto3.client


@given(st.text())
def test_property(text):
    open(text)  #? text


@ddt.ddt
class TestDdt(unittest.TestCase):
    @ddt.data('a', 'b')  #? 'a'
    def test_data(self, value):
        for case in ('c', 'd'):
            with self.subTest('e', case=case):  #? 'e'
                pass

    @unittest.skipUnless(os.environ.get('LIVE'), 'needs LIVE')
    def test_live(self):
        requests.get('http://x')  #? requests.get

    def test_skips_itself(self):
        requests.get('http://y')  #? requests.get
        self.skipTest('now')
        requests.get('http://x')  #? requests.get


class TestScenarios(unittest.TestCase):
    scenarios = [('one', {'path': '/x'})]  #? '/x'

    def test_s(self):
        self.path  #? self.path
