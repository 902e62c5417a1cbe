"""Random statements that read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.oracle.statements.aggregates import AGGREGATES
from tests.oracle.statements.cases import Answer, Read, grouped, unsorted
from tests.oracle.statements.models import Being, Item, Robot
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.pipeline import Pipeline
from tests.oracle.statements.spelled import Spelled, q, spell
from tests.oracle.statements.terms import Asker
from tests.oracle.statements.values import (
    KINDS,
    LITERAL,
    SORTED,
    Row,
    Rows,
    Term,
    View,
    normal,
    once,
)
from tests.oracle.statements.world import WAYS

Key = Callable[[Any], Any]
_RETURNED = ("real", "holed", "map")


def finished(
    asked: Pipeline, rows: Sequence[Any], orders: Sequence[Term], shown: Key = lambda row: row
) -> Read:
    """Return a statement, sorted and cut as a whole."""
    pen = asked.pen
    drawn = [(order, pen.flag()) for order in orders]
    for order, desc in drawn:
        asked.stmt = asked.stmt.order_by(order.made, desc=desc)
    if any(desc for _, desc in drawn):
        pen.tell("ORDER BY … DESC")
    groups = grouped(rows, [(order.value, desc) for order, desc in drawn], shown)
    skip = pen.number(0, 4) if drawn and pen.flag() else 0
    limit = pen.number(0, 6) if drawn and pen.flag() else None
    if skip:
        pen.tell("SKIP")
        asked.stmt = asked.stmt.skip(skip)
    if limit is not None:
        pen.tell("LIMIT")
        asked.stmt = asked.stmt.limit(q.param("most")).bind(most=limit)
    return Read(asked.stmt, Answer(groups, skip, limit), explained(pen))


def explained(pen: Pen) -> bool:
    """Draw whether the plan is asked for as well."""
    if drawn := pen.one_in(15):
        pen.tell("EXPLAIN")
    return drawn


def criteria(pen: Pen) -> Read:
    """All operators, of unknown values too, on fields, computed values and relations."""
    cls = pen.pick([Being, Robot, Item])
    pen.tell("MATCH (n:L)", "WHERE")
    asker = Asker(pen, [View(cls, "n")], depth=3)
    asker.whole = True
    return _kept(pen, cls, asker.criterion())


def relations(pen: Pen) -> Read:
    """Whatever is asked of relations: nested, negated and counted, on either face of one."""
    cls = pen.pick([Being, Robot, Item])
    pen.tell("MATCH (n:L)", "WHERE")
    asker = Asker(pen, [View(cls, "n")], depth=4)
    return _kept(pen, cls, asker.about_relation(*pen.pick(asker.ways())))


def _kept(pen: Pen, cls: type[Any], asked: Term) -> Read:
    kept = [n.key for n in pen.world.of_class(cls) if asked.value({"n": n}) is True]
    return Read(q.select(spell(cls)).where(asked.made), unsorted(kept), explained(pen))


def parameters(pen: Pen) -> Read:
    """Criteria on values that are given by name, afterwards."""
    pen.tell("MATCH (n:L)", "WHERE", "$parameter")
    asker = Asker(pen, [View(Being, "n")], depth=1)
    kind = asker.kind([*SORTED, "mood"])
    term, value = asker.field(kind), asker.literal(kind)
    stmt = q.select(spell(Being)).where(term.made == q.param("wanted")).bind(wanted=value)
    kept = [n.key for n in pen.world.of_class(Being) if term.value({"n": n}) == value]
    return Read(stmt, unsorted(kept))


def entities(pen: Pen) -> Read:
    """Hops, inner and optional, stages, unwound lists and subqueries; sorted and cut."""
    asked = Pipeline(pen)
    asked.grow(0, 4)
    view = pen.pick(asked.nodes)
    asked.stmt, rows = asked.stmt.return_target(view.alias), asked.rows
    orders: list[Term] = []
    if pen.flag():
        pen.tell("RETURN DISTINCT")
        asked.stmt = asked.stmt.distinct()
        rows = list({row[view.key]: row for row in rows}.values())
    else:
        orders = [asked.group(SORTED)]
    if pen.flag():
        orders.append(view.field("id", "text"))
    return finished(asked, rows, orders, lambda row: _key(row[view.key]))


def _key(node: Any) -> Any:
    return node and node.key


def projections(pen: Pen) -> Read:
    """Computed columns of every kind, sorted by some of them, distinct and cut."""
    asked = Pipeline(pen)
    asked.grow(0, 3)
    pen.tell("RETURN n.p AS x")
    asker = asked.asker()
    terms = [asked.term(KINDS) for _ in range(2)]
    if pen.flag():
        terms.append(asker.made(pen.pick(_RETURNED)))
    asked.stmt = asked.stmt.project(*[t.made.as_(f"c{i}") for i, t in enumerate(terms)])
    rows = [tuple(term.value(row) for term in terms) for row in asked.rows]
    if all(term.kind not in _RETURNED for term in terms) and pen.flag():
        pen.tell("RETURN DISTINCT")
        asked.stmt, rows = asked.stmt.distinct(), once(rows)
    columns = [Term(f"c{i}", _column(i), t.kind) for i, t in enumerate(terms) if t.kind in SORTED]
    orders = pen.shuffled(columns)[: pen.number(0, len(columns))]
    return finished(asked, rows, orders)


def functions(pen: Pen) -> Read:
    """Every function, of fields and of others."""
    asked = Pipeline(pen)
    asked.grow(0, 1)
    pen.tell("RETURN n.p AS x")
    asker = asked.asker()
    asker.whole = True
    terms = [asker.any_function() for _ in range(pen.number(1, 12))]
    asked.stmt = asked.stmt.project(*[t.made.as_(f"c{i}") for i, t in enumerate(terms)])
    return Read(asked.stmt, unsorted([tuple(t.value(row) for t in terms) for row in asked.rows]))


def _column(index: int) -> Key:
    return lambda row: row[index]


def elements(pen: Pen) -> Read:
    """Nodes and edges in columns, beside values, and the types of edges."""
    asked = Pipeline(pen, (Being, Robot))
    asked.hop()
    asked.grow(0, 2)
    columns: list[tuple[Any, Key]] = []
    for view in asked.nodes:
        columns.append((q.var(view.alias), lambda row, key=view.key: _key(row[key])))
    for view in asked.edges:
        pen.tell("type()")
        columns.append((q.var(view.alias), lambda row, key=view.key: _edge(row[key])))
        columns.append((q.type_of(q.var(view.alias)), lambda row, key=view.key: _type(row[key])))
    pen.tell("RETURN n")
    made = [column.as_(f"c{i}") for i, (column, _) in enumerate(columns)]
    rows = [tuple(of(row) for _, of in columns) for row in asked.rows]
    return Read(asked.stmt.project(*made), unsorted(rows))


def _edge(edge: Any) -> Any:
    return edge and ("edge", edge.values["since"], edge.values["how"])


def _type(edge: Any) -> Any:
    return edge and "LIKES"


def tuples(pen: Pen) -> Read:
    """Entities of several classes in each row: both ends of a hop, and its edge."""
    way = pen.pick([way for way in WAYS if way.source is Being])
    cls = pen.pick([Being, Robot])
    pen.tell("RETURN n", "WHERE")
    asked = Asker(pen, [View(way.target, "m", "m")], depth=2, related=False).criterion()
    classes = [cls, *([way.edge] if way.edge else []), way.target]
    stmt = q.select(*map(spell, classes)).traverse(getattr(spell(cls), way.name)).alias("m")
    rows = [
        (start.key, *([_edge(edge)] if way.edge else []), end.key)
        for start in pen.world.of_class(cls)
        for edge, end in way.steps(start)
        if asked.value({"m": end}) is True
    ]
    return Read(stmt.where(asked.made), unsorted(rows))


def aggregates(pen: Pen) -> Read:
    """Every aggregate, in groups or of everything, kept by what they come to."""
    asked = Pipeline(pen)
    asked.grow(0, 3)
    groups = [asked.group([*SORTED, "mood"]) for _ in range(pen.number(0, 2))]
    aggregate = pen.pick([each for each in AGGREGATES if pen.has(each.row)])
    pen.tell(aggregate.row, "count(*)")
    term = asked.term(aggregate.takes)
    columns = [group.made.as_(f"g{i}") for i, group in enumerate(groups)]
    made = [aggregate.build(term.made).as_("a"), q.count("*").as_("c")]
    of = aggregate.python(pen)
    rows = [
        (*key, of([v for row in rows if (v := term.value(row)) is not None]), len(rows))
        for key, rows in _grouped(asked.rows, groups)
    ]
    if pen.flag():
        pen.tell("WITH … WHERE (HAVING)")
        least = pen.number(0, 3)
        stage = asked.stmt.with_(*columns, *made).where(q.var("c") >= least)
        names = [f"g{i}" for i in range(len(groups))]
        asked.stmt = stage.project(*names, "a", "c")
        rows = [row for row in rows if row[-1] >= least]
    else:
        asked.stmt = asked.stmt.aggregate(*made, group_by=columns)
    sortable = [Term(f"g{i}", _column(i), g.kind) for i, g in enumerate(groups) if g.kind in SORTED]
    if aggregate.row != "collect()":
        return finished(asked, rows, sortable)
    return Read(asked.stmt, unsorted([_listed(row) for row in rows]), cells=_listed)


def _listed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    # What is collected is in no order.
    # A sum of ints is a float to some.
    items = [repr(normal(float(item) if type(item) is int else item)) for item in row[-2]]
    return (*row[:-2], sorted(items), row[-1])


def _grouped(rows: Rows, groups: list[Term]) -> list[tuple[tuple[Any, ...], list[Row]]]:
    """Return the rows of each group; without groups there is one of all rows."""
    if not groups:
        return [((), rows)]
    found: dict[Any, tuple[tuple[Any, ...], list[Row]]] = {}
    for row in rows:
        key = tuple(group.value(row) for group in groups)
        found.setdefault(normal(key), (key, []))[1].append(row)
    return list(found.values())


def collections(pen: Pen) -> Read:
    """Nodes that are collected, in groups."""
    asked = Pipeline(pen)
    asked.grow(0, 2)
    pen.tell("collect(n)")
    view, group = pen.pick(asked.nodes), asked.group(SORTED)
    made = q.collect(q.var(view.alias)).as_("a")
    asked.stmt = asked.stmt.aggregate(made, q.count("*").as_("c"), group_by=group.made.as_("g"))
    rows = [
        (*key, [n.key for row in rows if (n := row[view.key]) is not None], len(rows))
        for key, rows in _grouped(asked.rows, [group])
    ]
    return Read(asked.stmt, unsorted([_listed(row) for row in rows]), cells=_listed)


def unions_of_entities(pen: Pen) -> Read:
    """The nodes of two statements, which have criteria of their own."""
    parts, rows = [], []
    for _ in range(2):
        asked = Asker(pen, [View(Being, "n")], depth=2).criterion()
        parts.append(q.select(spell(Being)).where(asked.made))
        rows += [n.key for n in pen.world.of_class(Being) if asked.value({"n": n}) is True]
    if pen.flag():
        pen.tell("UNION ALL")
        stmt = q.union_all(*parts)
    else:
        pen.tell("UNION")
        stmt, rows = q.union(*parts), [*dict.fromkeys(rows)]
    return Read(stmt, unsorted(rows), counted=pen.has("CALL { … }"))


def unions(pen: Pen) -> Read:
    """The rows of two statements, once or all of them, sorted and cut as one."""
    kind = pen.pick(LITERAL)
    parts: list[Spelled] = []
    rows: list[Any] = []
    for _ in range(2):
        asked = Pipeline(pen)
        asked.grow(0, 2)
        asked.values = []
        term = asked.asker().field(kind)
        parts.append(asked.stmt.project(term.made.as_("c")))
        rows += [(term.value(row),) for row in asked.rows]
    if pen.flag():
        pen.tell("UNION ALL")
        asked.stmt = q.union_all(*parts)
    else:
        pen.tell("UNION")
        asked.stmt, rows = q.union(*parts), once(rows)
    whole = pen.has("CALL { … }")
    read = finished(asked, rows, [Term("c", _column(0), kind)] if whole else [])
    return replace(read, counted=whole)


KINDS_OF_READS: dict[str, Callable[[Pen], Any]] = {
    each.__name__: each
    for each in (
        criteria, relations, parameters, entities, projections, functions, elements, tuples,
        aggregates,
        collections, unions, unions_of_entities,
    )
}  # fmt: skip
