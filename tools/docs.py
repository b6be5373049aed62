"""Write what the docs show of the program: figures, fields of a configuration, a scan's picture.

`make docs` runs it; with `--check` it only says whether the pages are as it would write them.
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

from memesdetection.classifier import DEFAULT_MODEL, MODELS_FOLDER, shipped_models
from memesdetection.training.config import Config
from memesdetection.training.description import learned_from_val

PROJECT = Path(__file__).resolve().parents[1]
README = PROJECT / "README.md"
TRAINING = PROJECT / "docs/training.md"
COLUMNS = 72

FIGURES = {
    "roc_auc": "area under the ROC curve",
    "accuracy": "accuracy at probability 0.5",
    "log_loss": "log loss",
    "ece": "expected calibration error",
    "recall_at_fpr_0.01": "recall at 1 % false positive rate",
    "recall_at_fpr_0.002": "recall at 0.2 % false positive rate",
}

_UNSEEN = {
    False: "The sources of val and test were never trained on; thresholds were chosen on val.",
    True: "No source of test was trained on. The model learned from val, too; figures and"
    "\nthresholds on val are by trainings that each left a part of its sources out, on that part.",
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
        _UNSEEN[learned_from_val(card["run"])],
    ]
    return "\n".join(lines) + "\n"


def fields() -> str:
    """The table of all fields of a training's configuration."""
    lines = ["| field | default | meaning |", "| --- | --- | --- |"]
    for name, field in Config.model_fields.items():
        described = " ".join((field.description or "").split())
        lines.append(f"| `{name}` | `{json.dumps(field.default)}` | {described} |")
    return "\n".join(lines) + "\n"


def models() -> str:
    """The table of the models that ship."""
    lines = [
        "| model | backbone | input | size | AUC on test | accuracy | memes with verdict `meme` |"
        " false alarms |",
        "| --- | --- | --- | --: | --: | --: | --: | --: |",
    ]
    for name in shipped_models():
        card = _card(name)
        test = card["metrics"]["test"]
        side, overall = card["input"]["shape"][1], test["overall"]
        lines.append(
            f"| [{name}](src/memesdetection/models/{name}/card.md)"
            f" | {card['run']['config']['backbone']} | {side} x {side}"
            f" | {card['bytes'] / 1e6:.1f} MB | {test['roc_auc']:.3f} | {test['accuracy']:.3f}"
            f" | {100 * overall['recall']['at_threshold']['rate']:.1f} %"
            f" | {100 * overall['false_alarm_rate']['at_threshold']['rate']:.1f} % |"
        )
    return "\n".join(lines) + "\n"


def with_section(page: str, name: str, content: str) -> str:
    """The page with what stands between a section's marks replaced."""
    start, end = f"<!-- {name}: written by `make docs` -->\n", f"<!-- end of {name} -->"
    before, rest = page.split(start)
    _, after = rest.split(end)
    return before + start + content + end + after


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


def _card(model: str) -> dict[str, Any]:
    return json.loads((MODELS_FOLDER / model / "card.json").read_text(encoding="utf-8"))


def main() -> None:
    """Write the docs, or check them."""
    sections = [
        (README, "figures", figures(_card(DEFAULT_MODEL))),
        (README, "models", models()),
        (TRAINING, "fields", fields()),
    ]
    checking = "--check" in sys.argv[1:]
    for page, section, content in sections:
        written = page.read_text(encoding="utf-8")
        expected = with_section(written, section, content)
        if not checking:
            page.write_text(expected, encoding="utf-8")
        elif written != expected:
            sys.exit(f"The {section} of {page.relative_to(PROJECT)} are old: run make docs.")
    if not checking:
        (PROJECT / "docs/scan.svg").write_text(terminal_picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
