"""Random statements that write, with the graph that plain Python says they leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.oracle.statements.cases import Case
from tests.oracle.statements.graph import Graph, Tie, stored
from tests.oracle.statements.models import Being, Item, Likes, Robot
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.spelled import Spelled, q, real, spell
from tests.oracle.statements.terms import Asker
from tests.oracle.statements.values import Term, View, normal
from tests.oracle.statements.world import DRAWN, Given, Plain, Way, World

# Fields that may be missing, and their kinds.
_OPEN = {"nick": "text", "age": "int", "score": "float", "active": "bool", "day": "date",
         "born": "moment", "mood": "mood", "numbers": "ints"}  # fmt: skip
_WAYS = [
    Way("likes", Being, Being, Likes, ("LIKES",)),
    Way("liked", Being, Being, Likes, ("LIKES",), out=False, back=True),
    Way("knows", Being, Being, None, ("KNOWS",), back=True),
    Way("owns", Being, Item, None, ("OWNS",)),
    Way("wants", Being, Item, None, ("WANTS",)),
    Way("owners", Item, Being, None, ("OWNS",), out=False, back=True),
]


@dataclass(frozen=True)
class Write:
    """A statement that writes: how much, what it returns, and what it leaves."""

    stmt: Spelled
    world: World
    after: Graph
    affected: int
    rows: list[Any] | None = None

    async def ask(self, session: Any) -> None:
        """Write, compare the whole graph, and have it as it was."""
        stmt = real(self.stmt)
        try:
            result = await session.execute(stmt)
            assert result.affected == self.affected, f"affected {result.affected}"
            if self.rows is not None:
                found = Counter(normal(tuple(row)) for row in result.rows)
                assert found == Counter(map(normal, self.rows)), f"returned {result.rows}"
            await compare(session, self.after)
        finally:
            await restore(session, self.world)

    def __str__(self) -> str:
        return f"stmt = {self.stmt}  # affects {self.affected}, returns {self.rows}"


async def compare(session: Any, after: Graph) -> None:
    """Compare the whole graph with what it has to be."""
    (nodes, ties), (here, lines) = await stored(session), after.seen
    for key in nodes.keys() | here.keys():
        assert nodes.get(key) == here.get(key), (
            f"{key}\nis     {nodes.get(key)}\nnot {here.get(key)}"
        )
    assert ties == lines, f"too many {ties - lines}, missing {lines - ties}"


async def restore(session: Any, world: World, *, committed: bool = False) -> None:
    """Have the graph as it was."""
    await session.rollback()
    session.expunge_all()
    if "transactions" in session.driver.dialect.capabilities and not committed:
        return
    await session.execute("MATCH (n) DETACH DELETE n")
    session.add_all(world.entities())
    await session.commit()


def _criterion(pen: Pen, cls: type[Any], depth: int = 1) -> Term:
    return Asker(pen, [View(cls, "n")], depth=depth).criterion()


def _kept(pen: Pen, cls: type[Any], asked: Term) -> list[Plain]:
    return [node for node in pen.world.of_class(cls) if asked.value({"n": node}) is True]


def _given(pen: Pen, names: list[str]) -> Given:
    chosen = dict.fromkeys(pen.some(names))
    return {name: pen.pick(DRAWN[name]) for name in chosen}


def insert(pen: Pen) -> Case:
    """New nodes of rows, each with fields of its own."""
    cls = pen.pick([Being, Robot, Item])
    pen.tell("CREATE (n:L {…})")
    after, rows = Graph(pen.world), []
    names = [name for name in DRAWN if name in cls.model_fields]
    for number in range(pen.number(1, 3)):
        rows.append({"id": f"z{number}", **_given(pen, names)})
        after.add(cls, rows[-1])
    stmt = q.insert(spell(cls)).values(rows)
    if not pen.flag():
        return Write(stmt, pen.world, after, len(rows))
    pen.tell("CREATE … RETURN")
    stmt = stmt.returning(spell(cls).id)
    return Write(stmt, pen.world, after, len(rows), [(row["id"],) for row in rows])


def merge(pen: Pen) -> Case:
    """Nodes that are there or not, several rows for one of them, and more in one of both cases."""
    pen.tell("MERGE (n:L {…})", "FOREACH")
    after = Graph(pen.world)
    keys = [*(node.key for node in pen.world.of_class(Being)), "z1", "z2"]
    names = [*dict.fromkeys(pen.some(["name", "nick", "tags"]))]
    rows = [
        {"id": key, **{name: pen.pick(DRAWN[name]) for name in names}}
        for key in pen.some(keys, 1, 3)
    ]
    created, matched = pen.flag(), pen.flag()
    for row in {row["id"]: row for row in rows}.values():
        if row["id"] in pen.world.nodes:
            values = after.nodes[row["id"]][1]
            values.update(row)
            if matched:
                values["age"] = None if values["age"] is None else values["age"] + 1
        else:
            after.add(Being, {**row, **({"age": 7} if created else {})})
    stmt = q.merge(spell(Being)).values(rows)
    if created:
        pen.tell("ON CREATE SET")
        stmt = stmt.on_create(age=7)
    if matched:
        pen.tell("ON MATCH SET")
        stmt = stmt.on_match(age=q.col(spell(Being).age) + 1)
    return Write(stmt, pen.world, after, len({row["id"] for row in rows}))


def update(pen: Pen) -> Case:
    """Fields of what satisfies criteria: plain values, none, and what is computed of others."""
    cls = pen.pick([Being, Robot])
    pen.tell("SET n.p = x")
    asked, after = _criterion(pen, cls, 2), Graph(pen.world)
    terms: dict[str, Term] = {}
    for name in dict.fromkeys(pen.some([*_OPEN], 1, 3)):
        terms[name] = _value(pen, cls, name)
    if len(terms) > 1:
        pen.tell("SET n += {…}")
    kept = _kept(pen, cls, asked)
    for node in kept:
        new = {name: term.value({"n": node}) for name, term in terms.items()}
        after.nodes[node.key][1].update(new)
    stmt = q.update(spell(cls)).where(asked.made)
    stmt = stmt.values(**{name: term.made for name, term in terms.items()})
    if not pen.flag():
        return Write(stmt, pen.world, after, len(kept))
    stmt = stmt.returning(spell(cls).id, spell(cls).age)
    rows = [(node.key, after.nodes[node.key][1]["age"]) for node in kept]
    return Write(stmt, pen.world, after, len(kept), rows)


def _value(pen: Pen, cls: type[Any], name: str) -> Term:
    what = pen.pick(["plain", "none", "computed"])
    if what == "none":
        pen.tell("REMOVE n.p")
        return Term(None, lambda row: None, "")
    if what == "plain":
        value = pen.pick(DRAWN[name])
        return Term(value, lambda row: value, "")
    pen.tell("SET n.p = n.q + 1")
    return Asker(pen, [View(cls, "n")], depth=2).term(_OPEN[name])


def delete(pen: Pen) -> Case:
    """Nodes that satisfy criteria, with their edges."""
    cls = pen.pick([Being, Robot, Item])
    pen.tell("DETACH DELETE n")
    asked, after = _criterion(pen, cls, 2), Graph(pen.world)
    kept = _kept(pen, cls, asked)
    after.drop({node.key for node in kept})
    stmt = q.delete(spell(cls)).where(asked.made)
    if not pen.flag():
        return Write(stmt, pen.world, after, len(kept))
    stmt = stmt.returning(spell(cls).id)
    return Write(stmt, pen.world, after, len(kept), [(node.key,) for node in kept])


def _likes(pen: Pen) -> tuple[Term, list[Tie], Counter[Tie]]:
    """Draw which edges of a class are meant."""
    asked = Asker(pen, [View(Likes, "e")], depth=1).criterion()
    kept: Counter[Tie] = Counter()
    for type_, source, target, edge in pen.world.edges:
        if type_ == "LIKES" and asked.value({"e": edge}) is True:
            kept[type_, source, target, edge.values["since"], edge.values["how"]] += 1
    return asked, [*kept.elements()], kept


def update_edges(pen: Pen) -> Case:
    """Fields of all edges of a class that satisfy criteria."""
    pen.tell("SET r.p = x")
    (asked, found, kept), after = _likes(pen), Graph(pen.world)
    value = pen.pick([None, *DRAWN["how"]])
    after.ties -= kept
    after.ties += Counter((*tie[:4], value) for tie in found)
    stmt = q.update(spell(Likes)).where(asked.made).values(how=value)
    return Write(stmt, pen.world, after, len(found))


def delete_edges(pen: Pen) -> Case:
    """Edges of a class that satisfy criteria, of what both ends satisfy as well."""
    pen.tell("DELETE r")
    (asked, found, _), after = _likes(pen), Graph(pen.world)
    stmt = q.delete(spell(Likes)).where(asked.made)
    if pen.flag():
        ends = _criterion(pen, Being)
        kept = {node.key for node in _kept(pen, Being, ends)}
        robots = {node.key for node in pen.world.of_class(Robot)}
        found = [tie for tie in found if tie[1] in kept and tie[2] in robots]
        between = q.delete(spell(Likes)).between(spell(Being), spell(Robot))
        stmt = between.where(asked.made).where(ends.made, on="source")
    after.ties -= Counter(found)
    return Write(stmt, pen.world, after, len(found))


def _ends(pen: Pen, way: Way, stmt: Spelled) -> tuple[Spelled, list[Plain], list[Plain]]:
    first, last = _criterion(pen, way.source), _criterion(pen, way.target)
    stmt = stmt.where(first.made, on="source").where(last.made, on="target")
    return stmt, _kept(pen, way.source, first), _kept(pen, way.target, last)


def _between(way: Way, graph: Graph, source: str, target: str) -> list[Tie]:
    found = [t for t in graph.ties.elements() if t[0] in way.types]
    there = [t for t in found if way.out and t[1:3] == (source, target)]
    if way.back and not (way.out and source == target):
        there += [t for t in found if t[1:3] == (target, source)]
    return there


def connect(pen: Pen) -> Case:
    """Every source with every target, once; edges that are there take the values."""
    way = pen.pick(_WAYS)
    pen.tell("MERGE (a)-[r:T]->(b)")
    relation = getattr(spell(way.source), way.name)
    stmt, sources, targets = _ends(pen, way, q.connect(relation))
    after, written = Graph(pen.world), set()
    given = {"since": pen.pick(DRAWN["since"])} if way.edge and pen.flag() else {}
    for source in sources:
        for target in targets:
            ends = (source.key, target.key) if way.out else (target.key, source.key)
            there = _between(way, after, source.key, target.key)
            for tie in there:
                after.ties[tie] -= 1
                after.ties[*tie[:3], given.get("since", tie[3]), tie[4]] += 1
            if not there:
                after.tie(way.types[0], *ends, given)
            written.add((frozenset(ends) if way.out and way.back else ends, len(there) or 1))
    stmt = stmt.values(**given) if given else stmt
    number = sum(number for _, number in written)
    if way.edge is None or not pen.flag():
        return Write(stmt, pen.world, after, number)
    rows = [
        tie[1:4] for pair, _ in written for tie in after.ties.elements()
        if tie[0] in way.types and tie[1:3] == pair
    ]  # fmt: skip
    ends = ("source", "target") if way.out else ("target", "source")
    first, last = (q.col(spell(Being).id).on(end) for end in ends)
    return Write(stmt.returning(first, last, spell(Likes).since), pen.world, after, number, rows)


def disconnect(pen: Pen) -> Case:
    """The edges between what satisfies criteria."""
    way = pen.pick(_WAYS)
    pen.tell("DELETE r (of a relation)")
    relation = getattr(spell(way.source), way.name)
    stmt, sources, targets = _ends(pen, way, q.disconnect(relation))
    after, gone = Graph(pen.world), Counter[Tie]()
    for source in sources:
        for target in targets:
            for tie in {*_between(way, after, source.key, target.key)}:
                gone[tie] = after.ties[tie]
    after.ties -= gone
    return Write(stmt, pen.world, after, gone.total())


KINDS_OF_WRITES: dict[str, Callable[[Pen], Case]] = {
    each.__name__: each
    for each in (
        insert, merge, update, delete, update_edges, delete_edges, connect, disconnect,
    )
}  # fmt: skip
