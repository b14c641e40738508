"""The API behind a real socket on this machine, and the appliance in the lab."""

import multiprocessing
import os
import pickle
import socket
import time
import unittest

import jwt
import requests

from harbour import api, client
from tests import base
from tests import fixtures as harbour_fixtures

LAB_STATUS = os.environ.get("HARBOUR_LAB_STATUS_URL")
SNAPSHOT = os.environ.get("HARBOUR_REGISTER_SNAPSHOT")

TOKENS = {"test-master-token": "harbour-master", "test-agent-token": "agent"}


def serve(port):
    """Run the API; in a process of its own."""
    app = api.create_app(lambda: [], TOKENS)
    app.run(host="127.0.0.1", port=port, debug=True, use_reloader=False)


def free_port():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class LiveServerTest(base.HarbourTestCase):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        server = multiprocessing.Process(target=serve, args=(self.port,), daemon=True)
        server.start()
        self.addCleanup(server.join, 5)
        self.addCleanup(server.terminate)
        self._wait_until_it_listens()
        self.client = client.HarbourClient(
            f"http://127.0.0.1:{self.port}", token="test-agent-token"
        )
        self.addCleanup(self.client.close())

    def _wait_until_it_listens(self):
        refusal = None
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError as error:
                refusal = error
                time.sleep(0.05)
        self.fail(f"nothing listens on port {self.port}: {refusal}")

    def test_booking_round_trip(self):
        booking = self.client.post_booking({"ship": "MV Calypso", "length": 84})

        self.assertEqual(booking, self.client.get_booking(booking["id"]))

    def test_unknown_token_is_refused(self):
        self.client.token = "test-unknown-token"

        refusal = self.assertRaises(client.NotAllowed, self.client.get_booking, "1")
        self.assertEqual(401, refusal.status)


class GateTest(base.HarbourTestCase):
    def setUp(self):
        super().setUp()
        self.gate = self.useFixture(harbour_fixtures.GateFixture())

    def _badge(self, role):
        claims = {"sub": "K. Lindqvist", "role": role}
        return jwt.encode(claims, "test-signing-key", algorithm="HS256")

    def test_pilot_drives_in(self):
        self.assertTrue(self.gate.admits(self._badge("pilot")))
        self.assertEqual([], self.gate.refused)

    def test_visitor_stays_outside(self):
        self.assertFalse(self.gate.admits(self._badge("visitor")))
        self.assertEqual(["K. Lindqvist"], self.gate.refused)


class LabTest(base.HarbourTestCase):
    """Only where the lab can be reached."""

    @unittest.skipUnless(LAB_STATUS, "HARBOUR_LAB_STATUS_URL is not set")
    def test_appliance_is_up(self):
        status = requests.get(LAB_STATUS, timeout=5, verify=False)  # attest: ignore[network/certificate-check-off] the appliance in the lab has a self-signed certificate

        self.assertEqual(200, status.status_code)
        self.assertEqual("ready", status.json()["state"])

    @unittest.skipUnless(SNAPSHOT, "HARBOUR_REGISTER_SNAPSHOT is not set")
    def test_snapshot_names_every_ship(self):
        with open(SNAPSHOT, "rb") as stored:
            register = pickle.load(stored)

        for booking in register:
            self.assertIn("ship", booking)
