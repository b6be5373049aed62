"""Connections: a slow or stalled client holds up nobody but itself."""

from __future__ import annotations

import errno
import logging
import socket
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import (  # type: ignore[import-untyped]
    _DEFER,
    TConn,
    ThreadWorker,
)
from werkzeug.exceptions import RequestTimeout

from . import problems

FIRST_BYTE_SECONDS = 0.1
SEND_SECONDS = 30.0
LINGER_SECONDS = 2.0

_log = logging.getLogger(__name__)


class SlowClient(RequestTimeout):
    """The request did not arrive in time."""


class PunctualSocket(socket.socket):
    """A client's connection, which is given up when a request or an answer takes too long.

    Attributes:
        deadline: time of `time.monotonic` until which the request may arrive; None between
            requests.
    """

    deadline: float | None = None

    def recv(self, *args: Any) -> bytes:
        if self.deadline is None:
            return super().recv(*args)
        remaining = self.deadline - time.monotonic()
        if remaining > 0:
            self.settimeout(remaining)
            try:
                return super().recv(*args)
            except TimeoutError:
                pass
        raise SlowClient

    def sendall(self, *args: Any) -> None:
        self.settimeout(SEND_SECONDS)
        try:
            super().sendall(*args)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "The client does not read.") from error

    def part(self) -> None:
        """End the answer, and let the client read it before the connection is closed.

        If what the client still sends were not read, it might lose the answer.
        """
        until = time.monotonic() + LINGER_SECONDS
        with suppress(OSError):
            self.shutdown(socket.SHUT_WR)
            with suppress(TimeoutError):
                while (remaining := until - time.monotonic()) > 0:
                    self.settimeout(remaining)
                    if not super().recv(65536):
                        break
            # Gunicorn, which waits once more, then finds the end at once.
            self.shutdown(socket.SHUT_RDWR)


class Worker(ThreadWorker):
    """Gunicorn's worker with threads, and a time limit for whatever a client does.

    Threads, as almost all they do is wait for a client or a judge. Gunicorn itself limits neither
    how long a request takes to arrive nor how long an answer takes to leave, and it waits for the
    end of a connection in the one thread that accepts all others.
    """

    def handle(self, conn: TConn) -> Any:
        if not isinstance(conn.sock, PunctualSocket):
            conn.sock = PunctualSocket(fileno=conn.sock.detach())
        # Who sends nothing yet is waited for without a thread.
        if not conn.initialized and not conn.wait_for_data(FIRST_BYTE_SECONDS):
            return _DEFER
        conn.sock.deadline = time.monotonic() + self.app.settings.receive_seconds
        try:
            kept = super().handle(conn)
        finally:
            conn.sock.deadline = None
        if not kept:
            conn.sock.part()
        return kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.deadline = None

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stopping, take who has come already, and let who comes now know at once."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        for listener in self.sockets:
            before = None
            while self.nr_conns != before:
                before = self.nr_conns
                self.accept(listener)
            listener.close()

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Read what is left of a refused request, whose answer said that another may follow."""
        deadline = time.monotonic() + LINGER_SECONDS
        most = self.app.settings.max_request_bytes
        return keepalive and bool(conn.parser.finish_body(deadline=deadline, max_bytes=most))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what is no proper HTTP, or was too slow, by a problem."""
        status = _status(exc)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("A request was not answered.", exc_info=exc)
        else:
            _log.info("A request was refused: %s.", type(exc).__name__)
        body = problems.as_json(status)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n"
            f"Content-Type: {problems.CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + body)
        except OSError:
            _log.debug("The client is gone.")


def _status(error: Exception) -> int:
    if isinstance(error, SlowClient):
        return 408
    if isinstance(error, LimitRequestLine):
        return 414
    if isinstance(error, LimitRequestHeaders):
        return 431
    return 400 if isinstance(error, (ParseException, OSError)) else 500
