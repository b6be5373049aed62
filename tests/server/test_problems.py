"""Errors: each is one sentence as application/problem+json."""

from __future__ import annotations

import pytest
from making import encoded, png_bomb, quadrants
from running import Server, head, multipart, problem, wait_until


def test_no_file(server: Server, meme: bytes) -> None:
    expected = "There is no picture; send one or more in the field 'file'."
    for files in ({"other": ("a.jpg", meme)}, {"file": ("", b"")}):
        assert problem(server.client.post("/v1/predict", files=files), 400) == expected
        assert problem(server.client.post("/predict", files=files), 400) == expected
    assert problem(server.body(b""), 400) == expected


def test_a_form_that_cannot_be_read(server: Server, meme: bytes) -> None:
    file = "Content-Disposition: form-data; name=file; filename="
    form = multipart((f"{file}a.jpg", meme), (f"{file}caf.jpg", meme))
    expected = "The form cannot be read; send it whole, with names of files in UTF-8."
    for body in (form.replace(b"caf", b"caf\xe9"), form[: len(form) // 2]):
        for path in ("/v1/predict", "/predict"):
            headers = {"Content-Type": "multipart/form-data; boundary=edge"}
            sent = server.client.post(path, content=body, headers=headers)
            assert problem(sent, 400) == expected


def test_wrong_type(server: Server, meme: bytes) -> None:
    for sent in ({"json": {"file": "a.jpg"}}, {"data": {"file": "a.jpg"}}):
        assert "multipart/form-data" in problem(server.client.post("/v1/predict", **sent), 415)


@pytest.mark.parametrize("name", ["svg", "pdf", "html", "zip"])
def test_what_is_no_picture_is_told_by_its_content(server: Server, name: str) -> None:
    content = {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "pdf": b"%PDF-1.7\n",
        "html": b"<!doctype html><script>alert(1)</script>",
        "zip": b"PK\x03\x04 and more",
    }[name]
    assert problem(server.predict(content), 422).startswith("This is not a picture; JPEG, PNG")
    assert problem(server.body(content), 422).startswith("This is not a picture; JPEG, PNG")


def test_a_damaged_picture(server: Server, meme: bytes) -> None:
    assert problem(server.predict(meme[:3000]), 422) == "The picture is truncated or corrupt."
    assert problem(server.predict(b""), 422) == "The file is empty."


def test_too_large(server: Server) -> None:
    assert "up to 10 MiB" in problem(server.predict(bytes(10 * 2**20 + 1)), 413)
    assert "up to 10 MiB" in problem(server.body(bytes(10 * 2**20 + 1)), 413)
    assert "up to 50" in problem(server.predict(png_bomb(8000, 7000)), 413)
    assert server.predict(png_bomb(7000, 7000)).status_code == 200


def test_a_request_that_is_announced_too_large_is_refused_at_once(server: Server) -> None:
    announced = head("/v1/predict", "multipart/form-data; boundary=edge", 2**40)
    answer = server.raw(announced + multipart(("Content-Disposition: form-data; name=a", b"a")))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_too_many(server: Server) -> None:
    assert "up to 32" in problem(server.predict(*[b"GIF89a"] * 33), 400)
    assert server.predict(*[b"GIF89a"] * 32).status_code == 200


def test_smaller_limits_by_configuration(strict: Server, meme: bytes) -> None:
    own = {"Authorization": "Bearer open sesame", "X-Forwarded-For": "10.0.0.1"}
    assert "up to 3" in problem(strict.predict(*[meme] * 4, headers=own), 400)
    assert "up to 0.5 MiB" in problem(strict.predict(bytes(2**19 + 1), headers=own), 413)
    large = encoded(quadrants(1100, 1000))
    assert "up to 1 are" in problem(strict.predict(large, headers=own), 413)
    half, key = bytes(2**18), "Authorization: Bearer open sesame"
    with strict.connect() as other:
        other.sendall(head("/v1/predict", "image/jpeg", 2**19, key) + half)
        wait_until(lambda: _held(strict, own) > 2**17)
        full = problem(strict.predict(*[bytes(2**19)] * 3, headers=own), 503)
    assert full == "Too much is being uploaded; try again in a moment."
    wait_until(lambda: _held(strict, own) == 0)
    assert problem(strict.predict(*[bytes(2**19)], headers=own), 422)
    assert strict.predict(meme, headers=own).status_code == 200


def _held(server: Server, headers: dict[str, str]) -> float:
    """Bytes of uploads that the server holds."""
    told = server.client.get("/metrics", headers=headers).text
    (line,) = (line for line in told.splitlines() if line.startswith("memes_upload_bytes "))
    return float(line.split()[1])


@pytest.mark.parametrize(
    ("query", "name"),
    [("heat_map=perhaps", "heat_map"), ("embedding=", "embedding"), ("heatmap=1", "heatmap")],
)
def test_wrong_parameters(server: Server, meme: bytes, query: str, name: str) -> None:
    sentence = problem(server.client.post(f"/v1/predict?{query}", files={"file": meme}), 400)
    assert sentence.startswith(f"The parameter {name} is wrong: ")


def test_wrong_method_and_unknown_route(server: Server) -> None:
    wrong = server.client.get("/v1/predict")
    assert problem(wrong, 405) == "This address does not take GET but POST."
    assert "POST" in wrong.headers["Allow"]
    assert "/docs" in problem(server.client.get("/v2/predict"), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_models_cannot_be_changed(server: Server, method: str) -> None:
    for path in ("/v1/models", "/v1/models/phone"):
        problem(server.client.request(method, path, content=b"{}"), 405)


def test_what_is_no_http_is_a_problem_too(server: Server) -> None:
    for request, status in (
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nbroken header\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: " + b"a" * 99000 + b"\r\n\r\n", 431),
    ):
        answer = server.raw(request)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
        assert b"Content-Type: application/problem+json\r\n" in answer
