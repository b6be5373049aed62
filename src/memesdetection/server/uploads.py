"""Uploads: the pictures of a request, held in memory alone and within limits."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from flask import Request, g
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from ..errors import Busy, HugePicture
from .settings import Settings
from .state import state

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FIELD = "file"
_MULTIPART = "multipart/form-data"
_CHUNK = 64 * 1024


class Memory:
    """How many bytes of uploads all requests hold together."""

    def __init__(self, settings: Settings) -> None:
        """Hold nothing yet."""
        self.held = 0
        self._limit = settings.max_memory_bytes
        self._changing = threading.Lock()

    def take(self, count: int) -> None:
        """Hold more for the present request.

        Raises:
            Busy: there is no more room.
        """
        with self._changing:
            if self.held + count > self._limit:
                raise Busy("Too much is being uploaded; try again in a moment.")
            self.held += count
        g.held = g.get("held", 0) + count

    def release(self) -> None:
        """Let go of all that the present request holds."""
        with self._changing:
            self.held -= g.pop("held", 0)


@dataclass(frozen=True)
class Upload:
    """One picture of a request.

    Attributes:
        filename: as the client calls it, or None for a raw body.
        file: its content.
    """

    filename: str | None
    file: HeldFile

    @property
    def content(self) -> bytes:
        """The whole content.

        Raises:
            HugePicture: it is larger than a file may be, and was not kept whole.
        """
        limit = state().settings.max_file_bytes
        if self.file.getbuffer().nbytes > limit:
            raise HugePicture(f"The file is too large; up to {limit / 2**20:g} MiB are taken.")
        return self.file.getvalue()


class HeldFile(io.BytesIO):
    """A file in memory that drops what comes after one byte more than a file may have."""

    def write(self, data: ReadableBuffer, /) -> int:
        room = state().settings.max_file_bytes + 1 - self.tell()
        kept = memoryview(data)[: max(0, room)]
        state().memory.take(len(kept))
        super().write(kept)
        return memoryview(data).nbytes


class _StrictParser(FormDataParser):
    """Raises ValueError over a form that it does not understand, instead of finding no files."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "silent": False})


class UploadRequest(Request):
    """A request whose files never reach the disk; Werkzeug's go there from 500 KB on."""

    form_data_parser_class = _StrictParser

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        g.files = g.get("files", 0) + 1
        limit = state().settings.max_files
        if g.files > limit:
            raise BadRequest(f"There are too many files; up to {limit} are taken.")
        return HeldFile()


def received(request: Request) -> list[Upload]:
    """Receive the pictures of a request: those of the field `file`, or its whole body.

    Raises:
        BadRequest: there is none, or there are too many.
        Busy: too much is held already.
        RequestEntityTooLarge: all together, or a raw body, are too large.
        UnsupportedMediaType: the body is neither a form with files nor said to be a picture.
    """
    if request.mimetype == _MULTIPART:
        uploads = list(_of_form(request))
    elif _may_be_picture(request.mimetype):
        uploads = list(_of_body(request))
    else:
        raise UnsupportedMediaType(
            f"Send pictures as {_MULTIPART} in the field {FIELD!r}, or one as the body with"
            " a Content-Type such as image/jpeg."
        )
    if not uploads:
        raise BadRequest(f"There is no picture; send one or more in the field {FIELD!r}.")
    return uploads


def _of_form(request: Request) -> Iterator[Upload]:
    for storage in _files(request):
        # A form that is sent without choosing a file has one without a name.
        if storage.filename and isinstance(storage.stream, HeldFile):
            name = storage.filename.encode(errors="replace").decode()
            yield Upload(name, storage.stream)


def _files(request: Request) -> list[FileStorage]:
    try:
        return request.files.getlist(FIELD)
    except ValueError as error:
        raise BadRequest(
            "The form cannot be read; send it whole, with names of files in UTF-8."
        ) from error


def _of_body(request: Request) -> Iterator[Upload]:
    limit = state().settings.max_file_bytes
    file = HeldFile()
    while chunk := request.stream.read(_CHUNK):
        file.write(chunk)
        if file.tell() > limit:
            raise RequestEntityTooLarge(
                f"The picture is too large; up to {limit / 2**20:g} MiB are taken."
            )
    if file.tell():
        yield Upload(None, file)


def _may_be_picture(mimetype: str) -> bool:
    return mimetype.startswith("image/") or mimetype in ("", "application/octet-stream")
