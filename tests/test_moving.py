"""Moving one file: whole or not at all, and never over another."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
from pathlib import Path

import pytest

from memesdetection import moving
from memesdetection.errors import UnmovedFile
from memesdetection.moving import free_name, move, rename


def test_a_rename_never_replaces(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("first")
    second.write_text("second")
    with pytest.raises(FileExistsError):
        rename(str(first), str(second))
    assert (first.read_text(), second.read_text()) == ("first", "second")
    rename(str(first), str(tmp_path / "third"))
    assert (tmp_path / "third").read_text() == "first"
    with pytest.raises(FileNotFoundError):
        rename(str(first), str(tmp_path / "fourth"))


def test_a_rename_never_replaces_where_the_system_cannot_promise_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system that answers the system call so."""

    def refuses(*_: object) -> int:
        ctypes.set_errno(errno.EINVAL)
        return -1

    monkeypatch.setattr(moving, "_renameat2", lambda: refuses)
    test_a_rename_never_replaces(tmp_path)


@pytest.mark.parametrize("to", ["the same file system", "another"])
def test_a_target_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, to: str, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path if to == "the same file system" else request.getfixturevalue("elsewhere")
    source, target, part = tmp_path / "source", folder / "target", folder / ".part"
    source.write_bytes(b"a meme")
    target.write_bytes(b"of another program")
    digest = hashlib.sha256(b"a meme").hexdigest()
    with pytest.raises(UnmovedFile, match="was taken just now"):
        move(str(source), str(target), str(part), digest, 6)
    assert (source.read_bytes(), target.read_bytes()) == (b"a meme", b"of another program")
    assert not part.exists()


def test_a_pipe_in_place_of_a_file_does_not_hold_anything_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnmovedFile, match="not what was judged"):
        move(str(tmp_path / "pipe"), str(tmp_path / "target"), str(tmp_path / "part"), "", 0)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("new.jpg", "new.jpg"),
        ("a.jpg", "a (3).jpg"),
        ("no suffix", "no suffix (2)"),
        (".hidden", ".hidden (2)"),
        ("ab.tar.gz", "ab.tar (2).gz"),
    ],
)
def test_a_free_name_keeps_the_suffix(name: str, free: str) -> None:
    taken = {"a.jpg", "a (2).jpg", "no suffix", ".hidden", "ab.tar.gz"}
    assert free_name(name, taken.__contains__) == free
