"""The watch as a service of the user's systemd: writes its units, and starts or removes them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .errors import OutputError

SERVICE, TIMER = "memes-watch.service", "memes-watch.timer"

_SERVICE = """\
[Unit]
Description=Judge new pictures in watched folders

[Service]
Type={type}
ExecStart={command}
{environment}\
Nice=19
CPUSchedulingPolicy=idle
IOSchedulingClass=idle
{restart}\
# What needs namespaces of its own is left out: not every system lets users make them.
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
"""

_RESTART = """\
Restart=on-failure
RestartSec=30
RestartPreventExitStatus=2
"""

_INSTALL = """
[Install]
WantedBy=default.target
"""

_TIMER = """\
[Unit]
Description=Judge new pictures each hour

[Timer]
OnCalendar=hourly
RandomizedDelaySec=5min
Persistent=yes

[Install]
WantedBy=timers.target
"""


def units(arguments: Sequence[str], hourly: bool, environment: dict[str, str]) -> dict[str, str]:
    """The content of each unit by its name.

    Args:
        arguments: of the command `memes`.
        hourly: run the command each hour by a timer; else once, for good, from the login on.
        environment: variables that the command gets.
    """
    options = ["-m", "memesdetection", *arguments]
    service = _SERVICE.format(
        type="oneshot" if hourly else "exec",
        # In options, but neither in the program nor in a variable, $ stands for a variable.
        command=" ".join(
            [_quoted(sys.executable), *(_quoted(option).replace("$", "$$") for option in options)]
        ),
        environment="".join(
            f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items()
        ),
        restart="" if hourly else _RESTART,
    )
    return {SERVICE: service, TIMER: _TIMER} if hourly else {SERVICE: service + _INSTALL}


def units_folder() -> Path:
    """Where systemd looks for the user's own units."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    # A relative path is invalid by the XDG specification, and passed over.
    base = Path(configured) if os.path.isabs(configured) else Path.home() / ".config"
    return base / "systemd/user"


def write(contents: dict[str, str]) -> list[Path]:
    """Write units, and remove those of the other variant.

    Args:
        contents: as `units` gives them.

    Returns:
        The files that were written.

    Raises:
        OutputError: a unit cannot be written.
    """
    folder = units_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}.") from error
    remove({SERVICE, TIMER} - contents.keys())
    return [folder / name for name in contents]


def installed() -> list[str]:
    """Names of the units that are there."""
    return [name for name in (SERVICE, TIMER) if (units_folder() / name).exists()]


def remove(names: Iterable[str]) -> None:
    """Remove units, and the links that start them.

    Raises:
        OutputError: a unit cannot be removed.
    """
    for name in names:
        try:
            for path in (*units_folder().glob(f"*.wants/{name}"), units_folder() / name):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{error.filename} cannot be removed: {error.strerror}.") from error


def systemctl(*commands: Sequence[str]) -> tuple[list[str], list[str], str]:
    """Run commands of `systemctl --user`, one after the other, until one fails.

    Returns:
        The commands that were run, those that are left as one may type them, and why.
    """
    lines = [shlex.join(["systemctl", "--user", *command]) for command in commands]
    if shutil.which("systemctl") is None:
        return [], lines, "systemctl is not there."
    for done, command in enumerate(commands):
        ended = subprocess.run(
            ["systemctl", "--user", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        if ended.returncode:
            return lines[:done], lines[done:], ended.stderr.strip()
    return lines, [], ""


def _quoted(text: str) -> str:
    """A word in a unit's line, so that systemd reads any name as it is."""
    escaped = "".join(
        char
        if char.isprintable() and char not in '"\\'
        else "".join(f"\\x{byte:02x}" for byte in os.fsencode(char))
        for char in text
    )
    return '"' + escaped.replace("%", "%%") + '"'
