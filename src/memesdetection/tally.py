"""The tally: how many pictures have which verdict, and the space that they take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .gallery import Finding


@dataclass
class Tally:
    """Findings counted as they come.

    Attributes:
        counts: pictures of each verdict.
        bytes: of their files together.
        unreadable: files that should be pictures and cannot be judged.
    """

    counts: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    def add(self, finding: Finding) -> None:
        """Count a finding; files of another sort are passed over."""
        if finding.verdict is not None:
            self.counts[finding.verdict] += 1
            self.bytes[finding.verdict] += finding.bytes
        elif finding.error is not None:
            self.unreadable += 1
