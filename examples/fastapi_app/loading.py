"""Write what a source holds into the graph.

The nodes go through a session as entities, one commit to a batch, so that memory stays flat. The
relationships are written by the keys of their ends: as entities, each would first need both of its
packages in the session, and a distribution has half a million of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from examples.fastapi_app.models import ENTITIES, Maintainer, Package, Reading, Tag
from examples.fastapi_app.sources import Inventory
from examples.fastapi_app.sources.rows import (
    DependencyRow,
    MaintainerRow,
    PackageRow,
    Source,
    TagRow,
)
from runic.ogm import AsyncConnectionManager
from runic.ogm.schema import AsyncSchemaManager

BATCH = 5_000

T = TypeVar("T")
Advance = Callable[[int], None]

_CLEAR = """
    MATCH (p:Package {source: $source}) WITH p LIMIT $batch
    OPTIONAL MATCH (p)<-[:ABOUT]-(r:Review)
    WITH collect(DISTINCT p) AS packages, collect(DISTINCT r) AS reviews
    FOREACH (review IN reviews | DELETE review) FOREACH (package IN packages | DELETE package)
    RETURN size(packages)
"""
_DEPENDS_ON = """
    UNWIND $rows AS row
    MATCH (p:Package {key: row.package}) MATCH (q:Package {key: row.requires})
    CREATE (p)-[:DEPENDS_ON {specifier: row.specifier, kind: row.kind, extra: row.extra,
        marker: row.marker, wants: row.wants, virtual: row.virtual, choice: row.choice}]->(q)
"""
_MAINTAINED_BY = """
    UNWIND $rows AS row
    MATCH (p:Package {key: row.package}) MATCH (m:Maintainer {key: row.key})
    CREATE (p)-[:MAINTAINED_BY {role: row.role}]->(m)
"""
_TAGGED = """
    UNWIND $rows AS row
    MATCH (p:Package {key: row.package}) MATCH (t:Tag {name: row.name})
    CREATE (p)-[:TAGGED]->(t)
"""


async def stored_reading(manager: AsyncConnectionManager, source: Source) -> Reading | None:
    """Return what was read of a source and is in the graph whole, or None."""
    async with manager.session() as session:
        return await session.get(Reading, source)


async def load(
    manager: AsyncConnectionManager, inventory: Inventory, reading: Reading, advance: Advance
) -> None:
    """Replace what the graph has of a source by an inventory; `advance` is told rows written.

    The reading is written last: a load that was cut short is done again at the next start.
    """
    await AsyncSchemaManager(manager.driver).create_all(*ENTITIES)
    await _clear(manager, reading.source)
    await _add_packages(manager, inventory, advance)
    await _merge(manager, _maintainers(inventory), advance)
    await _merge(manager, _tags(inventory), advance)
    for text, rows in _relationships(inventory):
        await _relate(manager, text, rows, advance)
    async with manager.session() as session:
        session.add(reading)


def rows_of(inventory: Inventory) -> int:
    """Return how many rows `load` writes, for a progress bar."""
    nodes = len(inventory.packages) + len(_maintainers(inventory)) + len(_tags(inventory))
    return nodes + len(inventory.dependencies) + len(inventory.maintainers) + len(inventory.tags)


async def _clear(manager: AsyncConnectionManager, source: Source) -> None:
    async with manager.session() as session:
        if (stored := await session.get(Reading, source)) is not None:
            session.delete(stored)
    parameters = {"source": source, "batch": BATCH}
    async with manager.session() as session:
        while (await session.execute(_CLEAR, parameters)).scalar():
            pass


async def _add_packages(
    manager: AsyncConnectionManager, inventory: Inventory, advance: Advance
) -> None:
    for rows in _batches(inventory.packages):
        async with manager.session() as session:
            session.add_all(Package(**_values(row)) for row in rows)
        advance(len(rows))


async def _merge(manager: AsyncConnectionManager, nodes: list[Any], advance: Advance) -> None:
    """Write nodes that another source may have written before."""
    for batch in _batches(nodes):
        async with manager.session() as session:
            await session.merge(batch)
        advance(len(batch))


async def _relate(
    manager: AsyncConnectionManager, text: str, rows: list[Any], advance: Advance
) -> None:
    async with manager.session() as session:
        for batch in _batches(rows):
            await session.execute(text, {"rows": batch})
            advance(len(batch))


def _maintainers(inventory: Inventory) -> list[Maintainer]:
    people = {row.key: row for row in reversed(inventory.maintainers)}
    return [Maintainer(key=key, name=row.name, email=row.email) for key, row in people.items()]


def _tags(inventory: Inventory) -> list[Tag]:
    return [Tag(name=name) for name in dict.fromkeys(row.name for row in inventory.tags)]


def _relationships(inventory: Inventory) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (_DEPENDS_ON, [_values(row) for row in inventory.dependencies]),
        (_MAINTAINED_BY, [_values(row) | {"key": row.key} for row in inventory.maintainers]),
        (_TAGGED, [_values(row) for row in inventory.tags]),
    ]


def _values(row: PackageRow | DependencyRow | MaintainerRow | TagRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
