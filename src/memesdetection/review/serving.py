"""Serving: the page on this computer alone, for as long as the command runs."""

from __future__ import annotations

import ctypes
import logging
import secrets
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from ..classifier import Classifier
from ..errors import OutputError
from .album import Album
from .app import create_app

HOST = "127.0.0.1"

_M_MMAP_THRESHOLD = -3
_LARGE = 2**18


class _Handler(WSGIRequestHandler):
    # Thumbnails by the hundred need no connection each.
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Tell nobody: paths hold the token."""

    def version_string(self) -> str:
        return "memes"


def serve(album: Album, classifier: Classifier, ready: Callable[[str], None]) -> None:
    """Scan the album and serve its page until an interrupt.

    Args:
        album: whose pictures are shown.
        classifier: that judges them.
        ready: called with the page's address, at which it can be asked.

    Raises:
        OutputError: this computer gives no port.
    """
    _give_memory_back()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    token = secrets.token_urlsafe(24)
    try:
        # The application must know the port, which is known only then.
        server = make_server(HOST, 0, Flask(__name__), threaded=True, request_handler=_Handler)
    except OSError as error:
        raise OutputError(f"The page cannot be served: {error.strerror or error}.") from error
    host = f"{HOST}:{server.server_port}"
    server.app = create_app(album, classifier, token, host)
    scanning = threading.Thread(target=album.scan, name="scan")
    scanning.start()
    try:
        ready(f"http://{host}/{token}/")
        server.serve_forever()
    finally:
        album.stop()
        server.server_close()
        scanning.join()


def _give_memory_back() -> None:
    """Have what a decoded picture took returned at once.

    Else glibc keeps it for each thread, and the command grows with each picture that is shown.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
