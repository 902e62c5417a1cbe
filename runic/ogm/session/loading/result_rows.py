"""Read the rows of a compiled statement: columns become entities, edges and values. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.query.path import PathOf
from runic.ogm.query.shapes import (
    Column,
    EdgeColumn,
    EntityColumns,
    NestedColumn,
    NodeColumn,
    PathColumn,
    ValueColumn,
)
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.nested_records import Nested, read_inside, read_paths

Rows = Sequence[Sequence[Any]]


def read_rows(columns: Sequence[Column], rows: Rows, hydrator: Hydrator) -> list[tuple[Any, ...]]:
    """Return each row as a tuple of what its columns mean."""
    nested = Nested(hydrator)
    # Nodes first, whatever their column: edges get the entities at their ends.
    read = [_nodes(column, rows, hydrator, nested) for column in columns]
    if any(isinstance(column, EdgeColumn | NestedColumn) for column in columns):
        for column, cells in zip(columns, read, strict=True):
            nested.meet(cells if isinstance(column, EntityColumns | NodeColumn) else ())
    made = [_rest(column, cells, rows, nested) for column, cells in zip(columns, read, strict=True)]
    return list(zip(*made, strict=True))


def _nodes(column: Column, rows: Rows, hydrator: Hydrator, nested: Nested) -> list[Any]:
    """Return a column as far as it can be read without the ends of its edges."""
    if isinstance(column, EdgeColumn):
        return [row[column.index] for row in rows]
    if isinstance(column, NestedColumn):
        wanted = PathOf(column.classes)
        return [nested.nodes(wanted, row[column.index]) for row in rows]
    if isinstance(column, PathColumn):
        return read_paths(column, rows, nested)
    return read_column(column, rows, hydrator)


def _rest(column: Column, cells: list[Any], rows: Rows, nested: Nested) -> list[Any]:
    if isinstance(column, NestedColumn):
        return read_inside(column, cells, nested)
    if isinstance(column, EdgeColumn) and column.entity is not None:
        return [nested.edges(column.entity, cell) for cell in cells]
    return cells


def read_column(column: Column, rows: Rows, hydrator: Hydrator) -> list[Any]:
    """Return one column of nodes or values."""
    if isinstance(column, EntityColumns):
        return hydrator.from_columns(column.entity, column.fields, rows, column.start)
    if isinstance(column, NodeColumn):
        batch: list[Entity] = []
        return [hydrator.from_node(column.entity, row[column.index], batch) for row in rows]
    assert isinstance(column, ValueColumn)
    index, decode = column.index, column.decode
    if decode is None:
        return [row[index] for row in rows]
    return [None if row[index] is None else decode(row[index]) for row in rows]


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
