"""Selection: which of the judged pictures a clean-up is to take."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from .classifier import Verdict
from .gallery import Finding
from .pictures import FoundFile


@dataclass(frozen=True)
class Judged:
    """A picture with its verdict, as it was when it was judged.

    Attributes:
        path: as found below the folder that was named.
        bytes: size of the file.
        mtime_ns: last modification, as `pictures.modified_ns` has it.
        sha256: of the content, hexadecimal.
        verdict: `meme`, `unsure` or `not_meme`.
        probability: of being a meme by the model, 0-1.
        marked: the verdict is the user's own.
    """

    path: str
    bytes: int
    mtime_ns: int
    sha256: str
    verdict: Verdict
    probability: float
    marked: bool = False


def judged(file: FoundFile, finding: Finding, marked: Iterable[str] = ()) -> Judged | None:
    """A scanned file with what the scan found, or None where there is no verdict.

    Args:
        file: as `pictures.find` yields it.
        finding: the scan's on this file.
        marked: SHA-256 of the contents that the user gave a verdict on.
    """
    if finding.verdict is None or finding.probability is None or finding.sha256 is None:
        return None
    return Judged(
        file.path,
        file.bytes,
        file.mtime_ns,
        finding.sha256,
        finding.verdict,
        finding.probability,
        finding.sha256 in marked,
    )


@dataclass(frozen=True)
class Selection:
    """What is asked for; each is None where it does not matter.

    Attributes:
        older_than: seconds since the last modification, at least.
        larger_than: bytes, more than these.
        min_probability: 0-1; what the user marked as a meme is taken all the same.
    """

    older_than: float | None = None
    larger_than: int | None = None
    min_probability: float | None = None

    def of(self, pictures: Iterable[Judged], verdict: Verdict) -> list[Judged]:
        """The pictures with a verdict that fit, the most certain first."""
        latest = None if self.older_than is None else (time.time() - self.older_than) * 1e9
        chosen = [
            one
            for one in pictures
            if one.verdict == verdict
            and (latest is None or one.mtime_ns <= latest)
            and (self.larger_than is None or one.bytes > self.larger_than)
            and (
                self.min_probability is None
                or one.marked
                or one.probability >= self.min_probability
            )
        ]
        return sorted(chosen, key=lambda one: (not one.marked, -one.probability, one.path))
