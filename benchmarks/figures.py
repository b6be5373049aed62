"""A figure: one measured value, the goal it is held against, and how it is printed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        name: what was measured.
        value: in `unit`.
        unit: as printed behind the value.
        at_least: the goal, where the value must not be smaller; None for none.
        at_most: the goal, where the value must not be larger; None for none.
    """

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def row(self) -> str:
        """A row of a Markdown table: name, value, goal, whether it was reached."""
        goal, reached = "", ""
        if self.at_least is not None:
            goal = f"at least {self.at_least:g} {self.unit}"
            reached = "yes" if self.value >= self.at_least else "**no**"
        elif self.at_most is not None:
            goal = f"at most {self.at_most:g} {self.unit}"
            reached = "yes" if self.value <= self.at_most else "**no**"
        return f"| {self.name} | {self.value:.3g} {self.unit} | {goal} | {reached} |"


@dataclass(frozen=True)
class Run:
    """How a command ran: wall time in seconds, largest resident memory in bytes."""

    seconds: float
    peak_memory: int


# A process counts what its parent held at the fork as its own peak, so a small one starts it.
_LAUNCHER = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run(command: list[str], **environment: str) -> Run:
    """Run a command, which must succeed, and measure it alone.

    Raises:
        CalledProcessError: it failed.
    """
    measured = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    seconds, peak = measured.stdout.split()
    # Linux counts in kibibytes, macOS in bytes.
    return Run(float(seconds), int(peak) * (1 if sys.platform == "darwin" else 1024))


def median_cpu_seconds(work: Callable[[], object], times: int = 3) -> float:
    """Median CPU time of this process over some repetitions of a piece of work."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return median(taken)
