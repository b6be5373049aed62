"""`memes serve`: verdicts over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer
from typer.core import TyperCommand

from ..errors import MissingExtra, UsageError
from ..server import need_packages

DEFAULT_PORT = 5001
DEFAULT_THREADS = 128


class ServeCommand(TyperCommand):
    """A command whose help also lists the variables of the environment."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, formatter)
        from rich.console import Console
        from rich.table import Table

        try:
            need_packages()
        except MissingExtra:
            return
        from ..server.settings import described

        table = Table("Variable", "What it says [default]", title="Environment")
        for name, meaning in described():
            table.add_row(name, meaning.replace("[", r"\["))
        Console().print(table)


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 is all of this computer's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = DEFAULT_PORT,
    workers: Annotated[
        Optional[int],
        typer.Option(min=1, help="Processes that judge; by default one for each core."),
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, help="Requests that are received, judged or answered at a time.")
    ] = DEFAULT_THREADS,
) -> None:
    """Judge pictures over HTTP until it is stopped; /docs describes the API."""
    need_packages()
    from ..gallery import available_cores
    from ..server.serving import Server
    from ..server.settings import read_settings

    if not host.strip():
        raise UsageError("The host is empty; give an address such as 127.0.0.1.")
    Server(read_settings(), host, port, workers or available_cores(), threads).run()
