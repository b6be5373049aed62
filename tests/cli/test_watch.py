"""`memes watch` as a user meets it: lines as pictures arrive, signals, notifications, services."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command import Memes, scores_in

SUMMARY = r"(\d+) new memes? \(.*\), (\d+) unsure, (\d+) pictures?, (\d+) unreadable since .*\."
MEME, UNSURE, PHOTO = (
    "IMG-20260105-WA0002.jpg",
    "IMG-20260120-WA0003.jpg",
    "IMG-20260114-WA0002.jpg",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "WhatsApp Images"
    folder.mkdir()
    return folder


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that come before the system's; there is no other notify-send."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def recording(program: Path) -> Path:
    """Make a program that writes its arguments down, one call after another."""
    record = program.with_suffix(".called")
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" -- >> "{record}"\n')
    program.chmod(0o755)
    return record


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_pictures_are_told_as_they_arrive_and_counted_in_the_end(
    memes: Memes,
    samples: Path,
    folder: Path,
    programs: Path,
    unusable_model: Path,
    ending: signal.Signals,
) -> None:
    notified = recording(programs / "notify-send")
    shutil.copy(samples / PHOTO, folder)
    strict = ("--threshold", "0.995")
    with memes.start("watch", folder, "--notify", *strict) as watch:
        assert watch.stderr is not None
        assert watch.stdout is not None
        assert watch.stderr.readline() == f"Watching {folder}.\n"
        for name in (MEME, UNSURE):
            (folder / f"{name}.part").write_bytes((samples / name).read_bytes())
        (folder / "broken.jpg").write_bytes(b"no picture")
        broken = watch.stderr.readline()
        for name in (UNSURE, MEME):
            (folder / f"{name}.part").rename(folder / name)
        lines = sorted(watch.stdout.readline().split("\t") for _ in range(2))
        while not notified.exists():
            assert watch.poll() is None
            time.sleep(0.05)
        watch.send_signal(ending)
        printed, told = watch.communicate(timeout=60)
    assert (watch.returncode, told) == (0, "")
    assert broken == f"{folder}/broken.jpg: The content is not a picture of a known format.\n"
    for (verdict, _, size, path), (expected, name) in zip(
        lines, (("meme", MEME), ("unsure", UNSURE)), strict=True
    ):
        assert verdict == expected
        assert path == f"{folder / name}\n"
        assert int(size) == (folder / name).stat().st_size
    counted = re.fullmatch(SUMMARY, printed.strip())
    assert counted is not None
    assert counted.groups() == ("1", "1", "3", "1")
    *_, title, first, second, end = notified.read_text().splitlines()
    assert re.fullmatch(r"1 new meme, 1 unsure \([\d.]+ kB\)", title)
    assert (first, second, end) == (MEME, UNSURE, "--")
    # The verdicts are kept: a scan needs no model.
    found = memes.findings(folder, "--model", unusable_model, *strict)
    verdicts = {Path(one["path"]).name: one["verdict"] for one in found}
    assert verdicts == {MEME: "meme", UNSURE: "unsure", PHOTO: "not_meme", "broken.jpg": None}
    assert sorted(os.listdir(folder)) == sorted(verdicts)


def test_many_pictures_give_one_notification_without_markup(
    memes: Memes, samples: Path, folder: Path, programs: Path
) -> None:
    notified = recording(programs / "notify-send")
    for index in range(50):
        shutil.copy(samples / MEME, folder / f"<b>&{index:02}.jpg")
    watched = memes("watch", folder, "--once", "--notify")
    assert (watched.returncode, watched.stderr) == (0, "")
    assert len(watched.stdout.splitlines()) == 51
    *_, title, first, _, _, more, end = notified.read_text().splitlines()
    assert title.startswith("50 new memes (")
    assert first == "&lt;b&gt;&amp;00.jpg"
    assert (more, end) == ("and 47 more", "--")
    assert notified.read_text().count("--app-name") == 1


def test_after_a_crash_the_rest_is_judged(memes: Memes, noise: Path, data_folder: Path) -> None:
    database = data_folder / "verdicts.sqlite"
    with memes.start("watch", noise) as watch:
        while scores_in(database) < 32:
            assert watch.poll() is None
            time.sleep(0.01)
        watch.kill()
        watch.communicate()
    known = scores_in(database)
    resumed = memes("watch", noise, "--once")
    counted = re.fullmatch(SUMMARY, resumed.stdout.splitlines()[-1])
    assert counted is not None
    assert int(counted[3]) == 300 - known < 300
    assert scores_in(database) == 300
    again = memes("watch", noise, "--once")
    assert re.match(r"0 new memes \(0 bytes\), 0 unsure, 0 pictures, ", again.stdout)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Name the folders to watch."),
        (["picture.jpg"], "picture.jpg is no folder; name the folder that holds it."),
        ([".", "--timer"], "--timer goes with --install."),
        ([".", "--uninstall"], "--uninstall stands alone"),
        ([".", "--install", "--once"], "--once and --install exclude each other"),
        (["nowhere", "--install"], "nowhere is not there; name a folder that is."),
        ([".", "--threshold", "2"], "The threshold 2.0 is not a probability"),
    ],
)
def test_wrong_usage_exits_with_2(
    memes: Memes, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"")
    watched = memes("watch", *arguments, cwd=tmp_path)
    assert (watched.returncode, watched.stdout) == (2, "")
    assert told in watched.stderr


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's units go."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config/systemd/user"


@pytest.mark.parametrize("timer", [False, True], ids=["service", "timer"])
def test_units_are_as_systemd_wants_them(
    memes: Memes, tmp_path: Path, units: Path, timer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["with space", "100 %n $HOME", "quote\"' back\\slash", "-dash", "line\nbreak"]
    for name in (*names, os.fsdecode(b"\xff\xfe")):
        (tmp_path / name).mkdir()
    watched = ["--", *names, os.fsdecode(b"\xff\xfe")]
    made = memes("watch", "--install", *["--timer"] * timer, "--notify", *watched, cwd=tmp_path)
    assert made.returncode == 0
    service = (units / "memes-watch.service").read_text()
    assert f'"{tmp_path}/with space"' in service
    assert f'"{tmp_path}/100 %%n $$HOME"' in service
    assert f'"{tmp_path}/quote\\x22\' back\\x5cslash"' in service
    assert f'"{tmp_path}/line\\x0abreak" "{tmp_path}/\\xff\\xfe"' in service
    assert f'Environment="MEMES_DATA={tmp_path}/data"' in service
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for unit in units.iterdir():
        verified = subprocess.run(
            ["systemd-analyze", "--user", "verify", unit], capture_output=True, text=True
        )
        assert (verified.returncode, verified.stderr) == (0, "")


def test_a_service_is_installed_replaced_and_removed(
    memes: Memes, folder: Path, programs: Path, units: Path
) -> None:
    called = recording(programs / "systemctl")

    def calls() -> list[str]:
        """What systemctl was told since the last time."""
        told = called.read_text().split("--\n") if called.exists() else []
        called.unlink(missing_ok=True)
        return [" ".join(call.split()).removeprefix("--user ") for call in told if call]

    made = memes("watch", "--install", folder)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"Written: {units}/memes-watch.service" in made.stdout
    assert "Ran: systemctl --user restart memes-watch.service" in made.stdout
    assert os.listdir(units) == ["memes-watch.service"]
    service, timer = "memes-watch.service", "memes-watch.timer"
    assert calls() == ["daemon-reload", f"enable {service}", f"restart {service}"]
    memes("watch", "--install", "--timer", folder)
    assert sorted(os.listdir(units)) == [service, timer]
    assert calls() == ["daemon-reload", f"enable {timer}", f"restart {timer}"]
    assert "--once" in (units / service).read_text()
    memes("watch", "--install", folder)
    assert os.listdir(units) == [service]
    assert calls()[0] == f"disable --now {timer}"
    removed = memes("watch", "--uninstall")
    assert removed.stdout.startswith(f"Removed: {units}/memes-watch.service\n")
    assert os.listdir(units) == []
    assert calls() == [f"disable --now {service}", "daemon-reload"]
    assert memes("watch", "--uninstall").stdout == "There is no service to remove.\n"


def test_without_a_session_of_systemd_it_says_what_to_type(
    memes: Memes, folder: Path, programs: Path, units: Path
) -> None:
    refusing = programs / "systemctl"
    refusing.write_text("#!/bin/sh\necho Failed to connect to bus: No medium found >&2; exit 1\n")
    refusing.chmod(0o755)
    made = memes("watch", "--install", folder)
    assert made.returncode == 0
    assert (units / "memes-watch.service").exists()
    assert made.stderr == (
        "Failed to connect to bus: No medium found. Where you are logged in, type:\n"
        "  systemctl --user daemon-reload\n"
        "  systemctl --user enable memes-watch.service\n"
        "  systemctl --user restart memes-watch.service\n"
    )
    removed = memes("watch", "--uninstall")
    assert "  systemctl --user stop memes-watch.service\n" in removed.stderr
    assert os.listdir(units) == []
