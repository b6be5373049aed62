"""Keys: who may ask, where the environment names any."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from .state import state

SCHEMES: dict[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "One of the keys whose hashes MEMES_API_KEYS names; without any, none.",
    }
}
SECURITY: list[dict[str, list[Any]]] = [{}, {"key": []}]


def require_key() -> None:
    """Let a request pass that carries a key, or any where no key is needed.

    Raises:
        Unauthorized: it carries none, or a wrong one.
    """
    hashes = state().settings.api_keys
    if not hashes or request.method == "OPTIONS":
        return
    sent = request.authorization
    token = sent.token if sent is not None and sent.type == "bearer" else None
    digest = hashlib.sha256((token or "").encode(errors="replace")).hexdigest()
    # All are compared, each in constant time, so that time tells nothing.
    if sum(hmac.compare_digest(digest, known) for known in hashes) == 0 or token is None:
        raise Unauthorized(
            "This needs a key in the header: Authorization: Bearer KEY.",
            www_authenticate=WWWAuthenticate("bearer"),
        )
