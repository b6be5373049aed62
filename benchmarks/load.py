"""Load: many clients at once, each asking for a verdict on one picture at a time."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp

_BOUNDARY = "edge"
_HEAD = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
).encode()
_TAIL = f"\r\n--{_BOUNDARY}--\r\n".encode()
_HEADERS = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
_PATIENCE = aiohttp.ClientTimeout(total=120)
_BROKEN = 0


@dataclass
class Load:
    """What came of a load.

    Attributes:
        statuses: how often each HTTP status was answered; 0 stands for no answer.
        latencies: seconds from when each request was due to its answer, of those with status 200.
        finished: seconds from the start of the load to each such answer, ascending.
        seconds: from the start of the load to its last answer.
        sending_seconds: from the start of the load to its last request.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    finished: list[float] = field(default_factory=list)
    seconds: float = 0.0
    sending_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers of status 200 a second."""
        return self.statuses[200] / self.seconds

    @property
    def offered(self) -> float:
        """Requests sent a second."""
        return self.statuses.total() / self.sending_seconds

    def latency(self, share: float) -> float:
        """The seconds within which this share, 0-1, of the answers of status 200 came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def steady(
    url: str, contents: list[bytes], clients: int, count: int = 2**62, seconds: float = 2.0**62
) -> Load:
    """Load by clients that each ask anew once answered, until enough was asked or time is over.

    Args:
        url: of the route, which takes a form.
        contents: pictures, taken in turn.
        clients: how many ask at a time.
        count: how many requests there are.
        seconds: after which no more are sent.
    """
    return asyncio.run(_steady(url, contents, clients, count, seconds))


def arriving(url: str, contents: list[bytes], rate: float, seconds: float) -> Load:
    """Load by clients that come at random (a Poisson process), whether or not others wait.

    Args:
        url: of the route, which takes a form.
        contents: pictures, taken in turn.
        rate: of requests a second.
        seconds: how long they come.
    """
    return asyncio.run(_arriving(url, contents, rate, seconds))


async def _steady(
    url: str, contents: list[bytes], clients: int, count: int, seconds: float
) -> Load:
    load = Load()
    bodies = _bodies(contents)
    numbers = iter(range(count))
    async with _session() as session:
        started = time.perf_counter()

        async def client() -> None:
            for _ in numbers:
                now = time.perf_counter()
                if now - started > seconds:
                    break
                await _ask(session, url, next(bodies), started, now, load)

        await asyncio.gather(*(client() for _ in range(clients)))
        load.seconds = load.sending_seconds = time.perf_counter() - started
    return load


async def _arriving(url: str, contents: list[bytes], rate: float, seconds: float) -> Load:
    load = Load()
    bodies = _bodies(contents)
    chance = random.Random(0)
    asked = []
    async with _session() as session:
        due = started = time.perf_counter()
        while due - started < seconds:
            # Who should have come meanwhile comes at once, and has waited since it was due.
            await asyncio.sleep(due - time.perf_counter())
            request = _ask(session, url, next(bodies), started, due, load)
            asked.append(asyncio.create_task(request))
            due += chance.expovariate(rate)
        load.sending_seconds = time.perf_counter() - started
        await asyncio.gather(*asked)
        load.seconds = time.perf_counter() - started
    return load


async def _ask(
    session: aiohttp.ClientSession, url: str, body: bytes, started: float, due: float, load: Load
) -> None:
    try:
        async with session.post(url, data=body, headers=_HEADERS) as answer:
            await answer.read()
            status = answer.status
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
        status = _BROKEN
    load.statuses[status] += 1
    if status == 200:
        now = time.perf_counter()
        load.latencies.append(now - due)
        load.finished.append(now - started)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=_PATIENCE)


def _bodies(contents: list[bytes]) -> Iterator[bytes]:
    return itertools.cycle([_HEAD + content + _TAIL for content in contents])
