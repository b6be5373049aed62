"""The server behind nginx, as deploy/nginx.conf has it."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from running import Server, free_address, head, wait_until

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx.conf"
MOST_UPLOADS = 16


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def _certificate(folder: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=memes.example.org"
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)


def _configured(folder: Path, server: Server, port: int) -> str:
    """The configuration with ports and folders of the test's own."""
    text = CONFIGURATION.read_text()
    for theirs, own in (
        ("127.0.0.1:5001", f"127.0.0.1:{server.address[1]}"),
        ("listen 80;", f"listen 127.0.0.1:{free_address()[1]};"),
        ("listen [::]:80;", ""),
        ("listen [::]:443 ssl;", ""),
        # As nginx before 1.25 says it too.
        ("http2 on;", ""),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("/etc/letsencrypt/live/memes.example.org", str(folder)),
        ("/dev/shm/nginx-memes", str(folder / "uploads")),
    ):
        assert text.count(theirs) >= 1, theirs
        text = text.replace(theirs, own)
    paths = [f"{name}_temp_path {folder}/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi")]
    return (
        f"daemon off; pid {folder}/pid; error_log {folder}/log;"
        f"events {{}} http {{ {' '.join(paths)} {text} }}"
    )


@pytest.fixture(scope="module")
def port(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where an nginx in front of the server listens."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    _certificate(folder)
    _, port = free_address()
    (folder / "conf").write_text(_configured(folder, server, port))
    command = [nginx, "-p", folder, "-c", folder / "conf", "-e", folder / "log"]
    process = subprocess.Popen(command)
    try:
        wait_until(lambda: _answers(port))
        yield port
    finally:
        process.terminate()
        process.wait(30)


def test_all_files_of_the_page_come_at_once(port: int, browser: Browser) -> None:
    with browser.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        page.goto(f"https://127.0.0.1:{port}")
        told = page.evaluate(
            """async () => await Promise.all([...Array(60).keys()].map(
                async (number) => (await fetch(`/static/app/app.js?${number}`)).status))"""
        )
        assert told == [200] * 60
        (loaded,) = page.evaluate("performance.getEntriesByType('navigation')")
        assert loaded["nextHopProtocol"] == "h2"


def test_one_address_uploads_so_much_at_a_time(port: int, server: Server) -> None:
    trusting = ssl._create_unverified_context()
    with ExitStack() as connections:

        def upload() -> ssl.SSLSocket:
            plain = connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            plain.settimeout(10)
            secured = connections.enter_context(trusting.wrap_socket(plain))
            secured.sendall(head("/v1/predict", "image/jpeg", 2**20) + bytes(2**10))
            return secured

        for _ in range(MOST_UPLOADS):
            upload()
        refused = upload().recv(4096)
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After" in refused
    assert server.client.get("/health/ready").status_code == 200
