"""`python -m examples.fastapi_app`: load packages, serve them, ask three questions."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from examples.fastapi_app.api import create_app
from examples.fastapi_app.database import fill, open_database
from examples.fastapi_app.origin import Origin, find_origin
from examples.fastapi_app.server import serving
from examples.fastapi_app.sources import SourceError
from examples.fastapi_app.tour import ask
from runic.ogm import OgmError

console = Console()


def main(
    source: Annotated[
        str, typer.Option(help="python, debian, or the path of an environment or a Packages file")
    ] = "python",
    database: Annotated[
        Path | None, typer.Option(help="File of the database; by default one in the cache")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Keep running until Ctrl-C")] = False,
    port: Annotated[int, typer.Option(help="Port to serve on; 0 takes a free one")] = 0,
    reload: Annotated[
        bool, typer.Option("--reload", help="Read again what the database holds")
    ] = False,
) -> None:
    """Explore packages: what needs what, why is it here, what breaks without it."""
    try:
        origin = find_origin(source)
        asyncio.run(_explore(origin, database or _default_database(origin), serve, port, reload))
    except (SourceError, OgmError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


async def _explore(origin: Origin, database: Path, serve: bool, port: int, reload: bool) -> None:
    # The application closes the manager; until it runs, this block does.
    async with open_database(database) as manager:
        await fill(manager, origin, console, reload=reload)
        async with serving(create_app(manager), port) as (address, server):
            if serve:
                console.print(
                    f"Serving on {address} ({address}/docs); Ctrl-C ends it", soft_wrap=True
                )
                await server
            else:
                await ask(address, origin.source, console)


def _default_database(origin: Origin) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "runic-package-explorer" / f"{origin.source}.falkordb"


if __name__ == "__main__":
    typer.run(main)
