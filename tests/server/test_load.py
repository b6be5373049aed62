"""Load: the bounded queue, slow clients, judges that die, and the end of the server."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from making import encoded, png_bomb
from PIL import Image
from running import Server, head, multipart, problem, read_all, serving, wait_until

QUICK_SECONDS = 3


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as threads:
        yield threads


@contextmanager
def held_up(judges: list[psutil.Process]) -> Iterator[None]:
    """Judges that get no further as long as the block runs."""
    for judge in judges:
        judge.suspend()
    try:
        yield
    finally:
        for judge in judges:
            if judge.is_running():
                judge.resume()


def gauge(server: Server, name: str) -> int:
    """What the server's metrics say now."""
    lines = server.client.get("/metrics").text.splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name} "))
    return int(float(line.split()[1]))


def admitted(server: Server) -> int:
    return gauge(server, "memes_admitted_requests")


def seconds_for(server: Server, content: bytes) -> float:
    """How long a client of its own waits for a verdict."""
    started = time.monotonic()
    files = {"file": ("a.jpg", content)}
    answer = httpx.post(f"{server.client.base_url}/v1/predict", files=files, timeout=60)
    assert answer.status_code == 200
    return time.monotonic() - started


def half_sent(server: Server, content: bytes) -> socket.socket:
    """A connection that has sent half of an upload."""
    body = multipart(("Content-Disposition: form-data; name=file; filename=a.jpg", content))
    connection = server.connect()
    kind = "multipart/form-data; boundary=edge"
    connection.sendall(head("/v1/predict", kind, len(body)) + body[: len(body) // 2])
    return connection


def test_past_the_queue_a_request_is_told_to_retry_at_once(
    server: Server, meme: bytes, pool: ThreadPoolExecutor
) -> None:
    with held_up(server.judges()):
        waiting = [pool.submit(server.predict, meme) for _ in range(2)]
        wait_until(lambda: admitted(server) == 2)
        started = time.monotonic()
        refused = server.predict(meme)
        assert time.monotonic() - started < QUICK_SECONDS
        assert "try again" in problem(refused, 503)
        assert int(refused.headers["Retry-After"]) > 0
    assert [request.result().status_code for request in waiting] == [200, 200]


def test_a_flood_gets_verdicts_or_is_told_to_retry(
    server: Server, meme: bytes, pool: ThreadPoolExecutor
) -> None:
    slow = png_bomb(7000, 7000)
    requests = [pool.submit(server.predict, slow if n % 2 else meme) for n in range(64)]
    statuses = {request.result().status_code for request in requests}
    assert statuses == {200, 503}
    assert server.predict(meme).status_code == 200
    assert admitted(server) == 0
    assert gauge(server, "memes_upload_bytes") == 0


def test_stalled_clients_hold_up_nobody(server: Server, meme: bytes) -> None:
    with ExitStack() as connections:
        silent = [connections.enter_context(server.connect()) for _ in range(200)]
        stalled = [connections.enter_context(half_sent(server, meme)) for _ in range(60)]
        for _ in range(40):
            # It asks for 1.5 MB and reads nothing.
            deaf = connections.enter_context(server.connect())
            deaf.sendall(b"GET /docs/assets/js/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n")
        assert seconds_for(server, meme) < QUICK_SECONDS
        answer = read_all(stalled[0])
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"The request did not arrive in time." in answer
        # The others do not read that they were given up, nor close.
        assert seconds_for(server, meme) < QUICK_SECONDS
        assert read_all(silent[0]) == b""
        assert seconds_for(server, meme) < QUICK_SECONDS
    assert seconds_for(server, meme) < QUICK_SECONDS


def test_a_client_that_trickles_is_given_up(server: Server) -> None:
    started = time.monotonic()
    with server.connect() as connection:
        connection.sendall(head("/v1/predict", "image/jpeg", 1000))
        while not select.select([connection], [], [], 0.1)[0]:
            assert time.monotonic() - started < 10
            connection.sendall(b"a")
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_picture_that_takes_too_long_costs_only_itself(
    server: Server, meme: bytes, size: int
) -> None:
    # A judge that is stuck takes a small picture into its buffer, but not a large one.
    with held_up(server.judges()):
        slow = server.predict(meme + bytes(size))
        assert problem(slow, 422) == "The picture took longer than 3 s."
    assert server.predict(meme).status_code == 200


def test_a_judge_that_dies_costs_only_its_picture(
    tmp_path: Path, meme: bytes, pool: ThreadPoolExecutor
) -> None:
    with serving(tmp_path, {}, "--workers", "2") as server:
        wait_until(lambda: gauge(server, "memes_judges") == 2)
        first, second = server.judges()
        with held_up([first, second]):
            requests = [pool.submit(server.predict, meme) for _ in range(2)]
            wait_until(lambda: admitted(server) == 2)
            time.sleep(0.5)
            first.kill()
            second.resume()
            responses = [request.result() for request in requests]
        assert sorted(response.status_code for response in responses) == [200, 503]
        (lost,) = (response for response in responses if response.status_code == 503)
        assert problem(lost, 503) == "The process that judged the picture ended; try again."
        assert server.predict(meme, meme).status_code == 200
        wait_until(lambda: gauge(server, "memes_judges") == 2)

        # Of many pictures, all but the one it had are judged.
        first, second = server.judges()
        with held_up([first, second]):
            many = pool.submit(server.predict, meme, meme, meme)
            wait_until(lambda: admitted(server) == 1)
            time.sleep(0.5)
            first.kill()
        verdicts = [picture.get("verdict") for picture in many.result().json()["pictures"]]
        assert verdicts.count("meme") >= 2

        # The process that talks to clients is started anew, and leaves no judges behind.
        talker, judges = server.talker(), server.judges()
        talker.kill()
        wait_until(lambda: server.predict(meme).status_code == 200)
        assert server.talker().pid != talker.pid
        wait_until(lambda: not any(judge.is_running() for judge in judges))


def test_a_stop_answers_what_was_taken(
    tmp_path: Path, meme: bytes, pool: ThreadPoolExecutor
) -> None:
    with serving(tmp_path, {}, "--workers", "1") as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        receiving = half_sent(server, meme)
        with held_up(server.judges()):
            taken = [pool.submit(server.predict, meme) for _ in range(3)]
            wait_until(lambda: admitted(server) == 3)
            # As systemd and a terminal do: to all processes.
            for process in (server.process, *family):
                os.kill(process.pid, signal.SIGTERM)
            time.sleep(1)
        assert [request.result().status_code for request in taken] == [200, 200, 200]
        body = multipart(("Content-Disposition: form-data; name=file; filename=a.jpg", meme))
        with receiving:
            receiving.sendall(body[len(body) // 2 :])
            assert read_all(receiving).startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        assert server.process.wait(20) == 0
        wait_until(lambda: not any(process.is_running() for process in family))


def test_an_interrupt_stops_at_once(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    with serving(tmp_path, {}, "--workers", "1") as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        wait_until(lambda: not any(process.is_running() for process in family))


def test_nothing_uploaded_touches_the_disk(
    server: Server, samples: Path, pool: ThreadPoolExecutor
) -> None:
    folders = [server.log.parent / name for name in ("tmp", "empty")]
    noise = Image.frombytes("RGB", (1400, 1250), os.urandom(1400 * 1250 * 3))
    large = encoded(noise, "PNG")
    assert len(large) > 5 * 2**20
    body = multipart(("Content-Disposition: form-data; name=file; filename=a.png", large))

    def open_files() -> set[str]:
        processes = [server.talker(), *server.judges()]
        links = [link for p in processes for link in Path(f"/proc/{p.pid}/fd").iterdir()]
        return {os.readlink(link) for link in links if link.is_symlink()}

    def check() -> None:
        assert [list(folder.iterdir()) for folder in folders] == [[], []]
        # An unnamed temporary file has no place in a folder, but a link here.
        assert not [name for name in open_files() if str(folders[0]) in name]

    with server.connect() as connection:
        kind = "multipart/form-data; boundary=edge"
        connection.sendall(head("/v1/predict?heat_map=1", kind, len(body)) + body[:-100])
        time.sleep(0.5)
        assert gauge(server, "memes_upload_bytes") > 5 * 2**20 - 2**18
        check()
        with held_up(server.judges()):
            connection.sendall(body[-100:])
            wait_until(lambda: admitted(server) == 1)
            check()
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
    check()
