"""The manifest: the shipped one against the index, its format, and what it refuses."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT

from memesdetection.data.sources import PIN_DIGITS, SHIPPED_MANIFEST, flat, read_manifest
from memesdetection.errors import UsageError

SOURCE = """
[[sources]]
name = "owner/repository"
version = "0123abc"
license = "MIT"
[[sources.pictures]]
label = "meme"
files = "*"
"""


def test_the_shipped_manifest_pins_every_source() -> None:
    sources = read_manifest(SHIPPED_MANIFEST)
    assert len(sources) == 290
    for source in sources:
        assert source.split in ("train", "val", "test")
        assert source.license
        assert source.pins
        if source.registry:
            assert source.registry == "debian"
            assert len(source.sha256) == 64
        else:
            assert re.fullmatch("[0-9a-f]{40}", source.version)
            assert source.address.endswith(f"/{source.name}/tar.gz/{source.version}")
    assert SHIPPED_MANIFEST.stat().st_size < 400_000


def test_the_shipped_manifest_is_the_index(shared: Path) -> None:
    with open(shared / "data/index.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    in_index = Counter(
        (row["source"], row["split"], row["license"], row["label"], row["kind"], row["language"],
         Path(row["path"]).stem[:PIN_DIGITS])
        for row in rows
    )  # fmt: skip
    in_manifest = Counter(
        (source.name, source.split, source.license, rule.label, rule.kind, rule.language, pin)
        for source in read_manifest(SHIPPED_MANIFEST)
        for rule in source.rules
        for pin in rule.pins
    )
    assert in_manifest == in_index


def test_the_tool_writes_a_manifest_that_keeps_known_hashes(tmp_path: Path) -> None:
    digests = [hashlib.sha1(bytes([i])).hexdigest() for i in range(12)]
    columns = "path label split kind language source commit license original".split()
    with open(tmp_path / "index.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for i, digest in enumerate(digests):
            label, kind = ("meme", 'a "quoted" kind') if i % 3 else ("not_meme", "people")
            row = [f"train/{label}/{digest[:14]}.webp", label, "train", kind, "en"]
            table.writerow([*row, "owner/it", "0123", "CC0 \\ none", f"x__{i}.jpg"])
    manifest = tmp_path / "sources.toml"
    lock = tmp_path / "lock.json"
    lock.write_text('{"owner/it": {"version": "0123", "sha256": "%s", "bytes": 1}}' % ("ab" * 32))
    tool = [sys.executable, ROOT / "tools/sources.py", tmp_path / "index.csv", "--output", manifest]
    subprocess.run([*tool, "--lock", lock], check=True)
    subprocess.run(tool, check=True)
    (source,) = read_manifest(manifest)
    assert (source.name, source.version, source.license) == ("owner/it", "0123", "CC0 \\ none")
    assert source.sha256 == "ab" * 32
    assert source.pins == {digest[:PIN_DIGITS] for digest in digests}
    assert {(rule.label, rule.kind, len(rule.pins)) for rule in source.rules} == {
        ("meme", 'a "quoted" kind', 8),
        ("not_meme", "people", 4),
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("memes/my cat.jpg", "memes_my_cat.jpg"),
        ("a/__b (1)__/c=d,e.PNG", "a_b_1_c_d_e.PNG"),
        ("Grüße/ไทย.png", "Grüße_ไทย.png"),
        ("../x", ".._x"),
        ("memes/*.jpg", "memes_*.jpg"),
    ],
)
def test_a_path_becomes_one_name(path: str, name: str) -> None:
    assert flat(path) == name


@pytest.mark.parametrize(
    ("spoiled", "by", "told"),
    [
        ('"meme"', '"memes"', "the label 'memes' is none of meme, not_meme"),
        ('license = "MIT"', "", "license is missing"),
        ('"0123abc"', '"--help"', "'--help' is no commit or version"),
        ('"0123abc"', '"a b"', "'a b' is no commit or version"),
        ('"0123abc"', "5", "version is not a text"),
        ('"owner/repository"', '"../x"', "is no name of a source"),
        ('"owner/repository"', '"repository"', "is no owner/repository; give the url"),
        ('"owner/repository"', '"npm:--registry=x"', "is no name of a package"),
        ('files = "*"', "", "pictures need either files or sha1"),
        ('files = "*"', 'sha1 = "0123"', "sha1 holds other than texts of 10 hexadecimal digits"),
        ('files = "*"', 'files = "*"\nsort = "x"', "'sort' means nothing here"),
        ('license = "MIT"', 'license = "MIT"\nsha256 = "00"', "sha256 is not 64 hexadecimal"),
        ('license = "MIT"', 'license = "MIT"\nsplit = "dev"', "the split 'dev' is none of"),
        ('license = "MIT"', 'license = "MIT"\nurl = "file:///x"', "is no address of the web"),
        ("[[sources]]", "[[source]]", "has no [[sources]]"),
        ("[[sources]]", "[[", "is not TOML in UTF-8"),
        (SOURCE, SOURCE + SOURCE, "has both owner/repository and owner/repository"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, spoiled: str, by: str, told: str) -> None:
    manifest = tmp_path / "sources.toml"
    manifest.write_text(SOURCE.replace(spoiled, by))
    with pytest.raises(UsageError, match=re.escape(told)):
        read_manifest(manifest)


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        read_manifest(tmp_path / "sources.toml")
