"""The database of the explorer: opened by its URL, filled unless it holds the packages already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from examples.fastapi_app.loading import load, rows_of, stored_reading
from examples.fastapi_app.models import Reading
from examples.fastapi_app.origin import Origin
from examples.fastapi_app.sources import Inventory
from runic.ogm import (
    AsyncConnectionManager,
    AsyncNotSupportedError,
    ConnectionManager,
    Driver,
    create_async_driver,
    create_driver,
)

Manager = AsyncConnectionManager | ConnectionManager


def open_database(url: str) -> Manager:
    """Return the manager of a database: an async one where its driver is, a sync one elsewhere."""
    try:
        return AsyncConnectionManager(create_async_driver(url))
    except AsyncNotSupportedError:
        return ConnectionManager(create_driver(url))


@contextmanager
def closing_at_last(manager: Manager) -> Iterator[Manager]:
    """Close the manager at the end of a block, whether or not an application has done so."""
    try:
        yield manager
    finally:
        if isinstance(manager, ConnectionManager):
            manager.close()
        else:
            asyncio.run(manager.close())


def fill(driver: Driver, origin: Origin, console: Console, *, reload: bool = False) -> None:
    """Load the packages of an origin, unless the graph holds them as they are now."""
    stored = stored_reading(driver, origin.source)
    if stored is not None and stored.fingerprint == origin.fingerprint and not reload:
        console.print(
            f"Reusing {stored.packages:,} packages and {stored.dependencies:,} dependencies of"
            f" {stored.origin}, read {stored.read_at:%Y-%m-%d %H:%M} UTC (--reload reads again)"
        )
        return
    with console.status(f"Reading {origin.name}"):
        inventory = origin.read()
    _load(driver, origin, inventory, console)
    for line in inventory.report.lines():
        console.print(line, highlight=False, markup=False, overflow="ellipsis", no_wrap=True)


def _load(driver: Driver, origin: Origin, inventory: Inventory, console: Console) -> None:
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
        load(driver, inventory, reading, lambda rows: progress.advance(task, rows))
