"""`connect` and `disconnect`: make or cut the edges of a relation by criteria, in one statement.

Both speak of three elements, called `source`, `target` and `edge`: the nodes a relation leaves and
enters as it is declared, and what runs between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.meta import edge_info
from runic.ogm.query.assigned import (
    Assignment,
    assignments,
    defaults,
    entity_values,
    outline_all,
)
from runic.ogm.query.change import (
    Filtered,
    Returning,
    assigned_items,
    cleared_items,
    gone_ending,
    only_values,
    read_first,
    set_clause,
)
from runic.ogm.query.connect_one import others_cut
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.expressions import Attribute, RelationAttribute
from runic.ogm.query.match import where_text, write_match
from runic.ogm.query.pattern import Hop, NodePattern, Pattern, Place
from runic.ogm.query.select import Select
from runic.ogm.query.set_items import SetItem, counted_up
from runic.ogm.query.shapes import Column
from runic.ogm.query.statement import Item
from runic.ogm.query.values import Value
from runic.ogm.query.writer import Writer


def connect(relation: Any) -> Connect:
    """Return a statement that relates all sources it finds to all targets it finds.

    `connect(User.articles).where(User.city == "Rome", Article.published == True)`; where both ends
    are of one class, `where(User.age > 3, on="source")`. Nodes that are related already stay so.

    Raises:
        StatementError: It is not a relation read from a class.
    """
    return Connect(_pattern(relation, "connect"))


def disconnect(relation: Any) -> Disconnect:
    """Return a statement that deletes the edges of a relation that it finds.

    `disconnect(User.articles).where(Article.published == False, Authored.year < 2000)`

    Raises:
        StatementError: It is not a relation read from a class.
    """
    return Disconnect(_pattern(relation, "disconnect"))


def _pattern(relation: Any, verb: str) -> Pattern:
    if not isinstance(relation, RelationAttribute):
        raise StatementError(f"{verb} takes a relation, as User.articles, not {relation!r}")
    ends = (NodePattern(relation.entity, "source"), NodePattern(relation.info.target, "target"))
    return Pattern(ends, (Hop(0, relation.info, "edge"),))


class OnEdges(Filtered, Returning):
    """Base of the changes to the edges of one relation."""

    @override
    def returning(self, *columns: Any) -> Self:
        """Return the edges or, with columns, their values and those of `source` and `target`.

        Raises:
            StatementError: No column is named, and the relation has no edge class.
        """
        if columns:
            return self._with(items=Select(self.pattern).project(*columns).items)
        if self.relation.edge is None:
            raise StatementError(
                f"edges of {self.relation} are no entities; give it edge_model=, or name columns"
            )
        return self._with(items=(Item("edge", Place(True, 0)),))

    @property
    def relation(self) -> RelationInfo:
        """The relation whose edges are written."""
        return self.pattern.hops[0].relation

    def touched(self, writer: Writer) -> str:
        """Return the ids of an edge's two nodes, in its own direction, and that of the edge."""
        ids = [*writer.dialect.end_ids("edge"), writer.dialect.node_id("edge")]
        return f"[{', '.join(ids)}]"


@dataclass(frozen=True, eq=False, repr=False)
class Connect(OnEdges):
    """A statement that makes edges."""

    created: tuple[Assignment, ...] = ()
    given: tuple[Assignment, ...] = ()

    def values(self, /, **fields: Any) -> Self:
        """Set fields of the edges, validated as their edge class does.

        Edges that are there take what is given and count their version up; new ones also take the
        defaults of the other fields.

        Raises:
            StatementError: The relation has no edge class, or that no such field.
            FieldValidationError: The edge class refuses a value.
        """
        edge = self._edge_class()
        given = assignments(edge, fields)
        made = entity_values(edge, fields)
        rest = {name: value for name, value in made.items() if name not in fields}
        return self._with(created=defaults(edge, rest), given=given)

    def _edge_class(self) -> type[Any]:
        if self.relation.edge is None:
            raise StatementError(f"edges of {self.relation} have no fields; give it edge_model=")
        return self.relation.edge

    @override
    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        outline_all(self._defaults, shape, values)
        outline_all(self.given, shape, values)

    @property
    def _defaults(self) -> tuple[Assignment, ...]:
        """What a new edge takes beside what is given; raises where a field lacks a value."""
        if self.relation.edge is None or self.given or self.created:
            return self.created
        return self.values().created

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        dialect = writer.dialect
        text = self.found(writer) + read_first(writer, "source")
        created = assigned_items(writer, self._defaults)
        given = assigned_items(writer, self.given)
        merged = self._merged if dialect.tells_created else self._asked_first
        text += merged(writer, created, given)
        if self.relation.direction == "BOTH" and dialect.merges_loops_twice:
            text += " WITH DISTINCT source, target, edge"
        text += others_cut(self.pattern, dialect)
        return text, self.touched(writer)

    def pairs(self) -> ConnectedPairs:
        """Return a statement that only finds the nodes to be related."""
        made = object.__new__(ConnectedPairs)
        made.__dict__.update(self.__dict__, items=(), created=(), given=())
        return made

    def found(self, writer: Writer) -> str:
        """Return the clauses that find both ends, each pair once."""
        dialect = writer.dialect
        ends = ", ".join(node_text(n.alias, n.entity, dialect) for n in self.pattern.nodes)
        return f"MATCH {ends}{self._where(writer)}{self._once(dialect)}"

    def _merged(self, writer: Writer, created: Sequence[SetItem], given: Sequence[SetItem]) -> str:
        dialect = writer.dialect
        arrow = arrow_text("edge", self.relation, dialect)
        cleared = cleared_items(writer, self.given)
        # What was cleared is set in a clause of its own.
        word = "WITH source, target, edge SET" if cleared else "SET"
        return (
            f" MERGE (source){arrow}(target)"
            + set_clause(dialect, "edge", created, "ON CREATE SET")
            + set_clause(dialect, "edge", [*cleared, *self._counted(dialect)], "ON MATCH SET")
            + set_clause(dialect, "edge", given, word)
        )

    def _asked_first(
        self, writer: Writer, created: Sequence[SetItem], given: Sequence[SetItem]
    ) -> str:
        """Return the same for databases whose MERGE does not tell what was there."""
        dialect = writer.dialect
        arrow, stored = (arrow_text(e, self.relation, dialect) for e in ("edge", "stored"))
        merged = f" MERGE (source){arrow}(target)"
        if created:
            merged = (
                f" OPTIONAL MATCH (source){stored}(target)"
                f" WITH source, target, count(stored) = 0 AS fresh{merged}"
            )
        items = [*_where_fresh(created, self._counted(dialect)), *given]
        return merged + set_clause(dialect, "edge", items)

    def _counted(self, dialect: Dialect) -> list[SetItem]:
        """Return what counts the version of an edge up that is there and takes what is given."""
        version = edge_info(self.relation.edge).version if self.given else None
        return [] if version is None else [counted_up("edge", dialect.quote(version.stored))]

    @property
    @override
    def written(self) -> tuple[str, ...]:
        return tuple(each.attribute.name for each in self.given)

    def _where(self, writer: Writer) -> str:
        for kept in self.filters:
            self._refuse_edge(kept.criterion.attributes, kept.reach.place)
        return where_text(writer, self.filters)

    def _once(self, dialect: Dialect) -> str:
        """Return the stage that keeps one of two pairs that an undirected edge would join alike."""
        if self.relation.direction != "BOTH":
            return ""
        forth = f"{dialect.node_id('source')} <= {dialect.node_id('target')}"
        return (
            f" WITH source, target, {forth} AS forth"
            " WITH DISTINCT CASE WHEN forth THEN source ELSE target END AS source,"
            " CASE WHEN forth THEN target ELSE source END AS target"
        )

    def _refuse_edge(self, attributes: tuple[Attribute[Any], ...], place: Any) -> None:
        for attribute in attributes:
            if self.pattern.place_of(attribute, place, len(self.pattern.nodes)).is_edge:
                raise StatementError(
                    f"connect asks about nodes, and {attribute} is of the edge that it makes; use"
                    " .values(…) to set it"
                )


def _where_fresh(created: Sequence[SetItem], matched: Sequence[SetItem]) -> list[SetItem]:
    """Return the items for what is new or, of the same properties, for what was there."""
    kept = {item.name: item.value for item in matched}
    return [
        item._replace(
            value=f"CASE WHEN fresh THEN {item.value}"
            f" ELSE {kept.get(item.name, f'edge.{item.name}')} END"
        )
        for item in created
    ]


class ConnectedPairs(Connect):
    """A statement that finds what a `connect` relates, and relates nothing."""

    @override
    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        """Append nothing."""

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        source, target = map(writer.dialect.node_id, ("source", "target"))
        return self.found(writer), f"[{source}, {target}]"


@dataclass(frozen=True, eq=False, repr=False)
class Disconnect(OnEdges):
    """A statement that deletes edges."""

    @override
    def returning(self, *columns: Any) -> Self:
        """Return values that the deleted edges had, and those of their ends.

        Raises:
            StatementError: No column is named: a deleted edge is no entity any more.
        """
        return only_values(super().returning(*columns), columns)

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        found = write_match(writer, self.filters)
        if self.relation.direction == "BOTH":
            # An undirected match finds each edge from both sides.
            source, target = writer.dialect.directed("edge", "source", "target")
            found += f" WITH DISTINCT edge, {source} AS source, {target} AS target"
        return found, self.touched(writer)

    @override
    def ending(self, writer: Writer, touched: str, tracked: bool) -> tuple[str, tuple[Column, ...]]:
        return gone_ending(self, writer, "DELETE edge", ("edge", touched), tracked)
