"""The REST server: verdicts over HTTP. Needs the extra `server`.

from memesdetection.server import create_app
create_app().test_client().get("/v1/ping")
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtra

if TYPE_CHECKING:
    from .app import create_app as create_app

__all__ = ["create_app", "need_packages"]

_PACKAGES = (
    "flask_cors",
    "flask_limiter",
    "flask_openapi3",
    "flask_openapi3_swagger",
    "gunicorn",
    "prometheus_client",
    "pydantic_settings",
    "pythonjsonlogger",
)


def need_packages() -> None:
    """Check that the extra `server` is there.

    Raises:
        MissingExtra: it is not.
    """
    if not all(importlib.util.find_spec(name) for name in _PACKAGES):
        raise MissingExtra("The server", "server")


def __getattr__(name: str) -> Any:
    # Deferred, so that a judge, which is started anew for each process, need not load Flask.
    if name == "create_app":
        need_packages()
        from .app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
