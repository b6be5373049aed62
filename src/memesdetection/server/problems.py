"""Problems: every error as one JSON object with a sentence for the user (RFC 9457)."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, has_app_context, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ..errors import (
    Busy,
    HugePicture,
    JudgeLost,
    MemesError,
    PictureError,
    UsageError,
)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 2

_log = logging.getLogger(__name__)

_SENTENCES = {
    400: "The request is broken.",
    404: "There is nothing at this address; /docs says what there is.",
    408: "The request did not arrive in time.",
    413: "The request is too large.",
    429: "Too many requests came from this address; try again later.",
    500: "Something went wrong here; the log has more under this request id.",
}


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(default="about:blank", description="The title says all that the type would.")
    title: str = Field(description="The status in words.", examples=["Unprocessable Entity"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="One sentence for the user.", examples=["The picture is truncated or corrupt."]
    )
    request_id: str | None = Field(
        default=None, description="As in the header X-Request-ID and the log."
    )


def init_app(app: Flask) -> None:
    """Answer every error of the application by a problem."""
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(MemesError, _of_memes)
    app.register_error_handler(ParseException, _of_body)
    app.register_error_handler(Exception, _of_bug)


def documented(*statuses: int) -> dict[Any, Any]:
    """The problems with these statuses, as OpenAPI describes responses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {CONTENT_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def problem_of(error: MemesError) -> Problem:
    """The problem that an error raised on purpose is to a client."""
    return _problem(_status(error), str(error))


def invalid(error: ValidationError) -> Response:
    """Answer a request whose parameters are wrong."""
    details = error.errors()[0]
    name = ".".join(str(part) for part in details["loc"])
    wrong = details["msg"]
    return _answer(_problem(400, f"The parameter {name} is wrong: {wrong[0].lower()}{wrong[1:]}."))


def as_json(status: int, sentence: str | None = None) -> bytes:
    """A problem as JSON where no application is at hand."""
    return json.dumps(_problem(status, sentence).model_dump(exclude_none=True)).encode()


def _problem(status: int, sentence: str | None = None) -> Problem:
    title = HTTPStatus(status).phrase
    detail = sentence or _SENTENCES.get(status) or f"{title}."
    request_id = g.get("request_id") if has_app_context() else None
    return Problem(title=title, status=status, detail=detail, request_id=request_id)


def _answer(problem: Problem) -> Response:
    content = json.dumps(problem.model_dump(exclude_none=True))
    answer = Response(content, problem.status, content_type=CONTENT_TYPE)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _of_http(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    own_words = "description" in vars(error) and error.description != type(error).description
    sentence = error.description if own_words and error.code != 429 else None
    if isinstance(error, MethodNotAllowed):
        taken = " or ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
        sentence = f"This address does not take {request.method} but {taken}."
    answer = _answer(_problem(error.code or 500, sentence))
    for name, value in error.get_headers(request.environ):
        if name.lower() != "content-type":
            answer.headers[name] = value
    return answer


def _of_memes(error: MemesError) -> Response:
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s", error)
    return _answer(problem)


def _of_body(_: ParseException) -> Response:
    """A body in chunks turned out to be broken only when it was read."""
    return _answer(_problem(400))


def _of_bug(error: Exception) -> Response:
    _log.error("This is a bug.", exc_info=error)
    return _answer(_problem(500))


def _status(error: MemesError) -> int:
    if isinstance(error, (Busy, JudgeLost)):
        return 503
    if isinstance(error, HugePicture):
        return 413
    if isinstance(error, PictureError):
        return 422
    if isinstance(error, UsageError):
        return 404
    return 500
