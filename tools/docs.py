"""Write what the docs show of the program: the picture of a scan and the README's figures.

`make docs` runs it; with `--check` it only says whether the README's figures are the card's.
"""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

PROJECT = Path(__file__).resolve().parents[1]
README = PROJECT / "README.md"
START, END = "<!-- figures: written by `make docs` -->\n", "<!-- end of figures -->"
COLUMNS = 72

FIGURES = {
    "roc_auc": "area under the ROC curve",
    "accuracy": "accuracy at probability 0.5",
    "log_loss": "log loss",
    "ece": "expected calibration error",
    "recall_at_fpr_0.01": "recall at 1 % false positive rate",
    "recall_at_fpr_0.002": "recall at 0.2 % false positive rate",
}


def figures(card: dict[str, Any]) -> str:
    """The README's table of figures, from a model card."""
    metrics = card["metrics"]
    rows = [
        (title, *(f"{metrics[s][name]:.3f}" for s in ("val", "test")))
        for name, title in FIGURES.items()
    ]
    overall = [metrics[split]["overall"] for split in ("val", "test")]
    for title, rate, at in (
        ("memes with verdict `meme`", "recall", "at_threshold"),
        ("memes with verdict `meme` or `unsure`", "recall", "meme_or_unsure"),
        ("other pictures with verdict `meme`", "false_alarm_rate", "at_threshold"),
        ("other pictures with verdict `meme` or `unsure`", "false_alarm_rate", "meme_or_unsure"),
    ):
        rows.append((title, *(f"{100 * split[rate][at]['rate']:.1f} %" for split in overall)))
    counts = [f"{metrics[split]['pictures']} pictures" for split in ("val", "test")]
    lines = [f"| | val, {counts[0]} | test, {counts[1]} |", "| --- | --: | --: |"]
    lines += [f"| {title} | {val} | {test} |" for title, val, test in rows]
    lines += [
        "",
        "The sources of val and test were never trained on; thresholds were chosen on val.",
    ]
    return "\n".join(lines) + "\n"


def with_figures(readme: str, card: dict[str, Any]) -> str:
    """The README with its figures as the card has them."""
    before, rest = readme.split(START)
    _, after = rest.split(END)
    return before + START + figures(card) + END + after


def terminal_picture() -> str:
    """SVG of a real scan of the samples in a terminal."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "memesdetection", "scan", "samples"]
        output = _on_terminal(command, MEMES_DATA=data)
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text("$ make scan", style="bold"))
    console.print(Text.from_ansi(output))
    # Rich names fonts on other people's servers; the page must not fetch any.
    svg = console.export_svg(title="memes", unique_id="scan")
    return re.sub(r"@font-face {.*?}", "", svg, flags=re.DOTALL)


def _on_terminal(command: list[str], **environment: str) -> str:
    """Run a command with a terminal as its standard output and return what it prints there."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=its,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"},
    )
    os.close(its)
    printed = b""
    try:
        while chunk := os.read(ours, 65536):
            printed += chunk
    except OSError:
        pass  # how Linux says that the other end was closed
    finally:
        os.close(ours)
    if process.wait():
        raise SystemExit(f"{command} failed")
    return printed.decode().replace("\r\n", "\n").rstrip()


def main() -> None:
    """Write the docs, or check them."""
    card = json.loads((PROJECT / "src/memesdetection/models/phone/card.json").read_text())
    readme = README.read_text(encoding="utf-8")
    expected = with_figures(readme, card)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if readme == expected else "The README's figures are old: run make docs.")
    README.write_text(expected, encoding="utf-8")
    (PROJECT / "docs").mkdir(exist_ok=True)
    (PROJECT / "docs/scan.svg").write_text(terminal_picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
