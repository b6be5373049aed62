"""Installing: how large the run-time install is, and how soon the command starts."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from .figures import Figure, run

PROJECT = Path(__file__).resolve().parents[1]


def measure() -> list[Figure]:
    """Figures of a fresh virtual environment with what `make scan` installs."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        bare = _size(Path(folder))
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet"]
        lock = str(PROJECT / "requirements/run.txt")
        subprocess.run([*pip, "--require-hashes", "--requirement", lock], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", str(PROJECT)], check=True)
        python, memes = f"{folder}/bin/python", f"{folder}/bin/memes"
        pairs = [
            (run([memes, "--version"]).seconds, run([python, "-c", ""]).seconds) for _ in range(21)
        ]
        version, empty = (median(taken) for taken in zip(*pairs, strict=True))
        return [
            Figure("Run-time install", (_size(Path(folder)) - bare) / 1e6, "MB", at_most=250),
            Figure("`memes --version`", 1000 * version, "ms"),
            Figure("An empty Python", 1000 * empty, "ms"),
            Figure("`memes --version` against an empty Python", version / empty, "x", at_most=5),
        ]


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*"))
