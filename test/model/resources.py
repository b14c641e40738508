# file: tests/unit/test_resources.py
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
from http.server import HTTPServer

import fixtures
import pytest
import testtools

from tests.unit.helpers import closes, keeps, make, managed, reads


class TestResources(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.torn = tempfile.mkdtemp()
        self.leaked = tempfile.mkdtemp()
        self.entered = self.enterContext(tempfile.TemporaryDirectory())
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.file = self.stack.enter_context(open('f'))
        self.by_helper = tempfile.mkdtemp()

    def tearDown(self):
        shutil.rmtree(self.torn)
        self._clean()

    def _clean(self):
        shutil.rmtree(self.by_helper)

    def test_with(self):
        with open('a') as a:
            pass
        b = open('b')
        with b:
            pass
        with contextlib.ExitStack() as stack:
            c = stack.enter_context(open('c'))
        with contextlib.closing(socket.socket()) as s:
            pass

    def test_finally(self):
        d = open('d')
        try:
            pass
        finally:
            d.close()

    def test_inline(self):
        e = open('e')
        e.close()

    def test_leak(self):
        f = open('f')
        f.read()

    def test_parts(self):
        fd, path = tempfile.mkstemp()
        os.close(fd)
        self.addCleanup(os.remove, path)

    def test_helpers(self):
        g = open('g')
        closes(g)
        h = open('h')
        reads(h)
        i = open('i')
        keeps(i)
        j = make()
        k = managed(self)

    def test_cleanups(self):
        process = subprocess.Popen(['x'])
        self.addCleanup(lambda: process.kill())
        server = HTTPServer(('127.0.0.1', 0), None)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def returns(self):
        return open('r')

    def given_back(self):
        x = open('x')
        return x

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.shared)

    async def test_async(self):
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(connect())
            stack.push_async_callback(print)


    def test_stacks(self):
        forgotten = contextlib.ExitStack()
        forgotten.enter_context(open('s1'))
        closed = contextlib.ExitStack()
        closed.enter_context(open('s2'))
        closed.close()
        handed = contextlib.ExitStack()
        handed.enter_context(open('s3'))
        self.keep(handed)


class TestTools(testtools.TestCase):
    def test_fixture(self):
        directory = self.useFixture(fixtures.TempDir()).path  #? directory


@pytest.fixture
def opened():
    f = open('o')
    yield f
    f.close()


@pytest.fixture
def protected():
    f = open('p')
    try:
        yield f
    finally:
        f.close()


@pytest.fixture
def finalized(request):
    f = open('q')
    request.addfinalizer(f.close)
    return f


@pytest.fixture
def unfinished():
    f = open('u')
    yield f


@pytest.fixture
def given():
    return open('v')


@contextlib.contextmanager
def manager():
    f = open('m')
    try:
        yield f
    finally:
        f.close()


def test_pytest_fixtures(opened, protected, finalized, unfinished, given):
    assert opened
# file: tests/unit/helpers.py
import tempfile
import shutil

KEPT = []


def closes(handle):
    handle.close()


def reads(handle):
    return handle.read()


def keeps(handle):
    KEPT.append(handle)


def make():
    return open('made')


def managed(test):
    directory = tempfile.mkdtemp()
    test.addCleanup(shutil.rmtree, directory)
    return directory
