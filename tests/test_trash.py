"""The trash by the FreeDesktop specification: another program finds the files and restores them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from memesdetection.trash import FreeDesktopTrash, Quarantine, write_info


def trashed(path: Path, trash: FreeDesktopTrash | None = None) -> tuple[Path, Path]:
    """Put a file into the trash as a clean-up does; where it and its info are then."""
    destination, info = (trash or FreeDesktopTrash()).choose(str(path))
    assert destination is not None
    assert info is not None
    write_info(info, str(path), datetime.now().timestamp())
    os.rename(path, destination)
    return Path(destination), Path(info)


def trash_cli(command: str, *arguments: str | Path, **options: Any) -> str:
    """Run a command of trash-cli, another implementation of the specification."""
    program = Path(sys.executable).with_name(command)
    done = subprocess.run(
        [program, *arguments], check=True, capture_output=True, encoding="utf-8", **options
    )
    return done.stdout


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "pictures" / "Grüße 100 %, [1].jpg"
    path.parent.mkdir()
    path.write_bytes(b"a meme")
    return path


def test_the_info_is_by_the_specification(picture: Path, home_trash: Path) -> None:
    destination, info = trashed(picture)
    assert destination == home_trash / "files" / picture.name
    assert info == home_trash / "info" / f"{picture.name}.trashinfo"
    head, path, date = info.read_text("ascii").splitlines()
    assert head == "[Trash Info]"
    assert unquote_to_bytes(path.removeprefix("Path=")) == os.fsencode(picture)
    assert re.fullmatch(r"Path=[!-~]+", path)
    deleted = datetime.strptime(date, "DeletionDate=%Y-%m-%dT%H:%M:%S")
    assert abs(datetime.now() - deleted) < timedelta(minutes=1)
    for folder in (home_trash, home_trash / "files", home_trash / "info"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_another_program_restores_from_the_home_trash(picture: Path) -> None:
    trashed(picture)
    assert str(picture) in trash_cli("trash-list")
    trash_cli("trash-restore", picture, input="0\n")
    assert picture.read_bytes() == b"a meme"
    assert trash_cli("trash-list") == ""


def test_another_program_restores_from_the_trash_of_another_file_system(disk: Path) -> None:
    picture = disk / "DCIM" / "Ü 1.jpg"
    picture.parent.mkdir()
    picture.write_bytes(b"a meme")
    trash = disk / f".Trash-{os.getuid()}"
    destination, info = trashed(picture)
    assert destination == trash / "files" / picture.name
    assert "Path=DCIM/%C3%9C%201.jpg" in info.read_text("ascii").splitlines()
    assert trash.stat().st_mode & 0o777 == 0o700
    assert str(picture) in trash_cli("trash-list")
    trash_cli("trash-restore", picture, input="0\n")
    assert picture.read_bytes() == b"a meme"
    assert [*trash.rglob("*.*")] == []


def test_a_trash_for_all_users_is_used_if_nobody_can_forge_it(mounted: Path) -> None:
    shared, own = mounted / ".Trash", mounted / f".Trash-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o1777)
    picture = mounted / "a.jpg"
    picture.write_bytes(b"a meme")
    destination, info = trashed(picture)
    assert destination == shared / str(os.getuid()) / "files/a.jpg"
    assert "Path=a.jpg" in info.read_text("ascii").splitlines()
    shared.chmod(0o777)
    picture.write_bytes(b"another")
    assert trashed(picture)[0] == own / "files/a.jpg"


@pytest.mark.parametrize("forged", [".Trash", ".Trash-{user}"])
def test_a_trash_that_is_a_link_is_not_used(
    mounted: Path, tmp_path: Path, home_trash: Path, forged: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (mounted / forged.format(user=os.getuid())).symlink_to(elsewhere)
    picture = mounted / "a.jpg"
    picture.write_bytes(b"a meme")
    destination, _ = FreeDesktopTrash().choose(str(picture))
    own = mounted / f".Trash-{os.getuid()}"
    expected = own if forged == ".Trash" else home_trash
    assert destination == str(expected / "files/a.jpg")
    assert [*elsewhere.iterdir()] == []


def test_names_in_the_trash_are_never_given_twice(picture: Path, home_trash: Path) -> None:
    """Neither a file without an info nor an info without a file is replaced."""
    (home_trash / "files").mkdir(parents=True)
    (home_trash / "info").mkdir()
    (home_trash / "files" / "a.jpg").write_bytes(b"")
    (home_trash / "info" / "a (2).jpg.trashinfo").write_bytes(b"")
    trash, names = FreeDesktopTrash(), []
    for _ in range(3):
        destination, _ = trash.choose(str(picture.with_name("a.jpg")))
        assert destination is not None
        names.append(os.path.basename(destination))
    assert names == ["a (3).jpg", "a (4).jpg", "a (5).jpg"]


@pytest.mark.parametrize("stem", ["a" * 251, "ü" * 125])
def test_long_names_are_cut_to_what_a_file_system_takes(tmp_path: Path, stem: str) -> None:
    trash = FreeDesktopTrash()
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        picture = folder / f"{stem}.jpg"
        picture.write_bytes(b"a meme")
        destination, info = trashed(picture, trash)
        assert (destination.suffix, info.suffix) == (".jpg", ".trashinfo")
        assert destination.name.encode().decode().startswith(stem[:100])


def test_a_quarantine_gives_each_name_once(tmp_path: Path) -> None:
    place = Quarantine(str(tmp_path / "to"), str(tmp_path))
    given = [place.choose(str(tmp_path / "Sent/a.jpg")) for _ in range(2)]
    assert given == [
        (str(tmp_path / "to/Sent/a.jpg"), None),
        (str(tmp_path / "to/Sent/a (2).jpg"), None),
    ]
