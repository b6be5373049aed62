"""Write the manifest of `memes data fetch` from the index of labelled pictures.

    .venv/bin/python tools/sources.py ../shared/data/index.csv [--lock RAW/archives/lock.json]

Each source becomes one entry with its commit or version, licence and split, and one rule for each
label, kind and language. A picture's name in the index begins with the SHA-1 of the original file,
so rules pin the pictures by content: names in the index are not those in the archive, and what else
lies in a folder was never looked over. Versions of Debian packages are completed by `apt-cache`.

Hashes of archives stay as they stand in the manifest while the version is the same; those of a
lock file, which `memes data fetch` writes, are added.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from memesdetection.data.sources import PIN_DIGITS, SHIPPED_MANIFEST, read_manifest

_PINS_A_LINE = 8

_HEAD = """\
# Where the labelled pictures come from. Written by tools/sources.py; docs/data.md tells the format.
# `sha1` pins each picture by the first digits of its content's SHA-1.
"""


def manifest(rows: list[dict[str, str]], hashes: dict[tuple[str, str], str]) -> str:
    """The manifest as TOML.

    Args:
        rows: of the index.
        hashes: SHA-256 of archives by the source's name and version.
    """
    by_source = defaultdict(list)
    for row in rows:
        by_source[row["source"], row["commit"], row["license"], row["split"]].append(row)
    lines = [_HEAD]
    for (name, version, licence, split), mine in sorted(by_source.items()):
        lines += ["[[sources]]", f"name = {_text(name)}", f"version = {_text(version)}"]
        lines += [f"license = {_text(licence)}", f"split = {_text(split)}"]
        if (name, version) in hashes:
            lines.append(f"sha256 = {_text(hashes[name, version])}")
        by_rule = defaultdict(list)
        for row in mine:
            by_rule[row["label"], row["kind"], row["language"]].append(row)
        for (label, kind, language), pictures in sorted(by_rule.items()):
            lines += ["[[sources.pictures]]", f"label = {_text(label)}", f"kind = {_text(kind)}"]
            if language:
                lines.append(f"language = {_text(language)}")
            lines += ['sha1 = """', *_wrapped(pictures), '"""']
        lines.append("")
    return "\n".join(lines)


def known_hashes(path: Path, lock: Path | None) -> dict[tuple[str, str], str]:
    """SHA-256 of archives from the manifest that there is and from a lock file."""
    hashes = {}
    if path.exists():
        for source in read_manifest(path):
            if source.sha256:
                hashes[source.name, source.version] = source.sha256
    if lock is not None:
        for name, entry in json.loads(lock.read_text(encoding="utf-8")).items():
            hashes[name, entry["version"]] = entry["sha256"]
    return hashes


def complete_version(name: str, version: str, known: list[tuple[str, str]]) -> str:
    """A Debian version with its epoch and revision, which the index may lack.

    Args:
        name: the source's name.
        version: as the index has it.
        known: sources and versions of the manifest that there is.
    """
    prefix, _, package = name.partition(":")
    if prefix != "debian":
        return version
    candidates = [there for source, there in known if source == name]
    with suppress(OSError):
        madison = ["apt-cache", "madison", package]
        told = subprocess.run(madison, capture_output=True, text=True).stdout
        candidates += [line.split("|")[1].strip() for line in told.splitlines()]
    for candidate in candidates:
        without_epoch = candidate.rpartition(":")[2]
        if without_epoch == version or without_epoch.startswith(f"{version}-"):
            return candidate
    return version


def _wrapped(pictures: list[dict[str, str]]) -> list[str]:
    pins = sorted(Path(row["path"]).stem[:PIN_DIGITS] for row in pictures)
    return [
        " ".join(pins[start : start + _PINS_A_LINE]) for start in range(0, len(pins), _PINS_A_LINE)
    ]


def _text(value: str) -> str:
    # A JSON text is also one of TOML.
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("index", type=Path, help="index.csv of the labelled pictures")
    parser.add_argument("--lock", type=Path, help="lock file with hashes of archives")
    parser.add_argument("--output", type=Path, default=SHIPPED_MANIFEST, help="the manifest")
    asked = parser.parse_args()
    with asked.index.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hashes = known_hashes(asked.output, asked.lock)
    versions = {
        (name, version): complete_version(name, version, list(hashes))
        for name, version in {(row["source"], row["commit"]) for row in rows}
    }
    for row in rows:
        row["commit"] = versions[row["source"], row["commit"]]
    asked.output.write_text(manifest(rows, hashes), encoding="utf-8")


if __name__ == "__main__":
    main()
