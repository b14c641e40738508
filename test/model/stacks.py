# file: tests/unit/test_stacks.py
import contextlib
import unittest
from unittest import mock


class TestStack(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)  #? self.stack.close
        self.f = self.stack.enter_context(open('x', 'w'))  #? self.f
        self.m = self.stack.enter_context(mock.patch('app.k'))

    def test_x(self):
        pass


class TestStackTearDown(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.f = self.stack.enter_context(open('x', 'w'))

    def tearDown(self):
        self.stack.close()

    def test_x(self):
        pass


class TestStackForgotten(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.f = self.stack.enter_context(open('x', 'w'))
        self.m = self.stack.enter_context(mock.patch('app.l'))

    def test_x(self):
        pass


class TestLocalStack(unittest.TestCase):
    def test_forgotten(self):
        stack = contextlib.ExitStack()
        stack.enter_context(open('x', 'w'))
        stack.enter_context(mock.patch('app.m'))

    def test_closed(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(open('x', 'w'))
            stack.enter_context(mock.patch('app.n'))
