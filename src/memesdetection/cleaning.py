"""Cleaning: moves pictures to the trash or a quarantine, puts them back, settles what was cut off.

What is going to happen to a file is in the journal, on disk, before anything happens to it. So
whenever a run ends, `settle` can say where each file is, and complete the move or take it back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from . import moving, trash
from .errors import StoreError, UnmovedFile, UsageError
from .journal import Entry, Intent, Journal
from .marks import REASONS
from .pictures import modified_ns
from .selection import Judged

RECORD_EVERY = 256
"""Files whose results are written down together; a run that is cut off has their intents."""


def clean(
    pictures: Sequence[Judged],
    folder: Path,
    journal: Journal,
    quarantine: Path | None = None,
    kept: Collection[str] = (),
) -> Generator[Entry, None, None]:
    """Move pictures, and yield what became of each: `moved`, or else with the reason.

    A picture that is no longer what was judged, or is reached through a link, stays. When the
    caller stops early or is interrupted, what was not moved yet stays.

    Args:
        pictures: of which each path is below the folder.
        folder: which is cleaned.
        journal: has each file before it is moved.
        quarantine: the folder to move to; None for the system's trash.
        kept: SHA-256 of contents that must stay, whatever their verdict.

    Raises:
        AlreadyCleaning: another clean-up or undo is running.
        CleaningError: there is no trash.
        StoreError: the journal cannot be kept; the next run settles what it has.
        UsageError: the quarantine is within the folder, or the folder within the trash.
    """
    root = os.path.realpath(folder)
    if trash.is_in_trash(root):
        raise UsageError(f"{folder} is in the trash already. Name the folder of your pictures.")
    target = None if quarantine is None else quarantine_for(quarantine, folder)
    place = trash.system_trash() if target is None else trash.Quarantine(target, root)

    def send(entry: Entry) -> Entry:
        if entry.sha256 in kept:
            return replace(entry, state="stayed", reason=REASONS["not_meme"])
        return _sent(entry)

    with journal.alone():
        intents = [
            _intent(one, os.path.join(root, os.path.relpath(one.path, folder)), place)
            for one in pictures
        ]
        yield from _carried_out(send, journal.begin(root, target, intents), journal)


def undo(entries: Iterable[Entry], journal: Journal) -> Generator[Entry, None, None]:
    """Put files back, and yield what became of each: `restored`, or else with the reason.

    Name, modification time and permissions are as before; a name that was taken meanwhile gets a
    number (`back` has it), and a folder that is gone is made again.

    Args:
        entries: files that are `moved`.
        journal: which has them.

    Raises:
        AlreadyCleaning: another clean-up or undo is running.
        StoreError: the journal cannot be kept; the next run settles what it has.
    """
    with journal.alone():
        intents, taken = [], set[str]()
        for entry in entries:
            if entry.destination is None:
                yield replace(
                    entry,
                    reason="Only your system's trash knows where it is: open that and restore it.",
                )
                continue
            back = moving.free_path(entry.source, taken)
            taken.add(back)
            intents.append(replace(entry, state="undoing", back=back, reason=None))
        journal.intend(intents)
        yield from _carried_out(_put_back, intents, journal)


def settle(journal: Journal) -> list[tuple[Entry, Entry]]:
    """Complete or take back what a run left that was cut off, and return each file before and now.

    A file that was gone and is there again, on a drive that was not plugged in, say, is among them.

    Raises:
        AlreadyCleaning: a clean-up or undo is running, so nothing was cut off.
        StoreError: the journal cannot be kept.
    """
    with journal.alone():
        before = journal.unsettled()
        settled = [(entry, _settled(entry)) for entry in before]
        found = ((entry, _found_again(entry)) for entry in journal.gone())
        settled += [(entry, now) for entry, now in found if now is not None]
        if settled:
            journal.record([now for _, now in settled])
    return settled


def quarantine_for(quarantine: Path, folder: Path) -> str:
    """The quarantine's path without links, if a scan of the folder never finds what is in it.

    Raises:
        UsageError: a scan would, or it is no folder.
    """
    target, root = os.path.realpath(quarantine), os.path.realpath(folder)
    if Path(target).is_relative_to(root) and not any(
        part.startswith(".") for part in Path(target).relative_to(root).parts
    ):
        raise UsageError(
            f"{quarantine} is within {folder}, so a scan would find the memes again."
            " Name a folder elsewhere, or a hidden one, whose name starts with a dot."
        )
    if os.path.lexists(target) and not os.path.isdir(target):
        raise UsageError(f"{quarantine} is not a folder. Name another.")
    return target


def _intent(picture: Judged, source: str, place: trash.Place) -> Intent:
    destination, info = place.choose(source)
    mode = 0
    with suppress(OSError):
        mode = stat.S_IMODE(os.lstat(source).st_mode)
    return Intent(source, destination, info, picture.bytes, picture.mtime_ns, mode, picture.sha256)


def _carried_out(
    act: Callable[[Entry], Entry], intents: Sequence[Entry], journal: Journal
) -> Generator[Entry, None, None]:
    """Act on each file, write results down some at a time, and yield them then."""
    results: list[Entry] = []
    acted = 0
    try:
        for intent in intents:
            results.append(act(intent))
            acted += 1
            if len(results) == RECORD_EVERY or acted == len(intents):
                journal.record(results)
                yield from results
                results = []
    except BaseException:
        # A journal that cannot be written to is settled by the next run.
        with suppress(StoreError):
            journal.record([*results, *map(_settled, intents[acted:])])
        raise


def _sent(entry: Entry) -> Entry:
    """Move a file as the journal has it."""
    try:
        if entry.destination is None:
            moving.check(entry.source, entry.sha256, entry.bytes, entry.mtime_ns)
            trash.send_to_system_trash(entry.source)
            return replace(entry, state="moved")
        if entry.info is None:
            moving.make_folder(os.path.dirname(entry.destination))
        else:
            trash.write_info(entry.info, entry.source, entry.time)
        moving.move(
            entry.source,
            entry.destination,
            _part(entry.destination, entry),
            entry.sha256,
            entry.bytes,
            entry.mtime_ns,
        )
    except (OSError, UnmovedFile) as error:
        return replace(_settled(entry), reason=_reason(error))
    return replace(entry, state="moved")


def _put_back(entry: Entry) -> Entry:
    """Take a move back as the journal has it."""
    assert entry.destination is not None
    assert entry.back is not None
    if not os.path.lexists(entry.destination):
        if moving.holds(entry.source, entry.sha256, entry.bytes):
            return replace(entry, state="restored", back=entry.source)
        return _gone(entry)
    folder = os.path.dirname(entry.back)
    try:
        moving.check_folder(folder)
        moving.make_folder(folder)
        moving.move(
            entry.destination, entry.back, _part(entry.back, entry), entry.sha256, entry.bytes
        )
    except (OSError, UnmovedFile) as error:
        return replace(_settled(entry), reason=_reason(error))
    return _restored(entry)


def _restored(entry: Entry) -> Entry:
    """A file that is back, with its time and permissions, and no longer listed in the trash."""
    assert entry.back is not None
    # Some file systems keep neither.
    with suppress(OSError):
        os.chmod(entry.back, entry.mode)
        status = os.stat(entry.back)
        if modified_ns(status) != entry.mtime_ns:
            os.utime(entry.back, ns=(status.st_atime_ns, entry.mtime_ns))
    if entry.info is not None:
        trash.remove_info(entry.info, entry.source)
    return replace(entry, state="restored")


def _settled(entry: Entry) -> Entry:
    """Find out where a file is that was cut off, and complete the move or take it back."""
    return _settled_move(entry) if entry.state == "moving" else _settled_undo(entry)


def _settled_move(entry: Entry) -> Entry:
    source, target = entry.source, entry.destination
    stopped = "The clean-up was stopped before it was moved."
    if target is None:
        if os.path.lexists(source):
            return replace(entry, state="stayed", reason=stopped)
        return replace(entry, state="moved")
    _remove(_part(target, entry))
    if not os.path.lexists(target):
        if entry.info is not None:
            trash.remove_info(entry.info, source)
        if os.path.lexists(source):
            return replace(entry, state="stayed", reason=stopped)
        return _gone(entry)
    if moving.holds(target, entry.sha256, entry.bytes):
        _remove_copied(source, target, entry)
        return replace(entry, state="moved")
    if not os.path.lexists(source):
        # It was written to while it was moved: then it is not what was judged.
        try:
            moving.put_back(target, source)
        except OSError as error:
            return replace(entry, state="moved", reason=_reason(error))
    return replace(entry, state="stayed", reason=stopped)


def _settled_undo(entry: Entry) -> Entry:
    assert entry.destination is not None
    assert entry.back is not None
    _remove(_part(entry.back, entry))
    if moving.holds(entry.back, entry.sha256, entry.bytes):
        _remove_copied(entry.destination, entry.back, entry)
        if not os.path.lexists(entry.destination):
            return _restored(entry)
    if os.path.lexists(entry.destination):
        return replace(entry, state="moved", back=None)
    return _gone(entry)


def _gone(entry: Entry) -> Entry:
    reason = "It is not there (any more). If it was on a drive, plug that in and undo again."
    return replace(entry, state="gone", back=None, reason=reason)


def _found_again(entry: Entry) -> Entry | None:
    """What became of a file that was gone, or None if it still is."""
    if entry.destination is not None:
        if moving.holds(entry.destination, entry.sha256, entry.bytes):
            _remove_copied(entry.source, entry.destination, entry)
            return replace(entry, state="moved", reason=None)
        _remove(_part(entry.destination, entry))
    if moving.holds(entry.source, entry.sha256, entry.bytes):
        return replace(entry, state="stayed", reason="It is where it was.")
    return None


def _remove_copied(source: str, target: str, entry: Entry) -> None:
    """Complete a move to another file system, where the copy was whole but the source still there.

    On one file system a move leaves nothing behind: then another program made the source anew.
    """
    with suppress(OSError):
        if os.lstat(source).st_dev != os.lstat(target).st_dev and moving.holds(
            source, entry.sha256, entry.bytes
        ):
            os.unlink(source)


def _part(target: str, entry: Entry) -> str:
    """The name, hidden from scans, under which a file is copied to another file system."""
    return os.path.join(os.path.dirname(target), f".memes-{entry.id}.part")


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _reason(error: OSError | UnmovedFile) -> str:
    return str(moving.unmoved(error) if isinstance(error, OSError) else error)
