"""Logs: one JSON object a line, with request ids, and nothing of a picture nor its name."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from .state import state

REQUEST_ID = "X-Request-ID"

_log = logging.getLogger(__name__)


def configuration(level: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes: all that is logged, as JSON on standard error."""
    ours = {"handlers": ["lines"], "level": level.upper(), "propagate": False}
    # For debugging Gunicorn logs addresses as they are asked for, whatever stands in them.
    gunicorns = ours if level != "debug" else {**ours, "level": "INFO"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": RequestFilter}},
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{asctime}{levelname}{name}{process}{message}",
                "style": "{",
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            }
        },
        "handlers": {
            "lines": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["request"],
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {"memesdetection": ours, "gunicorn.error": gunicorns},
        "root": {"handlers": ["lines"], "level": "WARNING"},
    }


class RequestFilter(logging.Filter):
    """Adds the id of the present request to each line, if there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if has_request_context() and "request_id" in g:
            record.request_id = g.request_id
        return True


def init_app(app: Flask) -> None:
    """Give each request an id, and log and count each answer."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_release)


def _begin() -> None:
    g.started = time.monotonic()
    sent = request.headers.get(REQUEST_ID, "")
    # A proxy's id is kept, if it is one and not a way to write into the log.
    g.request_id = sent if re.fullmatch(r"[A-Za-z0-9_-]{8,64}", sent) else uuid.uuid4().hex


def _end(answer: Response) -> Response:
    # Only a known route is named; any other address may hold anything.
    route = request.url_rule.rule if request.url_rule else "unknown"
    seconds = time.monotonic() - g.started
    answer.headers[REQUEST_ID] = g.request_id
    metrics = state().metrics
    metrics.requests.labels(route, _method(), answer.status_code).inc()
    metrics.request_seconds.labels(route).observe(seconds)
    level = logging.DEBUG if route.startswith("/health/") else logging.INFO
    _log.log(
        level,
        "request",
        extra={
            "method": _method(),
            "route": route,
            "status": answer.status_code,
            "milliseconds": round(1000 * seconds, 1),
            "bytes_in": request.content_length,
            "bytes_out": answer.content_length,
            "pictures": g.get("pictures", 0),
        },
    )
    return answer


def _method() -> str:
    known = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
    return request.method if request.method in known else "other"


def _release(_: BaseException | None) -> None:
    state().memory.release()
