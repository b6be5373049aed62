"""Health: whether the server runs, whether it can judge, and what it did."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from werkzeug.exceptions import ServiceUnavailable

from .keys import SECURITY, require_key
from .problems import documented
from .state import state

_TAG = Tag(name="health", description="For those who run the server.")


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


class Ping(BaseModel):
    """The server is there."""

    message: str = "pong"


def blueprint() -> APIBlueprint:
    """The routes that tell about the server itself."""
    health = APIBlueprint("health", __name__, abp_tags=[_TAG])

    @health.get("/v1/ping", operation_id="ping", responses={200: Ping, **documented(400)})
    def ping() -> dict[str, Any]:
        """Say that the server is there."""
        return Ping().model_dump()

    @health.get("/health/live", operation_id="live", responses={200: Health, **documented(400)})
    def live() -> dict[str, Any]:
        """Whether the server runs; if not, it must be started anew."""
        return Health().model_dump()

    @health.get(
        "/health/ready", operation_id="ready", responses={200: Health, **documented(400, 503)}
    )
    def ready() -> dict[str, Any]:
        """Whether the server can judge pictures; if not, it should get none."""
        judges = state().judges
        if not judges.ready:
            raise ServiceUnavailable(judges.trouble)
        return Health().model_dump()

    @health.get(
        "/metrics",
        operation_id="metrics",
        security=SECURITY,
        responses={
            200: {
                "description": "OK",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            **documented(400, 401),
        },
    )
    def metrics() -> Response:
        """What the server did, for Prometheus."""
        require_key()
        return Response(state().metrics.text(), content_type=CONTENT_TYPE_LATEST)

    return health
