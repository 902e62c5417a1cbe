"""Write what a source holds into the graph.

The nodes go through a session as entities, one commit to a batch, so that memory stays flat. The
relationships are written by the keys of their ends: as entities, each would first need both of its
packages in the session, and a distribution has half a million of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from examples.fastapi_app.models import ENTITIES, Maintainer, Package, Reading, Review, Tag
from examples.fastapi_app.sources import Inventory
from examples.fastapi_app.sources.rows import (
    DependencyRow,
    MaintainerRow,
    PackageRow,
    Source,
    TagRow,
)
from runic.ogm import Driver, Session, delete
from runic.ogm.schema import SchemaManager

BATCH = 5_000

T = TypeVar("T")
Advance = Callable[[int], None]

# Batches keep what the database has to remember of one statement small.
_CLEAR = """
    MATCH (p:Package) WHERE p.source = $source WITH p LIMIT $batch
    DETACH DELETE p RETURN count(p)
"""
_DEPENDS_ON = """
    UNWIND $rows AS row
    MATCH (p:Package) WHERE p.key = row.package
    MATCH (q:Package) WHERE q.key = row.requires
    CREATE (p)-[:DEPENDS_ON {specifier: row.specifier, kind: row.kind, extra: row.extra,
        marker: row.marker, wants: row.wants, virtual: row.virtual, choice: row.choice}]->(q)
"""
_MAINTAINED_BY = """
    UNWIND $rows AS row
    MATCH (p:Package) WHERE p.key = row.package
    MATCH (m:Maintainer) WHERE m.key = row.key
    CREATE (p)-[:MAINTAINED_BY {role: row.role}]->(m)
"""
_TAGGED = """
    UNWIND $rows AS row
    MATCH (p:Package) WHERE p.key = row.package
    MATCH (t:Tag) WHERE t.name = row.name
    CREATE (p)-[:TAGGED]->(t)
"""


def stored_reading(driver: Driver, source: Source) -> Reading | None:
    """Return what was read of a source and is in the graph whole, or None."""
    with Session(driver) as session:
        return session.get(Reading, source)


def load(driver: Driver, inventory: Inventory, reading: Reading, advance: Advance) -> None:
    """Replace what the graph has of a source by an inventory; `advance` is told rows written.

    The reading is written last: a load that was cut short is done again at the next start.
    """
    SchemaManager(driver).create_all(*ENTITIES)
    _clear(driver, reading.source)
    _add_packages(driver, inventory, advance)
    _merge(driver, _maintainers(inventory), advance)
    _merge(driver, _tags(inventory), advance)
    for text, rows in _relationships(inventory):
        _relate(driver, text, rows, advance)
    with Session(driver) as session:
        session.add(reading)


def rows_of(inventory: Inventory) -> int:
    """Return how many rows `load` writes, for a progress bar."""
    nodes = len(inventory.packages) + len(_maintainers(inventory)) + len(_tags(inventory))
    return nodes + len(inventory.dependencies) + len(inventory.maintainers) + len(inventory.tags)


def _clear(driver: Driver, source: Source) -> None:
    with Session(driver) as session:
        if (stored := session.get(Reading, source)) is not None:
            session.delete(stored)
        package: Any = Review.package
        session.execute(delete(Review).where(package.any(Package.source == source)))
    parameters = {"source": source, "batch": BATCH}
    left = 1
    while left:
        with Session(driver) as session:
            left = session.execute(_CLEAR, parameters).scalar()


def _add_packages(driver: Driver, inventory: Inventory, advance: Advance) -> None:
    for rows in _batches(inventory.packages):
        with Session(driver) as session:
            session.add_all(Package(**_values(row)) for row in rows)
        advance(len(rows))


def _merge(driver: Driver, nodes: list[Any], advance: Advance) -> None:
    """Write nodes that another source may have written before."""
    for batch in _batches(nodes):
        with Session(driver) as session:
            session.merge(batch)
        advance(len(batch))


def _relate(driver: Driver, text: str, rows: list[Any], advance: Advance) -> None:
    for batch in _batches(rows):
        with Session(driver) as session:
            session.execute(text, {"rows": batch})
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
