"""What the server sends for the web app."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from running import Server, problem

from memesdetection.classifier import MODELS_FOLDER
from memesdetection.server import create_app, web
from memesdetection.server.settings import Settings


def test_the_page_and_its_files_need_no_key_and_are_not_counted(strict: Server) -> None:
    headers = {"X-Forwarded-For": "10.0.2.1"}
    for path in ["/", "/service-worker.js", "/model/card.json", *["/static/app/app.js"] * 25]:
        assert strict.client.get(path, headers=headers).status_code == 200


def test_all_that_is_kept_offline_is_there(server: Server) -> None:
    script = server.client.get("/service-worker.js").text
    (listed,) = re.findall(r"^const ADDRESSES = (.*);$", script, re.MULTILINE)
    addresses = json.loads(listed)
    linked = re.findall(r'(?:href|src)="(/[^"]*)"', server.client.get("/").text)
    assert {*linked, "/model/model.tflite"} - {"/docs"} <= set(addresses)
    for address in addresses:
        assert server.client.get(address).status_code == 200, address


def test_the_icons_of_the_manifest_are_there(server: Server) -> None:
    manifest = server.client.get("/static/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    for icon in manifest.json()["icons"]:
        answer = server.client.get(f"/static/{icon['src']}")
        assert answer.headers["Content-Type"].startswith(icon["type"])


def test_the_model_is_the_one_that_ships_and_is_sent_packed(server: Server) -> None:
    shipped = (MODELS_FOLDER / "phone/model.tflite").read_bytes()
    for encoding in ("gzip", "identity"):
        answer = server.client.get("/model/model.tflite", headers={"Accept-Encoding": encoding})
        assert answer.headers.get("Content-Encoding", "identity") == encoding
        assert answer.content == shipped
        fresh = {"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]}
        assert server.client.get("/model/model.tflite", headers=fresh).status_code == 304


def test_the_card_has_what_judging_needs(server: Server) -> None:
    card = json.loads((MODELS_FOLDER / "phone/card.json").read_text(encoding="utf-8"))
    assert server.client.get("/model/card.json").json() == {
        "name": card["name"],
        "size": card["input"]["shape"][1],
        "thresholds": card["thresholds"],
    }


@pytest.mark.parametrize("path", ["../web.py", "..%2Fweb.py", "", "nothing.js"])
def test_nothing_else_is_sent(server: Server, path: str) -> None:
    assert problem(server.client.get(f"/static/{path}"), 404)


def test_a_file_has_one_path(server: Server) -> None:
    for path in ("app/app.js", "app/../app/app.js", "no/../app/app.js", "app//app.js", "./app"):
        asked = f"GET /static/{path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
        answer = server.raw(f"{asked}Accept-Encoding: gzip\r\n\r\n".encode())
        assert answer.split()[1] == (b"200" if path == "app/app.js" else b"404"), path


def test_no_code_may_stand_in_the_page(server: Server) -> None:
    answer = server.client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|style=", answer.text)


def test_a_page_that_was_not_bundled_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(Settings())
    try:
        monkeypatch.setattr(web, "BUNDLE", tmp_path / "missing")
        text = app.test_client().get("/").text
        assert "Pictures are checked on the server" in text
        assert "run <code>make web</code>" in text
    finally:
        app.extensions["memes"].judges.close()
