"""Prepared reads of one relation for many entities: one query however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.query.columns import generation, node_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.memory import codec_of, memory_of
from runic.ogm.query.pattern import field_named
from runic.ogm.query.shapes import EdgeColumn, EntityColumns, NodeColumn
from runic.ogm.query.writer import unordered


@dataclass(frozen=True, slots=True, eq=False)
class RelationLoad:
    """Reads what a relation holds for several entities.

    A row is: the database's id of the entity the relation leaves, then the edge where `edge` is
    not None, then the target's columns. Rows of one entity come in the relation's order: that of
    `order_by`, or else of the edges' ids, which is that of their creation.
    """

    relation: RelationInfo
    text: str
    edge: EdgeColumn | None
    target: EntityColumns | NodeColumn
    repeats: bool

    def query(self, ids: Iterable[int | str]) -> Query:
        """Return the query for entities with these database ids."""
        return Query(self.text, {"ids": list(ids)}, read_only=True)

    def rows(self, rows: list[list[Any]]) -> list[list[Any]]:
        """Return the rows in which each target comes once for each entity.

        Where a relation may hold a target several times (`multiple=True`), and where it holds the
        edges themselves, these are all rows.
        """
        if self.repeats:
            return rows
        seen: dict[tuple[Any, Any], list[Any]] = {}
        for row in rows:
            seen.setdefault((row[0], self._target_id(row)), row)
        return rows if len(seen) == len(rows) else list(seen.values())

    def _target_id(self, row: list[Any]) -> Any:
        if isinstance(self.target, EntityColumns):
            return row[self.target.start]
        return row[self.target.index].id


def load_relation(relation: RelationInfo, dialect: Dialect) -> RelationLoad:
    """Return the prepared read of a relation.

    Raises:
        StatementError: The relation is ordered by a field its target does not have.
    """
    plans = memory_of(relation.owner).plans
    key = ("relation", relation.name, dialect.variant, generation((relation.target,)))
    found: RelationLoad | None = plans.get(key)
    if found is None:
        found = _relation_load(relation, dialect)
        plans.put(key, found)
    return found


def _relation_load(relation: RelationInfo, dialect: Dialect) -> RelationLoad:
    edge = EdgeColumn(relation.edge, 1) if relation.edge else None
    first = ["i", "r"] if edge else ["i"]
    texts, target = node_columns("t", relation.target, len(first), dialect)
    returned = ", ".join(first + texts)
    repeats = relation.options.multiple or relation.holds_edges
    match = (
        f"UNWIND $ids AS i MATCH (s) WHERE {dialect.node_id('s')} = i"
        f" MATCH (s){arrow_text('r', relation, dialect)}{node_text('t', relation.target, dialect)}"
    )
    order = _order(relation, dialect)
    if relation.options.limit is not None:
        text = f"{match} {_limited(order, relation.options.limit, repeats)} RETURN {returned}"
    else:
        text = f"{match} RETURN {returned} ORDER BY {order}"
    return RelationLoad(relation, text, edge, target, repeats)


def _order(relation: RelationInfo, dialect: Dialect) -> str:
    """Return what to sort by; the edge's id last, so that the order is always the same."""
    edge_id = dialect.node_id("r")
    if relation.options.order_by is None:
        return edge_id
    name = relation.options.order_by.removeprefix("-")
    attribute = _sortable(relation, name, dialect)
    descending = " DESC" if relation.options.order_by.startswith("-") else ""
    return f"{dialect.stored('t', attribute.info)}{descending}, {edge_id}"


def _sortable(relation: RelationInfo, name: str, dialect: Dialect) -> Attribute[Any]:
    try:
        attribute: Attribute[Any] = Attribute(relation.target, field_named(relation.target, name))
    except StatementError as error:
        raise StatementError(f"order_by of {relation}: {error}") from error
    if not codec_of(relation.target, attribute.info, dialect).ordered:
        raise unordered(attribute, attribute.info, dialect)
    return attribute


def _limited(order: str, limit: int, repeats: bool) -> str:
    """Return the stages that keep the first so many targets of each entity."""
    # Without the first stage parallel edges would take several of the places.
    once = "" if repeats else f"WITH i, t, r ORDER BY {order} WITH i, t, collect(r)[0] AS r "
    return (
        f"{once}WITH i, r, t ORDER BY {order} WITH i, collect([r, t])[0..{limit}] AS found"
        " UNWIND found AS pair WITH i, pair[0] AS r, pair[1] AS t"
    )
