"""Write what a query returns, and say how to read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from runic.ogm.model.meta import node_info
from runic.ogm.query.computed import kind_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.expressions import Expression
from runic.ogm.query.forms import entities_in, form_of, reader
from runic.ogm.query.memory import memory_of
from runic.ogm.query.pattern import ROOT, Hop, Pattern, Place
from runic.ogm.query.shapes import (
    Column,
    EdgeColumn,
    EntityColumns,
    NestedColumn,
    NodeColumn,
    PathColumn,
    ValueColumn,
)
from runic.ogm.query.variables import has_aggregate
from runic.ogm.query.writer import Writer

if TYPE_CHECKING:
    from runic.ogm.query.statement import Item, Statement


def write_columns(writer: Writer, stmt: Statement) -> tuple[Sequence[str], tuple[Column, ...]]:
    """Return the text of each column and what the columns hold."""
    if not stmt.items:
        root = writer.pattern.nodes[0].entity
        whole, only = node_columns(writer.alias(ROOT), root, 0, writer.dialect)
        return whole, (only,)
    texts: list[str] = []
    columns: list[Column] = []
    writer.focus(None, len(writer.pattern.nodes))
    groups = stmt.groups
    for item in stmt.contents:
        added, column = _item(writer, item, len(texts), groups)
        if stmt.once and item.expression is not None:
            writer.dialect.require_apart(kind_of(item.expression))
        texts += added
        columns.append(column)
    return texts, tuple(columns)


def _item(writer: Writer, item: Item, start: int, grouped: bool) -> tuple[Sequence[str], Column]:
    if item.place is not None:
        return _element(writer, item.place, start)
    assert item.expression is not None
    written = column_text(writer, item.expression, grouped)
    text = f"{written} AS {writer.dialect.column(item.name)}"
    decode = reader(form_of(item.expression, writer.dialect))
    classes = tuple(dict.fromkeys(entities_in(item.expression)))
    if classes:
        return [text], NestedColumn(item.name, start, decode, classes)
    return [text], ValueColumn(item.name, start, decode)


def column_text(writer: Writer, expression: Expression[Any], grouped: bool) -> str:
    """Return the text of a column, which rows are grouped by if others are aggregates."""
    text = writer.alone(expression)
    if not grouped or has_aggregate(expression):
        return text
    writer.dialect.require_apart(kind_of(expression))
    return writer.apart(text)


def _element(writer: Writer, place: Place, start: int) -> tuple[Sequence[str], Column]:
    alias, entity = writer.alias(place), writer.pattern.entity(place)
    if place.is_edge:
        hop = writer.pattern.hops[place.number]
        if hop.span is not None:
            source = writer.dialect.node_id(writer.alias(Place(False, hop.source)))
            # Under a name of its own: the node may be returned as well, with its id.
            begin = f"{source} AS {writer.dialect.column(f'{hop.alias} begins')}"
            return [begin, alias], _path_column(writer.pattern, hop, start)
        return [alias], EdgeColumn(entity, start)
    assert entity is not None
    return node_columns(alias, entity, start, writer.dialect)


def _path_column(pattern: Pattern, hop: Hop, start: int) -> PathColumn:
    relation = hop.relation
    ends = (pattern.nodes[hop.source].entity, relation.owner, relation.target)
    classes = dict.fromkeys((*ends, *hop.edges))
    return PathColumn(tuple(classes), start, relation.direction == "INCOMING")


NodeTexts = tuple[tuple[str, ...], EntityColumns | NodeColumn]


def node_columns(alias: str, entity: type[Any], start: int, dialect: Dialect) -> NodeTexts:
    """Return the columns of a node: its properties one by one, which is less to send and to read.

    A class with subclasses needs the whole node, whose labels tell which of them it is.
    """
    texts, of = memory_of(entity).texts, cast(Any, entity)
    key = (alias, start, dialect.variant, of.__runic_registry__.generation)
    found: NodeTexts | None = texts.get(key)
    if found is None:
        found = _node_columns(alias, entity, start, dialect)
        texts.put(key, found)
    return found


def _node_columns(alias: str, entity: type[Any], start: int, dialect: Dialect) -> NodeTexts:
    if has_subclasses(entity):
        return (alias,), NodeColumn(entity, start)
    properties = node_info(entity).properties
    texts = [dialect.node_id(alias), *(dialect.stored(alias, p) for p in properties.values())]
    return tuple(texts), EntityColumns(entity, start, tuple(properties))


def has_subclasses(entity: Any) -> bool:
    """Tell whether nodes of a class may be of a class below it."""
    return bool(entity.__runic_registry__.subclasses(entity))


def generation(entities: Iterable[Any]) -> tuple[int, ...]:
    """Return what changes when classes are defined or dropped, of the registries of the classes."""
    return tuple([entity.__runic_registry__.generation for entity in entities])
