"""Prepared reads of one relation for many entities: one query however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.meta import fits
from runic.ogm.query.columns import generation, node_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.fetch import Fetch, FetchOrder
from runic.ogm.query.match import Stage
from runic.ogm.query.memory import memory_of
from runic.ogm.query.params import filled
from runic.ogm.query.pattern import Hop, NodePattern, Pattern, field_named
from runic.ogm.query.planned import Hidden, parameter_name
from runic.ogm.query.shapes import EdgeColumn, EntityColumns, NodeColumn
from runic.ogm.query.values import Value
from runic.ogm.query.writer import Writer


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
    # The values of the criteria, and the limit that was asked for.
    params: Mapping[str, Any] = field(default_factory=dict)

    def query(self, ids: Iterable[int | str]) -> Query:
        """Return the query for entities with these database ids."""
        return Query(self.text, {"ids": list(ids), **self.params}, read_only=True)

    def rows(self, rows: list[list[Any]]) -> list[list[Any]]:
        """Return the rows in which each target comes once for each entity.

        Where a relation may hold a target several times (`multiple=True`), and where it holds the
        edges themselves, these are all rows.
        """
        if self.repeats or self._all_differ(rows):
            return rows
        seen: dict[tuple[Any, Any], list[Any]] = {}
        for row in rows:
            seen.setdefault((row[0], self._target_id(row)), row)
        return list(seen.values())

    def _all_differ(self, rows: list[list[Any]]) -> bool:
        if not isinstance(self.target, EntityColumns):
            return False
        place = self.target.start
        return len({(row[0], row[place]) for row in rows}) == len(rows)

    def _target_id(self, row: list[Any]) -> Any:
        if isinstance(self.target, EntityColumns):
            return row[self.target.start]
        return row[self.target.index].id


def load_relation(
    relation: RelationInfo, dialect: Dialect, fetch: Fetch | None = None
) -> RelationLoad:
    """Return the prepared read of a relation, or of the part of it that `fetch` selects.

    Raises:
        StatementError: It is ordered by a field its target does not have, or that does not sort.
    """
    shape, values = _WHOLE if fetch is None else fetch.outline()
    given = {} if fetch is None else fetch.bindings
    encoded = [filled(value, given).encode(dialect) for value in values]
    hidden = tuple([number for number, (_, hides) in enumerate(encoded) if hides])
    plans = memory_of(relation.owner).plans
    versions = generation((relation.target,))
    key = ("relation", relation.name, dialect.variant, versions, shape, hidden)
    found: RelationLoad | None = plans.get(key)
    if found is None:
        found = _relation_load(relation, _PartWriter(relation, dialect, hidden), fetch)
        plans.put(key, found)
    if not encoded:
        return found
    return replace(found, params={parameter_name(i): v for i, (v, _) in enumerate(encoded)})


_WHOLE: tuple[tuple[Any, ...], tuple[Value, ...]] = ((), ())


class _PartWriter(Writer):
    """Writes criteria on what a relation leads to, called `t`, and on its edges, called `r`."""

    def __init__(self, relation: RelationInfo, dialect: Dialect, hidden: Hidden) -> None:
        nodes = (NodePattern(relation.owner, "s"), NodePattern(relation.target, "t"))
        super().__init__(Pattern(nodes, (Hop(0, relation, "r"),)), dialect, hidden)
        self._edge = relation.edge

    @override
    def element(self, attribute: Attribute[Any]) -> str:
        # Not by the pattern: where a relation leads to its owner's class, it would find both.
        return "r" if fits(self._edge, attribute.entity) else "t"


def _relation_load(
    relation: RelationInfo, writer: _PartWriter, fetch: Fetch | None
) -> RelationLoad:
    dialect = writer.dialect
    edge = EdgeColumn(relation.edge, 1) if relation.edge else None
    first = ["i", "r"] if edge else ["i"]
    texts, target = node_columns("t", relation.target, len(first), dialect)
    returned = ", ".join([*first, *texts])
    repeats = relation.options.multiple or relation.holds_edges
    where = _where(writer, fetch)
    # Without the stage, FalkorDB would look for targets first: all that satisfy, for each entity.
    stage = " WITH i, s" if where else ""
    match = (
        f"UNWIND $ids AS i MATCH (s) WHERE {dialect.node_id('s')} = i{stage}"
        f" MATCH (s){arrow_text('r', relation, dialect)}{node_text('t', relation.target, dialect)}"
        f"{where}"
    )
    order = _order(relation, writer, fetch)
    limit = _limit(relation, writer, fetch)
    if limit is not None:
        text = f"{match} {_limited(order, limit, repeats)} RETURN {returned}"
    else:
        text = f"{match} RETURN {returned} ORDER BY {order}"
    dialect.check_text(text)
    return RelationLoad(relation, text, edge, target, repeats)


def _where(writer: _PartWriter, fetch: Fetch | None) -> str:
    stage = Stage()
    for criterion in () if fetch is None else fetch.criteria:
        stage.add(writer, criterion)
    return str(stage)


def _limit(relation: RelationInfo, writer: _PartWriter, fetch: Fetch | None) -> str | None:
    if fetch is not None and fetch.maximum is not None:
        return writer.next_name()
    return None if relation.options.limit is None else str(relation.options.limit)


def _order(relation: RelationInfo, writer: _PartWriter, fetch: Fetch | None) -> str:
    """Return what to sort by; the edge's id last, so that the order is always the same."""
    orders = fetch.orders if fetch is not None and fetch.orders else _declared(relation)
    for order in orders:
        writer.require_order(order.by)
    texts = [f"{order.by.write(writer)}{' DESC' * order.descending}" for order in orders]
    return ", ".join([*texts, writer.dialect.node_id("r")])


def _declared(relation: RelationInfo) -> tuple[FetchOrder, ...]:
    declared = relation.options.order_by
    if declared is None:
        return ()
    try:
        name = field_named(relation.target, declared.removeprefix("-"))
    except StatementError as error:
        raise StatementError(f"order_by of {relation}: {error}") from error
    return (FetchOrder(Attribute(relation.target, name), declared.startswith("-")),)


def _limited(order: str, limit: str, repeats: bool) -> str:
    """Return the stages that keep the first so many targets of each entity."""
    # Without the first stage parallel edges would take several of the places.
    once = "" if repeats else f"WITH i, t, r ORDER BY {order} WITH i, t, collect(r)[0] AS r "
    return (
        f"{once}WITH i, r, t ORDER BY {order} WITH i, collect([r, t])[0..{limit}] AS found"
        " UNWIND found AS pair WITH i, pair[0] AS r, pair[1] AS t"
    )
