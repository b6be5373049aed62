"""The application: all routes, limits and logs together."""

from __future__ import annotations

import flask_cors
from flask.json.provider import DefaultJSONProvider
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from .. import __version__
from . import docs, headers, health, keys, legacy, limits, logs, predict, problems, web
from .judges import Judges
from .metrics import Metrics
from .settings import Settings, read_settings
from .state import State
from .uploads import Memory, UploadRequest


class _Json(DefaultJSONProvider):
    """JSON with the fields in their order."""

    sort_keys = False


class App(OpenAPI):
    """The Flask application, which keeps what is uploaded in memory."""

    request_class = UploadRequest
    json_provider_class = _Json


def create_app(settings: Settings | None = None, workers: int = 1) -> App:
    """Make the application, and start the processes that judge.

    Args:
        settings: how it behaves; by default what the environment says.
        workers: processes that judge pictures, one picture at a time each.

    Raises:
        UsageError: a variable of the environment is wrong.
    """
    settings = settings or read_settings()
    app = App(
        __name__,
        info=Info(title="memes", version=__version__, description=docs.DESCRIPTION),
        security_schemes=keys.SCHEMES,
        validation_error_status=400,
        validation_error_model=problems.Problem,
        validation_error_callback=problems.invalid,
        doc_ui=False,
        # Nothing is served from a folder but what the pages need.
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request_bytes
    judges = Judges(settings, workers)
    memory = Memory(settings)
    app.extensions["memes"] = State(settings, judges, memory, Metrics(judges, memory))
    # The last hook that is added runs first: each answer has its headers before it is logged.
    logs.init_app(app)
    headers.init_app(app)
    limits.init_app(app, settings)
    problems.init_app(app)
    for blueprint in (predict.blueprint(settings), legacy.blueprint(settings), health.blueprint()):
        app.register_api(blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(web.blueprint)
    if settings.cors_origins:
        flask_cors.CORS(
            app,
            origins=list(settings.cors_origins),
            methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["Retry-After", "X-Request-ID"],
        )
    if proxies := settings.trusted_proxies:
        behind = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
        app.wsgi_app = behind  # type: ignore[method-assign]
    judges.start()
    return app
