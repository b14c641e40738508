# file: tests/unit/test_loops.py
import threading
import unittest
from unittest import mock


class TestLoops(unittest.TestCase):
    def setUp(self):
        self.patchers = [mock.patch('app.a'), mock.patch('app.b')]
        for p in self.patchers:
            p.start()
            self.addCleanup(p.stop)  #? p.stop

    def test_list(self):
        patchers = [mock.patch('app.c'), mock.patch('app.d')]
        for p in patchers:
            p.start()  #? p.start
        self.addCleanup(mock.patch.stopall)

    def test_forgotten(self):
        patchers = [mock.patch('app.e'), mock.patch('app.f')]
        for p in patchers:
            p.start()

    def test_comprehension(self):
        mocks = [p.start() for p in (mock.patch('app.g'), mock.patch('app.h'))]
        mocks

    def test_finally(self):
        patchers = [mock.patch('app.i'), mock.patch('app.j')]
        for p in patchers:
            p.start()
        try:
            pass
        finally:
            for p in patchers:
                p.stop()

    def test_threads(self):
        threads = [threading.Thread(target=print) for _ in range(3)]
        for it in threads:
            it.start()  #? it.start
        for each in threads:
            each.join()

    def test_appended(self):
        patchers = []
        for name in ('k', 'l'):
            patchers.append(mock.patch('app.' + name))
        for p in patchers:
            p.start()  #? p.start
            self.addCleanup(p.stop)

    def test_of_different_kinds(self):
        for it in [mock.patch('app.m'), threading.Thread(target=print)]:
            it.start()  #? it.start

    def test_given_away(self):
        patchers = [mock.patch('app.n')]
        for p in patchers:
            p.start()
        self.remember(patchers)

    def test_pairs(self):
        for name, patcher in [('o', mock.patch('app.o')), ('p', mock.patch('app.p'))]:
            patcher.start()  #? patcher.start
            self.addCleanup(patcher.stop)


class TestStoppedInTearDown(unittest.TestCase):
    def setUp(self):
        self.patchers = [mock.patch('app.q'), mock.patch('app.r')]
        for p in self.patchers:
            p.start()

    def tearDown(self):
        for each in self.patchers:
            each.stop()
