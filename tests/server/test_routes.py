"""The routes: verdicts, models, health, metrics, the description, and the first version's."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest
from making import png_bomb
from PIL import Image
from running import Server, problem

from memesdetection import Classifier


def test_the_verdict_is_that_of_the_classifier(server: Server, samples: Path) -> None:
    classifier = Classifier("server")
    paths = sorted(samples.glob("IMG-*"))
    response = server.predict(*(path.read_bytes() for path in paths))
    assert response.status_code == 200
    assert response.json()["model"] == "server"
    for number, (path, said) in enumerate(zip(paths, response.json()["pictures"], strict=True)):
        expected = classifier.judge(path)
        assert said["filename"] == f"{number}.jpg"
        assert (said["verdict"], said["reason"]) == (expected.verdict, expected.reason)
        assert said["probability"] == pytest.approx(expected.probability, abs=1e-6)
        scores = {label["label"]: label["score"] for label in said["labels"]}
        assert scores["meme"] == said["probability"]
        assert sum(scores.values()) == pytest.approx(1)
        assert said["labels"][0]["score"] >= said["labels"][1]["score"]
        with Image.open(path) as picture:
            assert (said["width"], said["height"]) == picture.size
        assert said["milliseconds"] > 0
        assert not {"heat_map", "embedding", "error"} & said.keys()


def test_one_picture_may_be_the_whole_body(server: Server, meme: bytes) -> None:
    (said,) = server.body(meme).json()["pictures"]
    assert said["verdict"] == "meme"
    assert "filename" not in said
    unnamed = server.body(meme, headers={"Content-Type": "application/octet-stream"})
    assert unnamed.json()["pictures"][0]["verdict"] == "meme"


def test_heat_map_and_embedding_come_on_request(server: Server, meme: bytes) -> None:
    (said,) = server.predict(meme, params={"heat_map": "1", "embedding": "1"}).json()["pictures"]
    with Image.open(io.BytesIO(base64.b64decode(said["heat_map"]))) as heat_map:
        assert heat_map.format == "PNG"
        assert heat_map.size == (said["width"], said["height"])
    assert len(said["embedding"]) == Classifier("server").card["outputs"]["embedding"]["shape"][1]


def test_a_bad_picture_among_many_has_its_own_error(
    server: Server, meme: bytes, photo: bytes
) -> None:
    bad = {0: b"no picture", 2: meme[:2000], 3: b"", 4: png_bomb(20_000, 20_000)}
    sent = [bad[0], meme, bad[2], bad[3], bad[4], bytes(11 * 2**20), photo]
    response = server.predict(*sent)
    assert response.status_code == 200
    said = response.json()["pictures"]
    assert [picture.get("verdict") for picture in said] == [
        *(None, "meme", None, None, None, None, "not_meme")
    ]
    assert [picture["filename"] for picture in said] == [f"{n}.jpg" for n in range(7)]
    errors = [picture["error"] for picture in said if "error" in picture]
    assert [error["status"] for error in errors] == [422, 422, 422, 413, 413]
    assert all(error["detail"].endswith(".") for error in errors)


def test_models_and_their_cards(server: Server, meme: bytes) -> None:
    listed = server.client.get("/v1/models").json()
    assert listed["default"] == "server"
    for model in listed["models"]:
        card = server.client.get(f"/v1/models/{model['name']}").json()
        assert card == Classifier(model["name"]).card
        assert server.predict(meme, params={"model": model["name"]}).json()["model"] == card["name"]
    for name in ("none", "..", "%2e%2e%2fphone", "phone%00"):
        assert problem(server.client.get(f"/v1/models/{name}"), 404)
    assert "phone" in problem(server.predict(meme, params={"model": "../phone"}), 404)


def test_the_first_versions_app_is_answered_byte_for_byte(
    server: Server, meme: bytes, photo: bytes
) -> None:
    pong = server.client.get("/pingserver")
    assert pong.headers["Content-Type"] == "application/json"
    assert pong.content == (
        b'{"response_message": "Pong from server", "response_code": "200",'
        b' "response_root": "Success"}'
    )
    said = server.predict(meme, photo, path="/predict")
    assert said.status_code == 200
    begin = b'{"response_message": "Prediction completed", "response_code": "200", '
    assert said.content == (
        b"[" + begin + b'"response_root": "Success", "imagePath": "0.jpg", "memeStatus": "Meme"}, '
        + begin + b'"response_root": "Success", "imagePath": "1.jpg", "memeStatus": "Not Meme"}]'
    )  # fmt: skip


def test_the_first_versions_app_gets_an_item_for_each_picture(server: Server, meme: bytes) -> None:
    bad, good = server.predict(b"no picture", meme, path="/predict").json()
    assert bad.keys() == good.keys()
    assert (bad["response_code"], bad["response_root"]) == ("422", "Failure")
    assert (bad["imagePath"], bad["memeStatus"]) == ("0.jpg", "Not Meme")
    assert good["memeStatus"] == "Meme"
    assert problem(server.client.post("/predict"), 400)


@pytest.mark.parametrize(
    "name", ["Größe 💡.jpg", "../../etc/passwd", 'a"b\\c;.jpg', "a\x01b.jpg", "x" * 5000]
)
def test_odd_file_names_come_back_as_they_are(server: Server, meme: bytes, name: str) -> None:
    response = server.client.post("/v1/predict", files={"file": (name, meme)})
    assert response.status_code == 200
    shown = response.json()["pictures"][0]["filename"]
    # The client escapes what would end a header.
    assert shown.replace("%22", '"').replace("%01", "\x01").replace("\\\\", "\\") == name


def test_health_ping_and_metrics(server: Server, meme: bytes) -> None:
    assert server.client.get("/health/live").json() == {"status": "ok"}
    assert server.client.get("/health/ready").json() == {"status": "ok"}
    assert server.client.get("/v1/ping").json() == {"message": "pong"}
    server.predict(meme)
    metrics = server.client.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    counted = 'memes_requests_total{method="POST",route="/v1/predict",status="200"}'
    assert counted in metrics.text
    assert 'memes_pictures_total{model="phone",outcome="meme"}' in metrics.text
    assert "memes_admitted_requests 0.0" in metrics.text


def test_the_page_of_the_api_needs_nothing_from_elsewhere(server: Server) -> None:
    described = server.client.get("/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {
        *("/v1/predict", "/v1/models", "/v1/models/{name}", "/v1/ping", "/pingserver", "/predict"),
        *("/health/live", "/health/ready", "/metrics"),
    }
    page = server.client.get("/docs").text
    assert "http:" not in page
    assert "https:" not in page
    assert page.count("<script") == page.count("<script src=") == 2
    assert "<style" not in page
    assert "style=" not in page
    for line in page.splitlines():
        for attribute in ('src="', 'href="'):
            if attribute in line:
                address = line.split(attribute)[1].split('"')[0]
                assert server.client.get(address).status_code == 200, address


@pytest.mark.parametrize(
    "path",
    ["/docs/assets/", "/docs/assets/js", "/docs/assets/../../docs.py", "/static/", "/model/"],
)
def test_nothing_is_listed_and_nothing_else_is_served(server: Server, path: str) -> None:
    assert problem(server.client.get(path), 404)


@pytest.mark.parametrize("path", ["/docs", "/v1/ping", "/none", "/docs/start.js", "/v1/predict"])
def test_every_answer_has_the_headers_that_keep_a_browser_safe(server: Server, path: str) -> None:
    headers = server.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_log_is_json_with_request_ids_and_without_names(server: Server, meme: bytes) -> None:
    sent = {"X-Request-ID": "proxy-0123456789"}
    name = "my secret holiday.jpg"
    response = server.client.post(
        "/v1/predict", files=[("file", (name, meme)), ("file", (name, b"none"))], headers=sent
    )
    assert response.headers["X-Request-ID"] == sent["X-Request-ID"]
    (line,) = (
        line for line in server.lines() if line.get("request_id") == sent["X-Request-ID"]
    )  # fmt: skip
    assert (line["route"], line["status"], line["pictures"]) == ("/v1/predict", 200, 2)
    refused = server.client.get(f"/{name}", headers={"X-Request-ID": name})
    assert refused.headers["X-Request-ID"] in {line.get("request_id") for line in server.lines()}
    assert "secret" not in json.dumps(server.lines())
