"""The screen: how a long computation shows its progress, without knowing what shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


def _pass_on(items: Iterable[int], total: int, doing: str) -> Iterable[int]:
    return items


def _keep_quiet(sentence: str) -> None:
    pass


@dataclass(frozen=True)
class Screen:
    """Where a computation shows what it does.

    Attributes:
        progress: yields the items it is given, and shows how many of the total are done.
        tell: prints one line.
    """

    progress: Callable[[Iterable[int], int, str], Iterable[int]] = _pass_on
    tell: Callable[[str], None] = _keep_quiet


SILENT = Screen()
