"""The application in this process, without Gunicorn, as another WSGI server would run it."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from running import wait_until

from memesdetection.server import create_app
from memesdetection.server.app import App
from memesdetection.server.settings import Settings


@pytest.fixture
def app() -> Iterator[App]:
    app = create_app(Settings(max_request_seconds=30))
    yield app
    app.extensions["memes"].judges.close()


@pytest.fixture
def client(app: App) -> FlaskClient:
    return app.test_client()


def test_it_judges(client: FlaskClient, meme: bytes) -> None:
    answer = client.post("/v1/predict", data=meme, content_type="image/jpeg")
    assert answer.get_json()["pictures"][0]["verdict"] == "meme"


def test_it_is_ready_once_a_judge_is_and_no_longer_without(
    app: App, client: FlaskClient, meme: bytes
) -> None:
    assert client.get("/health/live").status_code == 200
    early = client.get("/health/ready")
    assert (early.status_code, early.mimetype) == (503, "application/problem+json")
    assert early.get_json()["detail"] == "No judge has started yet."
    client.post("/v1/predict", data=meme, content_type="image/jpeg")
    assert client.get("/health/ready").status_code == 200
    # One that dies is replaced, also while nobody asks.
    for process in multiprocessing.active_children():
        process.kill()
    wait_until(lambda: client.get("/health/ready").status_code == 503)
    told = client.get("/health/ready").get_json()["detail"]
    assert told == "A judge ended and is being replaced."
    wait_until(lambda: client.get("/health/ready").status_code == 200)
    app.extensions["memes"].judges.close()
    assert client.get("/health/ready").status_code == 503


def test_the_time_for_a_request_is_limited_for_all_its_pictures(meme: bytes) -> None:
    app = create_app(Settings(max_request_seconds=0.001))
    try:
        judges = app.extensions["memes"].judges
        assert app.test_client().get("/v1/ping").status_code == 200
        answer = app.test_client().post("/v1/predict", data=meme, content_type="image/jpeg")
        assert answer.status_code == 503
        assert judges.taken == 0
    finally:
        judges.close()


def test_a_judge_that_cannot_start_is_tried_again(
    meme: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memesdetection.server.judges.RETRY_SECONDS", 0.2)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    app = create_app(Settings(), workers=0)
    judges, client = app.extensions["memes"].judges, app.test_client()
    try:
        # No file can be opened, and so no pipe to a new process.
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        try:
            judges.workers = 1
            judges.start()
            wait_until(lambda: "did not start" in judges.trouble)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        answer = client.post("/v1/predict", data=meme, content_type="image/jpeg")
        assert answer.get_json()["pictures"][0]["verdict"] == "meme"
    finally:
        judges.close()
