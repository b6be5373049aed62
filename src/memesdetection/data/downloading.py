"""Downloads over HTTP that go on where they were cut. Needs the extra `train`."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event

from ..errors import MissingExtra, OutputError, SourceError

try:
    import httpx
except ImportError as error:
    raise MissingExtra("Fetching data", "train") from error

OnBytes = Callable[[int, "int | None"], None]
"""Is told the bytes that are there, and all that there will be if the server says so."""

ATTEMPTS = 5
"""Attempts in a row that come no further than an earlier one before a download is given up."""

FIRST_WAIT = 1.0
"""Seconds before the second attempt; doubled before each further one."""

LONGEST_WAIT = 60.0

MAX_BYTES = 32 * 2**30
"""Largest archive that is downloaded."""

_PASSING = (408, 425, 429, 500, 502, 503, 504)


class _Again(Exception):
    """The server or the network failed in a way that may pass.

    Args:
        wait: seconds that the server asks for.
    """

    def __init__(self, reason: str, wait: float = 0) -> None:
        super().__init__(reason)
        self.wait = wait


def client() -> httpx.Client:
    """A client for `download`; threads may share it."""
    return httpx.Client(
        follow_redirects=True,
        timeout=httpx.Timeout(60, connect=30),
        # What is hashed and resumed is the file itself, not an encoding of it.
        headers={"Accept-Encoding": "identity", "User-Agent": "memes"},
    )


def download(
    http: httpx.Client,
    address: str,
    target: Path,
    on_bytes: OnBytes = lambda done, total: None,
    stopped: Event | None = None,
) -> None:
    """Download to a file, which is there only when it is complete.

    What came before a cut is kept beside it as `.part`, with the server's mark of this version of
    the file (ETag or Last-Modified) as `.part.version`; the rest is asked for by Range, provided
    the file is still of that version (RFC 9110, If-Range). Failures that may pass are tried again
    with waits that double.

    Args:
        http: from `client`.
        address: of the file.
        target: where it goes; its folder is there.
        on_bytes: is told of progress.
        stopped: set by another thread to end the download early.

    Raises:
        SourceError: the server has no such file, or fails again and again, or it was stopped.
        OutputError: the disk does not take it.
    """
    stopped = stopped or Event()
    part = target.with_name(target.name + ".part")
    failures, most = 0, _size(part)
    while True:
        try:
            _attempt(http, address, part, on_bytes, stopped)
            part.replace(target)
            _version_file(part).unlink(missing_ok=True)
            return
        except _Again as error:
            failures = 1 if _size(part) > most else failures + 1
            most = max(most, _size(part))
            if failures >= ATTEMPTS:
                raise SourceError(f"{address} fails: {error}; try again later.") from error
            wait = max(error.wait, FIRST_WAIT * 2 ** (failures - 1))
            if stopped.wait(min(wait, LONGEST_WAIT)):
                raise SourceError(f"{address} was stopped.") from error
        except OSError as error:
            raise OutputError(f"{target} cannot be written: {error.strerror or error}.") from error


def _attempt(
    http: httpx.Client, address: str, part: Path, on_bytes: OnBytes, stopped: Event
) -> None:
    done, version = _size(part), _version(part)
    headers = {"Range": f"bytes={done}-", "If-Range": version} if done and version else {}
    try:
        with http.stream("GET", address, headers=headers) as response:
            if response.status_code == 416:
                part.unlink(missing_ok=True)
                raise _Again("the rest of the file is not there any more")
            _refuse(response, address)
            resumed = response.status_code == 206
            if resumed and not _goes_on_at(response, done):
                part.unlink(missing_ok=True)
                raise _Again("the server sent another part than was asked for")
            if not resumed:
                done = 0
                _remember_version(part, response)
            rest = response.headers.get("Content-Length")
            total = done + int(rest) if rest and rest.isdecimal() else None
            with part.open("ab" if resumed else "wb") as file:
                on_bytes(done, total)
                for chunk in response.iter_raw():
                    if stopped.is_set():
                        raise SourceError(f"{address} was stopped.")
                    file.write(chunk)
                    # What has come shall outlive this process.
                    file.flush()
                    done += len(chunk)
                    if done > MAX_BYTES:
                        raise SourceError(f"{address} is larger than {MAX_BYTES // 2**30} GiB.")
                    on_bytes(done, total)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise SourceError(f"{address} is no address of the web.") from error
    except httpx.HTTPError as error:
        raise _Again(_reason(error)) from error


def _refuse(response: httpx.Response, address: str) -> None:
    """Raise if the answer is not the file."""
    status = response.status_code
    if status in _PASSING:
        wait = response.headers.get("Retry-After", "")
        raise _Again(f"the server answers {status}", float(wait) if wait.isdecimal() else 0)
    if status in (404, 410):
        raise SourceError(f"{address} is gone ({status}).")
    if status not in (200, 206):
        raise SourceError(f"{address} is not handed out ({status}).")


def _goes_on_at(response: httpx.Response, start: int) -> bool:
    return bool(re.match(rf"bytes {start}-", response.headers.get("Content-Range", "")))


def _remember_version(part: Path, response: httpx.Response) -> None:
    etag = response.headers.get("ETag", "")
    # A weak one marks files of equal meaning, whose bytes may differ.
    version = response.headers.get("Last-Modified", "") if etag.startswith("W/") else etag
    version = version or response.headers.get("Last-Modified", "")
    part.unlink(missing_ok=True)
    _version_file(part).write_text(version, encoding="utf-8")


def _version(part: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return _version_file(part).read_text(encoding="utf-8")
    return ""


def _version_file(part: Path) -> Path:
    return part.with_name(part.name + ".version")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "the server does not answer in time"
    if isinstance(error, httpx.ConnectError):
        return "there is no connection"
    return "the connection was cut"
