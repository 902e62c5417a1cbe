"""Read the rows of a compiled statement: columns become entities, edges and values. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runic.ogm.driver.base import EdgeRecord, Result
from runic.ogm.errors import StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.model.state import notes_of
from runic.ogm.query.shapes import (
    Column,
    EdgeColumn,
    EntityColumns,
    ListColumn,
    NodeColumn,
    PathColumn,
    ValueColumn,
)
from runic.ogm.session.hydrate import Hydrator
from runic.ogm.session.nested import Nested, read_lists, read_paths

Rows = Sequence[Sequence[Any]]


def read_rows(columns: Sequence[Column], rows: Rows, hydrator: Hydrator) -> list[tuple[Any, ...]]:
    """Return each row as a tuple of what its columns mean."""
    read = [None if isinstance(c, EdgeColumn) else read_column(c, rows, hydrator) for c in columns]
    nodes = [
        found
        for column, found in zip(columns, read, strict=True)
        if isinstance(column, EntityColumns | NodeColumn) and found is not None
    ]
    for number, column in enumerate(columns):
        if isinstance(column, EdgeColumn):
            read[number] = _edges(column, rows, nodes, hydrator)
    return list(zip(*[found or [] for found in read], strict=True))


def read_column(column: Column, rows: Rows, hydrator: Hydrator) -> list[Any]:
    """Return one column of nodes or values."""
    if isinstance(column, EntityColumns):
        return hydrator.from_columns(column.entity, column.fields, rows, column.start)
    if isinstance(column, NodeColumn):
        batch: list[Entity] = []
        return [hydrator.from_node(column.entity, row[column.index], batch) for row in rows]
    if isinstance(column, PathColumn):
        return read_paths(column, rows, hydrator)
    if isinstance(column, ListColumn):
        return read_lists(column, rows, hydrator)
    assert isinstance(column, ValueColumn)
    index, decode = column.index, column.decode
    if decode is None:
        return [row[index] for row in rows]
    return [None if row[index] is None else decode(row[index]) for row in rows]


def _edges(column: EdgeColumn, rows: Rows, nodes: list[list[Any]], hydrator: Hydrator) -> list[Any]:
    return [
        _edge(column.entity, row[column.index], [found[number] for found in nodes], hydrator)
        for number, row in enumerate(rows)
    ]


def _edge(
    cls: type[Any] | None, record: EdgeRecord | None, nodes: list[Any], hydrator: Hydrator
) -> Any:
    if record is None or cls is None:
        return record
    near = {notes.id: node for node in nodes if node is not None and (notes := notes_of(node))}
    return hydrator.from_edge(cls, record, near.get(record.source), near.get(record.target))


def read_raw(result: Result, returns: Sequence[Any], hydrator: Hydrator) -> list[tuple[Any, ...]]:
    """Return the rows of raw Cypher, with entities in the columns for which `returns` has a class.

    Raises:
        StatementError: `returns` does not fit the columns.
        HydrationError: A column holds something else than its class says.
    """
    if not returns:
        return [tuple(row) for row in result.rows]
    if result.rows and len(returns) != len(result.columns):
        raise StatementError(
            f"returns= names {len(returns)} columns, the query returns {len(result.columns)}:"
            f" {', '.join(result.columns)}"
        )
    nested = Nested(hydrator)
    # Nodes first, whatever their column: edges get the entities at their ends.
    read = [
        [cell if cls is None else nested.nodes(cls, cell) for cls, cell in _cells(returns, row)]
        for row in result.rows
    ]
    return [
        tuple(
            cell if cls is None else nested.edges(cls, cell) for cls, cell in _cells(returns, row)
        )
        for row in read
    ]


def _cells(returns: Sequence[Any], row: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(returns, row, strict=True)
