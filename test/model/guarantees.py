# file: tests/test_guarantees.py
import unittest

from tests.bases import Complete, Fixtures, Forgets, Restores, ThroughHelper, Torn


class TestComplete(Complete):
    def test_a(self): pass


class TestUpcalls(Complete):
    def setUp(self):
        super().setUp()

    def test_a(self): pass


class TestHides(Complete):
    def setUp(self):
        self.x = 1

    def test_a(self): pass


class TestForgets(Forgets):
    def test_a(self): pass


class TestThroughHelper(ThroughHelper):
    def test_a(self): pass


class TestFixtures(Fixtures):
    def test_a(self): pass


class TestTorn(Torn):
    def test_a(self): pass


class TestRestores(Restores):
    def test_a(self): pass


class Plain(unittest.TestCase):
    def test_a(self): pass
# file: tests/bases.py
import os
import unittest
from unittest import mock

import fixtures
import testtools
from oslo_config import cfg

CONF = cfg.CONF


class Complete(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(mock.patch.stopall)


class Forgets(Complete):
    def setUp(self):
        pass


class ThroughHelper(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self._isolate()

    def _isolate(self):
        self.useFixture(fixtures.NestedTempfile())
        self.useFixture(fixtures.TempHomeDir())
        self.addCleanup(CONF.reset)


class Isolation(fixtures.Fixture):
    def _setUp(self):
        self.addCleanup(mock.patch.stopall)
        self.useFixture(fixtures.NestedTempfile())


class Fixtures(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(Isolation())


class Torn(unittest.TestCase):
    def tearDown(self):
        mock.patch.stopall()
        super().tearDown()


class Restores(unittest.TestCase):
    def setUp(self):
        self.enterContext(mock.patch.dict(os.environ))
