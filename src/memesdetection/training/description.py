"""The description: what `run.json` of a run tells those who measure or compare it."""

from __future__ import annotations

from typing import Any


def measured_on(data: dict[str, str]) -> dict[str, str]:
    """Of the files of labels of a run, by name, those that its val and test depend on."""
    return {name: data[name] for name in ("index_sha256", "corrections_sha256") if name in data}


def learned_from_val(described: dict[str, Any]) -> bool:
    """Whether a run, or a member of it, learned from val, so that its model must not judge val.

    Then `predictions.npz` has for each picture of val what the training that left it out gave.

    Args:
        described: what `run.json` says.
    """
    return "parts" in described or any(map(learned_from_val, described.get("members", ())))


def learned_from_drawn(described: dict[str, Any]) -> bool:
    """Whether a run, what it began with or a member of it learned from extra pictures.

    Args:
        described: what `run.json` says.
    """
    others = [*described.get("members", ()), described.get("beginning", {})]
    return "extra_sha256" in described.get("data", {}) or any(
        learned_from_drawn(other) for other in others if other
    )


def passes(described: dict[str, Any]) -> float:
    """Over train, of a run and of what it began with, at most.

    Args:
        described: what `run.json` says.
    """
    own = float(described["config"]["epochs"]) * described.get("parts", 1)
    return own + (passes(described["beginning"]) if "beginning" in described else 0.0)
