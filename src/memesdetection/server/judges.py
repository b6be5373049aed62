"""The judges: processes that judge pictures, and the bounded queue of requests in front of them."""

from __future__ import annotations

import atexit
import json
import logging
import multiprocessing
import os
import queue
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from .. import errors
from ..errors import Busy, JudgeLost, MemesError, SlowPicture
from .judge import judge_forever
from .settings import Settings

START_SECONDS = 120.0
RETRY_SECONDS = 5.0

_log = logging.getLogger(__name__)
# Unlike a fork of the server, which has threads, a new process starts from nothing.
_context = multiprocessing.get_context("spawn")


class Judges:
    """Judges pictures in processes of their own, as many at a time as there are processes.

    A judge that takes too long or dies is replaced; that costs the picture it had.
    """

    def __init__(self, settings: Settings, workers: int) -> None:
        """Prepare; `start` starts the processes.

        Args:
            settings: the model to load, and limits.
            workers: how many processes.
        """
        self.workers = workers
        self.places = workers + settings.max_waiting
        self.taken = 0
        self.trouble = "No judge has started yet."
        self._settings = settings
        self._idle: queue.Queue[_Judge] = queue.Queue()
        self._running: set[_Judge] = set()
        self._changing = threading.Lock()
        self._closed = threading.Event()

    def start(self) -> None:
        """Start the processes, and return meanwhile."""
        atexit.register(self.close)
        for _ in range(self.workers):
            threading.Thread(target=self._keep_one, name="judge-keeper", daemon=True).start()

    def close(self) -> None:
        """Stop the processes at once."""
        self._closed.set()
        with self._changing:
            for judge in self._running:
                judge.kill()
            self._running.clear()

    @property
    def ready(self) -> int:
        """How many judges there are that have loaded their model."""
        with self._changing:
            return sum(judge.alive for judge in self._running)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Be one of the requests that are judged or wait for it.

        Raises:
            Busy: as many requests as may wait do so.
        """
        with self._changing:
            if self.taken >= self.places:
                raise Busy("Too many requests are waiting; try again in a moment.")
            self.taken += 1
        try:
            yield
        finally:
            with self._changing:
                self.taken -= 1

    def judge(
        self, content: bytes, model: str, heat_map: bool, embedding: bool, until: float
    ) -> dict[str, Any]:
        """Judge a picture; the caller has a place.

        Args:
            content: the whole file.
            model: name of a model that ships.
            heat_map: whether to draw one.
            embedding: whether to return it.
            until: time of `time.monotonic` at which the request must be answered.

        Returns:
            What `judge.judge_forever` says, and `milliseconds`.

        Raises:
            PictureError: the picture cannot be judged.
            ModelError: the model is broken.
            Busy: no judge was free in time.
            JudgeLost: the judge died over the picture.
        """
        asked = json.dumps({"model": model, "heat_map": heat_map, "embedding": embedding})
        judge = self._free_judge(until)
        try:
            started = time.monotonic()
            if started >= until:
                most = self._settings.max_request_seconds
                raise SlowPicture(f"The pictures of the request took longer than {most:g} s.")
            seconds = min(self._settings.max_picture_seconds, until - started)
            answer = judge.ask(asked.encode(), content, seconds)
            return {**answer, "milliseconds": round(1000 * (time.monotonic() - started), 1)}
        finally:
            self._give_back(judge)

    def _free_judge(self, until: float) -> _Judge:
        while True:
            try:
                judge = self._idle.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise Busy("No judge was free in time; try again in a moment.") from None
            if judge.alive:
                return judge
            self._give_back(judge)

    def _give_back(self, judge: _Judge) -> None:
        if judge.alive:
            self._idle.put(judge)
        else:
            judge.kill()

    def _keep_one(self) -> None:
        """Have one judge at any time, until the processes are stopped."""
        while not self._closed.is_set():
            try:
                judge = self._started()
            except (MemesError, OSError) as error:
                self.trouble = f"A judge did not start: {error}"
                _log.error("%s", self.trouble)
                self._closed.wait(RETRY_SECONDS)
                continue
            if self._closed.is_set():
                break
            self._idle.put(judge)
            judge.wait_until_ended()
            self._ended(judge)
        self.close()

    def _ended(self, judge: _Judge) -> None:
        with self._changing:
            self._running.discard(judge)
        if not self._closed.is_set():
            self.trouble = "A judge ended and is being replaced."
            _log.warning("%s", self.trouble)

    def _started(self) -> _Judge:
        """A judge that has loaded its model.

        Raises:
            MemesError: it has not.
            OSError: there are too many processes or open files, or too little memory.
        """
        judge = _Judge(self._settings)
        with self._changing:
            self._running.add(judge)
        try:
            judge.wait_until_ready()
        except MemesError:
            with self._changing:
                self._running.discard(judge)
            judge.kill()
            raise
        return judge


class _Judge:
    """One process, and the connection to it."""

    def __init__(self, settings: Settings) -> None:
        self._connection, theirs = _context.Pipe()
        _limit_sending(self._connection, settings.max_picture_seconds)
        self._process = _context.Process(
            target=judge_forever,
            args=(theirs, settings.model, settings.max_megapixels),
            name="judge",
            daemon=True,
        )
        self._process.start()
        self._loaded = False
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether it has loaded its model and not ended since."""
        return self._loaded and self._process.is_alive()

    def wait_until_ready(self) -> None:
        self._answer(START_SECONDS)
        self._loaded = True

    def wait_until_ended(self) -> None:
        self._process.join()

    def ask(self, asked: bytes, content: bytes, seconds: float) -> dict[str, Any]:
        try:
            self._connection.send_bytes(asked)
            self._connection.send_bytes(content)
        except OSError as error:
            # What it has of the message is no use to it.
            self._process.kill()
            self._process.join()
            if isinstance(error, BlockingIOError):
                raise _slow(seconds) from error
            raise _lost() from error
        return self._answer(seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            if not self._connection.poll(max(0.0, seconds)):
                self._process.kill()
                self._process.join()
                raise _slow(seconds)
            answer: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            # It is dying, and shall not be taken for alive.
            self._process.join(1)
            raise _lost() from error
        if "error" in answer:
            raise getattr(errors, answer["error"])(answer["sentence"])
        return answer


def _limit_sending(connection: Connection, seconds: float) -> None:
    """Let a message that is not taken for so long fail by `BlockingIOError`."""
    whole = int(seconds)
    time_value = struct.pack("ll", whole, int(1e6 * (seconds - whole)))
    # The option is the socket's, and stays when this second handle on it is closed.
    with socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, time_value)


def _slow(seconds: float) -> SlowPicture:
    return SlowPicture(f"The picture took longer than {seconds:.3g} s.")


def _lost() -> JudgeLost:
    return JudgeLost("The process that judged the picture ended; try again.")
