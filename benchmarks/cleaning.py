"""Cleaning: a clean-up with its checks and its journal against plain Send2Trash."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from memesdetection import cleaning
from memesdetection.journal import Journal
from memesdetection.selection import Judged

from .figures import Figure

FILES = 1_000
ROUNDS = 9

# Send2Trash finds out where the trash is when it is loaded.
_PLAIN = """
import sys, time
from send2trash import send2trash
paths = sys.stdin.read().splitlines()
started = time.perf_counter()
send2trash(paths)
print(time.perf_counter() - started)
"""


def measure(contents: list[bytes]) -> list[Figure]:
    """Files a second to the home's trash and back, of pictures with these contents.

    Each round measures both, in turn first: the disk's own speed drifts.
    """
    plain, cleaned, undone = [], [], []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as made:
            home = Path(made)
            if number % 2:
                plain.append(_plain_seconds(_pictures(contents, home / "first"), home))
            pictures = _pictures(contents, home / "pictures")
            os.environ["XDG_DATA_HOME"] = str(home / "ours")
            with Journal(home / "cleanups.sqlite") as journal:
                cleaned.append(_seconds(cleaning.clean(pictures, home / "pictures", journal)))
                undone.append(_seconds(cleaning.undo(journal.files(1, "moved"), journal)))
            if not number % 2:
                plain.append(_plain_seconds(_pictures(contents, home / "second"), home))
    ratios = [its / ours for its, ours in zip(plain, cleaned, strict=True)]
    return [
        Figure("Plain Send2Trash", FILES / median(plain), "files/s"),
        Figure("Clean-up: checked, in the journal, moved", FILES / median(cleaned), "files/s"),
        Figure("Clean-up against Send2Trash", 100 * median(ratios), "%", at_least=80),
        Figure("Undo", FILES / median(undone), "files/s"),
    ]


def _plain_seconds(pictures: list[Judged], home: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _PLAIN],
        input="\n".join(one.path for one in pictures),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "plain")},
    )
    return float(done.stdout)


def _seconds(work: Iterable[object]) -> float:
    started = time.perf_counter()
    for _ in work:
        pass
    return time.perf_counter() - started


def _pictures(contents: list[bytes], folder: Path) -> list[Judged]:
    """The contents in turn, made unique by a trailing number, as if they were judged."""
    folder.mkdir()
    pictures = []
    for number in range(FILES):
        path, content = folder / f"IMG-{number:04}.jpg", contents[number % len(contents)]
        content += number.to_bytes(4, "big")
        path.write_bytes(content)
        digest, status = hashlib.sha256(content).hexdigest(), path.stat()
        pictures.append(Judged(str(path), status.st_size, status.st_mtime_ns, digest, "meme", 0.99))
    # A gallery has been on the disk for long; else the journal's first write would wait for it.
    os.sync()
    return pictures
