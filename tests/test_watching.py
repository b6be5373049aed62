"""Arrivals: which files count as new, and when; real changes that the real system tells of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from memesdetection.watching import POLL_SECONDS, arrivals

PATIENCE = 60
# Longer than a file needs to settle.
A_WHILE = 3


class Watched:
    """Arrivals in folders, gathered by a thread that ends with the tests."""

    def __init__(self, *folders: Path, poll: float | None = None) -> None:
        self.told: Queue[str] = Queue()
        self._batches: Queue[set[str]] = Queue()
        self._arrivals = arrivals(folders, self.told.put, poll)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._gather)
        self._thread.start()

    def _gather(self) -> None:
        for files in self._arrivals:
            self._batches.put({os.path.basename(file.path) for file in files})
            if self._stopped.is_set():
                return

    def until_quiet(self) -> set[str]:
        """Names that arrive up to the next silence."""
        names: set[str] = set()
        while batch := self._batches.get(timeout=PATIENCE):
            names |= batch
        return names

    def next(self) -> set[str]:
        return self._batches.get(timeout=PATIENCE)

    def nothing(self) -> bool:
        try:
            return not self._batches.get(timeout=A_WHILE)
        except Empty:
            return True

    def stop(self, folder: Path) -> None:
        """End at the next batch, for which a last file arrives."""
        self._stopped.set()
        folder.mkdir(exist_ok=True)
        (folder / "last").write_bytes(b"")
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Camera"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(folder: Path) -> Iterator[Callable[..., Watched]]:
    """Watches folders, by default the one there is; what is there already has come."""
    started: list[Watched] = []

    def watch(*folders: Path, poll: float | None = None) -> Watched:
        started.append(Watched(*(folders or [folder]), poll=poll))
        return started[-1]

    yield watch
    for watched in started:
        watched.stop(folder)


def test_what_is_there_comes_first_then_whatever_way_a_file_arrives(
    folder: Path, tmp_path: Path, watching: Callable[..., Watched]
) -> None:
    (folder / "old.jpg").write_bytes(b"old")
    watched = watching()
    assert watched.until_quiet() == {"old.jpg"}
    (folder / "written.jpg").write_bytes(b"1")
    (tmp_path / "elsewhere.jpg").write_bytes(b"2")
    (tmp_path / "elsewhere.jpg").rename(folder / "moved.jpg")
    (folder / "old.jpg").rename(folder / "renamed.jpg")
    (folder / "new").mkdir()
    (folder / "new/below.jpg").write_bytes(b"3")
    (tmp_path / "album").mkdir()
    (tmp_path / "album/in album.jpg").write_bytes(b"4")
    (tmp_path / "album").rename(folder / "album")
    (folder / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(b"5")
    arrived = watched.until_quiet()
    names = {"written.jpg", "moved.jpg", "renamed.jpg", "below.jpg", "in album.jpg"}
    assert arrived == {*names, os.fsdecode(b"\xff\xfe.jpg")}
    (folder / "album/later.jpg").write_bytes(b"6")
    (folder / "written.jpg").write_bytes(b"changed")
    assert watched.until_quiet() == {"later.jpg", "written.jpg"}


def test_what_is_still_written_hidden_or_gone_does_not_count(
    folder: Path, watching: Callable[..., Watched]
) -> None:
    watched = watching()
    assert watched.until_quiet() == set()
    for name in ("a.jpg.part", "b.jpg.crdownload", "c.TMP", ".pending-1-d.jpg"):
        (folder / name).write_bytes(b"half")
    (folder / "gone.jpg").write_bytes(b"")
    (folder / "gone.jpg").unlink()
    (folder / "link.jpg").symlink_to(folder / "c.TMP")
    assert watched.nothing()
    (folder / "a.jpg.part").rename(folder / "a.jpg")
    assert watched.next() == {"a.jpg"}


def test_a_file_that_grows_counts_once_it_is_whole(
    folder: Path, watching: Callable[..., Watched]
) -> None:
    watched = watching()
    assert watched.until_quiet() == set()
    stopped = threading.Event()

    def grow() -> None:
        with open(folder / "slow.jpg", "wb", buffering=0) as file:
            while not stopped.wait(0.05):
                file.write(b"more")

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        assert watched.nothing()
    finally:
        stopped.set()
        growing.join()
    assert watched.next() == {"slow.jpg"}


def test_a_folder_may_be_missing_go_and_come_back(
    folder: Path, tmp_path: Path, watching: Callable[..., Watched]
) -> None:
    phone = tmp_path / "phone"
    watched = watching(folder, phone)
    assert watched.told.get(timeout=PATIENCE) == (f"{phone} is not there.")
    assert watched.until_quiet() == set()
    for name in ("first.jpg", "second.jpg"):
        phone.mkdir()
        (phone / name).write_bytes(b"1")
        assert watched.told.get(timeout=PATIENCE) == f"{phone} is there again."
        assert watched.next() == {name}
        shutil.rmtree(phone)
        assert "is not there" in watched.told.get(timeout=PATIENCE)
    (folder / "meanwhile.jpg").write_bytes(b"1")
    assert "meanwhile.jpg" in watched.until_quiet()


def test_polling_finds_the_same(folder: Path, watching: Callable[..., Watched]) -> None:
    watched = watching(poll=1)
    assert watched.until_quiet() == set()
    (folder / "new").mkdir()
    (folder / "new/a.jpg").write_bytes(b"1")
    assert watched.next() == {"a.jpg"}


WATCH_WITHIN_LIMITS = """
import sys
from pathlib import Path
from memesdetection.watching import arrivals
for files in arrivals([Path(sys.argv[1])], print):
    if files:
        print([file.path for file in files])
        break
"""


@pytest.mark.parametrize("limit", ["watches", "instances"])
def test_a_limit_of_the_system_is_told_and_polling_goes_on(folder: Path, limit: str) -> None:
    """The limit is one of a namespace that ends with the test; the system's own stays."""
    for name in "abc":
        (folder / name).mkdir()
    (folder / "c/picture.jpg").write_bytes(b"1")
    lower = f'echo 1 > /proc/sys/user/max_inotify_{limit} && exec "$@"'
    if limit == "instances":
        lower = lower.replace("echo 1", "echo 0")
    within = ["unshare", "--user", "--map-root-user", "sh", "-c", lower, "sh"]
    if shutil.which("unshare") is None or subprocess.run([*within, "true"]).returncode:
        pytest.skip("this system lets nobody make a namespace of users")
    watch = [sys.executable, "-c", WATCH_WITHIN_LIMITS, folder]
    ended = subprocess.run([*within, *watch], capture_output=True, text=True, timeout=PATIENCE)
    told, found = ended.stdout.splitlines()
    assert told == (
        "The system's limit of watched folders (inotify) is reached. They are looked through every"
        f" {POLL_SECONDS:.0f} s instead. To raise it: sudo sysctl"
        " fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024"
    )
    assert found == f"['{folder}/c/picture.jpg']"
