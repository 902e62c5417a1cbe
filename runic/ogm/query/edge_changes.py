"""`update` and `delete` of edges: of every edge of a class that satisfies criteria.

They speak of three elements, called `source`, `target` and `edge`. The nodes at the ends may be of
any class until `between` says of which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Never, Self

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.meta import edge_info, fits
from runic.ogm.model.node import Node
from runic.ogm.model.relation import RelationDefault
from runic.ogm.query.change import (
    Filtered,
    Returning,
    assigned_items,
    cleared_items,
    counted,
    gone_ending,
    node_class,
    only_values,
    required,
    set_clause,
    worked_out_first,
)
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.match import where_text
from runic.ogm.query.memory import memory_of
from runic.ogm.query.part import Part
from runic.ogm.query.pattern import Hop, NodePattern, Pattern, Place
from runic.ogm.query.select import Select
from runic.ogm.query.set_items import counted_up
from runic.ogm.query.setting import SettingFields
from runic.ogm.query.shapes import Column
from runic.ogm.query.statement import Item
from runic.ogm.query.writer import Writer

EDGE = Place(True, 0)


class AnyNode:
    """Base of what stands for the class of an end of which nothing is said."""


def edges_of(entity: type[Any]) -> Pattern:
    """Return the pattern of the edges of a class, between any nodes; made once for a class."""
    patterns = memory_of(entity).patterns
    found: Pattern | None = patterns.get("with ends")
    if found is None:
        found = patterns["with ends"] = _edges_of(entity, edge_info(entity).type)
    return found


def _edges_of(entity: type[Any], type_: str) -> Pattern:
    # Of the edge class's own, so that what is remembered of statements goes when the class goes.
    remembered = {"__runic_queries__": memory_of(entity)}
    end = type(
        "AnyNode", (AnyNode,), {**remembered, "__runic_registry__": entity.__runic_registry__}
    )
    options = RelationDefault(type_, "OUTGOING")
    info = RelationInfo(entity.__name__, Node, type_, "OUTGOING", True, Node, entity, True, options)
    return Pattern(
        (NodePattern(end, "source"), NodePattern(end, "target")), (Hop(0, info, "edge"),)
    )


class OfEdgeClass(Filtered, Returning):
    """Base of the changes to the edges of a class."""

    @property
    @override
    def entity(self) -> type[Any]:
        """The edge class."""
        edge = self.pattern.hops[0].relation.edge
        assert edge is not None
        return edge

    @property
    def edge_type(self) -> str:
        """The type of the edges."""
        return self.pattern.hops[0].relation.type

    def between(self, source: type[Any] | None = None, target: type[Any] | None = None) -> Self:
        """Write only to edges that leave a node of one class and enter a node of another.

        `where` can then ask about the fields of both; None leaves an end as it is.

        Raises:
            StatementError: One is not a node class.
        """
        asked = [None if each is None else node_class(each, "between") for each in (source, target)]
        nodes = tuple(
            node if cls is None else replace(node, entity=cls)
            for node, cls in zip(self.pattern.nodes, asked, strict=True)
        )
        return self._with(pattern=replace(self.pattern, nodes=nodes))

    @override
    def where(self, *criteria: Criterion | bool, on: str | None = None, **equal: Never) -> Self:
        self._require_ends(criteria)
        return super().where(*criteria, on=on, **equal)

    @override
    def returning(self, *columns: Any) -> Self:
        """Return the written edges or, with columns, their values and those of the ends."""
        if not columns:
            return self._with(items=(Item("edge", EDGE),))
        self._require_ends([self._read(column) for column in columns])
        # A name alone is a field of the edge.
        items = Select(self.pattern, items=(Item("edge", EDGE),)).project(*columns).items
        if any(_is_any(self.pattern.entity(item.place)) for item in items if item.place):
            raise self._endless()
        return self._with(items=items)

    def found(self, writer: Writer) -> str:
        """Return the clauses that bind each edge and its ends."""
        source, target = (
            f"({node.alias})"
            if _is_any(node.entity)
            else node_text(node.alias, node.entity, writer.dialect)
            for node in self.pattern.nodes
        )
        arrow = arrow_text("edge", self.pattern.hops[0].relation, writer.dialect)
        found = f"MATCH {source}{arrow}{target}{where_text(writer, self.filters)}"
        writer.focus(EDGE, 2)
        return found

    def touched(self, writer: Writer) -> str:
        """Return the ids of an edge's two nodes and of the edge."""
        return f"[{', '.join(map(writer.dialect.node_id, ('source', 'target', 'edge')))}]"

    def _read(self, column: object) -> object:
        alias = column.rpartition(".")[0] if isinstance(column, str) else ""
        ends = {node.alias: node.entity for node in self.pattern.nodes}
        if _is_any(ends.get(alias)):
            raise self._endless()
        return column

    def _require_ends(self, parts: Iterable[object]) -> None:
        ends = [node.entity for node in self.pattern.nodes]
        # With both classes said, the pattern itself tells what is not in it.
        if not any(map(_is_any, ends)):
            return
        for part in parts:
            for attribute in part.attributes if isinstance(part, Part) else ():
                cls = attribute.entity
                if issubclass(cls, Node) and not any(fits(end, cls) for end in ends):
                    raise self._endless()

    def _endless(self) -> StatementError:
        return StatementError(
            f"{self.entity.__name__} may run between nodes of any class; say of which it does, with"
            " .between(User, Article) before where and returning"
        )


def _is_any(entity: type[Any] | None) -> bool:
    return entity is not None and issubclass(entity, AnyNode)


@dataclass(frozen=True, eq=False, repr=False)
class EdgeUpdate(SettingFields, OfEdgeClass):
    """A statement that sets fields of edges."""

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        required(self.assigned, "update sets nothing: add .values(name=…)")
        found = self.found(writer)
        dialect = writer.dialect
        clear = set_clause(dialect, "edge", cleared_items(writer, self.assigned))
        kept = f"{clear} WITH source, edge, target" if clear else ""
        items = assigned_items(writer, self.assigned)
        version = edge_info(self.entity).version
        if version is not None:
            items.append(counted_up("edge", dialect.quote(version.stored)))
        first, items = worked_out_first(writer, "edge", items)
        sets = set_clause(dialect, "edge", items)
        return f"{found}{kept}{counted(writer)}{first}{sets}", self.touched(writer)


@dataclass(frozen=True, eq=False, repr=False)
class EdgeDelete(OfEdgeClass):
    """A statement that deletes edges; the nodes at their ends stay."""

    @override
    def returning(self, *columns: Any) -> Self:
        """Return values that the deleted edges had, and those of their ends.

        Raises:
            StatementError: No column is named: a deleted edge is no entity any more.
        """
        return only_values(super().returning(*columns), columns)

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        return self.found(writer), self.touched(writer)

    @override
    def ending(self, writer: Writer, touched: str, tracked: bool) -> tuple[str, tuple[Column, ...]]:
        return gone_ending(self, writer, "DELETE edge", ("edge", touched), tracked)
