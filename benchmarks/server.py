"""The server: speed against the first version's, latency, overload and memory."""

from __future__ import annotations

import bisect
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil

from memesdetection import pictures
from memesdetection.classifier import shipped_models
from memesdetection.cli.serve import DEFAULT_THREADS
from memesdetection.gallery import available_cores
from memesdetection.server.settings import read_settings

from . import load
from .figures import Figure

PROJECT = Path(__file__).resolve().parents[1]
CLIENTS = 8
START_SECONDS = 120
RECOVERY_SECONDS = 8.0


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        rounds: in which the reference and all models are measured in turn.
        pictures: of the gallery that the reference gets in a round.
        seconds: of each load.
        requests: over which memory may grow.
    """

    rounds: int = 3
    pictures: int = 60
    seconds: float = 20.0
    requests: int = 10_000


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Attributes:
        url: where it takes pictures.
        process: its first process.
    """

    url: str
    process: psutil.Popen


QUICK = Effort(rounds=1, pictures=12, seconds=4.0, requests=1_000)


def measure(contents: list[bytes], quick: bool = False) -> dict[str, list[Figure]]:
    """Figures of the server on pictures of a gallery, by the title of their table.

    Args:
        contents: the pictures.
        quick: whether rough figures are enough.
    """
    effort = QUICK if quick else Effort()
    return {
        "Server: against the first version's": _against_reference(contents, effort),
        "Server: under load": _under_load(contents, effort),
        "Server: judges, threads and workers": _arrangements(contents, effort),
    }


def _against_reference(contents: list[bytes], effort: Effort) -> list[Figure]:
    """Full speed of the reference and each model; of several rounds, medians."""
    few = contents[:: max(1, len(contents) // effort.pictures)]
    default = read_settings().model
    models = sorted(shipped_models(), key=lambda name: name != default)
    references, ours = [], {name: list[float]() for name in models}
    for _ in range(effort.rounds):
        with _reference() as server:
            references.append(_all_200(load.steady(server.url, few, CLIENTS, len(few))).rate)
        for name in models:
            with _served(MEMES_MODEL=name) as server:
                ours[name].append(_full_speed(server, few, effort))
    figures = [
        Figure("First version's: Flask, full decode, Keras VGG19", median(references), "pictures/s")
    ]
    for name in models:
        ratio = median(a / b for a, b in zip(ours[name], references, strict=True))
        goal = 10 if name == default else None
        figures += [
            Figure(f"`memes serve`, model `{name}`", median(ours[name]), "pictures/s"),
            Figure(f"`{name}` against the first version's", ratio, "x", at_least=goal),
        ]
    return figures


def _under_load(contents: list[bytes], effort: Effort) -> list[Figure]:
    """Latency at 80 % of full speed, what happens at ten times full speed, and memory."""
    jpegs = [content for content in contents if pictures.sniff(content) == "JPEG"]
    with _served() as server:
        figures = [
            # A large PNG takes 40 times as long as the median, however idle the server is.
            *_latency(server, "the gallery's JPEGs", jpegs, effort, at_most=5),
            *_latency(server, "the whole gallery", contents, effort),
            *_overload(server, contents, effort),
        ]
    with _served() as server:
        return figures + _memory(server, contents, effort.requests)


def _latency(
    server: Running,
    name: str,
    contents: list[bytes],
    effort: Effort,
    at_most: float | None = None,
) -> list[Figure]:
    full = _full_speed(server, contents, effort)
    measured = load.arriving(server.url, contents, 0.8 * full, 2 * effort.seconds)
    p50, p99 = measured.latency(0.5), measured.latency(0.99)
    refused = 1 - measured.statuses[200] / measured.statuses.total()
    return [
        Figure(f"Full speed, {name}", full, "pictures/s"),
        Figure("80 % of it, at random: p50", 1000 * p50, "ms"),
        Figure("80 % of it, at random: p99", 1000 * p99, "ms"),
        Figure("80 % of it, at random: p99 against p50", p99 / p50, "x", at_most=at_most),
        Figure("80 % of it, at random: refused", 100 * refused, "%"),
    ]


def _overload(server: Running, contents: list[bytes], effort: Effort) -> list[Figure]:
    full = _full_speed(server, contents, effort)
    flood = load.arriving(server.url, contents, 10 * full, effort.seconds / 2)
    after = load.steady(server.url, contents, CLIENTS, seconds=RECOVERY_SECONDS)
    total = flood.statuses.total()
    others = total - sum(flood.statuses[status] for status in (200, 429, 503))
    shares = {status: 100 * flood.statuses[status] / total for status in (200, 429, 503)}
    return [
        Figure("Overload: requests offered against full speed", flood.offered / full, "x"),
        *(Figure(f"Overload: answers {status}", share, "%") for status, share in shares.items()),
        Figure("Overload: anything else", 100 * others / total, "%", at_most=0),
        Figure("Overload: verdicts against full speed", 100 * flood.rate / full, "%"),
        Figure("After it: full speed again", _recovery(after, full), "s", at_most=5),
    ]


def _recovery(after: load.Load, full: float) -> float:
    """Seconds until nine tenths of full speed hold for a second; infinite if they never do."""
    times = after.finished
    for start in (step / 10 for step in range(int(10 * (RECOVERY_SECONDS - 1)))):
        within = bisect.bisect(times, start + 1) - bisect.bisect(times, start)
        if within >= 0.9 * full:
            return start
    return float("inf")


def _memory(server: Running, contents: list[bytes], requests: int) -> list[Figure]:
    """Growth over many requests, once each judge has seen what there is to see."""
    url = server.url
    mixed = [*contents, *(content[: len(content) // 2] for content in contents[::10])]
    load.steady(url, mixed, CLIENTS, max(requests // 5, 2 * len(mixed)))
    before = _resident(server.process)
    load.steady(url, mixed, CLIENTS, requests)
    after = _resident(server.process)
    return [
        Figure("Memory of all processes", before / 1e6, "MB"),
        Figure(f"Its growth by {requests} requests", 100 * (after / before - 1), "%", at_most=5),
    ]


def _arrangements(contents: list[bytes], effort: Effort) -> list[Figure]:
    """Full speed by the number of judges and threads, and with none but Gunicorn's own.

    Of several rounds, medians, as the machine's own speed drifts.
    """
    cores = available_cores()
    arrangements: dict[str, Callable[[], AbstractContextManager[Running]]] = {}
    for judges in sorted({1, cores, cores + 1, 2 * cores}):
        in_use = " (in use)" if judges == cores else ""
        arrangements[f"{judges} judges, {DEFAULT_THREADS} threads{in_use}"] = partial(
            _served, "--workers", str(judges)
        )
    for threads in (cores + read_settings().max_waiting + 1, 4 * DEFAULT_THREADS):
        arrangements[f"{cores} judges, {threads} threads"] = partial(
            _served, "--threads", str(threads)
        )
    for workers, threads in ((1, cores), (cores, 1), (cores, 4)):
        arrangements[f"No judges, Gunicorn's workers x threads: {workers} x {threads}"] = partial(
            _in_process, workers, threads
        )
    speeds: dict[str, list[float]] = {name: [] for name in arrangements}
    for _ in range(effort.rounds):
        for name, arrangement in arrangements.items():
            with arrangement() as server:
                speeds[name].append(_full_speed(server, contents, effort))
    return [Figure(name, median(taken), "pictures/s") for name, taken in speeds.items()]


def _full_speed(server: Running, contents: list[bytes], effort: Effort) -> float:
    """Pictures a second when clients never let the server rest."""
    load.steady(server.url, contents, CLIENTS, 4 * CLIENTS)
    return _all_200(load.steady(server.url, contents, CLIENTS, seconds=effort.seconds)).rate


def _all_200(measured: load.Load) -> load.Load:
    """The load itself, which is worth nothing if requests failed."""
    if set(measured.statuses) != {200}:
        raise RuntimeError(f"Requests failed: {dict(measured.statuses)}.")
    return measured


@contextmanager
def _served(*options: str, **environment: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "memesdetection", "serve", *options, "--port", "{port}"]
    environment["MEMES_LOG_LEVEL"] = "warning"
    with _running(command, "/health/ready", "/v1/predict", environment) as server:
        yield server


@contextmanager
def _reference() -> Iterator[Running]:
    app = "benchmarks.apps:reference"
    command = [sys.executable, "-m", "flask", "--app", app, "run", "--port", "{port}"]
    with _running(command, "/", "/predict", {}) as server:
        yield server


@contextmanager
def _in_process(workers: int, threads: int) -> Iterator[Running]:
    command = [sys.executable, "-m", "gunicorn", "benchmarks.apps:in_process()"]
    command += ["--workers", str(workers), "--threads", str(threads), "--bind", "127.0.0.1:{port}"]
    with _running(command, "/", "/v1/predict", {}) as server:
        yield server


@contextmanager
def _running(
    command: list[str], ready: str, route: str, environment: dict[str, str]
) -> Iterator[Running]:
    """Run a server on a free port from when it answers until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = psutil.Popen(
        [word.format(port=port) for word in command],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}{ready}")
        yield Running(f"{address}{route}", process)
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            urlopen(url, timeout=5).close()
            return
        except HTTPError as error:
            # The applications without a page here answer so once they run.
            if error.code == 404:
                return
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within {START_SECONDS} s.")


def _resident(process: psutil.Process) -> int:
    """Bytes of memory that a server's processes hold in sum, once it has come to rest."""
    time.sleep(2)
    total = 0
    for member in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += member.memory_info().rss
    return total
