"""`python -m examples.fastapi_app`: load packages, serve them, ask three questions."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console

from examples.fastapi_app.api import create_app
from examples.fastapi_app.database import Manager, closing_at_last, fill, open_database
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
    url: Annotated[
        str | None, typer.Option(help="A database server in place of the file, as neo4j://…/neo4j")
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
        place = url or _embedded(database or _default_database(origin))
        with closing_at_last(open_database(place)) as manager:
            fill(manager.driver, origin, console, reload=reload)
            asyncio.run(_explore(manager, origin, serve, port))
    except (SourceError, OgmError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


async def _explore(manager: Manager, origin: Origin, serve: bool, port: int) -> None:
    async with serving(create_app(manager), port) as (address, server):
        if serve:
            console.print(f"Serving on {address} ({address}/docs); Ctrl-C ends it", soft_wrap=True)
            await server
        else:
            await ask(address, origin.source, console)


def _embedded(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    return f"falkordb+embedded://{quote(str(file.absolute()))}?graph=packages"


def _default_database(origin: Origin) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "runic-package-explorer" / f"{origin.source}.falkordb"


if __name__ == "__main__":
    typer.run(main)
