"""The routes of the first version's server, as its app expects them."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ..errors import MemesError
from .keys import SECURITY, require_key
from .problems import documented, problem_of
from .settings import Settings
from .uploads import FIELD, received
from .verdicts import judge_all

_TAG = Tag(name="first version", description="As the app of the first version expects them.")
_SUCCESS = {"response_code": "200", "response_root": "Success"}


class Pong(BaseModel):
    """What the first version's server says to a ping."""

    response_message: str
    response_code: str
    response_root: str


class OldVerdict(Pong):
    """What the first version's server says of one picture."""

    image_path: str = Field(alias="imagePath", description="The file name as uploaded.")
    meme_status: str = Field(alias="memeStatus", description="Meme or Not Meme.")


def blueprint(settings: Settings) -> APIBlueprint:
    """The routes of the first version."""
    old = APIBlueprint("legacy", __name__, abp_tags=[_TAG], abp_security=SECURITY)
    old.before_request(require_key)
    binary = {"type": "string", "format": "binary"}
    many = {"type": "array", "items": binary, "minItems": 1, "maxItems": settings.max_files}
    form = {"type": "object", "required": [FIELD], "properties": {FIELD: many}}
    listed = {
        "description": "OK",
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": OldVerdict.model_json_schema(by_alias=True)}
            }
        },
    }

    @old.get(
        "/pingserver",
        operation_id="old_ping",
        deprecated=True,
        responses={200: Pong, **documented(400, 401, 429)},
    )
    def pingserver() -> Response:
        """Say that the server is there."""
        return _answer({"response_message": "Pong from server", **_SUCCESS})

    @old.post(
        "/predict",
        operation_id="old_predict",
        deprecated=True,
        openapi_extensions={
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}
        },
        responses={200: listed, **documented(400, 401, 408, 413, 415, 429, 503)},
    )
    def predict() -> Response:
        """Judge the pictures of the field `file`; what is unsure counts as no meme."""
        uploads = received(request)
        return _answer([_said(upload.filename, said) for upload, said in judge_all(uploads)])

    return old


def _said(filename: str | None, outcome: dict[str, Any] | MemesError) -> dict[str, str]:
    meme = False
    if isinstance(outcome, MemesError):
        problem = problem_of(outcome)
        said = {
            "response_message": problem.detail,
            "response_code": str(problem.status),
            "response_root": "Failure",
        }
    else:
        said = {"response_message": "Prediction completed", **_SUCCESS}
        meme = outcome["verdict"] == "meme"
    status = "Meme" if meme else "Not Meme"
    return {**said, "imagePath": filename or "", "memeStatus": status}


def _answer(content: Any) -> Response:
    """JSON with the fields in their order, as the first version's server wrote them."""
    return Response(json.dumps(content), content_type="application/json")
