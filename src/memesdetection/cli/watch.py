"""`memes watch`: verdicts for pictures as they arrive, here or as a service of systemd."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import gallery, systemd
from ..classifier import DEFAULT_MODEL, Classifier, percent
from ..errors import UsageError
from ..gallery import Finding
from ..learning import learn
from ..marks import read_marks
from ..names import printable
from ..notification import can_notify, notify
from ..pictures import FoundFile
from ..store import Store, default_path
from ..tally import Tally
from ..watching import arrivals
from .options import Model, Threshold
from .output import file_size, progress, tell

_NAMED_IN_NOTIFICATION = 3
_MANY = 100


def watch(
    folders: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="FOLDER...", help="Folders, subfolders included."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Judge what has come since the last time, and end.")
    ] = False,
    poll: Annotated[
        Optional[float],
        typer.Option(
            metavar="SECONDS",
            min=1,
            help="Look so often, where the system tells of no changes: a phone's or a network's"
            " folder.",
        ),
    ] = None,
    desktop: Annotated[
        bool, typer.Option("--notify", help="Show a notification on the desktop, too.")
    ] = False,
    model: Model = DEFAULT_MODEL,
    threshold: Threshold = None,
    install: Annotated[
        bool, typer.Option("--install", help="Watch from now on, as a service of your systemd.")
    ] = False,
    timer: Annotated[
        bool, typer.Option("--timer", help="With --install: look each hour instead.")
    ] = False,
    uninstall: Annotated[
        bool, typer.Option("--uninstall", help="Remove what --install made.")
    ] = False,
) -> None:
    """Judge new pictures as they arrive, until Ctrl-C. Nothing is changed or deleted.

    Each new meme, and each picture that may be one, is a line; what came meanwhile comes first.
    """
    if uninstall:
        if folders or install or timer:
            raise UsageError("--uninstall stands alone: it removes the service with its folders.")
        _uninstall()
        return
    if not folders:
        raise UsageError("Name the folders to watch.")
    if timer and not install:
        raise UsageError("--timer goes with --install.")
    if install and once:
        raise UsageError("--once and --install exclude each other; --timer looks each hour.")
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no folder; name the folder that holds it.")
    classifier = Classifier(model, threshold)
    if desktop and not can_notify():
        tell(
            "notify-send is not there, so nothing is notified (Debian: apt install libnotify-bin)."
        )
    if install:
        options = ["--once"] if timer else []
        options += ["--notify"] if desktop else []
        options += ["--poll", str(poll)] if poll and not timer else []
        options += ["--model", str(classifier.folder.resolve())] if model != DEFAULT_MODEL else []
        options += ["--threshold", str(threshold)] if threshold is not None else []
        _install(folders, options, hourly=timer)
    else:
        _watch(folders, classifier, desktop, once, poll)


def _watch(
    folders: list[Path], classifier: Classifier, desktop: bool, once: bool, poll: float | None
) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tally = Tally()
    news: list[Finding] = []
    since = datetime.now()
    try:
        if not once:
            tell(f"Watching {', '.join(printable(str(folder)) for folder in folders)}.")
        for files in arrivals(folders, lambda sentence: tell(printable(sentence)), poll):
            for finding in _judged(files, classifier):
                tally.add(finding)
                if finding.verdict in ("meme", "unsure"):
                    print(_line(finding), flush=True)
                    news.append(finding)
                elif finding.error is not None:
                    tell(f"{printable(finding.path)}: {finding.error}")
            if not files:
                if desktop and news:
                    _notify(news)
                news.clear()
                if once:
                    break
    except KeyboardInterrupt:
        pass
    print(f"{_counted(tally)} since {since:%Y-%m-%d %H:%M}.")


def _judged(files: list[FoundFile], classifier: Classifier) -> Iterator[Finding]:
    """Judge those files that the store does not know.

    The store is opened, and the model loaded, for as long as there is something to judge.
    """
    if not files:
        return
    with Store(default_path()) as store:
        new = [
            file
            for file in files
            if (known := store.known_file(file, classifier.identity)) is None
            or not known.is_complete
        ]
        scanned = gallery.scan(
            new, classifier, store, marks=read_marks(), likeness=learn(classifier, store)
        )
        with closing(scanned) as findings:
            for finding in progress(findings, len(new), "Judging", shown=len(new) >= _MANY):
                # A file that went away again, such as a browser's own, is no news.
                if finding.error is None or os.path.lexists(finding.path):
                    yield finding


def _line(finding: Finding) -> str:
    """A finding as `memes scan` prints it; on a terminal in columns."""
    probability, path = percent(finding.probability or 0), printable(finding.path)
    if sys.stdout.isatty():
        return f"{finding.verdict:6}  {probability:>7}  {file_size(finding.bytes):>9}  {path}"
    return f"{finding.verdict}\t{probability}\t{finding.bytes}\t{path}"


def _counted(tally: Tally) -> str:
    memes, pictures = tally.counts["meme"], tally.counts.total()
    return (
        f"{memes} new {'meme' if memes == 1 else 'memes'} ({file_size(tally.bytes['meme'])}),"
        f" {tally.counts['unsure']} unsure,"
        f" {pictures} {'picture' if pictures == 1 else 'pictures'}, {tally.unreadable} unreadable"
    )


def _notify(news: list[Finding]) -> None:
    tally = Tally()
    for finding in news:
        tally.add(finding)
    memes, unsure = tally.counts["meme"], tally.counts["unsure"]
    counted = [f"{memes} new {'meme' if memes == 1 else 'memes'}"] if memes else []
    counted += [f"{unsure} unsure"] if unsure else []
    named = sorted(news, key=lambda finding: (finding.verdict, -(finding.probability or 0)))
    lines = [os.path.basename(finding.path) for finding in named[:_NAMED_IN_NOTIFICATION]]
    if len(named) > len(lines):
        lines.append(f"and {len(named) - len(lines)} more")
    size = file_size(sum(tally.bytes.values()))
    notify(f"{', '.join(counted)} ({size})", lines)


def _install(folders: list[Path], options: list[str], hourly: bool) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder} is not there; name a folder that is.")
    _need_linux()
    environment = {}
    if data_folder := os.environ.get("MEMES_DATA"):
        environment["MEMES_DATA"] = os.path.abspath(data_folder)
    arguments = ["watch", *options, "--", *(os.path.abspath(folder) for folder in folders)]
    contents = systemd.units(arguments, hourly, environment)
    other = [name for name in systemd.installed() if name not in contents]
    _print_commands(*systemd.systemctl(*(["disable", "--now", name] for name in other)))
    for path in systemd.write(contents):
        print(f"Written: {printable(str(path))}")
    unit = systemd.TIMER if hourly else systemd.SERVICE
    commands = [["daemon-reload"], ["enable", unit], ["restart", unit]]
    _print_commands(*systemd.systemctl(*commands))
    print("It stops, and goes, by: memes watch --uninstall")


def _uninstall() -> None:
    _need_linux()
    names = systemd.installed()
    if not names:
        print("There is no service to remove.")
        return
    _, failed, _ = systemd.systemctl(["disable", "--now", *names])
    systemd.remove(names)
    for name in names:
        print(f"Removed: {printable(str(systemd.units_folder() / name))}")
    # Of what is removed systemctl knows no more than how to stop it.
    left = [["stop", *names]] if failed else []
    _print_commands(*systemd.systemctl(*left, ["daemon-reload"]))


def _need_linux() -> None:
    if sys.platform != "linux":
        raise UsageError("Only Linux has systemd; have your system start: memes watch FOLDER")


def _print_commands(ran: list[str], left: list[str], reason: str) -> None:
    for command in ran:
        print(f"Ran: {command}")
    if left:
        tell(f"{reason.rstrip('.')}. Where you are logged in, type:")
        for command in left:
            tell(f"  {command}")
