"""The rate limit: how often one client address may ask, if the environment says so."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from .settings import Settings

_FREE = ("docs.", "health.")


def init_app(app: Flask, settings: Settings) -> None:
    """Count the requests of each address, in the memory of this one process."""
    if settings.rate_limit is None:
        return
    limiter = Limiter(
        get_remote_address,
        application_limits=[settings.rate_limit],
        storage_uri="memory://",
        strategy="moving-window",
        headers_enabled=True,
    )
    limiter.request_filter(_is_free)
    limiter.init_app(app)


def _is_free() -> bool:
    return request.endpoint is not None and request.endpoint.startswith(_FREE)
