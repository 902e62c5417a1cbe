"""How to read the rows of a compiled statement: which columns make which value.

The session turns these into hydration; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runic.ogm.query.compiled import Query
from runic.ogm.query.quick import quick


@dataclass(frozen=True, slots=True)
class EntityColumns:
    """An entity spread over columns: the database's id at `start`, then its stored properties.

    `fields` are the field names, in the order of the columns. All cells are None where an
    optional hop found nothing.
    """

    entity: type[Any]
    start: int
    fields: tuple[str, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.fields) + 1


@dataclass(frozen=True, slots=True)
class NodeColumn:
    """A whole node in one column: its class has subclasses, and its labels tell which it is."""

    entity: type[Any]
    index: int
    width = 1


@dataclass(frozen=True, slots=True)
class EdgeColumn:
    """A whole relationship in one column; `entity` is its edge class, if it has one."""

    entity: type[Any] | None
    index: int
    width = 1


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A value; `decode` turns the stored form into the Python value (never called for None)."""

    name: str
    index: int
    decode: Callable[[Any], Any] | None = None
    width = 1


@dataclass(frozen=True, slots=True)
class PathColumn:
    """A path: at `start` the database's id of the node it begins with, then the path.

    Some databases return it the wrong way round. `incoming` is True where its edges point towards
    its start; `classes` are those that its nodes and edges may be of.
    """

    classes: tuple[type[Any], ...]
    start: int
    incoming: bool
    width = 2


@dataclass(frozen=True, slots=True)
class NestedColumn(ValueColumn):
    """A value with whole nodes or edges in it, at any depth, of these classes."""

    classes: tuple[type[Any], ...] = ()


Column = EntityColumns | NodeColumn | EdgeColumn | ValueColumn | PathColumn


@quick
@dataclass(frozen=True, slots=True)
class Compiled:
    """A query and what its rows hold."""

    query: Query
    columns: tuple[Column, ...]
