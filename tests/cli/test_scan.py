"""`memes scan` as a user meets it: what is printed where, and with which exit code."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from command import Memes, scores_in

KEYS = (
    "path",
    "verdict",
    "probability",
    "reason",
    "bytes",
    "width",
    "height",
    "format",
    "sha256",
    "model",
    "error",
)
ANY_IS_A_MEME, NONE_IS_A_MEME = ("--threshold", "0"), ("--threshold", "1")
SUMMARY = r"\d+ memes \([\d.]+ \w+\), \d+ unsure, 13 pictures, 0 unreadable, \d+\.\d s"

NAMES = [
    b"line\nbreak.jpg",
    b"return\rback.jpg",
    b"\x1b[31mred\x1b[0m.jpg",
    b"\x1b]0;title\x07.jpg",
    b"\xff\xfe.jpg",
    b"-rf.jpg",
    b"[bold]bold.jpg",
    b"[/].jpg",
    b" space .jpg",
    b'quote"comma,.jpg',
    "r\u202egpj.exe.jpg".encode(),
    "Grüße, 日本.jpg".encode(),
]


@pytest.fixture
def oddly_named(samples: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in NAMES:
        path = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(samples / "IMG-20260120-WA0002.jpg", path)
    return folder


def test_without_a_terminal_each_meme_is_a_line_the_most_certain_first(
    memes: Memes, pictures: Path
) -> None:
    found = memes.findings(pictures, *ANY_IS_A_MEME)
    scanned = memes("scan", pictures, *ANY_IS_A_MEME)
    assert (scanned.returncode, scanned.stderr) == (0, "")
    *lines, summary = scanned.stdout.splitlines()
    by_certainty = sorted(found, key=lambda meme: -meme["probability"])
    for line, meme in zip(lines, by_certainty, strict=True):
        verdict, probability, size, path = line.split("\t")
        assert (verdict, size, path) == ("meme", str(meme["bytes"]), meme["path"])
        shown = float(probability.removesuffix(" %"))
        assert 100 * meme["probability"] - 0.1 <= shown <= 100 * meme["probability"]
    assert re.fullmatch(SUMMARY, summary)
    assert summary.startswith(f"13 memes ({sum(meme['bytes'] for meme in found) / 1000:.1f} kB), 0")


def test_all_shows_the_unsure_too(memes: Memes, pictures: Path) -> None:
    strict = ("--threshold", "0.995")
    verdicts = {found["path"]: found["verdict"] for found in memes.findings(pictures, *strict)}
    shown = {}
    for line in memes("scan", pictures, "--all", *strict).stdout.splitlines()[:-1]:
        verdict, _, _, path = line.split("\t")
        shown[path] = verdict
    assert "unsure" in shown.values()
    assert shown == {path: said for path, said in verdicts.items() if said != "not_meme"}


def test_results_never_replace_a_picture(memes: Memes, pictures: Path) -> None:
    picture = next(pictures.glob("*.jpg"))
    before = picture.read_bytes()
    refused = memes("scan", pictures, "--json", picture)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"memes: {picture} is a picture; name another file for the results.\n"
    assert picture.read_bytes() == before


def test_a_special_file_that_is_named_is_told(memes: Memes, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "special files 1" in memes("scan", tmp_path / "pipe").stderr


def test_the_summary_counts_what_was_found(memes: Memes, pictures: Path) -> None:
    verdicts = [found["verdict"] for found in memes.findings(pictures)]
    scanned = memes("scan", pictures)
    summary = scanned.stdout.splitlines()[-1]
    assert re.fullmatch(SUMMARY, summary)
    assert f"{verdicts.count('meme')} memes" in summary
    assert f"{verdicts.count('unsure')} unsure" in summary
    assert len(scanned.stdout.splitlines()) == verdicts.count("meme") + 1


def test_folders_and_files_may_be_named_together(memes: Memes, pictures: Path, noise: Path) -> None:
    picture = noise / "007.jpg"
    found = memes.findings(pictures, picture, pictures)
    assert [one["path"] for one in found] == [*map(str, sorted(pictures.iterdir())), str(picture)]


def test_json_has_exactly_the_documented_keys(memes: Memes, pictures: Path) -> None:
    (pictures / "broken.jpg").write_bytes(b"no picture")
    (pictures / "video.mp4").write_bytes(b"no picture")
    scanned = memes("scan", pictures, "--json", "-")
    assert scanned.returncode == 0
    found = [json.loads(line) for line in scanned.stdout.splitlines()]
    assert len(found) == 14
    for one in found:
        assert tuple(one) == KEYS
        if one["path"].endswith("broken.jpg"):
            assert one["error"] == "The content is not a picture of a known format."
            assert one["verdict"] is one["probability"] is one["reason"] is one["width"] is None
        else:
            assert one["error"] is None
            assert one["verdict"] in ("meme", "unsure", "not_meme")
            assert 0 <= one["probability"] <= 1
            assert one["bytes"] == Path(one["path"]).stat().st_size
    assert "13 pictures, 1 unreadable" in scanned.stderr


def test_results_go_to_files_in_both_formats_at_once(
    memes: Memes, pictures: Path, tmp_path: Path
) -> None:
    printed = memes.findings(pictures)
    lines, table = tmp_path / "found.jsonl", tmp_path / "found.csv"
    scanned = memes("scan", pictures, "--json", lines, "--csv", table)
    assert scanned.returncode == 0
    assert re.search(SUMMARY, scanned.stdout)
    assert [json.loads(line) for line in lines.read_text("utf-8").splitlines()] == printed
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == KEYS
    assert rows == [
        {key: "" if value is None else str(value) for key, value in one.items()} for one in printed
    ]


def test_csv_may_be_printed(memes: Memes, pictures: Path) -> None:
    scanned = memes("scan", pictures, "--csv", "-")
    rows = list(csv.DictReader(scanned.stdout.splitlines()))
    assert len(rows) == 13
    assert re.search(SUMMARY, scanned.stderr)


@pytest.mark.parametrize("options", [(), ANY_IS_A_MEME], ids=["as is", "all memes"])
def test_quiet_prints_nothing(memes: Memes, pictures: Path, options: tuple[str, ...]) -> None:
    (pictures / "broken.jpg").write_bytes(b"no picture")
    scanned = memes("scan", pictures, "--quiet", *options)
    assert (scanned.returncode, scanned.stdout, scanned.stderr) == (0, "", "")


def test_quiet_prints_the_json_that_was_asked_for(memes: Memes, pictures: Path) -> None:
    scanned = memes("scan", pictures, "-q", "--json", "-")
    assert len([json.loads(line) for line in scanned.stdout.splitlines()]) == 13
    assert scanned.stderr == ""


def test_unreadable_files_are_told_one_line_each_and_the_rest_goes_on(
    memes: Memes, pictures: Path
) -> None:
    broken = {
        "empty.jpg": b"",
        "text.png": b"no picture\n",
        "cut.jpg": (pictures / "IMG-20260105-WA0001.jpg").read_bytes()[:2000],
        "header.webp": b"RIFF\x00\x00\x00\x00WEBP",
    }
    for name, content in broken.items():
        (pictures / name).write_bytes(content)
    for scanned in (memes("scan", pictures), memes("scan", pictures)):
        assert scanned.returncode == 0
        told = scanned.stderr.splitlines()
        assert [line.split(": ")[0] for line in told] == sorted(
            str(pictures / name) for name in broken
        )
        assert all(line.endswith(".") for line in told)
        assert "13 pictures, 4 unreadable" in scanned.stdout


def test_what_is_passed_over_is_counted(memes: Memes, pictures: Path) -> None:
    (pictures / ".thumbnails").mkdir()
    (pictures / ".hidden.jpg").write_bytes(b"")
    (pictures / "link.jpg").symlink_to(pictures / "IMG-20260105-WA0001.jpg")
    os.mkfifo(pictures / "pipe.jpg")
    for name in ("video.mp4", "voice.opus", "notes.txt"):
        (pictures / name).write_bytes(b"no picture")
    for _ in range(2):
        scanned = memes("scan", pictures)
        assert scanned.returncode == 0
        assert "13 pictures, 0 unreadable" in scanned.stdout
        (told,) = scanned.stderr.splitlines()
        assert told.startswith("Passed over: ")
        for what, count in (("hidden", 2), ("links", 1), ("special files", 1), ("other files", 3)):
            assert f"{count} {what}" in told or f"{what} {count}" in told
    assert memes("scan", pictures, "--quiet").stderr == ""


def test_an_empty_folder_has_no_memes(memes: Memes, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    scanned = memes("scan", tmp_path / "empty")
    assert (scanned.returncode, scanned.stderr) == (0, "")
    assert scanned.stdout.startswith("0 memes (0 bytes), 0 unsure, 0 pictures, 0 unreadable, ")
    assert memes.findings(tmp_path / "empty") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["scan"], "Missing argument"),
        (["scan", "no such folder"], "does not exist"),
        (["scan", ".", "--loud"], "No such option"),
        (["scan", ".", "--threshold", "2"], "The threshold 2.0 is not a probability"),
        (["scan", ".", "--threshold", "nan"], "The threshold nan is not a probability"),
        (["scan", ".", "--threshold", "high"], "valid number"),
        (["scan", ".", "--model", "nope"], "There is no model 'nope'; choose one of"),
        (["scan", ".", "--json", "-", "--csv", "-"], "--json and --csv need a file each"),
    ],
)
def test_wrong_usage_exits_with_2(
    memes: Memes, arguments: list[str], told: str, tmp_path: Path
) -> None:
    scanned = memes(*arguments, cwd=tmp_path)
    assert (scanned.returncode, scanned.stdout) == (2, "")
    assert told in scanned.stderr
    assert "Traceback" not in scanned.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--json", "no/such/folder/a.jsonl"], "memes: no/such/folder/a.jsonl cannot be written:"),
        (["--csv", "."], "memes: . cannot be written: Is a directory."),
        (["--json", "/dev/full"], "memes: /dev/full cannot be written: No space left on device."),
        (
            ["--json", "/dev/full", "--csv", "fine.csv"],
            "memes: /dev/full cannot be written: No space left on device.",
        ),
    ],
)
def test_what_could_not_be_finished_is_one_sentence_and_exits_with_1(
    memes: Memes, noise: Path, tmp_path: Path, options: list[str], told: str
) -> None:
    scanned = memes("scan", noise, *options, cwd=tmp_path)
    assert scanned.returncode == 1
    (sentence,) = scanned.stderr.splitlines()
    assert sentence.startswith(told)


@pytest.mark.parametrize("options", [(), ("--json", "-")])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_told(
    memes: Memes,
    pictures: Path,
    options: tuple[str, ...],
    unbuffered: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with open("/dev/full", "wb") as full:
        scanned = memes("scan", pictures, *options, stdout=full)
    assert scanned.returncode == 1
    *_, sentence = scanned.stderr.splitlines()
    assert sentence == "memes: Standard output cannot be written: No space left on device."
    assert "Traceback" not in scanned.stderr


@pytest.mark.parametrize(
    "options",
    [("--json", "-"), ("--csv", "-", "--json", "all.jsonl")],
    ids=["JSON", "CSV beside a file"],
)
def test_a_reader_that_has_enough_ends_the_scan_without_a_word(
    memes: Memes, noise: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    with memes.start("scan", noise, *options, cwd=tmp_path) as scan:
        assert scan.stdout is not None
        assert scan.stdout.read(4) in ('{"pa', "path")
        scan.stdout.close()
        assert scan.stderr is not None
        assert scan.stderr.read() == ""
    assert scan.returncode == 1


def test_a_reader_that_is_gone_from_the_start_is_no_error(memes: Memes, pictures: Path) -> None:
    with memes.start("scan", pictures, *ANY_IS_A_MEME) as scan:
        assert scan.stdout is not None
        scan.stdout.close()
        assert scan.stderr is not None
        assert scan.stderr.read() == ""
    assert scan.returncode == 1


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_closed_stream_is_no_hindrance(memes: Memes, pictures: Path, closed: str) -> None:
    (pictures / "broken.jpg").write_bytes(b"no picture")
    command = memes.command("scan", pictures, "--csv", "-")
    scanned = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *command], capture_output=True, text=True
    )
    assert scanned.returncode == 0
    if closed == "1":
        assert "13 pictures, 1 unreadable" in scanned.stderr
        assert "Traceback" not in scanned.stderr
    else:
        assert len(list(csv.DictReader(scanned.stdout.splitlines()))) == 14


def test_odd_names_come_back_from_json_byte_for_byte(memes: Memes, oddly_named: Path) -> None:
    found = memes.findings(oddly_named)
    above = os.fsencode(oddly_named)
    assert {os.path.relpath(os.fsencode(one["path"]), above) for one in found} == set(NAMES)
    assert memes.findings(oddly_named) == found


def test_odd_names_do_not_break_a_csv_table(memes: Memes, oddly_named: Path) -> None:
    table = oddly_named.parent / "all.csv"
    assert memes("scan", oddly_named, "--csv", table).returncode == 0
    with open(table, encoding="utf-8", newline="") as file:
        names = {os.path.relpath(row["path"], oddly_named) for row in csv.DictReader(file)}
    escaped = {name.decode(errors="backslashreplace") for name in NAMES}
    assert names == {name.replace("\\xff\\xfe", "\\udcff\\udcfe") for name in escaped}


@pytest.mark.parametrize("what", ["memes", "errors"])
def test_odd_names_are_one_harmless_line_each(memes: Memes, oddly_named: Path, what: str) -> None:
    if what == "errors":
        for path in oddly_named.rglob("*.jpg"):
            path.write_bytes(b"no picture")
    scanned = memes("scan", oddly_named, *ANY_IS_A_MEME)
    assert scanned.returncode == 0
    text = scanned.stdout if what == "memes" else scanned.stderr
    lines = text.rstrip("\n").split("\n")
    assert len(lines) == len(NAMES) + (what == "memes")
    assert all(line.isprintable() for line in text.replace("\t", "").split("\n"))
    assert r"\x1b[31mred\x1b[0m.jpg" in text
    assert r"line\nbreak.jpg" in text
    assert "Grüße, 日本.jpg" in text


@pytest.mark.parametrize("name", ["-rf.jpg", "--json"])
def test_a_leading_dash_is_a_file_after_two_dashes(
    memes: Memes, samples: Path, tmp_path: Path, name: str
) -> None:
    shutil.copy(samples / "IMG-20260120-WA0002.jpg", tmp_path / name)
    scanned = memes("scan", "--", name, cwd=tmp_path)
    assert scanned.returncode == 0
    assert "1 picture, 0 unreadable" in scanned.stdout


def test_names_are_printed_in_a_locale_without_unicode(
    memes: Memes, oddly_named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
        monkeypatch.setenv(name, value)
    scanned = memes("scan", oddly_named, *ANY_IS_A_MEME)
    assert (scanned.returncode, scanned.stderr) == (0, "")
    assert len(scanned.stdout.splitlines()) == len(NAMES) + 1


def test_ctrl_c_keeps_what_was_judged(
    memes: Memes, noise: Path, data_folder: Path, noise_judged: list[dict[str, Any]]
) -> None:
    with memes.start("scan", noise) as scan:
        known = 0
        while known < 32:
            assert scan.poll() is None
            time.sleep(0.01)
            known = scores_in(data_folder / "verdicts.sqlite")
        scan.send_signal(signal.SIGINT)
        printed, told = scan.communicate(timeout=60)
    assert scan.returncode == 1
    assert told == (
        "Stopped before the end. What was judged is kept; the same command goes on from there.\n"
    )
    judged = re.search(r" (\d+) pictures, 0 unreadable", printed)
    assert judged is not None
    assert 32 <= int(judged[1]) < 300
    assert scores_in(data_folder / "verdicts.sqlite") >= int(judged[1])
    assert memes.findings(noise) == noise_judged


class Screen:
    """What a terminal shows after a program's output; it knows no more escapes than are due."""

    def __init__(self, output: str) -> None:
        self.lines = [""]
        self.row = self.column = 0
        pattern = r"\x1b\[(?P<numbers>[\d;?]*)(?P<code>[A-Za-z])|(?P<char>.)"
        for token in re.finditer(pattern, output, re.DOTALL):
            if token["char"]:
                self._put(token["char"])
            else:
                self._obey(token["code"], token["numbers"])

    def _put(self, char: str) -> None:
        if char == "\n":
            self.row += 1
            self.lines += [""] * (self.row + 1 - len(self.lines))
        elif char == "\r":
            self.column = 0
        else:
            assert char.isprintable(), f"garbage: {char!r}"
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + char + line[self.column + 1 :]
            self.column += 1

    def _obey(self, code: str, numbers: str) -> None:
        if code == "A":
            self.row -= int(numbers or 1)
        elif code == "K":
            self.lines[self.row] = ""
        else:
            # Colours, and the cursor hidden and shown.
            assert (code, numbers) in (("l", "?25"), ("h", "?25")) or code == "m", (code, numbers)


def on_a_terminal(memes: Memes, *arguments: Any) -> tuple[str, list[str]]:
    """All output of a scan on a terminal of 30 lines of 200 columns, and the lines in the end."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 200, 0, 0))
    with memes.start(
        "scan",
        *arguments,
        stdin=there,
        stdout=there,
        stderr=there,
        env={**os.environ, "TERM": "xterm-256color"},
    ) as scan:
        os.close(there)
        output = b""
        # When the other side is closed, Linux raises an error and other systems read nothing.
        with suppress(OSError):
            while more := os.read(here, 65536):
                output += more
    os.close(here)
    assert scan.returncode == 0, output
    text = output.decode()
    return text, Screen(text).lines


def test_a_terminal_shows_progress_and_in_the_end_a_table(memes: Memes, noise: Path) -> None:
    output, lines = on_a_terminal(memes, noise, *ANY_IS_A_MEME)
    assert "Judging" in output
    assert re.search(r"\d+/300", output)
    assert "Judging" not in "\n".join(lines)
    assert re.search(r"Verdict .* Probability .* Size .* Picture", lines[1])
    rows = [line for line in lines if ".jpg" in line]
    assert len(rows) == 20
    assert all(
        re.match(r"│ meme +│ +\d+\.\d % │ [\d.]+ kB │ /.*/\d{3}\.jpg +│$", row) for row in rows
    )
    assert "... and 280 more; --all shows them." in lines
    assert re.match(r"300 memes \(.*\), 0 unsure, 300 pictures", lines[-2])
    assert lines[-1] == ""


def test_a_terminal_shows_all_memes_on_demand(
    memes: Memes, pictures: Path, oddly_named: Path
) -> None:
    _, lines = on_a_terminal(memes, pictures, oddly_named, *ANY_IS_A_MEME, "--all")
    assert sum(line.endswith(" │") for line in lines) == 13 + len(NAMES)


def test_a_terminal_without_memes_has_no_table(memes: Memes, pictures: Path) -> None:
    _, lines = on_a_terminal(memes, pictures, *NONE_IS_A_MEME)
    assert re.fullmatch(SUMMARY, lines[0])
    assert lines[1:] == [""]


def test_a_terminal_shows_odd_names_and_errors_as_they_are(memes: Memes, oddly_named: Path) -> None:
    broken = oddly_named / "\x1b[31mbro[bold]ken[\n.jpg"
    broken.write_bytes(b"no picture")
    _, lines = on_a_terminal(memes, oddly_named, *ANY_IS_A_MEME)
    screen = "\n".join(lines)
    told = [line for line in lines if "known format" in line]
    assert len(told) == 1
    assert r"\x1b[31mbro[bold]ken[\n.jpg: The content is not a picture" in told[0]
    assert "/[bold]bold.jpg" in screen
    assert "/[/].jpg" in screen
    assert r"\x1b]0;title\x07.jpg" in screen


def test_quiet_is_quiet_on_a_terminal_too(memes: Memes, pictures: Path) -> None:
    output, _ = on_a_terminal(memes, pictures, "--quiet")
    assert output == ""
