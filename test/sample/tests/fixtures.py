"""Fixtures: the API in this process, a queue that only remembers, the gate."""

import copy

import fixtures
import jwt

from harbour import api, bus

ADMIN_TOKEN = "test-master-token"
AGENT_TOKEN = "test-agent-token"

MOORINGS = [
    {"name": "north-1", "length": 90},
    {"name": "north-2", "length": 140},
    {"name": "quay-4", "length": 260},
]
DEPTHS = {"north-1": 8.0, "north-2": 9.5, "quay-4": 12.5}

_moorings = copy.deepcopy(MOORINGS)


def set_moorings(moorings):
    """Put other berths into the harbour; undo it with `restore_moorings`."""
    global _moorings
    _moorings = copy.deepcopy(moorings)


def restore_moorings():
    """The harbour as it was."""
    global _moorings
    _moorings = copy.deepcopy(MOORINGS)


def set_stub_network_methods(test):
    """Answer for the tide office, so that nothing leaves this process."""
    test.useFixture(fixtures.MonkeyPatch("harbour.tides.depth_at", DEPTHS.get))


class ApiError(Exception):
    """The API answered with an error."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class InProcessClient:
    """Talks to the application directly: no socket, no server."""

    def __init__(self, app, token):
        self._http = app.test_client()
        self._headers = {"X-Harbour-Token": token} if token else {}

    def get_booking(self, booking_id):
        return self._call("GET", f"/v1/bookings/{booking_id}")

    def post_booking(self, wish):
        return self._call("POST", "/v1/bookings", json=wish)

    def close_berth(self, name):
        return self._call("POST", f"/v1/berths/{name}/close")

    def _call(self, method, path, **kwargs):
        reply = self._http.open(path, method=method, headers=self._headers, **kwargs)
        if reply.status_code >= 400:
            raise ApiError(reply.status_code, reply.get_data(as_text=True))
        return reply.get_json()


class BerthAPIFixture(fixtures.Fixture):
    """The berth API, with its access rules, inside this process."""

    def _setUp(self):
        tokens = {ADMIN_TOKEN: "harbour-master", AGENT_TOKEN: "agent"}
        self.app = api.create_app(lambda: _moorings, tokens)
        self.admin_api = InProcessClient(self.app, ADMIN_TOKEN)
        self.api = InProcessClient(self.app, AGENT_TOKEN)
        self.anonymous_api = InProcessClient(self.app, None)


class FakeQueueFixture(fixtures.Fixture):
    """Keeps what is published, and delivers it when it is told to."""

    def _setUp(self):
        self.messages = []
        self._pending = []
        self._listeners = []
        self.useFixture(fixtures.MockPatchObject(bus, "publish", self._publish))
        self.addCleanup(self._pending.clear)

    def subscribe(self, listener):
        self._listeners.append(listener)

    def deliver_one(self):
        """Hand the oldest message to the listeners; False if there is none."""
        if not self._pending:
            return False
        message = self._pending.pop(0)
        for listener in self._listeners:
            listener(message)
        return True

    def _publish(self, topic, message):
        self.messages.append((topic, message))
        self._pending.append(copy.deepcopy(message))


class GateFixture(fixtures.Fixture):
    """Stands in for the gate at the quay: who may drive in?"""

    def _setUp(self):
        self.refused = []
        self.addCleanup(self.refused.clear)

    def admits(self, badge):
        claims = jwt.decode(badge, options={"verify_signature": False})
        if claims.get("role") not in ("harbour-master", "pilot"):
            self.refused.append(claims.get("sub"))
            return False
        return True
