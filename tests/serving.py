"""Serves what the tests make over real HTTP, and fails where it is told to."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """Files by path, and how the server behaves.

    Attributes:
        files: content of each path; others are answered by 404.
        cut_after: bytes after which the connection is cut, for the first answer of a path.
        hold_after: bytes after which nothing more comes, for the first answer of a path.
        failing: status that the first answers of a path have, in order.
        asked: each request's path, its Range header, and the status of the answer.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: dict[str, int] = field(default_factory=dict)
    hold_after: dict[str, int] = field(default_factory=dict)
    failing: dict[str, list[int]] = field(default_factory=dict)
    asked: list[tuple[str, str | None, int]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site on this machine as long as the block runs."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, site)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield site
        finally:
            site.released.set()
            server.shutdown()
            thread.join()


def _answer(request: BaseHTTPRequestHandler, site: Site) -> None:
    path, wanted = request.path, request.headers.get("Range")
    content = site.files.get(path)
    status, start = 200, 0
    if site.failing.get(path):
        status, content = site.failing[path].pop(0), b""
    elif content is None:
        status, content = 404, b""
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    unchanged = request.headers.get("If-Range", etag) == etag
    if status == 200 and wanted and unchanged:
        status, start = 206, int(wanted.removeprefix("bytes=").removesuffix("-"))
    site.asked.append((path, wanted, status))
    request.send_response(status)
    request.send_header("Content-Length", str(len(content) - start))
    request.send_header("ETag", etag)
    if status == 206:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    request.end_headers()
    sent = content[start:]
    if status in (200, 206):
        if (cut := site.cut_after.pop(path, None)) is not None:
            sent = sent[:cut]
        elif (held := site.hold_after.pop(path, None)) is not None:
            request.wfile.write(sent[:held])
            site.released.wait(60)
            return
    request.wfile.write(sent)
