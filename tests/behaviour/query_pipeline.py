"""Random statements, with the rows that plain Python says they find.

A `Pipeline` draws hops, criteria and stages, and does to its rows what it adds to its statement.
Criteria count where runic says that they do: those on the target of an optional hop decide what the
hop finds, all others which rows remain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from runic.ogm import query as q
from tests.behaviour.query_terms import FIELDS, SORTED, Asker, Row, Term, Value, View
from tests.behaviour.query_world import WAYS, Being, Item, Robot, Way, of_class

Rows = list[Row]


@dataclass
class Hop:
    """A hop that is drawn: from where, which way, and what it keeps."""

    source: View
    way: Way
    node: str
    edge: str
    optional: bool
    filters: list[Value] = field(default_factory=list)

    def followed(self, rows: Rows) -> Rows:
        """Return the rows that the hop makes of rows."""
        return [made for row in rows for made in self._of(row)]

    def _of(self, row: Row) -> Rows:
        start = row[self.source.key]
        steps = [] if start is None else self.way.steps(start)
        made = [{**row, self.edge: edge, self.node: node} for edge, node in steps]
        kept = [new for new in made if all(value(new) is True for value in self.filters)]
        return kept or ([{**row, self.edge: None, self.node: None}] if self.optional else [])


class Pipeline:
    """A statement and what it finds."""

    def __init__(self, draw: Any, classes: Sequence[type[Any]] = (Being, Robot, Item)) -> None:
        self.draw = draw
        cls = draw(st.sampled_from(classes))
        self.stmt: Any = q.select(cls)
        self.nodes = [View(cls, "n", "n")]
        self.edges: list[View] = []
        self.values: list[Term] = []
        self._optional: set[str] = set()
        self._rows: Rows = [{"n": node} for node in of_class(cls)]
        self._filters: list[Value] = []
        self._hops: list[Hop] = []
        self._made = 0
        # How many rows there were before the last cut, which a count does not heed.
        self.total: int | None = None

    @property
    def rows(self) -> Rows:
        """The rows there are now."""
        rows = [row for row in self._rows if all(value(row) is True for value in self._filters)]
        for hop in self._hops:
            rows = hop.followed(rows)
        return rows

    def asker(self, views: Iterable[View] | None = None, *, depth: int = 2) -> Asker:
        """Return what draws terms about some of the elements."""
        chosen = [*self.nodes, *self.edges] if views is None else list(views)
        related = not any(view.key in self._optional for view in chosen)
        made = Asker(self.draw, chosen, related=related, depth=depth)
        made.values = self.values
        return made

    def term(self, kinds: Sequence[str], *, depth: int = 2) -> Term:
        """Draw an expression of one of several kinds."""
        asker = self.asker(depth=depth)
        return asker.term(asker.kind(kinds))

    def grow(self, steps: int) -> None:
        """Draw some steps: hops, criteria, stages."""
        options = [self.hop, self.hop, self.keep, self.keep, self.keep_on, self.stage, self.unwind]
        for _ in range(steps):
            self.draw(st.sampled_from([*options, self.count_inside]))()

    def hop(self) -> None:
        """Follow a relation of any node there is."""
        if len(self._hops) > 1:
            return
        ways = [(v, w) for v in self.nodes for w in WAYS if issubclass(v.cls, w.source)]
        source, way = self.draw(st.sampled_from(ways))
        optional = self.draw(st.integers(0, 2)) == 0
        made = Hop(source, way, self._name("m"), self._name("e"), optional)
        self._hops.append(made)
        relation = source.relation(way)
        traversed = self.stmt.traverse(relation, edge_alias=made.edge, optional=optional)
        self.stmt = traversed.alias(made.node)
        self.nodes.append(View(way.target, made.node, made.node))
        if way.edge is not None:
            self.edges.append(View(way.edge, made.edge, made.edge))
        if optional:
            self._optional |= {made.node, made.edge}

    def keep(self) -> None:
        """Keep what satisfies a criterion on one element or two."""
        everything = [*self.nodes, *self.edges]
        views = self.draw(st.lists(st.sampled_from(everything), min_size=1, max_size=2))
        asked = self.asker(dict.fromkeys(views)).criterion()
        self.stmt = self.stmt.where(asked.made)
        self._add(asked.value, {attribute.alias for attribute in asked.made.attributes})

    def keep_on(self) -> None:
        """Keep what satisfies a criterion on the element that `on=` names."""
        view = self.draw(st.sampled_from([*self.nodes, *self.edges]))
        plain = View(view.cls, view.key)
        related = view.key not in self._optional
        asked = Asker(self.draw, [plain], depth=1, related=related).criterion()
        self.stmt = self.stmt.where(asked.made, on=view.alias)
        self._add(asked.value, {view.alias} if asked.made.attributes else set())

    def _add(self, value: Value, aliases: set[str | None]) -> None:
        for hop in reversed(self._hops):
            if aliases & {hop.node, hop.edge}:
                hop.filters.append(value)
                return
        self._filters.append(value)

    def stage(self) -> None:
        """Go on with some nodes and a computed value, perhaps of some rows of an order only."""
        nodes = self.draw(st.lists(st.sampled_from(self.nodes), min_size=1, unique=True))
        rows, columns = self.rows, [view.alias for view in nodes]
        made: list[Any] = []
        if self.draw(st.booleans()):
            term = self.term(SORTED)
            name = self._name("v")
            made = [term.made.as_(name)]
            rows = [{**row, name: term.value(row)} for row in rows]
            kept = [*self.values, Term(q.var(name), _reading(name), term.kind)]
        else:
            kept = self.values
        names = [value.made.name for value in self.values]
        distinct = self.draw(st.booleans())
        if self.draw(st.booleans()):
            rows = self._page(rows)
        self.stmt = self.stmt.with_(*columns, *names, *made, distinct=distinct)
        keys = [*(view.key for view in nodes), *(value.made.name for value in kept)]
        rows = [{key: row[key] for key in keys} for row in rows]
        self._begin(_once(rows) if distinct else rows)
        self.nodes, self.edges, self.values = nodes, [], kept

    def _page(self, rows: Rows) -> Rows:
        """Sort rows, by the keys of all nodes at last, and take some, or all of them."""
        orders = [self.term(SORTED, depth=0)]
        orders += [view.field("id", "text") for view in self.nodes]
        # Parallel edges differ in nothing else.
        orders += [view.field("since", "int") for view in self.edges]
        orders += self.values
        return self.cut(self.sort(rows, orders))

    def sort(self, rows: Rows, orders: Sequence[Term]) -> Rows:
        """Sort the statement and the rows."""
        drawn = [(order, self.draw(st.booleans())) for order in orders]
        for order, desc in drawn:
            self.stmt = self.stmt.order_by(order.made, desc=desc)
        return sorted_by(rows, [(order.value, desc) for order, desc in drawn])

    def unwind(self) -> None:
        """Have a row for each item of a list."""
        lists = [t for v in self.nodes for t in _lists(v)]
        if not lists or len(self.values) > 1:
            return
        term, item = self.draw(st.sampled_from(lists))
        name = self._name("u")
        self.stmt = self.stmt.unwind(term.made, name)
        rows = [{**row, name: each} for row in self.rows for each in term.value(row) or ()]
        self._begin(rows)
        self.values = [*self.values, Term(q.var(name), _reading(name), item)]

    def count_inside(self) -> None:
        """Count what a relation leads to in a subquery."""
        ways = [(v, w) for v in self.nodes for w in WAYS if issubclass(v.cls, w.source)]
        view, way = self.draw(st.sampled_from(ways))
        if view.key in self._optional or len(self.values) > 1:
            return
        name, target = self._name("k"), View(way.target, "inside", "inside")
        asked = Asker(self.draw, [target], depth=1).criterion()
        inner = q.within(view.cls, view.alias or "n").traverse(getattr(view.cls, way.name))
        inner = inner.alias("inside").where(asked.made)
        self.stmt = q.call(self.stmt, inner.aggregate(q.count("*").as_(name)))

        def number(row: Row) -> int:
            ends = (node for _, node in way.steps(row[view.key]))
            return sum(asked.value({"inside": node}) is True for node in ends)

        self._begin([{**row, name: number(row)} for row in self.rows])
        self.values = [*self.values, Term(q.var(name), _reading(name), "int")]

    def _begin(self, rows: Rows) -> None:
        """Go on with rows that nothing before can change any more."""
        self._rows, self._filters, self._hops, self.total = rows, [], [], None

    def _name(self, letter: str) -> str:
        self._made += 1
        return f"{letter}{self._made}"

    def cut(self, rows: Rows) -> Rows:
        """Skip and limit the statement and the rows, or not."""
        self.total = len(rows)
        if self.draw(st.booleans()):
            skip = self.draw(st.integers(0, 4))
            self.stmt, rows = self.stmt.skip(skip), rows[skip:]
        if self.draw(st.booleans()):
            limit = self.draw(st.integers(0, 6))
            self.stmt, rows = self.stmt.limit(limit), rows[:limit]
        return rows


def _reading(name: str) -> Value:
    return lambda row: row[name]


def _lists(view: View) -> list[tuple[Term, str]]:
    fields = FIELDS[view.cls]
    found = [(view.field(name, "list"), "text") for name in fields.get("list", ())]
    return found + [(view.field(name, "ints"), "int") for name in fields.get("ints", ())]


def normal(value: Any) -> Any:
    """Return a value in a form in which equal ones are equal, and True is not 1."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, list | tuple):
        return tuple(normal(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, normal(item)) for name, item in value.items())
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def _once(rows: Rows) -> Rows:
    found: dict[Any, Row] = {}
    for row in rows:
        found.setdefault(tuple((key, normal(value)) for key, value in row.items()), row)
    return list(found.values())


def once(values: Iterable[Any]) -> list[Any]:
    """Return equal values once."""
    return list({normal(value): value for value in values}.values())


def sorted_by(rows: Sequence[Any], orders: Sequence[tuple[Callable[[Any], Any], bool]]) -> Any:
    """Return rows sorted as a database does: what is missing last, or first where downwards."""
    found = list(rows)
    for value, desc in reversed(orders):
        found.sort(key=lambda row: ((v := value(row)) is None, 0 if v is None else v), reverse=desc)
    return found


# Aggregates: what builds one of a term, what Python makes of the values that are there.
AGGREGATES: dict[str, tuple[Callable[[Any], Any], Callable[[list[Any]], Any], Sequence[str]]] = {
    "count": (q.count, len, ["int", "text", "moment", "mood"]),
    "once": (
        lambda made: q.count(made, distinct=True),
        lambda found: len(once(found)),
        ["int", "text", "bool", "moment"],
    ),
    "sum": (q.sum_, sum, ["int", "float"]),
    "avg": (q.avg, lambda found: sum(found) / len(found) if found else None, ["int", "float"]),
    "min": (q.min_, lambda found: min(found, default=None), ["int", "float", "text", "moment"]),
    "max": (q.max_, lambda found: max(found, default=None), ["int", "float", "text", "moment"]),
    "collect": (q.collect, lambda found: found, ["int", "text", "mood", "moment", "list"]),
}
