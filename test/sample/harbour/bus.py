"""The message bus, reached through its HTTP gateway."""

import requests

GATEWAY = "http://bus:8161/topics"


def publish(topic, message):
    """Hand one message to whoever listens to the topic."""
    reply = requests.post(f"{GATEWAY}/{topic}", json=message, timeout=5)
    reply.raise_for_status()
