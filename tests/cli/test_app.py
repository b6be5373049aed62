"""The command's frame: version, help, completion, and what a start does not load."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import Memes

import memesdetection

COMMANDS = (
    "scan why report review clean undo history keep meme unkeep forget watch evaluate train tune"
    " folds ensemble crossfit calibrate export compare serve corrections data"
).split()
HEAVY = (
    "numpy PIL pillow_heif ai_edge_litert sklearn scipy matplotlib httpx keras tensorflow"
).split()

# Runs the command in this process and lists the modules that it loaded.
RUN_AND_LIST_MODULES = """
import contextlib, json, sys
from memesdetection.cli import main
with contextlib.suppress(SystemExit):
    main()
print(json.dumps(list(sys.modules)), file=open("modules.json", "w"))
"""


def modules_after(*arguments: str | Path, folder: Path) -> set[str]:
    """Names of the top-level packages that a command loads."""
    command = [sys.executable, "-c", RUN_AND_LIST_MODULES, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    loaded = json.loads((folder / "modules.json").read_text())
    return {module.partition(".")[0] for module in loaded}


def test_the_version_is_that_of_the_package(memes: Memes) -> None:
    for arguments in (["--version"], ["--version", "scan"]):
        told = memes(*arguments)
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout == f"memes {memesdetection.__version__}\n"


def test_help_lists_the_commands(memes: Memes) -> None:
    told = memes("--help")
    assert (told.returncode, told.stderr) == (0, "")
    for command in COMMANDS:
        assert f" {command} " in told.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(memes: Memes, command: str) -> None:
    told = memes(command, "-h")
    assert (told.returncode, told.stderr) == (0, "")
    assert f"{command} [OPTIONS]" in told.stdout


@pytest.mark.parametrize("arguments", [[], ["delete"], ["--loud"]])
def test_wrong_usage_exits_with_2(memes: Memes, arguments: list[str]) -> None:
    told = memes(*arguments)
    assert told.returncode == 2
    assert "Usage:" in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


def test_the_version_needs_nothing_heavy_not_even_typer(tmp_path: Path) -> None:
    assert not modules_after("--version", folder=tmp_path) & {*HEAVY, "typer", "rich"}


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["evaluate", "--help"]])
def test_help_needs_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    loaded = modules_after(*arguments, folder=tmp_path)
    assert "typer" in loaded
    assert not loaded & {*HEAVY}


def test_a_scan_loads_no_more_than_it_needs(pictures: Path, tmp_path: Path) -> None:
    loaded = modules_after("scan", pictures, folder=tmp_path)
    assert {"numpy", "PIL", "ai_edge_litert"} <= loaded
    assert not loaded & {"tensorflow", "keras", "sklearn", "scipy"}


def test_a_scan_of_what_is_known_does_not_load_the_model(pictures: Path, tmp_path: Path) -> None:
    modules_after("scan", pictures, folder=tmp_path)
    assert not modules_after("scan", pictures, folder=tmp_path) & {*HEAVY}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("memes sc", ["scan"]),
        ("memes ", [*COMMANDS]),
        ("memes scan --thr", ["--threshold"]),
        ("memes why --for", ["--force"]),
    ],
)
def test_bash_completes_commands_and_options(typed: str, offered: list[str]) -> None:
    installed, bash = Path(sys.executable).with_name("memes"), shutil.which("bash")
    assert installed.exists()
    if bash is None:
        pytest.skip("bash is not installed")
    words = typed.split(" ")
    script = f"""
        PATH={installed.parent}:$PATH
        source <(_MEMES_COMPLETE=source_bash memes)
        complete -p memes | grep -q _memes_completion || exit 3
        COMP_WORDS=({" ".join(repr(word) for word in words)}) COMP_CWORD={len(words) - 1}
        _memes_completion memes
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    completed = subprocess.run([bash, "-c", script], capture_output=True, text=True)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert completed.stdout.split() == offered


LOAD_MODELS_WHILE_TELLING = """
import sys, threading, time
from memesdetection.classifier import Classifier
from memesdetection.cli.app import set_up_streams
from memesdetection.cli.output import tell

def load():
    for _ in range(10):
        Classifier().judge(sys.argv[1])

set_up_streams()
loading = threading.Thread(target=load)
loading.start()
told = 0
while loading.is_alive():
    tell("A line.")
    told += 1
    time.sleep(0.001)
print(told)
"""


def test_no_line_for_the_user_is_lost_while_a_model_is_loaded(samples: Path) -> None:
    """LiteRT's announcements are kept off standard error, and nothing else."""
    picture = samples / "IMG-20260120-WA0002.jpg"
    command = [sys.executable, "-c", LOAD_MODELS_WHILE_TELLING, picture]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(ended.stdout) > 50
    assert ended.stderr == "A line.\n" * int(ended.stdout)


def test_ctrl_c_while_the_command_still_starts_is_no_traceback(noise: Path) -> None:
    """Python names on standard error each module when it is loaded; Typer's come early."""
    command = [sys.executable, "-X", "importtime", "-m", "memesdetection", "scan", noise]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as starting:
        assert starting.stderr is not None
        for line in starting.stderr:
            if "typer" in line:
                break
        starting.send_signal(signal.SIGINT)
        told = [line for line in starting.stderr if not line.startswith("import time:")]
    assert starting.returncode in (1, 130)
    assert "Traceback" not in "".join(told)
