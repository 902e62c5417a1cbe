"""The database of the explorer: opened at a path, filled when it does not hold the packages yet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from examples.fastapi_app.loading import load, rows_of, stored_reading
from examples.fastapi_app.models import Reading
from examples.fastapi_app.origin import Origin
from examples.fastapi_app.sources import Inventory
from runic.ogm import AsyncConnectionManager, create_async_driver


def open_database(path: Path) -> AsyncConnectionManager:
    """Return the manager of an embedded database that is kept in this file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return AsyncConnectionManager(
        create_async_driver("falkordb+embedded://", path=str(path), graph="packages")
    )


async def fill(
    manager: AsyncConnectionManager, origin: Origin, console: Console, *, reload: bool = False
) -> None:
    """Load the packages of an origin, unless the graph holds them as they are now."""
    stored = await stored_reading(manager, origin.source)
    if stored is not None and stored.fingerprint == origin.fingerprint and not reload:
        console.print(
            f"Reusing {stored.packages:,} packages and {stored.dependencies:,} dependencies of"
            f" {stored.origin}, read {stored.read_at:%Y-%m-%d %H:%M} UTC (--reload reads again)"
        )
        return
    with console.status(f"Reading {origin.name}"):
        inventory = origin.read()
    await _load(manager, origin, inventory, console)
    for line in inventory.report.lines():
        console.print(line, highlight=False, markup=False, overflow="ellipsis", no_wrap=True)


async def _load(
    manager: AsyncConnectionManager, origin: Origin, inventory: Inventory, console: Console
) -> None:
    reading = Reading(
        source=origin.source,
        origin=origin.name,
        fingerprint=origin.fingerprint,
        packages=len(inventory.packages),
        dependencies=len(inventory.dependencies),
        read_at=datetime.now(UTC),
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Loading the graph", total=rows_of(inventory))
        await load(manager, inventory, reading, lambda rows: progress.advance(task, rows))
