"""Water depth, from the tide office."""

import requests

TIDE_OFFICE = "http://tide-office:8080/depths"


def depth_at(berth):
    """Metres of water at a berth right now."""
    reply = requests.get(f"{TIDE_OFFICE}/{berth}", timeout=5)
    reply.raise_for_status()
    return float(reply.json()["depth"])
