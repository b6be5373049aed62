"""Corrections: labels that a person changed after a look, kept apart from the data itself."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import UsageError
from .labels import LABELS, LabelledPicture, read_labels

AMBIGUOUS = "ambiguous"
"""In place of a label: the picture is neither trained on nor measured with."""


@dataclass(frozen=True)
class Correction:
    """One row of a table of corrections.

    Attributes:
        path: of the picture, relative to the data folder, with slashes.
        label: `meme`, `not_meme` or `ambiguous`.
        reason: why, in the person's words.
        row: its number in the table, the first after the head being 1.
    """

    path: str
    label: str
    reason: str
    row: int


def read_corrections(table: Path) -> list[Correction]:
    """Read a CSV file with the columns path and label, and reason if there; others are passed over.

    Raises:
        UsageError: no such file, or a row that is not understood or names a picture again.
    """
    try:
        with open(table, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), reader.fieldnames or ()
    except OSError as error:
        raise UsageError(f"The corrections {table} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"The corrections {table} are not CSV in UTF-8: {error}.") from error
    if "path" not in columns or "label" not in columns:
        raise UsageError(f"The corrections {table} need the columns path and label.")
    corrections: dict[str, Correction] = {}
    for number, row in enumerate(rows, start=1):
        path, label = row["path"] or "", row["label"] or ""
        if label not in (*LABELS, AMBIGUOUS):
            raise UsageError(
                f"Row {number} of {table} has the label {label!r}; use meme, not_meme or ambiguous."
            )
        if path in corrections:
            raise UsageError(f"Row {number} of {table} names {path} again.")
        corrections[path] = Correction(path, label, row.get("reason") or "", number)
    return list(corrections.values())


def read_corrected(data: Path, split: str, corrections: Path | None) -> list[LabelledPicture]:
    """The pictures of a split of a data folder, with corrected labels if there is such a file.

    Raises:
        UsageError: a file is missing or wrong; see `read_labels` and `corrected`.
    """
    examples = read_labels(data / "index.csv", split)
    return examples if corrections is None else corrected(examples, corrections, data)


def corrected(
    examples: Sequence[LabelledPicture], corrections_file: Path, data_folder: Path
) -> list[LabelledPicture]:
    """Apply a table of corrections: change labels of train and val, drop what is ambiguous.

    Test stays as it is, so that figures stay comparable.

    Args:
        examples: pictures of the data folder's index, of any splits; those that no row names stay.
        corrections_file: CSV; paths relative to the data folder.
        data_folder: the folder of `index.csv`.

    Raises:
        UsageError: a row names a picture of test or one that is not in the index.
    """
    splits = {
        _relative(one.path, data_folder): one.split
        for one in read_labels(data_folder / "index.csv")
    }
    label_of = {}
    for correction in read_corrections(corrections_file):
        where = f"Row {correction.row} of {corrections_file}"
        if correction.path not in splits:
            raise UsageError(f"{where} names {correction.path!r}, which is not in the index.")
        if splits[correction.path] == "test":
            raise UsageError(f"{where} names a picture of test, whose labels stay as they are.")
        label_of[correction.path] = correction.label
    kept = []
    for example in examples:
        label = label_of.get(_relative(example.path, data_folder), example.label)
        if label != AMBIGUOUS:
            kept.append(example if label == example.label else replace(example, label=label))
    return kept


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
