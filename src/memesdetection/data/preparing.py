"""Preparing: from raw folders to the data that training reads, with its card."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..classifier import Classifier
from ..errors import OutputError, UsageError
from . import card as cards
from .cleaning import Cleaned, Cleaning, Workshop
from .raw import RawPicture, read_tables
from .selecting import Candidate, Dropped, Selection, select, with_splits

INDEX = "index.csv"
COLUMNS = (
    *("path", "label", "split", "kind", "language", "source", "commit", "license", "original"),
    *("width", "height", "format", "bytes"),
)

_WORKSHOP = ".work"
_DROPPED_COLUMNS = "path label split kind source original reason detail".split()

Progress = Callable[[Iterable[tuple[Path, Cleaned]], int], Iterator[tuple[Path, Cleaned]]]
"""Passes on what it is given, and shows how far it is out of the total."""


@dataclass(frozen=True)
class Prepared:
    """What came out: the selected pictures and the dropped ones."""

    pictures: list[Candidate]
    dropped: list[Dropped]


def prepare(
    raw: Path,
    output: Path,
    cleaning: Cleaning,
    selection: Selection,
    workers: int | None = None,
    progress: Progress = lambda items, total: iter(items),
) -> Prepared:
    """Clean, select and write the pictures of a raw folder.

    Into `output` go `{split}/{label}/<id>.jpg`, where the id is the start of the original's SHA-1,
    `index.csv`, `dropped.csv`, `card.json`, `card.md` and `sheets`. The result depends on the
    originals, their tables and the settings only. Cleaned pictures stay in `output/.work`, as hard
    links where the disk has such, so that a further run, or one after an interruption, does not
    clean them again.

    Args:
        raw: a folder with `pictures.csv` in it or in its folders.
        output: is made; of what is there only an earlier result of this is replaced.
        cleaning: how pictures are cleaned.
        selection: how they are selected.
        workers: processes; by default as many as there are cores for this process.
        progress: is given the cleaned pictures as they come.

    Raises:
        UsageError: the raw folder or the output cannot be what they are said to be.
        OutputError: the disk does not take it.
        ModelError: the model cannot be used.
    """
    pictures = with_splits(read_tables(raw), selection)
    _refuse_foreign(output)
    workshop = Workshop(output / _WORKSHOP, cleaning)
    originals = [raw / picture.path for picture in pictures]
    candidates, dropped = [], []
    # Closed here, an interruption ends the processes now and not when Python does.
    with closing(workshop.clean(originals, workers)) as cleaned:
        shown = progress(cleaned, len(originals))
        for picture, (_, one) in zip(pictures, shown, strict=True):
            if one.error is None:
                candidates.append(Candidate(picture, one))
            else:
                reason = "tiny" if one.width else "unreadable"
                dropped.append(Dropped(picture, reason, one.error))
    selected, also_dropped = select(candidates, selection)
    if not selected:
        raise UsageError(f"No picture of {raw} is left; {len(dropped)} are unreadable or tiny.")
    dropped = sorted([*dropped, *also_dropped], key=lambda one: one.raw.path)
    try:
        _write(output, selected, dropped, workshop, selection)
    except OSError as error:
        place = error.filename or output
        raise OutputError(f"{place} cannot be written: {error.strerror}.") from error
    return Prepared(selected, dropped)


def _refuse_foreign(output: Path) -> None:
    """Data that something else made must not be replaced."""
    if (output / _WORKSHOP).is_dir() or not output.exists():
        return
    if not output.is_dir() or any(output.iterdir()):
        raise UsageError(f"{output} holds something else; name a new or empty folder.")


def _write(
    output: Path,
    selected: Sequence[Candidate],
    dropped: Sequence[Dropped],
    workshop: Workshop,
    selection: Selection,
) -> None:
    rows = sorted((_row(one) for one in selected), key=lambda row: str(row["path"]))
    # The index goes first and comes last: there is none beside pictures that are not its own.
    _remove_earlier(output)
    size = 0
    for candidate in selected:
        target = output / _path(candidate)
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(workshop.path(candidate.cleaned), target)
        size += target.stat().st_size
    model = Classifier(workshop.how.model).identity
    card = cards.described(rows, dropped, workshop.how, selection, model, size)
    sheets = cards.write_sheets(output, rows, selection.seed)
    (output / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    (output / "card.md").write_text(cards.markdown(card, sheets), encoding="utf-8")
    _write_table(output / "dropped.csv", _DROPPED_COLUMNS, (_dropped_row(one) for one in dropped))
    _write_table(output / f"{INDEX}.partial", COLUMNS, rows)
    os.replace(output / f"{INDEX}.partial", output / INDEX)


def _remove_earlier(output: Path) -> None:
    """Remove the index of an earlier result and its pictures."""
    (output / INDEX).unlink(missing_ok=True)
    for folder in output.glob("*/*/"):
        if folder.parent.name in ("train", "val", "test") and folder.name in ("meme", "not_meme"):
            for picture in folder.glob("*.jpg"):
                picture.unlink()


def _row(candidate: Candidate) -> dict[str, Any]:
    raw, cleaned = candidate.raw, candidate.cleaned
    return {
        "path": _path(candidate),
        **{
            name: getattr(raw, name)
            for name in "label split kind language source commit license original".split()
        },
        **{name: getattr(cleaned, name) for name in ("width", "height", "format")},
        "bytes": cleaned.size,
    }


def _path(candidate: Candidate) -> str:
    return f"{candidate.raw.split}/{candidate.raw.label}/{candidate.cleaned.id}.jpg"


def _dropped_row(dropped: Dropped) -> dict[str, Any]:
    raw: RawPicture = dropped.raw
    return {
        **{name: getattr(raw, name) for name in _DROPPED_COLUMNS[:6]},
        "reason": dropped.reason,
        "detail": dropped.detail,
    }


def _link(source: Path, target: Path) -> None:
    """A hard link takes no space; not every disk has them."""
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)


def _write_table(table: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
