"""The client: what it asks, what it does with refusals, when it tries again."""

import unittest
from unittest import mock

import responses

from harbour import client
from tests import base

BOOKING = {
    "id": "79025054-0cb4-4d27-b4b1-2dc342e8b49e",
    "ship": "MV Calypso",
    "state": "requested",
}
WISH = {"ship": "MV Calypso", "length": 84}


class TestBookings(base.PlainCase):
    def setUp(self):
        super().setUp()
        self.audit = mock.Mock()
        self.client = client.HarbourClient(
            self.BASE_URL, token="test-token", session=self.session, audit=self.audit
        )

    def tearDown(self):
        self.audit.reset_mock()

    @responses.activate
    def test_post_sends_the_token(self):
        responses.post(f"{self.BASE_URL}/v1/bookings", json=BOOKING, status=202)

        self.assertEqual(BOOKING, self.client.post_booking(WISH))

        sent = responses.calls[0].request
        self.assertEqual("test-token", sent.headers["X-Harbour-Token"])

    @responses.activate
    def test_post_is_audited(self):
        responses.post(f"{self.BASE_URL}/v1/bookings", json=BOOKING, status=202)

        self.client.post_booking(WISH)

        self.audit.record.called_once_with("booked", BOOKING["id"])

    @responses.activate
    def test_get_asks_for_one_booking(self):
        url = f"{self.BASE_URL}/v1/bookings/{BOOKING['id']}"
        responses.get(url, json=BOOKING)

        self.assertEqual(BOOKING, self.client.get_booking(BOOKING["id"]))
        self.audit.record.assert_not_called()


class TestRefusals(base.PlainCase):
    def setUp(self):
        super().setUp()
        self.client = client.HarbourClient(self.BASE_URL, session=self.session)

    @responses.activate
    def test_taken_berth(self):
        responses.post(f"{self.BASE_URL}/v1/bookings", json={}, status=409)

        with self.assertRaises(client.BerthTaken) as caught:
            self.client.post_booking(WISH)
            self.assertEqual(409, caught.exception.status)

    @responses.activate
    def test_missing_token(self):
        responses.post(f"{self.BASE_URL}/v1/bookings", json={}, status=401)

        with self.assertRaises(client.NotAllowed) as caught:
            self.client.post_booking(WISH)
        self.assertEqual(401, caught.exception.status)

    @responses.activate
    def test_wrong_role(self):
        responses.post(f"{self.BASE_URL}/v1/bookings", json={}, status=403)

        with self.assertRaisesRegex(client.NotAllowed, "^not allowed$"):
            self.client.post_booking(WISH)


class TestBusyApi(unittest.TestCase):
    """While the API says 503, the client waits a little and tries again."""

    def setUp(self):
        self.sleep = mock.patch("harbour.client.time.sleep").start()
        self.client = client.HarbourClient("https://berths.example.test")
        self.addCleanup(self.client.close)
        self.url = f"https://berths.example.test/v1/bookings/{BOOKING['id']}"

    @responses.activate
    def test_second_attempt_succeeds(self):
        responses.get(self.url, status=503)
        responses.get(self.url, json=BOOKING)

        self.assertEqual(BOOKING, self.client.get_booking(BOOKING["id"]))
        self.sleep.assert_called_once_with(1)

    @responses.activate
    def test_gives_up_after_three_attempts(self):
        responses.get(self.url, status=503)

        with self.assertRaises(client.HarbourError) as caught:
            self.client.get_booking(BOOKING["id"])
        self.assertEqual(503, caught.exception.status)
        self.assertEqual(3, len(responses.calls))
