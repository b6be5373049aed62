"""Labelled pictures: the table that evaluation and training read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

LABELS = ("meme", "not_meme")

PHOTO_KINDS = (
    "people",
    "animals",
    "food",
    "objects_products",
    "everyday_mixed",
    "interiors_houses",
    "landscapes_travel",
    "streets_vehicles",
)
"""Kinds of pictures that are no memes and that somebody photographed."""

PAGE_KINDS = ("charts_slides_maps", "documents", "screenshots")
"""Kinds of pictures that are no memes and that were written, drawn or set to be read."""


@dataclass(frozen=True)
class LabelledPicture:
    """One row of a table of labels.

    Attributes:
        path: where the picture is.
        label: `meme` or `not_meme`.
        split: `train`, `val` or `test`; empty where the table has no such column (so below).
        kind: what it shows, such as `people` or `screenshots`.
        language: of its text, as language tags with commas between.
        source: the repository or package that it comes from.
    """

    path: Path
    label: str
    split: str = ""
    kind: str = ""
    language: str = ""
    source: str = ""

    @property
    def is_meme(self) -> bool:
        return self.label == "meme"


def read_labels(table: Path, split: str | None = None) -> list[LabelledPicture]:
    """Read a CSV file with the columns path and label, and split, kind, language, source if there.

    Paths are relative to the table's folder. A column `file` does for `path`.

    Args:
        table: the CSV file, UTF-8.
        split: keep only rows of this split.

    Raises:
        UsageError: no such file, a column or a label that is not understood, no row left.
    """
    try:
        with open(table, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(f"The table {table} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"The table {table} is not CSV in UTF-8: {error}.") from error
    columns = rows[0].keys() if rows else ()
    path_column = "path" if "path" in columns else "file"
    if path_column not in columns or "label" not in columns:
        raise UsageError(f"The table {table} needs rows with the columns path and label.")
    if split is not None and "split" not in columns:
        raise UsageError(f"The table {table} has no column split.")
    examples = []
    for number, row in enumerate(rows, start=1):
        if not row[path_column] or "\0" in row[path_column]:
            raise UsageError(f"Row {number} of {table} names no picture.")
        if row["label"] not in LABELS:
            raise UsageError(
                f"Row {number} of {table} has the label {row['label']!r}; use meme or not_meme."
            )
        if split is None or row["split"] == split:
            examples.append(
                LabelledPicture(
                    path=table.parent / row[path_column],
                    **{
                        column: row.get(column) or ""
                        for column in ("label", "split", "kind", "language", "source")
                    },
                )
            )
    if not examples:
        raise UsageError(f"The table {table} has no picture of the split {split!r}.")
    return examples
