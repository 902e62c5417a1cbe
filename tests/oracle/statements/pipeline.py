"""Random statements, with the rows that plain Python says they find.

A `Pipeline` draws hops, criteria and stages, and does to its rows what it adds to its statement.
Criteria count where runic says that they do: those on the target of an optional hop decide what the
hop finds, all others which rows remain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.statements.models import Being, Item, Robot
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.spelled import Spelled, q, real, spell
from tests.oracle.statements.terms import Asker
from tests.oracle.statements.values import (
    LITERALS,
    SORTED,
    Row,
    Rows,
    Term,
    Value,
    View,
    normal,
    once_rows,
    reading,
    sorted_by,
)
from tests.oracle.statements.world import WAYS, Way

# Relations that may be followed in one hop.
_GATHERED: list[tuple[str, Callable[[Any], Any], Callable[[list[Any]], Any]]] = [
    ("count(n.p)", q.count, len),
    ("sum()", q.sum_, sum),
    ("min()", q.min_, lambda found: min(found, default=None)),
    ("max()", q.max_, lambda found: max(found, default=None)),
]
_SEVERAL = Way("", Being, Item, None, ("OWNS", "WANTS"))


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

    def __init__(self, pen: Pen, classes: Sequence[type[Any]] = (Being, Robot, Item)) -> None:
        self.pen = pen
        cls = pen.pick(classes)
        pen.tell("MATCH (n:L)")
        self.stmt: Spelled = q.select(spell(cls))
        self.nodes = [View(cls, "n", "n")]
        self.edges: list[View] = []
        self.values: list[Term] = []
        self._optional: set[str] = set()
        self._rows: Rows = [{"n": node} for node in pen.world.of_class(cls)]
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
        made = Asker(self.pen, chosen, related=related, depth=depth)
        made.values = self.values
        return made

    def group(self, kinds: Sequence[str]) -> Term:
        """Draw what rows are grouped or sorted by."""
        name = "a count and a question about items do not sort or group together"
        return self.term(kinds, related=not self.pen.differs(name))

    def term(self, kinds: Sequence[str], *, depth: int = 2, related: bool = True) -> Term:
        """Draw an expression of one of several kinds."""
        asker = self.asker(depth=depth)
        asker.related = asker.related and related
        asker.whole = True
        return asker.term(asker.kind(kinds))

    def grow(self, least: int, most: int) -> None:
        """Draw some steps: hops, criteria, stages."""
        steps = [self.hop, self.hop, self.keep, self.keep, self.keep_on, self.unwind,
                 self.unwind_values, self.gather, *[self.stage] * 4]  # fmt: skip
        if self.pen.has("CALL { … }"):
            steps += [self.count_inside, self.collect_inside, self.list_inside, self.ask_apart]
        for _ in range(self.pen.number(least, most)):
            self.pen.pick(steps)()

    def hop(self) -> None:
        """Follow a relation of any node there is."""
        if len(self._hops) > 1:
            return
        several = [_SEVERAL] if any(issubclass(v.cls, Being) for v in self.nodes) else []
        ways = [(v, w) for v in self.nodes for w in [*WAYS, *several]
                if issubclass(v.cls, w.source)]  # fmt: skip
        source, way = self.pen.pick(ways)
        optional = self.pen.one_in(3)
        made = Hop(source, way, self._name("m"), self._name("e"), optional)
        self._tell(made)
        self._hops.append(made)
        traversed = self.stmt.traverse(
            _relation(source, way), edge_alias=made.edge, optional=optional
        )
        self.stmt = traversed.alias(made.node)
        self.nodes.append(View(way.target, made.node, made.node))
        if way.edge is not None:
            self.edges.append(View(way.edge, made.edge, made.edge))
        if optional:
            self._optional |= {made.node, made.edge}

    def _tell(self, hop: Hop) -> None:
        if hop.optional:
            self.pen.tell("OPTIONAL MATCH")
        if any(other.source == hop.source for other in self._hops):
            self.pen.tell("(a)-->(b), (a)-->(c)")
        way = hop.way
        names = {(True, False): "MATCH (a)-[r:T]->(b)", (False, True): "(a)<-[r:T]-(b)"}
        self.pen.tell(names.get((way.out, way.back), "(a)-[r:T]-(b)"))
        if len(way.types) > 1:
            self.pen.tell("[r:S|T]")

    def keep(self) -> None:
        """Keep what satisfies a criterion on one element or two."""
        self.pen.tell("WHERE")
        views = self.pen.some([*self.nodes, *self.edges], 1, 2)
        asked = self.asker(dict.fromkeys(views)).criterion()
        self.stmt = self.stmt.where(asked.made)
        self._add(asked.value, {attribute.alias for attribute in real(asked.made).attributes})

    def keep_on(self) -> None:
        """Keep what satisfies a criterion on the element that `on=` names."""
        self.pen.tell("WHERE")
        view = self.pen.pick([*self.nodes, *self.edges])
        plain = View(view.cls, view.key)
        related = view.key not in self._optional
        asked = Asker(self.pen, [plain], depth=1, related=related).criterion()
        self.stmt = self.stmt.where(asked.made, on=view.alias)
        self._add(asked.value, {view.alias} if real(asked.made).attributes else set())

    def _add(self, value: Value, aliases: set[str | None]) -> None:
        for hop in reversed(self._hops):
            if aliases & {hop.node, hop.edge}:
                hop.filters.append(value)
                return
        self._filters.append(value)

    def stage(self) -> None:
        """Go on with some nodes and a computed value, perhaps of some rows of an order only."""
        self.pen.tell("WITH")
        nodes = [*dict.fromkeys(self.pen.some(self.nodes, 1, len(self.nodes)))]
        rows, columns = self.rows, [view.alias for view in nodes]
        made, kept = [], self.values
        if self.pen.flag():
            term, name = self.term(SORTED), self._name("v")
            made = [term.made.as_(name)]
            rows = [{**row, name: term.value(row)} for row in rows]
            kept = [*self.values, Term(q.var(name), reading(name), term.kind)]
        names = [real(value.made).name for value in self.values]
        distinct = self.pen.flag()
        if self.pen.flag():
            self.pen.tell("WITH … ORDER BY … LIMIT")
            rows = self._page(rows)
        if distinct:
            self.pen.tell("WITH DISTINCT")
        self.stmt = self.stmt.with_(*columns, *names, *made, distinct=distinct)
        keys = [*(view.key for view in nodes), *(real(value.made).name for value in kept)]
        rows = [{key: row[key] for key in keys} for row in rows]
        self._begin(once_rows(rows) if distinct else rows)
        self.nodes, self.edges, self.values = nodes, [], kept
        # What is asked after a cut has to see cut rows.
        if self.pen.flag():
            self.keep()

    def gather(self) -> None:
        """Go on with groups of rows: some nodes, the values, and what the rows come to."""
        if len(self.values) > 1:
            return
        self.pen.tell("WITH")
        nodes = [*dict.fromkeys(self.pen.some(self.nodes, 1, len(self.nodes)))]
        row, build, of = self.pen.pick(_GATHERED)
        self.pen.tell(row)
        term, name = self.term(("int",)), self._name("a")
        names = [real(value.made).name for value in self.values]
        self.stmt = self.stmt.with_(
            *(view.alias for view in nodes), *names, build(term.made).as_(name)
        )
        keys = [*(view.key for view in nodes), *names]
        groups: dict[Any, Rows] = {}
        for each in self.rows:
            groups.setdefault(tuple(normal(each[key]) for key in keys), []).append(each)
        self._begin([
            {**{key: found[0][key] for key in keys},
             name: of([v for each in found if (v := term.value(each)) is not None])}
            for found in groups.values()
        ])  # fmt: skip
        self.nodes, self.edges = nodes, []
        self._having(name, "int")

    def _page(self, rows: Rows) -> Rows:
        """Sort rows, by the keys of all nodes at last, and take some, or all of them."""
        orders = [self.term(SORTED, depth=0)]
        orders += [view.field("id", "text") for view in self.nodes]
        # Parallel edges differ in nothing else.
        orders += [view.field("since", "int") for view in self.edges]
        orders += [value for value in self.values if value.kind in SORTED]
        return self.cut(self.sort(rows, orders))

    def sort(self, rows: Rows, orders: Sequence[Term]) -> Rows:
        """Sort the statement and the rows."""
        drawn = [(order, self.pen.flag()) for order in orders]
        for order, desc in drawn:
            self.stmt = self.stmt.order_by(order.made, desc=desc)
        if any(desc for _, desc in drawn):
            self.pen.tell("ORDER BY … DESC")
        return sorted_by(rows, [(order.value, desc) for order, desc in drawn])

    def unwind(self) -> None:
        """Have a row for each item of a list."""
        asker = self.asker(depth=1)
        kind = asker.kind(["text", "list", "ints"])
        if kind == "text" or len(self.values) > 1:
            return
        self.pen.tell("UNWIND")
        term, name = asker.term(kind), self._name("u")
        self.stmt = self.stmt.unwind(term.made, name)
        self._begin([{**row, name: each} for row in self.rows for each in term.value(row) or ()])
        self._having(name, "text" if kind == "list" else "int")

    def unwind_values(self) -> None:
        """Have a row for each of some values from outside."""
        if len(self.values) > 1:
            return
        kind = self.pen.pick(["int", "text"])
        given, name = self.pen.some(LITERALS[kind]), self._name("u")
        self.pen.tell("UNWIND $rows")
        # A name of its own in all parts of a union.
        rows = f"rows{len(self.pen.numbers)}"
        self.stmt = self.stmt.unwind(q.param(rows), name).bind(**{rows: given})
        self._begin([{**row, name: each} for row in self.rows for each in given])
        self._having(name, kind)

    def _inside(self) -> tuple[View, Way, Any, Asker] | None:
        """Draw where a subquery goes: from which node, which way, and what it keeps."""
        ways = [(v, w) for v in self.nodes for w in WAYS if issubclass(v.cls, w.source)]
        view, way = self.pen.pick(ways)
        if view.key in self._optional or len(self.values) > 1:
            return None
        self.pen.tell("CALL { WITH n … }")
        asker = Asker(self.pen, [View(way.target, "inside", "inside")], depth=1)
        inner = q.within(spell(view.cls), view.alias or "n")
        inner = inner.traverse(getattr(spell(view.cls), way.name)).alias("inside")
        return view, way, inner, asker

    def count_inside(self) -> None:
        """Count what a relation leads to in a subquery."""
        if (found := self._inside()) is None:
            return
        view, way, inner, asker = found
        asked, name = asker.criterion(), self._name("k")
        inner = inner.where(asked.made).aggregate(q.count("*").as_(name))
        self.pen.tell("count(*)")
        self.stmt = q.call(self.stmt, inner)

        def number(row: Row) -> int:
            ends = (node for _, node in way.steps(row[view.key]))
            return sum(asked.value({"inside": node}) is True for node in ends)

        self._begin([{**row, name: number(row)} for row in self.rows])
        self._having(name, "int")

    def collect_inside(self) -> None:
        """List a field of what a relation leads to, in the order of their keys."""
        if (found := self._inside()) is None:
            return
        view, way, inner, _ = found
        name = self._name("k")
        self.pen.tell("[(n)-->(m) | m.x]", "collect()")
        ids = q.col(spell(way.target).id).on("inside")
        ordered = inner.order_by(ids).with_("inside").aggregate(q.collect(ids).as_(name))
        self.stmt = q.call(self.stmt, ordered)

        def keys(row: Row) -> list[str]:
            return sorted(node.key for _, node in way.steps(row[view.key]))

        self._begin([{**row, name: keys(row)} for row in self.rows])
        self._having(name, "list")

    def list_inside(self) -> None:
        """Have a row for each of the first that a relation leads to, by their keys."""
        if (found := self._inside()) is None:
            return
        view, way, inner, asker = found
        asked, name = asker.criterion(), self._name("k")
        most, desc = self.pen.number(1, 3), self.pen.flag()
        made = inner.where(asked.made).project(q.col(spell(way.target).id).on("inside").as_(name))
        self.stmt = q.call(self.stmt, made.order_by(name, desc=desc).limit(most))

        def keys(row: Row) -> list[str]:
            ends = (node for _, node in way.steps(row[view.key]))
            kept = [node.key for node in ends if asked.value({"inside": node}) is True]
            return sorted(kept, reverse=desc)[:most]

        self._begin([{**row, name: key} for row in self.rows for key in keys(row)])
        self._having(name, "text")

    def ask_apart(self) -> None:
        """Know a value of all nodes of a class, which a subquery of its own finds."""
        if len(self.values) > 1:
            return
        self.pen.tell("CALL { … }", "max()")
        cls, name = self.pen.pick([Being, Robot]), self._name("k")
        apart = q.select(spell(cls)).aggregate(q.max_(spell(cls).age).as_(name))
        self.stmt = q.call(self.stmt, apart)
        ages = [node.values["age"] for node in self.pen.world.of_class(cls)]
        most = max((age for age in ages if age is not None), default=None)
        self._begin([{**row, name: most} for row in self.rows])
        self._having(name, "int")

    def _having(self, name: str, kind: str) -> None:
        self.values = [*self.values, Term(q.var(name), reading(name), kind)]

    def _begin(self, rows: Rows) -> None:
        """Go on with rows that nothing before can change any more."""
        self._rows, self._filters, self._hops, self.total = rows, [], [], None

    def _name(self, letter: str) -> str:
        self._made += 1
        return f"{letter}{self._made}"

    def cut(self, rows: Rows) -> Rows:
        """Skip and limit the statement and the rows, or not."""
        self.total = len(rows)
        if self.pen.flag():
            self.pen.tell("SKIP")
            skip = self.pen.number(0, 4)
            self.stmt, rows = self.stmt.skip(skip), rows[skip:]
        if self.pen.flag():
            self.pen.tell("LIMIT")
            limit = self.pen.number(0, 6)
            self.stmt, rows = self.stmt.limit(limit), rows[:limit]
        return rows


def _relation(source: View, way: Way) -> Any:
    if len(way.types) == 1:
        return source.relation(way)
    return [source.relation(replace(way, name=type_.lower())) for type_ in way.types]
