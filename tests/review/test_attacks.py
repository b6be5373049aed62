"""Who may ask the review page for what: attacks from other pages, other users and files."""

from __future__ import annotations

import io
import json
import os
import socket
from pathlib import Path

import httpx
import pytest
from PIL import Image
from reviewing import Running, reviewing


def refused(answer: httpx.Response, status: int = 403) -> bool:
    """Whether it is a refusal, with a sentence and without anything else."""
    return answer.status_code == status and list(answer.json()) == ["said"]


@pytest.mark.parametrize("path", ["", "pictures", "pictures/0/thumbnail", "static/review/app.js"])
def test_nothing_without_the_token(running: Running, path: str) -> None:
    assert running.client.get(path).status_code == 200
    origin, token = running.address.rstrip("/").rsplit("/", 1)
    assert len(token) >= 32
    for wrong in ("", "x", token[:-1], token[:-1] + "~", f"{token}x", token.swapcase(), "%00"):
        assert refused(httpx.get(f"{origin}/{wrong}/{path}"))
    assert refused(httpx.get(f"{origin}/{path}", cookies={"token": token}))


def test_nothing_by_another_host(running: Running) -> None:
    port = running.address.split(":")[2].split("/")[0]
    for host in ("evil.example", f"evil.example:{port}", f"localhost:{port}", "127.0.0.1"):
        assert refused(running.client.get("pictures", headers={"Host": host}))
    # It listens to this computer alone.
    with socket.socket() as other:
        assert other.connect_ex((_address_in_the_network(), int(port))) != 0


def _address_in_the_network() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this computer is in no network")
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_no_act_from_another_page(running: Running, folder: Path, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    body = {"act": "trash", "pictures": [0, 1, 2]}
    assert refused(httpx.post(f"{running.address}acts", json=body, headers=headers))
    assert (folder / "a.jpg").exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"act": "trash"}',
        b'{"act": "trash", "pictures": ["../../etc/passwd"]}',
        b'{"act": "trash", "pictures": [true]}',
        b'{"act": "delete", "pictures": [0]}',
        b'{"act": ["trash"], "pictures": [0]}',
    ],
)
def test_no_act_that_is_not_understood(running: Running, folder: Path, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert refused(running.client.post("acts", content=body, headers=headers), 400)
    assert (folder / "a.jpg").exists()


def test_no_act_by_a_form_a_link_or_on_a_stranger(running: Running, folder: Path) -> None:
    body = json.dumps({"act": "trash", "pictures": [0]}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = running.client.post("acts", content=body, headers={"Content-Type": kind})
        assert refused(answer, 415)
    assert refused(running.client.get("acts"), 405)
    for number in (-1, 3, 10**30):
        assert refused(running.act("trash", 0, number), 404)
    assert refused(running.client.post("acts", json=[0] * 2**20), 413)
    assert (folder / "a.jpg").exists()


@pytest.mark.parametrize(
    "path",
    [
        "pictures/..%2f..%2foutside%2fsecret.jpg/full",
        "pictures/%2fetc%2fpasswd/full",
        "pictures/-1/full",
        "pictures/3/full",
        "pictures/99999999999999999999/full",
        "static/review/..%2f..%2f..%2fapp.py",
        "static/shared/..%2f..%2fweb.py",
        "static/shared/../../web.py",
        "static/app/app.js",
        "static/review/%2fetc%2fpasswd",
        "a.jpg",
        "below/b.jpg",
    ],
)
def test_no_file_by_its_path(running: Running, path: str) -> None:
    assert refused(httpx.get(running.address + path, follow_redirects=False), 404)
    # A client may send what httpx would tidy up.
    host, port = running.address.split("/")[2].split(":")
    with socket.create_connection((host, int(port))) as connection:
        token = running.address.rstrip("/").rsplit("/", 1)[1]
        request = f"GET /{token}/{path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.makefile("rb").readline().split()[1] == b"404"


def test_links_lead_nowhere(samples: Path, tmp_path: Path) -> None:
    folder, secret = tmp_path / "pictures", tmp_path / "secret.jpg"
    (folder / "below").mkdir(parents=True)
    meme, photo = samples / "IMG-20260105-WA0002.jpg", samples / "IMG-20260105-WA0001.jpg"
    for path in (folder / "a.jpg", folder / "below/b.jpg", folder / "c.jpg"):
        path.write_bytes(meme.read_bytes())
    secret.write_bytes(photo.read_bytes())
    with reviewing(folder) as running:
        while (page := running.client.get("pictures").json())["doing"]:
            pass
        numbers = {picture["path"]: picture["id"] for picture in page["pictures"]}
        (folder / "a.jpg").unlink()
        (folder / "a.jpg").symlink_to(secret)
        (folder / "below").rename(tmp_path / "elsewhere")
        (tmp_path / "elsewhere/b.jpg").write_bytes(secret.read_bytes())
        (folder / "below").symlink_to(tmp_path / "elsewhere")
        (folder / "c.jpg").unlink()
        os.mkfifo(folder / "c.jpg")
        for path in ("a.jpg", "below/b.jpg", "c.jpg"):
            assert refused(running.client.get(f"pictures/{numbers[path]}/full"), 410)
        problems = running.act("trash", *numbers.values()).json()["problems"]
        assert len(problems) == 3
    assert secret.exists()
    assert (tmp_path / "elsewhere/b.jpg").exists()


def test_only_pictures_of_the_scan_and_nothing_but_their_pixels(running: Running) -> None:
    page = running.client.get("pictures").json()
    numbers = {picture["path"]: picture["id"] for picture in page["pictures"]}
    assert set(numbers) == {"exif.jpg", "a.jpg", "below/b.jpg"}
    for kind, longest in (("thumbnail", 360), ("full", 1200)):
        answer = running.client.get(f"pictures/{numbers['exif.jpg']}/{kind}")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert b"Jane Doe" not in answer.content
        assert b"Exif" not in answer.content
        with Image.open(io.BytesIO(answer.content)) as image:
            # It was upright by its EXIF only.
            assert image.height == longest > image.width


def test_headers_keep_the_page_to_itself(running: Running) -> None:
    for path in ("", "pictures", "pictures/0/full", "static/review/app.js", "nothing"):
        headers = running.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Set-Cookie" not in headers
        assert "Python" not in headers.get("Server", "")
