"""`memes clean`, `memes undo`, `memes history`: to the trash, back again, and what was done."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import gallery, journal, pictures, store
from ..classifier import DEFAULT_MODEL, Classifier, percent
from ..cleaning import clean as move_pictures
from ..cleaning import quarantine_for, settle
from ..cleaning import undo as put_back
from ..errors import AlreadyCleaning, CleaningError, UsageError
from ..journal import Cleanup, Entry, Journal
from ..learning import learn
from ..marks import read_marks
from ..names import printable
from ..selection import Judged, Selection, judged
from ..store import Store
from .options import Folder, Model, Threshold
from .output import file_size, progress, tell

_SHOWN = 20
_SECONDS = {"h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def _age(text: str) -> float:
    return _amount(text, r"(\d+)([hdwy])", _SECONDS, "an age such as 12h, 30d, 8w or 1y")


def _size(text: str) -> int:
    return _amount(text, r"(\d+)([kmg]?)b?", _BYTES, "a size such as 500, 100k or 2M")


def _amount(text: str, form: str, units: dict[str, int], described: str) -> int:
    found = re.fullmatch(form, text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"{text!r} is not {described}.")
    return int(found[1]) * units[found[2]]


def clean(
    folder: Folder,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be moved, and move nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Move without asking.")] = False,
    to: Annotated[
        Optional[Path],
        typer.Option(
            metavar="DIR", help="Move to this folder, keeping relative paths, not to the trash."
        ),
    ] = None,
    older_than: Annotated[
        Optional[float],
        typer.Option(
            parser=_age, metavar="AGE", help="Only what was last changed longer ago: 12h, 30d, 1y."
        ),
    ] = None,
    larger_than: Annotated[
        Optional[int],
        typer.Option(parser=_size, metavar="SIZE", help="Only larger files: 500, 100k, 2M."),
    ] = None,
    min_probability: Annotated[
        Optional[float],
        typer.Option(min=0, max=1, help="Only memes of at least this probability, 0-1."),
    ] = None,
    include_unsure: Annotated[
        bool,
        typer.Option("--include-unsure", help="Also what may be a meme; asks once more for these."),
    ] = False,
    limit: Annotated[
        Optional[int], typer.Option(min=1, help="At most so many, the most certain first.")
    ] = None,
    model: Model = DEFAULT_MODEL,
    threshold: Threshold = None,
) -> None:
    """Move the memes of a folder to the trash, after asking. `memes undo` puts them back.

    Exit code 0: done, or nothing to do; 1: not all was moved, or stopped; 2: wrong usage.
    """
    if to is not None:
        quarantine_for(to, folder)
    if not (yes or dry_run or sys.stdin.isatty()):
        raise UsageError(
            "There is no terminal to ask on. Add --yes to move the memes, or --dry-run to see them."
        )
    classifier = Classifier(model, threshold)
    with ExitStack() as opened:
        kept_journal = opened.enter_context(Journal(journal.default_path()))
        tell_settled(kept_journal)
        found = _judged(folder, classifier)
        selection = Selection(older_than, larger_than, min_probability)
        memes = selection.of(found, "meme")[:limit]
        unsure = selection.of(found, "unsure") if include_unsure else []
        unsure = unsure[: None if limit is None else limit - len(memes)]
        _print_pictures(memes)
        # What may be personal is never moved unseen.
        _print_pictures(unsure, shown=len(unsure))
        target = "the trash" if to is None else printable(str(to))
        where = f"in {printable(str(folder))}"
        print(f"{_amount_of(memes, 'meme', 'memes')} {where}.")
        if unsure:
            print(f"{_amount_of(unsure, 'unsure picture', 'unsure pictures')} {where}.")
        if dry_run or not (memes or unsure):
            return
        chosen = []
        for group, named in (
            (memes, "1 meme" if len(memes) == 1 else f"{len(memes)} memes"),
            (unsure, f"also {len(unsure)} unsure, which may be personal,"),
        ):
            if group and (yes or typer.confirm(f"Move {named} to {target}?", err=True)):
                chosen += group
        if not chosen:
            tell("Nothing was moved.")
            raise typer.Exit(1)
        # While the question stood, something may have been kept.
        kept = {digest for digest, mark in read_marks().items() if mark == "not_meme"}
        moves = move_pictures(chosen, folder, kept_journal, to, kept)
        entries = _carried_out(moves, len(chosen), "Moving", kept_journal)
    moved = [entry for entry in entries if entry.state == "moved"]
    for entry in entries:
        if entry.state != "moved":
            tell(f"{printable(entry.source)}: {entry.reason}")
    print(f"Moved {_amount_of(moved, 'picture', 'pictures')} to {target}.", end=" ")
    print(f"Back again: memes undo --cleanup {moved[0].cleanup}" if moved else "")
    if len(moved) < len(chosen):
        raise typer.Exit(1)


def undo(
    files: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="[FILE]...", help="Only these, by the paths that they had."),
    ] = None,
    last: Annotated[
        bool, typer.Option("--last", help="Undo the last clean-up; so it is without options.")
    ] = False,
    cleanup: Annotated[
        Optional[int], typer.Option(metavar="N", min=1, help="Undo this one of memes history.")
    ] = None,
) -> None:
    """Put back what a clean-up moved: name, time and permissions as before.

    Exit code 0: all is back; 1: not all, or nothing to undo; 2: wrong usage.
    """
    if (bool(files) + last + (cleanup is not None)) > 1:
        raise UsageError("Name files, --last or --cleanup, not several of them.")
    missing = 0
    with Journal(journal.default_path()) as kept_journal:
        tell_settled(kept_journal)
        if files:
            entries = []
            for file in files:
                source = os.path.join(os.path.realpath(file.parent), file.name)
                if (entry := kept_journal.last_moved_from(source)) is None:
                    tell(f"{printable(str(file))}: No clean-up moved it, or it is back already.")
                    missing += 1
                else:
                    entries.append(entry)
        else:
            entries = _moved_by(kept_journal, cleanup)
        # A file may be named twice.
        entries = list({entry.id: entry for entry in entries}.values())
        results = _carried_out(
            put_back(entries, kept_journal), len(entries), "Putting back", kept_journal
        )
    restored = [entry for entry in results if entry.state == "restored"]
    for entry in results:
        if entry.state != "restored":
            tell(f"{printable(entry.source)}: {entry.reason}")
        elif entry.back not in (None, entry.source):
            tell(
                f"{printable(entry.source)}: The name was taken, so it is"
                f" {printable(str(entry.back))} now."
            )
    print(f"Put back {_amount_of(restored, 'picture', 'pictures')}.")
    if missing or len(restored) < len(entries):
        raise typer.Exit(1)


def history(
    number: Annotated[
        Optional[int], typer.Argument(metavar="[N]", min=1, help="Only this one, with its files.")
    ] = None,
) -> None:
    """List the clean-ups, or where each file of one of them is."""
    with Journal(journal.default_path()) as kept_journal:
        try:
            tell_settled(kept_journal)
        except AlreadyCleaning:
            tell("A clean-up or undo is running; this is how far it is.")
        cleanups = kept_journal.cleanups()
        if number is None:
            _print_cleanups(cleanups)
            return
        if number not in [one.number for one in cleanups]:
            raise UsageError(f"There is no clean-up {number}; memes history lists them.")
        _print_files(kept_journal.files(number))


def _judged(folder: Path, classifier: Classifier) -> list[Judged]:
    """Scan as `memes scan` does; what cannot be judged is counted."""
    marks, found, unreadable = read_marks(), [], 0
    with Store(store.default_path()) as verdicts:
        files = list(pictures.find([folder]))
        likeness = learn(classifier, verdicts)
        scanned = gallery.scan(files, classifier, verdicts, marks=marks, likeness=likeness)
        with closing(scanned) as findings:
            for file, finding in zip(
                files, progress(findings, len(files), "Judging", shown=True), strict=True
            ):
                unreadable += finding.error is not None
                if (one := judged(file, finding, marks)) is not None:
                    found.append(one)
    if unreadable:
        tell(f"{unreadable} unreadable; memes scan says which.")
    return found


def _carried_out(
    outcomes: Generator[Entry, None, None], total: int, doing: str, kept_journal: Journal
) -> list[Entry]:
    """Run to the end, or to where the user stops it."""
    entries = []
    try:
        with closing(outcomes):
            for entry in progress(outcomes, total, doing, shown=True):
                entries.append(entry)
    except KeyboardInterrupt:
        settle(kept_journal)
        goes_on = "undoes it" if doing == "Moving" else "goes on"
        tell(
            f"Stopped; no picture is lost. memes history says what was done, memes undo {goes_on}."
        )
        raise typer.Exit(1) from None
    return entries


def tell_settled(kept_journal: Journal) -> None:
    """Settle what was cut off, and say what stands where."""
    counts: Counter[tuple[int, str, str]] = Counter()
    again: Counter[int] = Counter()
    for before, now in settle(kept_journal):
        if before.state == "gone":
            again[now.cleanup] += 1
            continue
        counts[now.cleanup, before.state, now.state] += 1
        if now.state == "gone":
            tell(f"{printable(now.source)}: It is neither there nor where it was moved.")
    for cleanup, count in sorted(again.items()):
        tell(f"Of clean-up {cleanup} {count} that could not be found are there again.")
    for cleanup, was in sorted({(cleanup, was) for cleanup, was, _ in counts}):
        run = "Clean-up" if was == "moving" else "The undo of clean-up"
        parts = [
            f"{counts[cleanup, was, state]} {said}"
            for state, said in (
                ("moved", "moved" if was == "moving" else "not put back yet"),
                ("stayed", "not moved"),
                ("restored", "put back"),
                ("gone", "gone"),
            )
            if counts[cleanup, was, state]
        ]
        tell(
            f"{run} {cleanup} was cut off; of the files in doubt: {', '.join(parts)}."
            f" All of it: memes history {cleanup}"
        )


def _moved_by(kept_journal: Journal, cleanup: int | None) -> list[Entry]:
    """The files that a clean-up, by default the last that has any, moved and that are not back.

    Raises:
        CleaningError: there are none.
        UsageError: there is no such clean-up.
    """
    cleanups = kept_journal.cleanups()
    if cleanup is None:
        moved = [one.number for one in cleanups if one.states.get("moved")]
        if not moved:
            raise CleaningError("There is nothing to undo.")
        return kept_journal.files(moved[-1], "moved")
    if cleanup not in [one.number for one in cleanups]:
        raise UsageError(f"There is no clean-up {cleanup}; memes history lists them.")
    entries = kept_journal.files(cleanup, "moved")
    if not entries:
        raise CleaningError(f"Nothing of clean-up {cleanup} is left to put back.")
    return entries


def _print_pictures(chosen: list[Judged], shown: int = _SHOWN) -> None:
    """Print pictures, the largest first: on a terminal a table of so many, else a line each."""
    chosen = sorted(chosen, key=lambda one: (-one.bytes, one.path))
    if not sys.stdout.isatty():
        for one in chosen:
            print(one.verdict, percent(one.probability), one.bytes, printable(one.path), sep="\t")
        return
    if chosen:
        rows = [
            (one.verdict, percent(one.probability), file_size(one.bytes), printable(one.path))
            for one in chosen[:shown]
        ]
        _print_table(["Verdict", "Probability", "Size", "Picture"], rows, right=(1, 2))
    if len(chosen) > shown:
        print(f"... and {len(chosen) - shown} smaller ones; all: memes clean --dry-run | less")


def _print_cleanups(cleanups: list[Cleanup]) -> None:
    rows = [
        (
            str(one.number),
            datetime.fromtimestamp(one.time).strftime("%Y-%m-%d %H:%M"),
            str(one.states.get("moved", 0)),
            file_size(one.bytes),
            str(one.states.get("restored", 0)),
            "trash" if one.quarantine is None else printable(one.quarantine),
            printable(one.folder),
        )
        for one in cleanups
    ]
    if not rows:
        print("No clean-ups yet.")
    elif sys.stdout.isatty():
        heads = ["No.", "When", "Moved", "Size", "Put back", "To", "Folder"]
        _print_table(heads, rows, right=(0, 2, 3, 4))
    else:
        for row in rows:
            print(*row, sep="\t")


def _print_files(entries: list[Entry]) -> None:
    for entry in entries:
        place = {
            "moved": entry.destination or "the system's trash",
            "restored": entry.back,
            "stayed": entry.source,
        }.get(entry.state)
        told = f" ({entry.reason})" if entry.reason else ""
        print(entry.state, printable(entry.source), printable(place or "") + told, sep="\t")


def _print_table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads)
    for number, column in enumerate(table.columns):
        column.justify = "right" if number in right else "left"
        column.no_wrap = number < len(heads) - 1
    table.columns[-1].overflow = "fold"
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def _amount_of(chosen: Sequence[Judged] | Sequence[Entry], one: str, many: str) -> str:
    size = file_size(sum(picture.bytes for picture in chosen))
    return f"{len(chosen)} {one if len(chosen) == 1 else many} ({size})"
