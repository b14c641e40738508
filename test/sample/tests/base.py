"""Base classes of the tests."""

import unittest

import fixtures
import requests
from oslotest import base

from tests import fixtures as harbour_fixtures


class HarbourTestCase(base.BaseTestCase):
    """A test with nothing around it: no proxy, no real bus, no stray settings.

    oslotest stops every patch that was started, gives each test its own
    temporary directory and home, and captures what is logged.
    """

    SETTINGS = ("HARBOUR_API_URL", "HARBOUR_DATABASE_URL", "HARBOUR_POOL_SIZE")

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.Timeout(60, gentle=True))
        self.useFixture(fixtures.EnvironmentVariable("http_proxy"))
        self.useFixture(fixtures.EnvironmentVariable("https_proxy"))
        for name in self.SETTINGS:
            self.useFixture(fixtures.EnvironmentVariable(name))
        self.queue = self.useFixture(harbour_fixtures.FakeQueueFixture())

    def assert_refused(self, status, call, *args):
        """The API answers `call` with this status."""
        refusal = self.assertRaises(harbour_fixtures.ApiError, call, *args)
        self.assertEqual(status, refusal.status)
        self.assertNotIn("Traceback", refusal.body)

    def assert_published(self, topic, count=1):
        """So many messages went out on this topic."""
        topics = [sent for sent, _ in self.queue.messages]
        self.assertEqual(count, topics.count(topic), topics)


class PlainCase(unittest.TestCase):
    """For tests that need no more than the standard library offers."""

    BASE_URL = "https://berths.example.test"

    def setUp(self):
        super().setUp()
        self.session = requests.Session()

    def tearDown(self):
        self.session.close()
        super().tearDown()
