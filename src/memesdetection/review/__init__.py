"""The review page: a folder's pictures in the browser. Needs the extra `review`."""

from __future__ import annotations

import importlib.util

from ..errors import MissingExtra


def need_packages() -> None:
    """Check that the extra `review` is there.

    Raises:
        MissingExtra: it is not.
    """
    if importlib.util.find_spec("flask") is None:
        raise MissingExtra("The review page", "review")
