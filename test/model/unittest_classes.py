# file: tests/unit/test_unittest_classes.py
import unittest
from unittest import TestCase, IsolatedAsyncioTestCase

import testtools
from oslotest import base as oslo_base
from absl.testing import parameterized

from tests.base import Base, Mixin, Left, Right, Unfound
from elsewhere import Foreign


def setUpModule():
    pass


def tearDownModule():
    pass


class Plain(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        super().setUp()
        self.addCleanup(print)  #? self.addCleanup

    def tearDown(self):
        TestCase.tearDown(self)

    def helper(self):
        pass

    def test_one(self):
        self.helper()  #? self.helper
        self.assertEqual(1, 1)  #? self.assertEqual

    @unittest.skip('later')
    def test_two(self):
        pass


class Asynchronous(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        await self.enterAsyncContext(open_it())  #? self.enterAsyncContext

    async def asyncTearDown(self):
        pass

    async def test_async(self):
        pass


class Tools(testtools.TestCase):
    def test_t(self):
        self.patch(open, 'x', 1)  #? self.patch


class Oslo(oslo_base.BaseTestCase):
    def test_o(self):
        pass


class Derived(Mixin, Base):
    def test_d(self):
        self.from_base()  #? self.from_base
        self.from_mixin()  #? self.from_mixin
        self.both()  #? self.both


class Diamond(Left, Right):
    def test_diamond(self):
        self.where()  #? self.where


class Unknown(Foreign, TestCase):
    def test_u(self):
        self.something()  #? self.something
        self.assertTrue(1)  #? self.assertTrue


class BehindUnknown(Unfound):
    def test_b(self):
        self.assertTrue(1)  #? self.assertTrue


class Generic(Base[int]):
    pass


class Itself(Itself):
    def test_i(self):
        self.assertTrue(1)  #? self.assertTrue


class Params(parameterized.TestCase):
    @parameterized.parameters(('a', 1), ('b', 2))
    def test_p(self, name, number):
        name  #? name


def make_case():
    class Local(TestCase):
        def test_local(self):
            self.assertTrue(1)  #? self

    return Local
# file: tests/base.py
import unittest
from unittest import mock

from gone import Lost


class Mixin:
    def from_mixin(self):
        pass

    def both(self):
        pass


class Base(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(mock.patch.stopall)

    def from_base(self):
        pass

    def both(self):
        pass


class Root(unittest.TestCase):
    def where(self):
        pass


class Left(Root):
    pass


class Right(Root):
    def where(self):
        pass


class Unfound(Lost):
    pass
