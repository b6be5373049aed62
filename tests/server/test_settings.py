"""What the environment and the command line may say, and what is told of what they may not."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from command import Memes

from memesdetection.server.settings import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL", "none"),
        ("API_KEYS", "secret"),
        ("CORS_ORIGINS", "example.org"),
        ("RATE_LIMIT", "many"),
        ("TRUSTED_PROXIES", "-1"),
        ("MAX_FILE_MIB", "0"),
        ("MAX_FILES", "a few"),
        ("MAX_MEGAPIXELS", "1000"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_one_sentence(
    memes: Memes, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"MEMES_{name}", value)
    told = memes("serve")
    assert (told.returncode, told.stdout) == (2, "")
    assert re.fullmatch(rf"memes: MEMES_{name}[: ].*\.\n", told.stderr)
    assert "secret" not in told.stderr


def test_uploads_held_must_be_as_many_as_a_request_may_have(
    memes: Memes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMES_MAX_FILES", "52")
    told = memes("serve")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == (
        "memes: MEMES_MAX_MEMORY_MIB must be 520 or more, to hold a request of MEMES_MAX_FILES"
        " (52) pictures of MEMES_MAX_FILE_MIB (10).\n"
    )
    assert Settings(max_files=51).max_files == 51


def test_help_lists_every_variable(memes: Memes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told = memes("serve", "--help")
    assert told.returncode == 0
    assert all(f"MEMES_{name.upper()} " in told.stdout for name in Settings.model_fields)
    assert "--workers" in told.stdout


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"MEMES_{name.upper()}", "")
    assert Settings().api_keys == ()
    assert Settings().max_files == 32


@pytest.mark.parametrize("options", [["--threads", "3"], ["--port", "0"], ["--host", ""]])
def test_wrong_options(memes: Memes, options: list[str]) -> None:
    told = memes("serve", *options)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_without_the_extra_it_says_what_to_install(
    memes: Memes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'gunicorn' else find(name, *more)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    told = memes("serve")
    assert told.returncode == 2
    assert "pip install '.[server]'" in told.stderr
    assert sys.version_info >= (3, 10)
