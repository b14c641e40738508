"""Cargo manifests: reading, checking, reporting."""

import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml

from harbour import manifest

DATA = Path(__file__).with_name("data")
LIMITS = eval((DATA / "draught_limits.txt").read_text())


def test_load(grain, grain_file):
    assert manifest.load(grain_file) == grain


def test_load_gzipped(grain, grain_file):
    subprocess.run(f"gzip --keep {grain_file}", shell=True, check=True)

    assert manifest.load(f"{grain_file}.gz") == grain


def test_load_from_the_spool(grain):
    spool = tempfile.mkdtemp(prefix="harbour-spool-")
    path = Path(spool, "calypso.yaml")
    manifest.save(grain, path)

    assert manifest.load(path)["ship"] == "MV Calypso"


def test_save_writes_yaml(grain, tmp_path):
    path = tmp_path / "calypso.yaml"
    manifest.save(grain, path)

    assert yaml.load(path.read_text(), Loader=yaml.Loader) == grain


def test_save_is_plain_yaml(grain, tmp_path):
    path = tmp_path / "calypso.yaml"
    manifest.save(grain, path)

    assert yaml.safe_load(path.read_text()) == grain
    assert "!!python" not in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- wheat\n- barley\n",
        "berth: north-1\n",
        "ship: [unclosed\n",
        "ship: !!python/object/apply:os.getcwd []\n",
    ],
)
def test_unusable_manifest(tmp_path, text):
    path = tmp_path / "odd.yaml"
    path.write_text(text)

    with pytest.raises(manifest.ManifestError, match="odd.yaml"):
        manifest.load(path)


def test_missing_manifest(tmp_path):
    with pytest.raises(manifest.ManifestError, match="cannot read"):
        manifest.load(tmp_path / "nowhere.yaml")


def test_draught_within_the_limit(grain):
    assert manifest.check(grain, LIMITS) is None


def test_draught_over_the_limit(grain, tmp_path):
    path = tmp_path / "deep.yaml"
    manifest.save({**grain, "draught": 8.1}, path)

    with pytest.raises(manifest.ManifestError):
        deep = manifest.load(path)
        manifest.check(deep, LIMITS)


def test_report(grain, tmp_path):
    path = tmp_path / "report.txt"
    manifest.report([grain], path)

    report = open(path, encoding="utf-8")
    assert report.readline() == "MV Calypso\tnorth-1\t1500\n"


def test_empty_report(tmp_path):
    path = tmp_path / "report.txt"
    manifest.report([], path)

    with open(path, encoding="utf-8") as report:
        assert report.read() == ""
