"""The REST API, seen through Flask's test client."""

import uuid

import pytest


@pytest.fixture
def client(harbour_app):
    with harbour_app.test_client() as client:
        yield client


@pytest.fixture
def booking(client):
    reply = client.post("/v1/bookings", json={"ship": "MV Calypso", "length": 84})
    assert reply.status_code == 202
    return reply.get_json()


def test_booking_has_an_identity(booking):
    assert uuid.UUID(booking["id"]).version == 4
    assert booking["state"] == "requested"


def test_booking_can_be_read_back(client, booking):
    reply = client.get(f"/v1/bookings/{booking['id']}")

    assert reply.status_code == 200
    assert reply.get_json() == booking


def test_booking_is_announced(booking, published):
    assert published == ["booking.requested"]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"ship": "", "length": 84},
        {"ship": "MV Calypso"},
        {"ship": "MV Calypso", "length": 0},
        {"ship": "MV Calypso", "length": -12},
    ],
)
def test_impossible_ship_is_rejected(client, published, wish):
    reply = client.post("/v1/bookings", json=wish)

    assert reply.status_code == 400
    assert reply.get_json() == {"error": "a ship has a name and a length"}
    assert published == []


def test_body_that_is_not_json_is_rejected(client):
    reply = client.post("/v1/bookings", data="length=84")

    assert reply.status_code == 415
    assert "Traceback" not in reply.get_data(as_text=True)


@pytest.mark.parametrize(
    "booking_id",
    ["79025054-0cb4-4d27-b4b1-2dc342e8b49e", "..%2f..%2fetc", "0"],
)
def test_unknown_booking_is_not_found(client, booking_id):
    reply = client.get(f"/v1/bookings/{booking_id}")

    assert reply.status_code == 404


def test_closing_a_berth_displaces_nobody_when_it_is_empty(client, published):
    reply = client.post("/v1/berths/quay-4/close")

    assert reply.status_code == 202
    assert published == []
