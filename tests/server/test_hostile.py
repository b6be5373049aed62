"""Hostile uploads: each is answered, none by 500, and the server goes on."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile

import pytest
from making import FORMATS, animated, claiming, encoded, png_bomb, quadrants
from PIL import Image
from running import Server, head, multipart

FORM = "multipart/form-data; boundary=edge"
FILE = "Content-Disposition: form-data; name=file; filename=a.jpg"


@pytest.fixture(autouse=True)
def still_answering(server: Server, meme: bytes) -> object:
    """After each test the server judges, and has found no bug in itself."""
    yield
    assert server.predict(meme).json()["pictures"][0]["verdict"] == "meme"
    assert not [line for line in server.lines() if line["message"] == "This is a bug."]


def broken_pictures() -> list[bytes]:
    seeded = random.Random(0)
    contents = []
    for image_format in FORMATS:
        whole = encoded(quadrants(), image_format)
        contents += [whole[: len(whole) * part // 7] for part in range(1, 7)]
        for _ in range(4):
            changed = bytearray(whole)
            for _ in range(8):
                changed[seeded.randrange(16, len(changed))] = seeded.randrange(256)
            contents.append(bytes(changed))
    contents += [claiming(name, 60_000, 60_000) for name in ("JPEG", "GIF", "BMP")]
    return contents


def test_broken_pictures(server: Server) -> None:
    contents = broken_pictures()
    for start in range(0, len(contents), 30):
        response = server.predict(*contents[start : start + 30], params={"heat_map": "1"})
        assert response.status_code == 200
        for said in response.json()["pictures"]:
            assert "verdict" in said or said["error"]["status"] in (413, 422)


def test_bombs_and_polyglots(server: Server, meme: bytes) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a.jpg", meme)
    page = b"<script>alert(1)</script>"
    frames = [Image.new("1", (3000, 3000), n % 2) for n in range(16)]
    sent = {
        "bomb": (png_bomb(20_000, 20_000), 413),
        "just too large": (png_bomb(7100, 7100), 413),
        "long animation": (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), 0),
        "small animation": (animated("GIF", [0, 100, 200]), 200),
        "picture and archive": (meme + archive.getvalue(), 200),
        "picture and page": (meme + page, 200),
        "page that says GIF": (b"GIF89a/*" + page + b"*/", 422),
        "page that says BMP": (b"BM" + bytes(8) + page, 422),
        "svg": (b'<?xml version="1.0"?><svg><image href="file:///etc/passwd"/></svg>', 422),
        "archive": (archive.getvalue(), 422),
    }
    for name, (content, expected) in sent.items():
        status = server.body(content).status_code
        assert status == expected or (expected == 0 and status in (200, 422)), name


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (head("/v1/predict", "multipart/form-data", 10) + b"--edge\r\n\r\n", "400"),
        (head("/v1/predict", FORM, 10) + b"0123456789", "400"),
        (head("/v1/predict", FORM, 8) + b"--edge--", "400"),
        (head("/v1/predict", FORM, 0), "400"),
        (head("/v1/predict", FORM, 30) + b"--edge\r\n" + FILE.encode()[:22], "400"),
        (head("/v1/predict", f"{FORM}{'x' * 5000}", 10) + b"0123456789", "400"),
        (head("/v1/predict", "\xff\x00", 4) + b"abcd", "400 415"),
        (head("/v1/predict", "image/jpeg", -1), "400"),
        (head("/v1/predict", "image/jpeg", 2, "Content-Length: 3") + b"abc", "400"),
        (head("/v1/predict", "image/jpeg", 2, "Transfer-Encoding: chunked") + b"0\r\n\r\n", "400"),
        (head("/v1/predict", "image/jpeg", 2, "Transfer-Encoding: gzip") + b"ab", "400"),
        (head("/v1/predict", "image/jpeg", 2, "Content-Encoding: gzip") + b"ab", "422"),
        (head("/v1/predict", "image/jpeg", None, "Transfer-Encoding: chunked") + b"zz\r\n", "400"),
        (head("/v1/predict", "image/jpeg", 2, "Expect: something") + b"ab", "400 417 422"),
        (head("/v1/predict", "image/jpeg", 2, "X-Request-ID: " + "a" * 7000) + b"ab", "422"),
        (head("/v1/predict?model=%00&model=%ff", "image/jpeg", 2) + b"ab", "404"),
        (head("/v1/predict?" + "a=1&" * 900, "image/jpeg", 2) + b"ab", "400"),
    ],
)  # fmt: skip
def test_broken_requests(server: Server, request_bytes: bytes, statuses: str) -> None:
    answer = server.raw(request_bytes)
    assert answer.startswith(b"HTTP/1.1 "), answer
    assert answer.split()[1].decode() in statuses.split(), answer
    assert b"application/problem+json" in answer


def test_odd_forms(server: Server, meme: bytes) -> None:
    plain = "Content-Disposition: form-data; name=a"
    nested = multipart((FILE, meme), boundary="inner")
    for parts, expected in (
        ([(plain, b"")] * 2000, 413),
        ([(plain, bytes(600_000))], 413),
        ([("Content-Disposition: attachment; name=file; filename=a.jpg", meme)], 200),
        ([("No-Disposition: at all", meme)], 400),
        ([(FILE.replace("a.jpg", "*0*=utf-8''%ff"), meme)], 200),
        ([(FILE + "\r\nContent-Type: multipart/mixed; boundary=inner", nested)], 422),
        ([(FILE + "\r\nContent-Transfer-Encoding: base64", meme)], 200),
        ([(FILE + "\r\nContent-Length: 99999999", meme)], 200),
    ):
        body = multipart(*parts)
        answer = server.client.post("/v1/predict", content=body, headers={"Content-Type": FORM})
        assert answer.status_code in (expected, 400), answer.text


def test_a_chunked_body_is_taken(server: Server, meme: bytes) -> None:
    pieces = (meme[start : start + 1000] for start in range(0, len(meme), 1000))
    response = server.client.post(
        "/v1/predict", content=pieces, headers={"Content-Type": "image/jpeg"}
    )
    assert response.json()["pictures"][0]["verdict"] == "meme"
    endless = (bytes(2**16) for _ in range(11 * 16))
    refused = server.client.post(
        "/v1/predict", content=endless, headers={"Content-Type": "image/jpeg"}
    )
    assert refused.status_code == 413


def test_schemathesis_finds_nothing(server: Server) -> None:
    address = f"{server.client.base_url}/openapi.json"
    command = [sys.executable, "-m", "schemathesis.cli", "run", address, "--no-color"]
    told = subprocess.run(
        [*command, "--max-examples", "5", "--checks", "all", "--seed", "1"],
        cwd=server.log.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert told.returncode == 0, told.stdout
