"""Runs the real command for the tests, and looks into what it leaves."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any


class Started(subprocess.Popen[str]):
    """A process in the background, that a failed test does not wait for."""

    def __exit__(self, *raised: Any) -> None:
        if raised[0] is not None:
            self.kill()
        super().__exit__(*raised)


class Memes:
    """The command `memes`, run as a process of its own in which any warning is an error."""

    def command(self, *arguments: str | bytes | Path) -> list[Any]:
        return [sys.executable, "-m", "memesdetection", *arguments]

    def __call__(self, *arguments: str | bytes | Path, **options: Any) -> Any:
        """Run it to its end; the result's output is text."""
        return subprocess.run(
            self.command(*arguments), **{**self._pipes(), "timeout": 600, **options}
        )

    def start(self, *arguments: str | bytes | Path, **options: Any) -> Started:
        """Run it in the background."""
        return Started(self.command(*arguments), **{**self._pipes(), **options})

    def findings(self, *arguments: str | bytes | Path) -> list[dict[str, Any]]:
        """Scan and return what `--json -` gives, a dictionary for each picture."""
        scanned = self("scan", "--json", "-", *arguments)
        assert scanned.returncode == 0, scanned.stderr
        return [json.loads(line) for line in scanned.stdout.splitlines()]

    def _pipes(self) -> dict[str, Any]:
        return {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            "env": {**os.environ, "PYTHONWARNINGS": "error"},
        }


def answer(memes: Memes, *arguments: Any, answers: str) -> tuple[int, str]:
    """Run on a terminal, type the answers, and return the exit code and all that was shown."""
    here, there = pty.openpty()
    with memes.start(*arguments, stdin=there, stdout=there, stderr=there) as process:
        os.close(there)
        os.write(here, answers.encode())
        output = b""
        with suppress(OSError):
            while more := os.read(here, 65536):
                output += more
    os.close(here)
    return process.returncode, output.decode()


def scores_in(database: Path) -> int:
    """The number of scores that another program sees in a database, which may not be there yet."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        if not connection.execute("SELECT * FROM sqlite_master WHERE name = 'scores'").fetchone():
            return 0
        return connection.execute("SELECT count(*) FROM scores").fetchone()[0]
