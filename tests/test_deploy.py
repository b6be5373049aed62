"""What deploys the server agrees with the server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memesdetection.server.settings import Settings, described

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGES = [*DEPLOY.iterdir(), ROOT / "docs/server.md", ROOT / "docs/cloud.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_variable_that_is_named_is_one(page: Path) -> None:
    named = re.findall(r"\bMEMES_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8"))
    assert set(named) <= {name for name, _ in described()}


def test_nginx_lets_through_what_the_server_takes() -> None:
    (mebibytes,) = re.findall(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text())
    assert int(mebibytes) * 2**20 == Settings().max_request_bytes


@pytest.mark.parametrize(
    ("file", "setting"),
    [
        ("compose.yaml", r"stop_grace_period: (\d+)s"),
        ("memes.service", r"TimeoutStopSec=(\d+)"),
        ("nginx.conf", r"proxy_read_timeout (\d+)s"),
    ],
)
def test_they_wait_as_long_as_an_answer_may_take(file: str, setting: str) -> None:
    (seconds,) = re.findall(setting, (DEPLOY / file).read_text())
    settings = Settings()
    assert int(seconds) > settings.receive_seconds + settings.max_request_seconds
