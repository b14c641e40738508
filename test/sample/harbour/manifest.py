"""Cargo manifests: YAML files that ships send ahead."""

import gzip
from pathlib import Path

import yaml


class ManifestError(Exception):
    """The manifest cannot be read, or does not fit the harbour."""


def load(path):
    """Read a manifest, plain or gzipped."""
    path = Path(path)
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        manifest = yaml.safe_load(raw)
    except (OSError, yaml.YAMLError) as error:
        raise ManifestError(f"cannot read {path.name}") from error
    if not isinstance(manifest, dict) or "ship" not in manifest:
        raise ManifestError(f"{path.name} names no ship")
    return manifest


def check(manifest, limits):
    """Refuse a ship that lies too deep for its berth."""
    limit = limits[manifest["berth"]]
    if manifest["draught"] > limit:
        raise ManifestError(f"draught over {limit} m at {manifest['berth']}")


def save(manifest, path):
    """Write a manifest as YAML."""
    Path(path).write_text(yaml.safe_dump(manifest), encoding="utf-8")


def report(manifests, path):
    """Write one line per ship: name, berth, tonnes."""
    lines = [
        f"{each['ship']}\t{each['berth']}\t{sum(each['cargo'].values())}\n"
        for each in manifests
    ]
    Path(path).write_text("".join(lines), encoding="utf-8")
