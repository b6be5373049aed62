"""What the parts of a running application share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from .judges import Judges
    from .metrics import Metrics
    from .settings import Settings
    from .uploads import Memory


@dataclass(frozen=True)
class State:
    """What one application has of each."""

    settings: Settings
    judges: Judges
    memory: Memory
    metrics: Metrics


def state() -> State:
    """The state of the application that answers the present request."""
    return cast(State, current_app.extensions["memes"])
