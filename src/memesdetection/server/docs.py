"""The description of the API, generated from its routes, and a page that shows it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, cast

from flask import Blueprint, current_app, render_template
from flask_openapi3.openapi import OpenAPI

DESCRIPTION = (
    "Tells memes from other pictures. Uploads are judged in memory and forgotten. Errors are"
    " `application/problem+json` with one sentence in `detail`."
)

blueprint = Blueprint(
    "docs",
    __name__,
    template_folder="templates",
    static_folder=str(files("flask_openapi3_swagger") / "templates/swagger"),
    static_url_path="/docs/assets",
)


@blueprint.get("/openapi.json")
def description() -> dict[str, Any]:
    """The API as OpenAPI describes it."""
    return cast(OpenAPI, current_app).api_doc


@blueprint.get("/docs")
def page() -> str:
    """The page; Swagger UI fills it."""
    return render_template("docs.html")


@blueprint.get("/docs/start.js")
def start() -> Any:
    """The page's own script: pages hold none themselves, see `headers`."""
    return current_app.response_class(render_template("docs.js"), mimetype="text/javascript")
