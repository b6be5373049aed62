"""The web app at `/`: its page, its files, the model that it runs, and what keeps it offline."""

from __future__ import annotations

import gzip
import hashlib
import posixpath
from functools import cache
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    render_template,
    request,
    send_from_directory,
    url_for,
)

from ..classifier import DEFAULT_MODEL, Classifier
from .state import state

STATIC = Path(__file__).parent / "static"
# What `make web` writes last; without it the page only judges on the server.
BUNDLE = STATIC / "vendor/licences.txt"
_WORTH_PACKING = 2**10
_PACKED_ALREADY = {".png"}

blueprint = Blueprint("web", __name__, template_folder="templates")


@blueprint.get("/")
def page() -> str:
    """The page."""
    return render_template(
        "web.html", max_files=state().settings.max_files, bundled=BUNDLE.is_file()
    )


@blueprint.get("/static/<path:filename>")
def static(filename: str) -> Response:
    """A script, a style, an icon, or what others wrote."""
    return _file(STATIC, filename)


@blueprint.get("/model/model.tflite")
def model() -> Response:
    """The model that judges on the visitor's device."""
    return _file(_model().folder, "model.tflite")


@blueprint.get("/model/card.json")
def card() -> dict[str, Any]:
    """What judging needs of its card."""
    classifier = _model()
    return {
        "name": classifier.name,
        "size": classifier.size,
        "thresholds": vars(classifier.thresholds),
    }


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """What keeps the page and the model on the visitor's device."""
    files = sorted(file for file in STATIC.rglob("*") if file.is_file())
    addresses = [
        url_for("web.page"),
        url_for("web.card"),
        url_for("web.model"),
        *(url_for("web.static", filename=file.relative_to(STATIC).as_posix()) for file in files),
    ]
    script = render_template("service-worker.js", version=_version(page()), addresses=addresses)
    answer = current_app.response_class(script, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@cache
def _model() -> Classifier:
    return Classifier(DEFAULT_MODEL)


@cache
def _version(written: str) -> str:
    """A digest of all that is kept, so that a change of it is noticed."""
    digest = hashlib.sha256(f"{written}{_model().identity}{card()}".encode())
    for file in sorted(file for file in STATIC.rglob("*") if file.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _file(folder: Path, name: str) -> Response:
    """A file, packed if that is worth it and the browser can unpack it."""
    # Each spelling of a path would be packed anew.
    if name != posixpath.normpath(name):
        abort(404)
    answer = send_from_directory(folder, name)
    size = answer.content_length or 0
    if size >= _WORTH_PACKING and Path(name).suffix not in _PACKED_ALREADY:
        answer.vary.add("Accept-Encoding")
        if answer.status_code == 200 and request.accept_encodings["gzip"]:
            modified = (folder / name).stat().st_mtime_ns
            answer.close()
            answer.direct_passthrough = False
            answer.set_data(_packed(folder / name, modified))
            answer.content_encoding = "gzip"
    return answer


@cache
def _packed(file: Path, modified: int) -> bytes:
    """A file's content, packed once as long as it stays the same."""
    return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
