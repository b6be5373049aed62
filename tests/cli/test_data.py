"""`memes data`: help, what a start does not load, and what a missing extra says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command import Memes

COMMANDS = ("fetch", "prepare", "check")
HEAVY = ("numpy", "PIL", "scipy", "sklearn", "httpx", "keras", "tensorflow")


def test_help_lists_the_commands(memes: Memes) -> None:
    told = memes("data", "--help")
    assert (told.returncode, told.stderr) == (0, "")
    for command in COMMANDS:
        assert f" {command} " in told.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(memes: Memes, command: str) -> None:
    told = memes("data", command, "-h")
    assert (told.returncode, told.stderr) == (0, "")
    assert f"data {command} [OPTIONS]" in told.stdout


@pytest.mark.parametrize(
    "arguments", [["data"], ["data", "delete"], ["data", "fetch"], ["data", "prepare"]]
)
def test_wrong_usage_exits_with_2(memes: Memes, arguments: list[str]) -> None:
    told = memes(*arguments)
    assert told.returncode == 2
    assert "Usage:" in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


def run_without(package: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in which a package seems not to be installed."""
    hidden = f"import sys; sys.modules[{package!r}] = None\n"
    return subprocess.run([sys.executable, "-c", hidden + code], capture_output=True, text=True)


def test_help_needs_nothing_heavy() -> None:
    listing = f"""
import contextlib
sys.argv = ["memes", "data", "prepare", "--help"]
from memesdetection.cli import main
with contextlib.suppress(SystemExit):
    main()
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    assert run_without("nothing", listing).stderr == "[]\n"


@pytest.mark.parametrize(
    ("package", "arguments", "purpose"),
    [
        ("httpx", ["fetch", "--output", "raw"], "Fetching data"),
        ("sklearn", ["check", "."], "Checking data"),
    ],
)
def test_without_its_extra_it_says_what_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    package: str,
    arguments: list[str],
    purpose: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    command = f"sys.argv = {['memes', 'data', *arguments]!r}\n"
    ran = run_without(package, command + "from memesdetection.cli import main\nmain()")
    assert ran.returncode == 2
    assert ran.stderr == (
        f"memes: {purpose} needs more packages;"
        " in the project's folder, install them by: pip install '.[train]'\n"
    )
    assert list(tmp_path.iterdir()) == []
