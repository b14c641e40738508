"""Settings, from the environment."""

import os
from dataclasses import dataclass


class ConfigError(Exception):
    """A setting is missing or makes no sense."""


@dataclass(frozen=True)
class Settings:
    api_url: str
    database_url: str
    pool_size: int
    archive: dict


def load(environ=None, archive=None):
    """Read the settings; the environment is the process's unless given."""
    environ = os.environ if environ is None else environ
    api_url = environ.get("HARBOUR_API_URL", "http://localhost:8000")
    if not api_url.startswith(("http://", "https://")):
        raise ConfigError(f"not a web address: {api_url}")
    try:
        pool_size = int(environ.get("HARBOUR_POOL_SIZE", "5"))
    except ValueError as error:
        raise ConfigError("HARBOUR_POOL_SIZE is not a number") from error
    return Settings(
        api_url=api_url,
        database_url=environ.get("HARBOUR_DATABASE_URL", "sqlite://"),
        pool_size=pool_size,
        archive=archive or {},
    )
