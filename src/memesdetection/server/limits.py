"""The rate limit: how often one client address may ask, if the environment says so."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from .settings import Settings

_FREE = ("docs.", "health.", "web.")


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
    # The hook that is added first runs last.
    app.after_request(_without_retry)
    limiter.init_app(app)


def _without_retry(answer: Response) -> Response:
    """Flask-Limiter tells also who was answered when to retry, which some clients obey."""
    if answer.status_code < 400:
        answer.headers.pop("Retry-After", None)
    return answer


def _is_free() -> bool:
    return request.endpoint is not None and request.endpoint.startswith(_FREE)
