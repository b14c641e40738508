"""Fixtures of the pytest-style tests."""

import pytest

from harbour import api, manifest

BERTHS = [
    {"name": "north-1", "length": 90},
    {"name": "quay-4", "length": 260},
]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    """No developer's settings, and a home of its own for every test."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("HARBOUR_DATABASE_URL", "HARBOUR_POOL_SIZE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def published(monkeypatch):
    """The messages that would have gone to the bus."""
    messages = []
    monkeypatch.setattr(
        "harbour.bus.publish", lambda topic, message: messages.append(topic)
    )
    return messages


@pytest.fixture
def harbour_app(published):
    """The application, for tests that are not about tokens."""
    app = api.create_app(lambda: [dict(berth) for berth in BERTHS], tokens={})
    app.config["TESTING"] = True
    app.config["AUTH_ENABLED"] = False
    return app


@pytest.fixture
def grain():
    """A manifest that is fine."""
    return {
        "ship": "MV Calypso",
        "berth": "north-1",
        "draught": 6.5,
        "cargo": {"wheat": 1200, "barley": 300},
    }


@pytest.fixture
def grain_file(grain, tmp_path):
    """The same, as the ship sends it."""
    path = tmp_path / "calypso.yaml"
    manifest.save(grain, path)
    yield path
    path.unlink(missing_ok=True)
