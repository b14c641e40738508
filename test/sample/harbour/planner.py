"""Finds a berth for a booking."""

from harbour import tides


class NoBerthAvailable(Exception):
    """No free berth is long and deep enough."""


def assign(booking, moorings):
    """Choose the shortest free berth that takes the ship."""
    suitable = [
        berth
        for berth in sorted(moorings, key=lambda berth: berth["length"])
        if not berth.get("closed")
        and berth["name"] != booking.get("berth")
        and berth["length"] >= booking["length"]
        and tides.depth_at(berth["name"]) > booking["draught"]
    ]
    if not suitable:
        raise NoBerthAvailable(f"no berth for {booking['ship']}")
    return suitable[0]["name"]
