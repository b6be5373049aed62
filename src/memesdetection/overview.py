"""The overview: a scan as one page of HTML that needs nothing beside it.

The page is written as it is made, so that it takes no more memory for more pictures.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from markupsafe import Markup
from rich.filesize import decimal

from . import __version__
from .classifier import percent
from .gallery import Finding, available_cores
from .page import FOLDER, templates, thumbnail
from .tally import Tally

UNREADABLE_NAMED = 50

_THUMBNAIL_SIDE = 192
_AHEAD_PER_WORKER = 4
_TITLES = {"meme": "Memes", "unsure": "Unsure", "not_meme": "Other pictures"}


@dataclass(frozen=True)
class Entry:
    """A finding, and how the page tells of it.

    Attributes:
        finding: of the scan.
        name: what the page calls the file.
        mtime: last modification in seconds since 1970.
    """

    finding: Finding
    name: str
    mtime: float

    @property
    def probability(self) -> str:
        return percent(self.finding.probability or 0)

    @property
    def size(self) -> str:
        return decimal(self.finding.bytes)

    @property
    def date(self) -> str:
        return f"{datetime.fromtimestamp(self.mtime):%Y-%m-%d}"


def by_certainty(entries: Iterable[Entry], with_others: bool) -> list[Entry]:
    """The entries that the page shows: memes first, then the unsure ones, the most certain first.

    Args:
        entries: all of a scan.
        with_others: show pictures that are no memes, too.
    """
    shown = [*_TITLES] if with_others else ["meme", "unsure"]
    return sorted(
        (entry for entry in entries if entry.finding.verdict in shown),
        key=lambda entry: (
            shown.index(str(entry.finding.verdict)),
            -(entry.finding.probability or 0),
            entry.name,
        ),
    )


def thumbnails(entries: Iterable[Entry]) -> Generator[str | None, None, None]:
    """Yield for each entry a small JPEG in base64, or None where it cannot be read any more."""
    workers = available_cores()
    waiting: deque[Future[str | None]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="thumbnail") as pool:
        try:
            for entry in entries:
                waiting.append(pool.submit(thumbnail, entry.finding.path, _THUMBNAIL_SIDE))
                if len(waiting) > workers * _AHEAD_PER_WORKER:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def write(
    file: TextIO,
    tally: Tally,
    shown: Sequence[Entry],
    small: Iterator[str | None],
    unreadable: Sequence[Entry],
    model: str,
) -> None:
    """Write the page.

    Args:
        file: takes the page bit by bit.
        tally: of all pictures, also those that are not shown.
        shown: as `by_certainty` gives them.
        small: as `thumbnails` gives them; taken one by one.
        unreadable: entries whose findings have an error.
        model: the model that judged.
    """
    style = "".join((FOLDER / name).read_text("utf-8") for name in ("page.css", "overview.css"))
    script = (FOLDER / "overview.js").read_text("utf-8")
    groups = [
        (title, verdict, [entry for entry in shown if entry.finding.verdict == verdict])
        for verdict, title in _TITLES.items()
    ]
    page = templates().get_template("overview.html")
    for piece in page.generate(
        version=__version__,
        model=model,
        # Nothing but these two is obeyed by a browser.
        style=Markup(style),
        script=Markup(script),
        style_digest=_digest(style),
        script_digest=_digest(script),
        totals=[
            (title, tally.counts[verdict], decimal(tally.bytes[verdict]))
            for verdict, title in _TITLES.items()
        ],
        pictures=tally.counts.total(),
        size=decimal(sum(tally.bytes.values())),
        unreadable_count=len(unreadable),
        groups=[
            # Each picture is made small when the page comes to it.
            (title, len(entries), decimal(tally.bytes[verdict]), zip(entries, small, strict=False))
            for title, verdict, entries in groups
            if entries
        ],
        shown=shown,
        unreadable=unreadable[:UNREADABLE_NAMED],
    ):
        file.write(piece)


def _digest(text: str) -> str:
    """What a Content-Security-Policy calls an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
