"""The REST API: bookings, and closing a berth (harbour master only)."""

import uuid

from flask import Flask, jsonify, request

from harbour import bus, planner


def create_app(moorings, tokens):
    """Build the application; `tokens` maps a token to the role of its owner."""
    app = Flask(__name__)
    app.config["AUTH_ENABLED"] = True
    bookings = {}

    @app.before_request
    def check_token():
        if not app.config["AUTH_ENABLED"]:
            return None
        role = tokens.get(request.headers.get("X-Harbour-Token"))
        if role is None:
            return jsonify(error="a token is required"), 401
        if request.path.endswith("/close") and role != "harbour-master":
            return jsonify(error="harbour master only"), 403
        return None

    @app.get("/v1/bookings/<booking_id>")
    def show(booking_id):
        if booking_id not in bookings:
            return jsonify(error="no such booking"), 404
        return jsonify(bookings[booking_id])

    @app.post("/v1/bookings")
    def book():
        wish = request.get_json()
        if not wish.get("ship") or wish.get("length", 0) <= 0:
            return jsonify(error="a ship has a name and a length"), 400
        booking = {"id": str(uuid.uuid4()), "state": "requested", **wish}
        bookings[booking["id"]] = booking
        bus.publish("booking.requested", booking)
        return jsonify(booking), 202

    @app.post("/v1/berths/<name>/close")
    def close(name):
        for berth in moorings():
            if berth["name"] == name:
                berth["closed"] = True
        for booking in bookings.values():
            if booking.get("berth") == name:
                bus.publish("booking.displaced", booking)
        return jsonify(closed=name), 202

    def place(booking):
        try:
            berth = planner.assign(booking, moorings())
        except planner.NoBerthAvailable:
            bookings[booking["id"]]["state"] = "waiting"
        else:
            bookings[booking["id"]].update(berth=berth, state="moored")

    app.place = place
    return app
