"""Runs clean-ups and undos in processes of their own that SIGKILL ends at a chosen step.

A step is one line of the modules that move files and keep the journal, or of the library's copying.
Run as a script, it forks such a process for each task that it reads from standard input.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from memesdetection import cleaning, database, journal, moving, trash
from memesdetection.journal import Entry, Journal
from memesdetection.selection import Judged

MODULES = (cleaning, database, journal, moving, trash, shutil)
NEVER = 2**62


class Killer:
    """The process that forks the others, so that each starts at once."""

    def __enter__(self) -> Killer:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def clean(
        self, step: int, database: Path, pictures: Sequence[Judged], folder: Path, to: Path | None
    ) -> tuple[int, int]:
        """Clean up to a step; the exit code, negative for a signal, and the steps if it ended."""
        return self._run(step, clean, database, pictures, folder, to)

    def undo(self, step: int, database: Path, entries: Sequence[Entry]) -> tuple[int, int]:
        """Put back up to a step, likewise."""
        return self._run(step, undo, database, entries)

    def _run(self, step: int, *task: Any) -> tuple[int, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((step, task[0].__name__, task[1:]), self._process.stdin)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)


def clean(database: Path, pictures: Sequence[Judged], folder: Path, to: Path | None) -> None:
    with Journal(database) as opened:
        for _ in cleaning.clean(pictures, folder, opened, to):
            pass


def undo(database: Path, entries: Sequence[Entry]) -> None:
    with Journal(database) as opened:
        for _ in cleaning.undo(entries, opened):
            pass


def run_to(last: int, work: Any, arguments: Sequence[Any]) -> int:
    """Run to the end and return how many steps it took, or be killed at the last."""
    # Few pictures must do to meet results that are written down in between.
    cleaning.RECORD_EVERY = 4
    files = {module.__file__ for module in MODULES}
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    work(*arguments)
    sys.settrace(None)
    return count


def serve() -> None:
    while True:
        try:
            last, name, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            os.write(writing, str(run_to(last, globals()[name], arguments)).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        steps = int(os.read(reading, 100) or 0)
        os.close(reading)
        pickle.dump((os.waitstatus_to_exitcode(status), steps), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
