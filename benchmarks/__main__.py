"""Measure everything and write `docs/benchmarks.md`. Leave the machine alone meanwhile."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

from memesdetection.gallery import available_cores

from . import decoders, installing, scanning, training, verdicts

PAGE = Path(__file__).resolve().parents[1] / "docs/benchmarks.md"


def main() -> None:
    """Run all benchmarks and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds gallery/")
    shared = parser.parse_args().shared
    folder = shared / "gallery" / "WhatsApp Images"
    contents = decoders.contents_of(folder)
    sections = {
        "Verdicts on the gallery": verdicts.measure(folder.parent / "labels.csv"),
        "Scanning": scanning.measure(folder, contents),
        "Installing and starting": installing.measure(),
        "Training EfficientNet-Lite0": training.measure(shared),
        "Decoders: CPU time a picture": decoders.measure_time(contents),
        "Decoders: gallery pictures within 0.02 of the scan's probability": (
            decoders.measure_agreement(contents)
        ),
    }
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; each table was measured side by side in one run, on"
        f" {available_cores()} cores ({platform.machine()}), Python {platform.python_version()}.",
    ]
    for title, figures in sections.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| what | measured | goal | reached |",
            "| --- | --: | --: | --- |",
        ]
        lines += [figure.row() for figure in figures]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
