"""Client of the berth API."""

import time

import requests


class HarbourError(Exception):
    """The API refused; `status` says how."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


class BerthTaken(HarbourError):
    """Another ship lies there."""


class NotAllowed(HarbourError):
    """The token is missing, or not good enough."""


class HarbourClient:
    """Books berths; tries again while the API is busy."""

    def __init__(self, base_url, token=None, session=None, audit=None):
        self.base_url = base_url
        self.session = session or requests.Session()
        self.token = token
        self.audit = audit

    def get_booking(self, booking_id):
        return self._call("GET", f"/v1/bookings/{booking_id}")

    def post_booking(self, wish):
        booking = self._call("POST", "/v1/bookings", json=wish)
        if self.audit:
            self.audit.record("booked", booking["id"])
        return booking

    def close(self):
        self.session.close()

    def _call(self, method, path, **kwargs):
        headers = {"X-Harbour-Token": self.token or ""}
        for attempt in range(3):
            reply = self.session.request(
                method, self.base_url + path, headers=headers, timeout=5, **kwargs
            )
            if reply.status_code != 503:
                break
            time.sleep(2**attempt)
        if reply.status_code in (401, 403):
            raise NotAllowed("not allowed", reply.status_code)
        if reply.status_code == 409:
            raise BerthTaken("berth taken", reply.status_code)
        if reply.status_code >= 400:
            raise HarbourError("refused", reply.status_code)
        return reply.json()
