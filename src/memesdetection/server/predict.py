"""The routes below /v1: verdicts on pictures, and the models that give them."""

from __future__ import annotations

from typing import Any, Literal

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from ..classifier import Classifier, Verdict, shipped_models
from ..errors import MemesError, UsageError
from .keys import SECURITY, require_key
from .problems import Problem, documented, problem_of
from .settings import Settings
from .state import state
from .uploads import FIELD, received
from .verdicts import judge_all

_TAG = Tag(name="v1", description="Verdicts on pictures, and the models that give them.")
_REFUSALS = (400, 401, 404, 408, 413, 415, 422, 429, 503)


class Asked(BaseModel):
    """What a client may ask for."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(default=None, description="Name of a model; see /v1/models.")
    heat_map: bool = Field(
        default=False, description="Whether to draw where each picture is a meme."
    )
    embedding: bool = Field(
        default=False, description="Whether to return each picture's embedding."
    )


class Label(BaseModel):
    """One label, with how likely it is."""

    label: Literal["meme", "not_meme"]
    score: float = Field(ge=0, le=1)


class Judged(BaseModel):
    """What is thought of one picture."""

    filename: str | None = Field(default=None, description="As uploaded; a raw body has none.")
    verdict: Verdict
    probability: float = Field(ge=0, le=1, description="Of being a meme, calibrated.")
    labels: list[Label] = Field(description="Both, the likelier first.")
    reason: str = Field(description="One sentence that says why the verdict is what it is.")
    width: int = Field(description="Pixels of the upright picture.")
    height: int = Field(description="Pixels of the upright picture.")
    milliseconds: float = Field(description="Decoding and judging, without waiting.")
    heat_map: str | None = Field(
        default=None,
        description="PNG of the picture, redder where it speaks for a meme, in base64.",
    )
    embedding: list[float] | None = Field(default=None, description="Mean of the last feature map.")


class Failed(BaseModel):
    """Why one picture among many has no verdict."""

    filename: str | None = Field(default=None, description="As uploaded.")
    error: Problem


class Answer(BaseModel):
    """What is thought of all pictures, in the order in which they were sent."""

    model: str
    pictures: list[Judged | Failed]


class ModelSummary(BaseModel):
    """A model that ships."""

    name: str
    bytes: int = Field(description="Size of the model file.")
    size: int = Field(description="Side of the square input in pixels.")


class Models(BaseModel):
    """The models that ship, and which of them judges where none is asked for."""

    default: str
    models: list[ModelSummary]


class ModelName(BaseModel):
    """A model in an address."""

    name: str = Field(description="Name of a model.")


class Card(BaseModel):
    """A model's card: contract, thresholds, figures; see docs/training.md."""

    model_config = ConfigDict(extra="allow")

    name: str
    sha256: str
    bytes: int


def blueprint(settings: Settings) -> APIBlueprint:
    """The routes below /v1 that need a key, where any is needed."""
    v1 = APIBlueprint(
        "v1", __name__, url_prefix="/v1", abp_tags=[_TAG], abp_security=SECURITY, doc_ui=True
    )
    v1.before_request(require_key)
    binary = {"type": "string", "format": "binary"}
    many = {"type": "array", "items": binary, "minItems": 1, "maxItems": settings.max_files}
    form = {"type": "object", "required": [FIELD], "properties": {FIELD: many}}
    body = {
        "required": True,
        "content": {"multipart/form-data": {"schema": form}, "image/*": {"schema": binary}},
    }

    @v1.post(
        "/predict",
        operation_id="predict",
        openapi_extensions={"requestBody": body},
        responses={200: Answer, **documented(*_REFUSALS)},
    )
    def predict(query: Asked) -> dict[str, Any]:
        """Judge pictures: those of the field `file` of a form, or one as the whole body.

        The type of a picture is told by its content. One bad picture is an error; among many it
        has an error of its own, and the others have their verdicts.
        """
        uploads = received(request)
        model = query.model or state().settings.model
        judged = list(judge_all(uploads, model, query.heat_map, query.embedding))
        outcome = judged[0][1]
        if len(judged) == 1 and isinstance(outcome, MemesError):
            raise outcome
        pictures = [_shown(upload.filename, outcome) for upload, outcome in judged]
        return Answer(model=model, pictures=pictures).model_dump(exclude_none=True)

    @v1.get("/models", operation_id="models", responses={200: Models, **documented(400, 401, 429)})
    def models() -> dict[str, Any]:
        """List the models."""
        summaries = [
            ModelSummary(name=name, bytes=classifier.card["bytes"], size=classifier.size)
            for name in shipped_models()
            for classifier in [Classifier(name)]
        ]
        return Models(default=settings.model, models=summaries).model_dump()

    @v1.get(
        "/models/<name>",
        operation_id="model",
        responses={200: Card, **documented(400, 401, 404, 429)},
    )
    def model(path: ModelName) -> dict[str, Any]:
        """A model's card: what goes in and comes out, its thresholds, and how good it is."""
        if path.name not in shipped_models():
            raise UsageError(f"There is no such model; there are {', '.join(shipped_models())}.")
        return Classifier(path.name).card

    return v1


def _shown(filename: str | None, outcome: dict[str, Any] | MemesError) -> Judged | Failed:
    if isinstance(outcome, MemesError):
        return Failed(filename=filename, error=problem_of(outcome))
    probability = outcome["probability"]
    labels = [
        Label(label="meme", score=probability),
        Label(label="not_meme", score=1 - probability),
    ]
    labels.sort(key=lambda label: -label.score)
    return Judged(filename=filename, labels=labels, **outcome)
