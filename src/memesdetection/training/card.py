"""The model card: contract, data, recipe and figures of a model, for programs and for people."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from ..evaluation import with_interval
from .calibration import Rates
from .description import learned_from_drawn, learned_from_val

_STORED = {
    "int8": "quantised to 8 bits with float means at the end",
    "dynamic": "weights quantised to 8 bits",
    "float16": "weights in 16 bits",
    "float32": "in 32 bits",
}


def contract(model: keras.Model) -> dict[str, Any]:
    """Input and outputs of an inference model, as they stand in `card.json`."""
    outputs = {
        "logit": "of being a meme; probability = 1 / (1 + exp(-logit)), calibrated on val",
        "embedding": "mean of the last feature map",
        "heat_map": "the logit that each place alone would give; its mean is the logit",
    }
    return {
        "input": {
            "name": "pixels",
            "shape": [1, *model.input_shape[1:]],
            "dtype": "uint8",
            "meaning": "RGB 0-255, upright, transparency on white, the whole picture resized to"
            " height x width without a crop, by a triangle filter whose support grows with the"
            " reduction (Pillow's BILINEAR), from all pixels or from a JPEG that its decoder"
            " scaled by 1/2, 1/4 or 1/8 to no less than twice that size;"
            " normalisation is inside the model",
        },
        "outputs": {
            name: {
                "shape": [1, *model.output[name].shape[1:]],
                "dtype": "float32",
                "meaning": meaning,
            }
            for name, meaning in outputs.items()
        },
    }


def described_data(index: Path) -> dict[str, Any]:
    """Counts of pictures, sources and licences in each split of an index file."""
    with index.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    described = {}
    for split in ("train", "val", "test"):
        mine = [row for row in rows if row["split"] == split]
        described[split] = {
            "memes": sum(row["label"] == "meme" for row in mine),
            "not_memes": sum(row["label"] == "not_meme" for row in mine),
            "sources": len({row["source"] for row in mine}),
            "kinds": dict(Counter(row["kind"] for row in mine).most_common()),
            "licences": dict(Counter(row["license"] for row in mine).most_common()),
        }
    return described


def markdown(card: dict[str, Any]) -> str:
    """`card.md`: the card as a page for people."""
    run, config = card["run"], card["run"]["config"]
    rates, reached = card["calibration"]["rates"], card["calibration"]["reached"]
    personal = reached["personal_kinds"]
    confident = _confident(Rates(**rates), sum(personal.values()))
    others = ""
    if rates.get("false_alarm_of_others", 1.0) < 1:
        others = (
            f", and at most {100 * rates['false_alarm_of_others']:.2f} % of all"
            f" {reached['false_alarms']['count']} that are no memes"
        )
    corrected = ""
    if "corrections_sha256" in run.get("data", {}):
        corrected = " --corrections configs/corrections.csv"
    lines = [
        f"# Model card: {card['name']}",
        "",
        "Written by `memes export`; `card.json` holds the same and more.",
        "",
        f"A classifier that tells memes from other pictures: backbone {config['backbone']},"
        f" {_STORED[card['variant']]}, {card['bytes'] / 1e6:.2f} MB."
        f" SHA-256 `{card['sha256']}`.",
        "",
        "## Contract",
        "",
        "| tensor | type and shape | meaning |",
        "| --- | --- | --- |",
    ]
    tensors = [("pixels (input)", card["input"]), *card["outputs"].items()]
    for name, tensor in tensors:
        lines.append(f"| {name} | {tensor['dtype']} {tensor['shape']} | {tensor['meaning']} |")
    lines += [
        "",
        "## Thresholds",
        "",
        f"- `meme` from {card['thresholds']['meme']:.4f}: the lowest that at most"
        f" {100 * rates['false_alarm']:.1f} % of val's {sum(personal.values())} personal pictures"
        f" reach ({', '.join(f'{kind} {count}' for kind, count in personal.items())})"
        f"{confident}{others}. That is"
        f" {with_interval(reached['false_alarms_among_personal'], ' %')} of them, with the 95 %"
        f" interval, and {with_interval(reached['recall'], ' %')} of the memes.",
        f"- `unsure` from {card['thresholds']['unsure']:.4f}:"
        f" {100 * rates['recall_with_unsure']:.0f} % of val's memes reach it.",
        f"- Both were chosen on val alone, after a temperature of"
        f" {card['calibration']['temperature']:.3f} fitted on val.",
        "",
        *_strictness(card["strictness"]),
        "",
        "## Figures",
        "",
        *_measured(learned_from_val(run), corrected),
        "",
        "| figure | val | test |",
        "| --- | --: | --: |",
    ]
    val, test = card["metrics"]["val"], card["metrics"]["test"]
    for name, value in val.items():
        if isinstance(value, (int, float)) and name != "threshold":
            shown = "{}" if isinstance(value, int) else "{:.4f}"
            lines.append(f"| {name} | {shown.format(value)} | {shown.format(test[name])} |")
    held_out = learned_from_val(run)
    if not held_out:
        lines.append(f"| roc_auc of the Keras model | {card['float_roc_auc_on_val']:.4f} | |")
    lines += [
        "",
        "Rates with 95 % intervals, at probability 0.5, with verdict `meme`, and with verdict"
        " `meme` or `unsure`:",
        "",
        "| split | group | rate | at 0.5 | `meme` | `meme` or `unsure` | pictures |",
        "| --- | --- | --- | --: | --: | --: | --: |",
    ]
    for split, figures in card["metrics"].items():
        groups = {"all": figures["overall"], **figures["by_kind"], **figures["by_language"]}
        for group, rates in groups.items():
            for rate, at in rates.items():
                shown = " | ".join(with_interval(proportion, " %") for proportion in at.values())
                count = at["at_0.5"]["count"]
                lines.append(
                    f"| {split} | {group} | {rate.replace('_', ' ')} | {shown} | {count} |"
                )
    lines += [""]
    if "variants" in card:
        lines += _variants(card["variants"], held_out)
    lines += [
        "## Data",
        "",
        "Labelled pictures of public repositories and packages, a source in one split only"
        + (", as they were before labels were repaired:" if corrected else ":"),
        "",
        "| split | memes | not memes | sources |",
        "| --- | --: | --: | --: |",
    ]
    for split, counts in card["data"].items():
        lines.append(
            f"| {split} | {counts['memes']} | {counts['not_memes']} | {counts['sources']} |"
        )
    if learned_from_drawn(run):
        lines += ["", "The training also learned from pictures that `memes data draw` made."]
    licences: Counter[str] = Counter()
    for counts in card["data"].values():
        licences.update(counts["licences"])
    lines += [
        "",
        "## Licences",
        "",
        f"- Weights at the start: {run['weights_source']}.",
        "- Pictures, by the licence that their source states: "
        + ", ".join(f"{licence} ({count})" for licence, count in licences.most_common())
        + ". They served for training and evaluation and are not part of the model.",
        "- The model file: Apache-2.0, as the code.",
        "",
        "## Recipe",
        "",
        f"`memes export` at commit {card['commit']}.",
        "",
    ]
    if "members" in run:
        lines += [
            f"The mean of the logits of these runs, by `memes ensemble` at {run['commit']}:",
            "",
        ]
        lines += [f"- {member['name']}: {_recipe(member)}" for member in run["members"]]
    else:
        lines += [_recipe(run)]
    return "\n".join(lines)


def _measured(is_crossfit: bool, corrected: str) -> list[str]:
    """How the figures were measured, and how anyone can measure them again."""
    if not is_crossfit:
        return [
            f"`memes evaluate LABELS.csv --split val{corrected}` (or `test`) measures them again."
            " Val chose the epoch, the temperature and the thresholds; test, of other sources, was"
            " only measured."
        ]
    return [
        "`memes evaluate LABELS.csv --split test` measures those of test again. The model has"
        " learned from val, too; val's figures are of the trainings that each left a part of its"
        " sources out, on that part, in 32 bits (`memes crossfit`). These chose the temperature and"
        " the thresholds; test, of other sources, was only measured."
    ]


def _confident(rates: Rates, personal: int) -> str:
    """What a confidence bound makes of the choice of `meme`."""
    if not rates.confidence or not 0 < rates.false_alarm < 1:
        return ""
    sure = f"{100 * rates.confidence:.0f} % confidence"
    if rates.needed() > personal:
        return (
            f"; none may, for to say that with {sure} of other pictures takes {rates.needed()} of"
            " them"
        )
    return f", and with {sure} of other pictures like them"


def _strictness(steps: Sequence[dict[str, Any]]) -> list[str]:
    """A table of the steps that a user chooses from."""
    lines = [
        "Apps offer three steps of strictness, which share `unsure`. Verdicts `meme` on val, in"
        " percent with 95 % intervals:",
        "",
        "| step | `meme` from | of personal pictures | of all that are no memes | of memes |",
        "| --- | --: | --: | --: | --: |",
    ]
    for step in steps:
        shares = " | ".join(
            with_interval(step[name])
            for name in ("false_alarms_among_personal", "false_alarms", "recall")
        )
        lines.append(f"| {step['name']} | {step['thresholds']['meme']:.4f} | {shares} |")
    return lines


def _recipe(run: dict[str, Any]) -> str:
    """How a run was trained, in a few sentences."""
    config = run["config"]
    fields = [f"{name} {value}" for name, value in config.items() if value not in ("", 0, [])]
    teachers = run["data"].get("teachers")
    taught = f", taught by {teachers}" if teachers else ""
    if "parts" in run:
        return (
            f"`memes crossfit` at commit {run['commit']}, the mean of the weights of"
            f" {run['parts']} trainings of {run['steps']} steps, each without a part of"
            f" val{taught}. They began with {run['beginning']['name']}:"
            f" {_recipe(run['beginning'])} They went on with: {', '.join(fields)}."
        )
    return (
        f"`memes train` at commit {run['commit']} with Keras {run['versions']['keras']}{taught}."
        f" The seed is {config['seed']}; of the training step {run['best_step']} of {run['steps']}"
        f" was the best on val. The configuration: {', '.join(fields)}."
    )


def _variants(rows: Sequence[dict[str, Any]], held_out: bool) -> list[str]:
    """A section on the ways in which the numbers of the model could be stored.

    Args:
        rows: of the card.
        held_out: the model learned from val, so that its own AUC there would flatter.
    """
    heads = ["variant", "MB", "ms", "AUC", "mean difference", "largest"]
    cells = [
        [
            row["variant"],
            f"{row['bytes'] / 1e6:.2f}",
            f"{row['milliseconds']:.1f}",
            f"{row['roc_auc']:.4f}",
            f"{row['mean_difference']:.4f}",
            f"{row['largest_difference']:.4f}",
        ]
        for row in rows
    ]
    table = [heads, ["---"] + 5 * ["--:"], *cells]
    if held_out:
        table = [[*row[:3], *row[4:]] for row in table]
    return [
        "## Variants",
        "",
        f"Size, time for a picture on one core, {'' if held_out else 'AUC on val, '}and by how much"
        " the probabilities on val differ from the Keras model's:",
        "",
        *(f"| {' | '.join(row)} |" for row in table),
        "",
    ]
