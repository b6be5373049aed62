"""The application: the page, its pictures, what the page asks for, and who may ask."""

from __future__ import annotations

import hmac
import select
import socket
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.exceptions import HTTPException

from ..classifier import Classifier
from ..errors import MemesError, PictureError
from ..names import printable
from .album import ACTS, Album
from .thumbnails import Thumbnails, encoded

THUMBNAIL_SIDE = 360
THUMBNAILS_BYTES = 16 * 2**20
FULL_SIDE = 2048
MOST_BYTES_ASKED = 2**20

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_ASKED = ("act", "pictures")

# What pages with pictures share lies with the web app.
_SHARED = Path(__file__).parents[1] / "server/static"
_OWN = Path(__file__).parent / "static"

pages = Blueprint("review", __name__, url_prefix="/<token>", template_folder="templates")


def create_app(album: Album, classifier: Classifier, token: str, host: str) -> Flask:
    """Make the application.

    Args:
        album: whose pictures are shown.
        classifier: that judged them.
        token: with which every path must start.
        host: name and port by which it must be asked, as in a URL.
    """
    app = Flask(__name__, static_folder=None)
    # Else two slashes in a path are answered by a redirect.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES_ASKED
    app.extensions["album"] = album
    app.extensions["classifier"] = classifier
    app.extensions["thumbnails"] = Thumbnails(THUMBNAIL_SIDE, THUMBNAILS_BYTES)

    @app.before_request
    def guard() -> None:
        # A name that a stranger's page points to this computer is another host.
        if not _same(request.host, host):
            abort(403, "This page is asked by another name than it has.")
        if not _same(request.path.split("/")[1], token):
            abort(403, "Open the address that memes review printed: it holds the key.")
        if request.method not in ("GET", "HEAD") and not _same(
            request.headers.get("Origin", ""), f"http://{host}"
        ):
            abort(403, "This was asked by another page.")

    @app.after_request
    def secure(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        return answer

    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(PictureError, _no_picture)
    app.register_blueprint(pages)
    return app


@pages.url_value_preprocessor
def _drop_token(_: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        del values["token"]


@pages.get("/")
def page() -> str:
    """The page."""
    return render_template("review.html", folder=printable(str(_album().folder)))


@pages.get("/static/<any(shared, icons, review):part>/<path:name>")
def static(part: str, name: str) -> Response:
    """A script, a style or an icon."""
    return send_from_directory((_OWN if part == "review" else _SHARED) / part, name)


@pages.get("/pictures")
def changes() -> dict[str, Any]:
    """The pictures that came or changed since the page asked last."""
    return _album().changes(max(request.args.get("after", 0, int), 0))


@pages.get("/pictures/<int:number>/thumbnail")
def thumbnail(number: int) -> Response:
    """A picture, small."""
    kept: Thumbnails = current_app.extensions["thumbnails"]
    digest = _found(number)
    connection, album = request.environ.get("werkzeug.socket"), _album()

    def read() -> bytes:
        # Who scrolls on by thousands waits for none of them.
        if connection is not None and _hung_up(connection):
            abort(400, "Nobody waits for this.")
        return album.content(number)

    made = kept.known(digest) or kept.make(digest, read)
    return Response(made, mimetype="image/jpeg")


@pages.get("/pictures/<int:number>/full")
def full(number: int) -> Response:
    """A picture, as large as a window."""
    _found(number)
    return Response(encoded(_album().content(number), FULL_SIDE), mimetype="image/jpeg")


@pages.get("/pictures/<int:number>/heat")
def heat(number: int) -> Response:
    """A picture's heat map: logits, row by row."""
    _found(number)
    classifier: Classifier = current_app.extensions["classifier"]
    outputs = classifier.run(classifier.decode(_album().content(number)))
    return jsonify([round(float(logit), 3) for logit in outputs.heat_map.ravel()])


@pages.post("/acts")
def perform() -> dict[str, Any]:
    """Do something with pictures: `{"act": one of ACTS, "pictures": [id, ...]}`."""
    asked = request.get_json()
    act, numbers = (asked.get(name) if isinstance(asked, dict) else None for name in _ASKED)
    if not (isinstance(act, str) and act in ACTS and isinstance(numbers, list)):
        abort(400, "This is not what the page asks.")
    if not all(type(number) is int for number in numbers):
        abort(400, "This is not what the page asks.")
    try:
        outcome = ACTS[act](_album(), numbers)
    except LookupError:
        abort(404, "There is no such picture.")
    return {**vars(outcome), "undoable": _album().undoable}


def _album() -> Album:
    album: Album = current_app.extensions["album"]
    return album


def _found(number: int) -> str:
    """The digest of a picture, which must be one of the album."""
    digest = _album().digest(number)
    if digest is None:
        abort(404, "There is no such picture.")
    return digest


def _hung_up(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _refused(error: HTTPException) -> tuple[Response, int]:
    return jsonify(said=error.description), error.code or 500


def _no_picture(error: MemesError) -> tuple[Response, int]:
    return jsonify(said=str(error)), 410
