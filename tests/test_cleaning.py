"""Clean-ups and undos: each picture's bytes are in one known place, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from killing import NEVER, Killer

from memesdetection import cleaning
from memesdetection.errors import AlreadyCleaning, StoreError, UsageError
from memesdetection.journal import Entry, Journal, default_path
from memesdetection.selection import Judged

KILLS = 100
NAMES = (
    "a.jpg",
    "Grüße, 日本 %.png",
    "Sent/a.jpg",
    "Sent/no suffix",
    "Sent/new/line\nbreak.webp",
    os.fsdecode(b"Sent/new/\xff.jpg"),
)


@dataclass
class Pictures:
    """A folder of pictures that were judged memes, each with a time and permissions of its own."""

    folder: Path
    judged: list[Judged]

    def __post_init__(self) -> None:
        self.was = {one.path: state_of(Path(one.path)) for one in self.judged}
        self.path_of = {one.sha256: one.path for one in self.judged}

    def are_as_they_were(self) -> bool:
        now = {str(path): state_of(path) for path in self.folder.rglob("*") if path.is_file()}
        return now == self.was


def state_of(path: Path) -> tuple[bytes, int, int]:
    status = path.lstat()
    return path.read_bytes(), status.st_mtime_ns, stat.S_IMODE(status.st_mode)


def judged(path: Path, content: bytes) -> Judged:
    status = path.stat()
    digest = hashlib.sha256(content).hexdigest()
    return Judged(str(path), status.st_size, status.st_mtime_ns, digest, "meme", 0.99)


def make_pictures(folder: Path, names: Sequence[str] = NAMES, size: int = 3000) -> Pictures:
    random_ = random.Random(0)
    found = []
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = b"\xff\xd8\xff" + random_.randbytes(size)
        path.write_bytes(content)
        path.chmod((0o644, 0o600, 0o444)[number % 3])
        os.utime(path, ns=(0, 1_500_000_000_123_456_789 + number))
        found.append(judged(path, content))
    return Pictures(folder, found)


@pytest.fixture
def memes_folder(tmp_path: Path) -> Pictures:
    return make_pictures(tmp_path / "pictures")


@pytest.fixture
def journal() -> Iterator[Journal]:
    with Journal(default_path()) as opened:
        yield opened


def cleaned(pictures: Pictures, journal: Journal, to: Path | None = None) -> list[Entry]:
    return list(cleaning.clean(pictures.judged, pictures.folder, journal, to))


def undone(journal: Journal) -> list[Entry]:
    moved = [entry for one in journal.cleanups() for entry in journal.files(one.number, "moved")]
    return list(cleaning.undo(moved, journal))


def places(*folders: Path) -> dict[str, list[str]]:
    """Paths of all files below folders by the digest of their content."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found.setdefault(digest, []).append(str(path))
    return found


def place_in_journal(entry: Entry) -> str | None:
    return {"moved": entry.destination, "restored": entry.back, "stayed": entry.source}[entry.state]


def check_settled(journal: Journal, pictures: Pictures, target: Path) -> None:
    """Each picture is in exactly one place, which the journal knows; nothing else is left over."""
    assert journal.unsettled() == []
    assert not [*pictures.folder.rglob(".memes-*"), *target.rglob(".memes-*")]
    found = places(pictures.folder, target)
    latest = journal.cleanups()[-1:]
    told = {
        entry.sha256: place_in_journal(entry)
        for one in latest
        for entry in journal.files(one.number)
    }
    for digest, path in pictures.path_of.items():
        assert found[digest] == [told.get(digest, path)]
    if (target / "info").exists():
        listed = {path.name.removesuffix(".trashinfo") for path in (target / "info").iterdir()}
        assert listed == {*os.listdir(target / "files")}


@pytest.mark.parametrize("where", ["trash", "another file system"])
@pytest.mark.parametrize("what", ["clean", "undo"])
def test_a_kill_at_any_step_loses_nothing_and_the_next_run_settles_it(
    tmp_path: Path,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    where: str,
) -> None:
    """SIGKILL at random steps of real processes; between two of them all is put back."""
    # In memory nothing waits for a disk.
    monkeypatch.setenv("XDG_DATA_HOME", str(elsewhere))
    pictures = make_pictures(elsewhere / "pictures")
    to = None if where == "trash" else tmp_path / "quarantine"
    target = elsewhere / "Trash" if to is None else to
    database = elsewhere / "cleanups.sqlite"
    points = random.Random(f"{what} {where}")
    met = set()

    with Journal(database) as journal, Killer() as killer:

        def run_to(step: int) -> tuple[int, int]:
            if what == "clean":
                return killer.clean(step, database, pictures.judged, pictures.folder, to)
            return killer.undo(step, database, cleaned(pictures, journal, to))

        _, steps = run_to(NEVER)
        undone(journal)
        assert pictures.are_as_they_were()
        for _ in range(KILLS):
            # The last steps are left out: closing the journal may take some more or less.
            assert run_to(points.randint(1, steps - 50)) == (-signal.SIGKILL, 0)
            found = places(pictures.folder, target)
            for digest in pictures.path_of:
                whole = [path for path in found[digest] if not path.endswith(".part")]
                # On another file system the copy is whole before the original goes.
                assert len(whole) == 1 or (to is not None and len(whole) == 2)
            met |= {entry.state for entry in journal.unsettled()}
            cleaning.settle(journal)
            check_settled(journal, pictures, target)
            undone(journal)
            assert pictures.are_as_they_were()
    assert met == {"moving" if what == "clean" else "undoing"}


def test_a_clean_up_may_be_stopped_anywhere(memes_folder: Pictures, journal: Journal) -> None:
    many = make_pictures(memes_folder.folder / "many", [f"{n}.jpg" for n in range(600)], 10)
    every = cleaning.RECORD_EVERY
    for count in (1, every, every + 1):
        moves = cleaning.clean(many.judged, memes_folder.folder, journal)
        with closing(moves):
            assert len(list(islice(moves, count))) == count
        assert journal.unsettled() == []
        (*_, last) = journal.cleanups()
        assert last.states == {
            "moved": -(-count // every) * every,
            "stayed": 600 - last.states["moved"],
        }
        undone(journal)
        assert many.are_as_they_were()


def test_while_one_cleans_no_other_may(memes_folder: Pictures, journal: Journal) -> None:
    moves = cleaning.clean(memes_folder.judged, memes_folder.folder, journal)
    with closing(moves), Journal(default_path()) as other:
        next(moves)
        for forbidden in (
            lambda: cleaned(memes_folder, other),
            lambda: undone(other),
            lambda: cleaning.settle(other),
        ):
            with pytest.raises(AlreadyCleaning):
                forbidden()
    assert cleaning.settle(journal) == []


def test_a_quarantine_keeps_relative_paths_and_replaces_nothing(
    memes_folder: Pictures, journal: Journal, tmp_path: Path
) -> None:
    quarantine = tmp_path / "quarantine"
    (quarantine / "Sent").mkdir(parents=True)
    (quarantine / "Sent/a.jpg").write_bytes(b"was there before")
    entries = cleaned(memes_folder, journal, quarantine)
    assert {entry.state for entry in entries} == {"moved"}
    expected = {str(quarantine / name) for name in NAMES} - {str(quarantine / "Sent/a.jpg")}
    assert {entry.destination for entry in entries} == expected | {
        str(quarantine / "Sent/a (2).jpg")
    }
    assert (quarantine / "Sent/a.jpg").read_bytes() == b"was there before"
    undone(journal)
    assert memes_folder.are_as_they_were()


def test_a_quarantine_that_a_scan_would_find_is_refused(
    memes_folder: Pictures, journal: Journal, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(memes_folder.folder)
    for within in (memes_folder.folder, memes_folder.folder / "Sent/memes", link / "memes"):
        with pytest.raises(UsageError, match="is within"):
            cleaned(memes_folder, journal, within)
    with pytest.raises(UsageError, match="is not a folder"):
        cleaned(
            memes_folder,
            journal,
            memes_folder.folder / ".." / "pictures/../link/../data/cleanups.sqlite",
        )
    assert memes_folder.are_as_they_were()
    cleaned(memes_folder, journal, memes_folder.folder / ".memes")
    assert len(places(memes_folder.folder / ".memes")) == len(NAMES)


def test_what_is_not_what_was_judged_stays(
    memes_folder: Pictures, journal: Journal, tmp_path: Path
) -> None:
    grown, same_size, touched, gone, linked, aside = (Path(one.path) for one in memes_folder.judged)
    outside = tmp_path / "outside.jpg"
    same_size.chmod(0o600)
    grown.write_bytes(grown.read_bytes() + b"more")
    status = same_size.stat()
    same_size.write_bytes(b"\xff\xd8\xff" + bytes(3000))
    os.utime(same_size, ns=(0, status.st_mtime_ns))
    os.utime(touched)
    gone.unlink()
    linked.rename(outside)
    linked.symlink_to(outside)
    left_alone = (grown, same_size, touched, linked, outside)
    before = [(state_of(path), path.is_symlink()) for path in left_alone]
    entries = {Path(entry.source): entry for entry in cleaned(memes_folder, journal)}
    assert [(state_of(path), path.is_symlink()) for path in left_alone] == before
    assert entries[aside].state == "moved"
    assert entries[gone].state == "gone"
    assert entries[gone].reason == "It is not there (any more)."
    for path in (grown, same_size, touched):
        assert entries[path].state == "stayed"
        assert entries[path].reason == "It is not what was judged (any more); scan again."
    assert (entries[linked].state, entries[linked].reason) == ("stayed", "It is a link now.")


def test_nothing_is_moved_through_a_link_out_of_the_folder(
    memes_folder: Pictures, journal: Journal, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (memes_folder.folder / "Sent").rename(outside)
    (memes_folder.folder / "Sent").symlink_to(outside)
    before = places(outside)
    entries = cleaned(memes_folder, journal)
    assert places(outside) == before
    assert [entry.state for entry in entries] == ["moved"] * 2 + ["stayed"] * 4
    assert {entry.reason for entry in entries[2:]} == {"A folder on its path is a link now."}


def test_nothing_is_put_back_through_a_link(
    memes_folder: Pictures, journal: Journal, tmp_path: Path
) -> None:
    cleaned(memes_folder, journal)
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(memes_folder.folder / "Sent")
    (memes_folder.folder / "Sent").symlink_to(outside)
    entries = undone(journal)
    assert [*outside.iterdir()] == []
    assert [entry.state for entry in entries] == ["restored"] * 2 + ["moved"] * 4
    (memes_folder.folder / "Sent").unlink()
    undone(journal)
    assert memes_folder.are_as_they_were()


def test_a_name_taken_meanwhile_gets_a_free_one(memes_folder: Pictures, journal: Journal) -> None:
    cleaned(memes_folder, journal)
    taken = memes_folder.folder / "a.jpg"
    taken.write_bytes(b"new")
    (first, *_) = undone(journal)
    assert taken.read_bytes() == b"new"
    assert first.back == str(memes_folder.folder / "a (2).jpg")
    assert state_of(Path(first.back)) == memes_folder.was[str(taken)]


def test_pictures_of_one_name_are_all_put_back(tmp_path: Path, journal: Journal) -> None:
    contents = []
    for number in range(3):
        pictures = make_pictures(tmp_path / "pictures", ["a.jpg"], 10 + number)
        contents.append((tmp_path / "pictures/a.jpg").read_bytes())
        cleaned(pictures, journal)
    assert len({entry.back for entry in undone(journal)}) == 3
    names = {"a.jpg", "a (2).jpg", "a (3).jpg"}
    restored = {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()}
    assert {*restored} == names
    assert sorted(restored.values()) == sorted(contents)


def test_a_folder_that_is_gone_is_made_again(memes_folder: Pictures, journal: Journal) -> None:
    cleaned(memes_folder, journal)
    shutil.rmtree(memes_folder.folder)
    undone(journal)
    assert memes_folder.are_as_they_were()


def test_what_left_the_trash_meanwhile_is_told(
    memes_folder: Pictures, journal: Journal, home_trash: Path
) -> None:
    entries = cleaned(memes_folder, journal)
    emptied, restored_by_hand, replaced, *_ = entries
    assert None not in (emptied.destination, restored_by_hand.destination, replaced.destination)
    os.unlink(emptied.destination)
    os.rename(restored_by_hand.destination, restored_by_hand.source)
    os.chmod(replaced.destination, 0o600)
    Path(replaced.destination).write_bytes(b"another program's file by the same name")
    states = [entry.state for entry in undone(journal)]
    assert states == ["gone", "restored", "moved", "restored", "restored", "restored"]
    assert Path(replaced.destination).read_bytes() == b"another program's file by the same name"
    assert not os.path.lexists(replaced.source)


@pytest.fixture
def read_only(memes_folder: Pictures) -> Iterator[Path]:
    """A folder of the pictures that nothing can be moved out of or into, for root neither."""
    folder = memes_folder.folder / "Sent"
    folder.chmod(0o500)
    fixed = False
    if os.access(folder, os.W_OK):
        command = ["chattr", "+i", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this user may write everywhere")
        fixed = True
    yield folder
    if fixed:
        subprocess.run(["chattr", "-i", str(folder)], check=True)
    folder.chmod(0o700)


@pytest.mark.parametrize("where", ["trash", "another file system"])
def test_what_is_in_a_read_only_folder_stays_and_the_rest_is_moved(
    memes_folder: Pictures,
    journal: Journal,
    read_only: Path,
    where: str,
    request: pytest.FixtureRequest,
    home_trash: Path,
) -> None:
    to = None if where == "trash" else request.getfixturevalue("elsewhere")
    entries = cleaned(memes_folder, journal, to)
    assert [entry.state == "stayed" for entry in entries] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    assert {entry.reason for entry in entries if entry.state == "stayed"} <= {
        "It cannot be moved: Permission denied.",
        "It cannot be moved: Operation not permitted.",
    }
    check_settled(journal, memes_folder, to or home_trash)


def test_undo_into_a_read_only_folder_leaves_the_pictures_in_the_trash(
    memes_folder: Pictures, journal: Journal, home_trash: Path, request: pytest.FixtureRequest
) -> None:
    cleaned(memes_folder, journal)
    request.getfixturevalue("read_only")
    states = [entry.state for entry in undone(journal)]
    assert states == ["restored", "restored", "moved", "moved", "restored", "restored"]
    check_settled(journal, memes_folder, home_trash)


def fill(file: Path) -> None:
    """Leave no room on the file system of a file."""
    with open(file, "wb", buffering=0) as filler, suppress(OSError):
        while filler.write(bytes(4096)):
            pass


def test_a_full_disk_loses_nothing(memes_folder: Pictures, journal: Journal, mounted: Path) -> None:
    """Room for some of the pictures only."""
    large = make_pictures(memes_folder.folder / "large", [f"{n}.jpg" for n in range(5)], 300_000)
    entries = cleaned(large, journal, mounted)
    assert [entry.state for entry in entries] == ["moved"] * 3 + ["stayed"] * 2
    assert entries[-1].reason == "It cannot be moved: No space left on device."
    check_settled(journal, large, mounted)
    undone(journal)
    assert large.are_as_they_were()


def test_a_journal_that_cannot_be_written_stops_before_anything_moves(
    memes_folder: Pictures, mounted: Path
) -> None:
    with Journal(mounted / "cleanups.sqlite") as journal:
        fill(mounted / "filler")
        with pytest.raises(StoreError, match="Make room"):
            cleaned(memes_folder, journal)
        assert memes_folder.are_as_they_were()
        (mounted / "filler").unlink()
        assert {entry.state for entry in cleaned(memes_folder, journal)} == {"moved"}
        undone(journal)
    assert memes_folder.are_as_they_were()


def test_what_was_kept_meanwhile_stays(memes_folder: Pictures, journal: Journal) -> None:
    kept = memes_folder.judged[0].sha256
    moves = cleaning.clean(memes_folder.judged, memes_folder.folder, journal, kept={kept})
    first, *others = moves
    assert (first.state, first.reason) == ("stayed", "You kept this picture.")
    assert {entry.state for entry in others} == {"moved"}


def test_the_trash_itself_is_not_cleaned(
    memes_folder: Pictures, journal: Journal, home_trash: Path
) -> None:
    cleaned(memes_folder, journal)
    with pytest.raises(UsageError, match="in the trash already"):
        list(cleaning.clean([], home_trash / "files", journal))
