"""Raw pictures: folders of originals, each with a table that says what they are."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from ..errors import OutputError, UsageError
from ..labels import LABELS
from .sources import SPLITS

TABLE = "pictures.csv"


@dataclass(frozen=True)
class RawPicture:
    """One row of a raw table.

    Attributes:
        path: where the original is, below the raw folder, with slashes.
        label: `meme` or `not_meme`.
        split: of its source, `train`, `val` or `test`; empty to let `prepare` choose.
        kind: what it shows, such as `people` or `screenshots`.
        language: of its text, as language tags with commas between.
        source: the repository or package that it comes from; by default its folder.
        commit: of the repository, or version of the package.
        license: what the source states of its rights.
        original: its path in the source; by default its name.
    """

    path: str
    label: str
    split: str = ""
    kind: str = ""
    language: str = ""
    source: str = ""
    commit: str = ""
    license: str = ""
    original: str = ""


_COLUMNS = [field.name for field in fields(RawPicture)]


def write_table(folder: Path, pictures: Iterable[RawPicture]) -> None:
    """Write the table of a folder whose name is the first part of each picture's path.

    Raises:
        OutputError: the disk does not take it.
    """
    table = folder / TABLE
    try:
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            for picture in pictures:
                values = (getattr(picture, column) for column in _COLUMNS[1:])
                writer.writerow([picture.path.partition("/")[2], *values])
    except OSError as error:
        raise OutputError(f"{table} cannot be written: {error.strerror}.") from error


def read_tables(raw: Path) -> list[RawPicture]:
    """Read the tables of a raw folder and of the folders in it, ordered by path.

    Raises:
        UsageError: there is none, a row is not understood, or a source is in two splits.
    """
    tables = [table for table in (raw / TABLE, *sorted(raw.glob(f"*/{TABLE}"))) if table.is_file()]
    if not tables:
        raise UsageError(
            f"{raw} has no pictures.csv, nor has a folder in it; `memes data fetch` writes them."
        )
    pictures = sorted(
        (picture for table in tables for picture in _rows(table, raw)), key=lambda one: one.path
    )
    if not pictures:
        raise UsageError(f"The tables in {raw} name no picture.")
    split_of: dict[str, str] = {}
    for picture in pictures:
        if split_of.setdefault(picture.source, picture.split) != picture.split:
            raise UsageError(
                f"The source {picture.source!r} has more than one split in {raw}; give it one."
            )
    return pictures


def _rows(table: Path, raw: Path) -> Iterable[RawPicture]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(f"The table {table} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"The table {table} is not CSV in UTF-8: {error}.") from error
    folder = table.parent
    for number, row in enumerate(rows, start=1):
        values = {column: row.get(column) or "" for column in _COLUMNS}
        inside = values["path"] and "\0" not in values["path"]
        if not inside or ".." in Path(values["path"]).parts or Path(values["path"]).is_absolute():
            raise UsageError(f"Row {number} of {table} names no picture in its folder.")
        if values["label"] not in LABELS:
            raise UsageError(
                f"Row {number} of {table} has the label {values['label']!r}; use meme or not_meme."
            )
        if values["split"] not in ("", *SPLITS):
            raise UsageError(
                f"Row {number} of {table} has the split {values['split']!r};"
                " use train, val, test, or nothing."
            )
        values["source"] = values["source"] or folder.resolve().name
        values["original"] = values["original"] or values["path"]
        values["path"] = (folder.relative_to(raw) / values["path"]).as_posix()
        yield RawPicture(**values)
