"""Settings come from the environment, and nonsense is refused."""

import os
import unittest
from unittest import mock

import pytest

from harbour import config

REGISTER = "postgresql://harbour:ZsQOBdPM40VgFL@db1.harbour-shipping.com:5432/berths"

ARCHIVE = {
    "bucket": "berth-register",
    "region": "eu-north-1",
    "access_key_id": "AKIAS5M644LG574EVHL5",
}


class TestDefaults(unittest.TestCase):
    @mock.patch.dict(os.environ, {}, clear=True)
    def test_nothing_set(self):
        settings = config.load()

        self.assertEqual("http://localhost:8000", settings.api_url)
        self.assertEqual("sqlite://", settings.database_url)
        self.assertEqual(5, settings.pool_size)
        self.assertEqual({}, settings.archive)

    @mock.patch.dict(os.environ, {"HARBOUR_POOL_SIZE": "9"}, clear=True)
    def test_pool_size(self):
        self.assertEqual(9, config.load().pool_size)

    def test_settings_cannot_be_changed(self):
        settings = config.load({})

        with self.assertRaisesRegex(AttributeError, "cannot assign"):
            settings.pool_size = 99


class TestApiUrl(unittest.TestCase):
    def test_url_from_environment(self):
        os.environ["HARBOUR_API_URL"] = "https://berths.example.test"

        self.assertEqual("https://berths.example.test", config.load().api_url)

    def test_other_schemes_are_refused(self):
        for url in ("ftp://berths.example.test", "berths.example.test", "file:berths"):
            with self.subTest(url=url):
                with self.assertRaisesRegex(config.ConfigError, "not a web address"):
                    config.load({"HARBOUR_API_URL": url})


def test_environment_is_read_when_none_is_given(monkeypatch):
    monkeypatch.setenv("HARBOUR_POOL_SIZE", "12")

    assert config.load().pool_size == 12


def test_database_keeps_the_default_pool(monkeypatch):
    monkeypatch.setenv("HARBOUR_DATABASE_URL", REGISTER)

    assert config.load().pool_size == 5


def test_archive_is_passed_through():
    settings = config.load({}, archive=ARCHIVE)

    assert settings.archive["bucket"] == "berth-register"
    assert settings.archive["region"] == "eu-north-1"


@pytest.mark.parametrize("size", ["", "many", "1.5", "0x10"])
def test_pool_size_must_be_a_number(size):
    with pytest.raises(config.ConfigError, match="is not a number"):
        config.load({"HARBOUR_POOL_SIZE": size})
