"""The data card: what is in prepared data, by counts, rights and sight, and what is not and why."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from .cleaning import Cleaning
from .contactsheet import contact_sheet
from .selecting import Dropped, Selection
from .sources import SPLITS, flat

SHEETS = "sheets"
PICTURES_A_SHEET = 60


def described(
    rows: Sequence[dict[str, Any]],
    dropped: Sequence[Dropped],
    cleaning: Cleaning,
    selection: Selection,
    model: str,
    cleaned_bytes: int,
) -> dict[str, Any]:
    """The card as one object that JSON can hold.

    Args:
        rows: of the index.
        dropped: the pictures that are not in it.
        cleaning: how the pictures were cleaned.
        selection: how they were selected.
        model: identity of the model whose embeddings compared them.
        cleaned_bytes: size of all cleaned pictures.
    """
    return {
        "pictures": len(rows),
        "bytes": cleaned_bytes,
        "splits": {split: _counts([r for r in rows if r["split"] == split]) for split in SPLITS},
        "originals": {
            "width": _quantiles([row["width"] for row in rows]),
            "height": _quantiles([row["height"] for row in rows]),
            "bytes": _quantiles([row["bytes"] for row in rows]),
            "formats": _counted(row["format"] for row in rows),
        },
        "licenses": _counted(row["license"] or "none stated" for row in rows),
        "dropped": _counted(one.reason for one in dropped),
        "cleaning": {**asdict(cleaning), "model": model},
        "selection": asdict(selection),
    }


def markdown(card: dict[str, Any], sheets: Sequence[str]) -> str:
    """`card.md`: the card as a page for people.

    Args:
        card: from `described`.
        sheets: names of the contact sheets beside it.
    """
    cleaning, selection = card["cleaning"], card["selection"]
    lines = [
        "# Data card",
        "",
        "Written by `memes data prepare`; `card.json` holds the same, `dropped.csv` each picture",
        "that is not here.",
        "",
        f"{card['pictures']} pictures, {card['bytes'] / 1e6:.1f} MB: upright RGB JPEGs, the longest"
        f" side at most {cleaning['side']} pixels, quality {cleaning['quality']}. They are third"
        " parties' pictures, for training and evaluation: do not publish them.",
        "",
        "| split | memes | not memes | sources |",
        "| --- | --: | --: | --: |",
    ]
    for split, counts in card["splits"].items():
        labels = counts["labels"]
        lines.append(
            f"| {split} | {labels.get('meme', 0)} | {labels.get('not_meme', 0)} |"
            f" {counts['sources']} |"
        )
    lines += ["", "A source is in one split only.", "", "## Kinds and languages", ""]
    lines += [
        "| kind or language | " + " | ".join(card["splits"]) + " |",
        "| --- | --: | --: | --: |",
    ]
    for group in ("kinds", "languages"):
        for name in sorted({name for counts in card["splits"].values() for name in counts[group]}):
            shown = " | ".join(str(s[group].get(name, 0)) for s in card["splits"].values())
            lines.append(f"| {_cell(name)} | {shown} |")
    lines += [
        "",
        "## Originals",
        "",
        "| | smallest | quarter | middle | three quarters | largest |",
    ]
    lines.append("| --- | --: | --: | --: | --: | --: |")
    for name in ("width", "height", "bytes"):
        shown = " | ".join(f"{value}" for value in card["originals"][name])
        lines.append(f"| {name} | {shown} |")
    lines += ["", "Formats: " + _listed(card["originals"]["formats"]) + ".", "", "## Licences", ""]
    lines += ["What the sources state; they often do not own the pictures.", ""]
    lines += ["| licence | pictures |", "| --- | --: |"]
    lines += [f"| {_cell(name)} | {count} |" for name, count in card["licenses"].items()]
    lines += ["", "## Dropped", "", "| reason | pictures |", "| --- | --: |"]
    lines += [f"| {reason} | {count} |" for reason, count in card["dropped"].items()]
    lines += [
        "",
        f"Near duplicates agree in their perceptual hash and in the embedding of"
        f" {cleaning['model']}. Draws follow the seed {selection['seed']}; balance of train"
        f" {selection['balance']}, caps: {selection['per_source'] or 'none'} a source,"
        f" {selection['per_kind'] or 'none'} a kind.",
        "",
        "## Contact sheets",
        "",
        f"Up to {PICTURES_A_SHEET} pictures of each kind, drawn by the seed.",
    ]
    for sheet in sheets:
        lines += ["", f"### {Path(sheet).stem}", "", f"![{Path(sheet).stem}]({sheet})"]
    return "\n".join(lines) + "\n"


def write_sheets(folder: Path, rows: Sequence[dict[str, Any]], seed: int) -> list[str]:
    """Write a contact sheet for each label and kind into `folder/sheets`, and return their names.

    Raises:
        OSError: the disk does not take it.
    """
    by_kind: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        name = "-".join(filter(None, (row["label"], flat(row["kind"]).strip("_"))))
        by_kind[name].append(row["path"])
    (folder / SHEETS).mkdir(exist_ok=True)
    for old in (folder / SHEETS).glob("*.jpg"):
        old.unlink()
    names = []
    for name, paths in sorted(by_kind.items()):
        drawn = sorted(paths, key=lambda p: hashlib.sha256(f"{seed}:{p}".encode()).hexdigest())
        names.append(f"{SHEETS}/{name}.jpg")
        (folder / names[-1]).write_bytes(
            contact_sheet([folder / path for path in drawn[:PICTURES_A_SHEET]])
        )
    return names


def _counts(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    languages = (language for row in rows for language in row["language"].split(",") if language)
    return {
        "labels": _counted(row["label"] for row in rows),
        "sources": len({row["source"] for row in rows}),
        "kinds": _counted(row["kind"] or "none" for row in rows),
        "languages": _counted(languages),
    }


def _counted(names: Any) -> dict[str, int]:
    """Names with their counts, the most frequent first, the same whatever the order was."""
    return dict(sorted(Counter(names).items(), key=lambda one: (-one[1], one[0])))


def _quantiles(values: Sequence[int]) -> list[int]:
    """Smallest, quarter, middle, three quarters, largest."""
    return [int(value) for value in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])] if values else []


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
