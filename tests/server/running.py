"""Runs the real server for the tests, and asks it over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

START_SECONDS = 60
STOP_SECONDS = 30


@dataclass
class Server:
    """A running server, its logs, and a client for it."""

    process: subprocess.Popen[bytes]
    address: tuple[str, int]
    log: Path
    client: httpx.Client

    def predict(self, *contents: bytes, path: str = "/v1/predict", **options: Any) -> Any:
        """Upload contents as `0.jpg`, `1.jpg` and so on, and return the response."""
        files = [("file", (f"{number}.jpg", content)) for number, content in enumerate(contents)]
        return self.client.post(path, files=files, **options)

    def body(self, content: bytes, **options: Any) -> Any:
        """Upload a content as the whole body, and return the response."""
        headers = {"Content-Type": "image/jpeg", **options.pop("headers", {})}
        return self.client.post("/v1/predict", content=content, headers=headers, **options)

    def connect(self) -> socket.socket:
        """A connection to say anything on."""
        return socket.create_connection(self.address, timeout=30)

    def raw(self, request: bytes) -> bytes:
        """Send bytes, and return all that comes until the server closes."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_all(connection)

    def lines(self) -> list[dict[str, Any]]:
        """What was logged; each line is JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def talker(self) -> psutil.Process:
        """The process that talks to clients."""
        (talker,) = psutil.Process(self.process.pid).children()
        return talker

    def judges(self) -> list[psutil.Process]:
        """The processes that judge."""
        children = self.talker().children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.client.get("/health/ready").status_code == 200)


@contextmanager
def serving(folder: Path, settings: Mapping[str, str], *options: str) -> Iterator[Server]:
    """Run `memes serve` on a free port as long as the block runs, then stop it gracefully.

    Args:
        folder: of the log; the server's folder for temporary files is `folder/tmp`, and the
            folder it runs in is `folder/empty`, which is empty and not to be written to.
        settings: variables of the environment.
        options: of the command.
    """
    for name in ("tmp", "empty"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "empty").chmod(0o555)
    address = free_address()
    own = {name: value for name, value in os.environ.items() if not name.startswith("MEMES_")}
    environment = {
        **own,
        "TMPDIR": str(folder / "tmp"),
        "PYTHONWARNINGS": "error",
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings,
    }
    command = [sys.executable, "-m", "memesdetection", "serve", "--port", str(address[1]), *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder / "empty",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{address[1]}", timeout=60) as client:
        server = Server(process, address, folder / "log", client)
        try:
            server.wait_until_ready()
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, (folder / "log").read_text()


def free_address() -> tuple[str, int]:
    """An address of this computer that nothing listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host, port = free.getsockname()
        return host, port


def wait_until(condition: Any, seconds: float = START_SECONDS) -> None:
    """Wait for a condition that may also fail by a lost connection meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if condition():
                return
        except (httpx.TransportError, psutil.NoSuchProcess, ValueError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"not within {seconds} s")


def read_all(connection: socket.socket) -> bytes:
    """All that comes until the other side closes, also by a reset."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def multipart(*parts: tuple[str, bytes], boundary: str = "edge") -> bytes:
    """A body of multipart/form-data from pairs of headers and content."""
    lines = b"".join(
        f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts
    )
    return lines + f"--{boundary}--\r\n".encode()


def head(path: str, content_type: str, length: int | None, *more: str) -> bytes:
    """The head of a POST request, after which the server closes the connection."""
    lines = [f"POST {path} HTTP/1.1", "Host: test", "Connection: close"]
    lines += [f"Content-Type: {content_type}", *more]
    lines += [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def problem(response: Any, status: int) -> str:
    """The sentence of a problem, which the response must be, with this status."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert told["type"] == "about:blank"
    assert told["title"]
    assert told["request_id"] == response.headers["X-Request-ID"]
    sentence: str = told["detail"]
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence
