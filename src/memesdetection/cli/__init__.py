"""The command `memes`: one module for each subcommand, `app` ties them together."""

import sys

from .. import __version__


def main() -> None:
    """Run the command line: exit 0 finished, 1 could not finish, 2 wrong usage."""
    # Typer alone takes longer to load than Python itself: this one answer goes without.
    if sys.argv[1:] == ["--version"]:
        print(f"memes {__version__}")
        return
    try:
        from .app import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
