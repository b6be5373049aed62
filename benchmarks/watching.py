"""Watching: what it costs while nothing arrives."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from .figures import Figure

REST_SECONDS = 60


def measure(folder: Path) -> list[Figure]:
    """Figures of a watch at rest, after it judged `folder`, with 1000 folders more."""
    with tempfile.TemporaryDirectory() as made:
        folders = Path(made) / "folders"
        for index in range(1000):
            (folders / str(index)).mkdir(parents=True)
        with subprocess.Popen(
            [sys.executable, "-m", "memesdetection", "watch", str(folder), str(folders)],
            env={**psutil.Process().environ(), "MEMES_DATA": f"{made}/data"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            watch = psutil.Process(process.pid)
            _wait_for_rest(watch)
            before = sum(watch.cpu_times()[:2])
            time.sleep(REST_SECONDS)
            spent = sum(watch.cpu_times()[:2]) - before
            memory = watch.memory_info().rss
            process.terminate()
            process.communicate()
    return [
        Figure("CPU time at rest", spent * 60 / REST_SECONDS, "s/min", at_most=0.1),
        Figure("Memory at rest, after judging", memory / 1e6, "MB"),
    ]


def _wait_for_rest(watch: psutil.Process) -> None:
    """Wait until it has judged what was there: 10 s almost without work."""
    worked = False
    while True:
        before = sum(watch.cpu_times()[:2])
        time.sleep(10)
        spent = sum(watch.cpu_times()[:2]) - before
        if worked and spent < 0.1:
            return
        worked |= spent > 0.1
