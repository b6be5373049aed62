"""Unpacking: the pictures of an archive, with nothing in it trusted."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from .. import pictures
from ..errors import OutputError, SourceError
from .sources import PIN_DIGITS, Rule, Source, flat

MAX_MEMBERS = 1_000_000

MAX_BYTES = 64 * 2**30
"""Most bytes that all members of an archive may have, so that a bomb does not hold up a fetch."""

_LONGEST_NAME = 160
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
)


@dataclass(frozen=True)
class _Member:
    """An entry of an archive.

    Attributes:
        path: as the archive says.
        bytes: its size.
    """

    path: str
    bytes: int


@dataclass(frozen=True)
class Unpacked:
    """A picture that was taken out of an archive.

    Attributes:
        name: of the file in the source's folder.
        original: its path in the archive.
        sha1: of its content, hexadecimal.
        rule: the rule that took it.
    """

    name: str
    original: str
    sha1: str
    rule: Rule


def unpack(archive: Path, source: Source, folder: Path) -> list[Unpacked]:
    """Write the pictures that a source's rules take into a folder, under their flat names.

    Of pictures with the same content only the first is taken. Links, devices and whatever no rule
    names are passed over.

    Raises:
        SourceError: the archive is damaged, too large, or holds a path that leads outside.
        OutputError: the disk does not take it.
    """
    unpacked: list[Unpacked] = []
    seen: set[str] = set()
    names: set[str] = set()
    for member, content in _contents(archive, source):
        path = "/".join(PurePosixPath(member).parts[source.top_folders :])
        if not _is_picture(path, content):
            continue
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        rule = next((rule for rule in source.rules if rule.takes(flat(path), digest)), None)
        if rule is None or digest in seen:
            continue
        seen.add(digest)
        name = _file_name(flat(path), digest, names)
        names.add(name.casefold())
        try:
            (folder / name).write_bytes(content)
        except OSError as error:
            raise OutputError(f"{folder / name} cannot be written: {error.strerror}.") from error
        unpacked.append(Unpacked(name, path, digest, rule))
    return unpacked


def missing_pins(source: Source, unpacked: list[Unpacked]) -> int:
    """How many pictures that the manifest pins are not among the unpacked ones."""
    return len(source.pins - {picture.sha1[:PIN_DIGITS] for picture in unpacked})


def _is_picture(path: str, content: bytes) -> bool:
    suffix = PurePosixPath(path).suffix.lower()
    return suffix in pictures.SUFFIXES or pictures.sniff(content) is not None


def _file_name(flat_name: str, digest: str, taken: set[str]) -> str:
    """The flat name, told apart by the content's digest where it is taken, hidden or too long."""
    name = flat_name.replace("*", "_").replace("?", "_")
    if len(name.encode()) > _LONGEST_NAME:
        name = name.encode()[-_LONGEST_NAME:].decode(errors="ignore")
        return f"{digest[:PIN_DIGITS]}_{name}"
    hidden = name.startswith(".")
    return f"{digest[:PIN_DIGITS]}_{name}" if hidden or name.casefold() in taken else name


def _contents(archive: Path, source: Source) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each regular file of an archive that may be a picture.

    Raises:
        SourceError: see `unpack`.
    """
    count = total = 0
    try:
        members = _of_zip(archive) if zipfile.is_zipfile(archive) else _of_tar(archive, source)
        for member, file in members:
            count, total = count + 1, total + member.bytes
            if count > MAX_MEMBERS or total > MAX_BYTES:
                raise SourceError("Its archive is too large to unpack.")
            _refuse_outside(member.path)
            if file is not None and 0 < member.bytes <= pictures.MAX_BYTES:
                yield member.path, file.read(member.bytes)
    except _BROKEN as error:
        raise SourceError("Its archive is damaged.") from error


def _refuse_outside(path: str) -> None:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise SourceError(f"Its archive is refused: the path {path!r} in it leads outside.")


def _of_zip(archive: Path) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            # The upper half is the mode under Unix; a link would be written as a small file.
            is_link = (info.external_attr >> 16) & 0o170000 == 0o120000
            member = _Member(info.filename, info.file_size)
            if info.is_dir() or is_link:
                yield member, None
            else:
                with opened.open(info) as file:
                    yield member, file


def _of_tar(archive: Path, source: Source) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    if source.registry != "debian":
        with tarfile.open(archive, "r|*") as opened:
            yield from _of_opened_tar(opened)
        return
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as unpacking:
        try:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as opened:
                yield from _of_opened_tar(opened)
        finally:
            unpacking.kill()


def _of_opened_tar(opened: tarfile.TarFile) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    for info in opened:
        file = opened.extractfile(info) if info.isfile() else None
        yield _Member(info.name, info.size if info.isfile() else 0), file
