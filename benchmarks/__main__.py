"""Measure and write `docs/benchmarks.md`. Leave the machine alone meanwhile."""

from __future__ import annotations

import argparse
import platform
import re
from collections.abc import Callable
from pathlib import Path

from memesdetection.gallery import available_cores

from . import (
    cleaning,
    decoders,
    installing,
    review,
    scanning,
    server,
    training,
    verdicts,
    watching,
)
from .figures import Figure

PAGE = Path(__file__).resolve().parents[1] / "docs/benchmarks.md"

Sections = dict[str, list[Figure]]


def main() -> None:
    """Run all benchmarks, or those that are named, and write their sections of the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds gallery/")
    parser.add_argument(
        "--quick", action="store_true", help="only print; the server's figures are rough then"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; by default all")
    arguments = parser.parse_args()
    benchmarks = _benchmarks(arguments.shared, arguments.quick)
    names = arguments.names or list(benchmarks)
    if unknown := set(names) - set(benchmarks):
        parser.error(f"there is no {unknown.pop()}; there are {', '.join(benchmarks)}")
    measured: Sections = {}
    for name in names:
        measured |= benchmarks[name]()
    written = {title: _table(figures) for title, figures in measured.items()}
    for title, table in written.items():
        print(f"## {title}\n\n{table}")
    if not arguments.quick:
        everything = {**_sections_on_page(), **written} if arguments.names else written
        _write(everything)


def _benchmarks(shared: Path, quick: bool) -> dict[str, Callable[[], Sections]]:
    folder = shared / "gallery" / "WhatsApp Images"
    contents = decoders.contents_of(folder)
    return {
        "verdicts": lambda: {
            "Verdicts on the gallery": verdicts.measure(folder.parent / "labels.csv")
        },
        "scanning": lambda: {"Scanning": scanning.measure(folder, contents)},
        "cleaning": lambda: {"Cleaning": cleaning.measure(contents)},
        "watching": lambda: {"Watching": watching.measure(folder)},
        "review": lambda: {"Review of 10,000 pictures": review.measure(contents)},
        "installing": lambda: {"Installing and starting": installing.measure()},
        "training": lambda: {"Training EfficientNet-Lite0": training.measure(shared)},
        "decoders": lambda: {
            "Decoders: CPU time a picture": decoders.measure_time(contents),
            "Decoders: gallery pictures within 0.02 of the scan's probability": (
                decoders.measure_agreement(contents)
            ),
        },
        "server": lambda: server.measure(contents, quick),
    }


def _table(figures: list[Figure]) -> str:
    head = ["| what | measured | goal | reached |", "| --- | --: | --: | --- |"]
    return "\n".join([*head, *(figure.row() for figure in figures), ""])


def _sections_on_page() -> dict[str, str]:
    """What the page holds under each title."""
    if not PAGE.exists():
        return {}
    parts = re.split(r"^## (.*)\n\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        title: f"{table.rstrip()}\n" for title, table in zip(parts[::2], parts[1::2], strict=True)
    }


def _write(sections: dict[str, str]) -> None:
    head = (
        "# Benchmarks\n\nWritten by `make bench`; each table was measured side by side in one run,"
        f" on {available_cores()} cores ({platform.machine()}), Python"
        f" {platform.python_version()}.\n"
    )
    PAGE.parent.mkdir(exist_ok=True)
    parts = [head, *(f"## {title}\n\n{table}" for title, table in sections.items())]
    PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
