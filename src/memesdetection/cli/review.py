"""`memes review`: a page in the browser to look through a folder and clean it up."""

from __future__ import annotations

import threading
import webbrowser
from contextlib import suppress
from typing import Annotated

import typer

from .. import journal
from ..classifier import DEFAULT_MODEL, Classifier
from ..errors import AlreadyCleaning
from ..journal import Journal
from ..review import need_packages
from .clean import tell_settled
from .options import Folder, Model, Threshold
from .output import tell


def review(
    folder: Folder,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser, only print the address.")
    ] = False,
    model: Model = DEFAULT_MODEL,
    threshold: Threshold = None,
) -> None:
    """Look through a folder in the browser: keep, move to the trash, undo. Ctrl-C ends it."""
    need_packages()
    from ..review.album import Album
    from ..review.serving import serve

    classifier = Classifier(model, threshold)
    if journal.default_path().exists():
        with Journal(journal.default_path()) as kept_journal, suppress(AlreadyCleaning):
            tell_settled(kept_journal)

    def ready(address: str) -> None:
        print(address, flush=True)
        tell("Ctrl-C ends it.")
        if not no_browser:
            # Some browsers only return when they are closed, and the page must be served meanwhile.
            threading.Thread(target=_open, args=(address,), name="browser", daemon=True).start()

    # Interrupting is how it ends.
    with suppress(KeyboardInterrupt):
        serve(Album(folder, classifier), classifier, ready)


def _open(address: str) -> None:
    if not webbrowser.open(address):
        tell("No browser could be opened; open the address yourself.")
