"""Random statements that follow a relation again and again, and that look for the shortest way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.oracle.statements.cases import Case, Read, shown, unsorted
from tests.oracle.statements.models import Being, Likes, Robot
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.spelled import Spelled, q, real, spell
from tests.oracle.statements.terms import Asker
from tests.oracle.statements.values import Term, View, once
from tests.oracle.statements.world import WAYS, Plain, Way

_ROUND = [way for way in WAYS if way.source is way.target]
_CIRCLES = "a path does not go on from a node that it has been at"
Keys = tuple[str, ...]


def trails(
    way: Way, start: Plain, hops: tuple[int, int], every: Term | None = None
) -> Iterator[list[Plain]]:
    """Yield the nodes of each path, no edge of which is on it twice."""

    def walk(nodes: list[Plain], passed: list[Plain]) -> Iterator[list[Plain]]:
        if len(passed) >= hops[0]:
            yield nodes
        if len(passed) == hops[1]:
            return
        for edge, there in way.steps(nodes[-1]):
            kept = every is None or every.value({"e": edge}) is True
            if kept and edge not in passed:
                yield from walk([*nodes, there], [*passed, edge])

    return walk([start], [])


@dataclass(frozen=True)
class Repeated:
    """A statement that repeats a relation, and the nodes of the paths that it follows."""

    stmt: Spelled
    found: list[list[Plain]]


def _repeated(pen: Pen, way: Way) -> Repeated:
    """Draw every path within bounds, over edges that satisfy criteria, to ends that do."""
    # From two on, a database that leaves out circles misses ends that only one leads to.
    least = pen.number(0, 1 if pen.differs(_CIRCLES) else 2)
    most = pen.number(max(1, least), 3)
    every = None
    if way.edge and pen.flag():
        pen.tell("all(e IN relationships(p) …)")
        every = Asker(pen, [View(Likes, "e")], depth=1).criterion()
    first = Asker(pen, [View(Being, "n", "n")], depth=1).criterion()
    last = Asker(pen, [View(Being, "m", "m")], depth=1, related=False).criterion()
    pen.tell("[*1..3]", "WHERE")
    stmt = q.select(spell(Being)).where(first.made)
    stmt = stmt.repeat(
        getattr(spell(Being), way.name), min_hops=least, max_hops=most, path_alias="p",
        where=[every.made] if every is not None else [],
    ).alias("m").where(last.made)  # fmt: skip
    found = [
        nodes
        for start in pen.world.of_class(Being)
        if first.value({"n": start}) is True
        for nodes in trails(way, start, (least, most), every)
        if last.value({"m": nodes[-1]}) is True
    ]
    return Repeated(stmt, found)


def repeated(pen: Pen) -> Case:
    """Both ends of every path: the database chooses which circles it closes, unless distinct."""
    way = pen.pick(_ROUND)
    drawn = _repeated(pen, way)
    pairs = [(nodes[0].key, nodes[-1].key) for nodes in drawn.found]
    begin, end = (q.col(spell(Being).id).on(alias) for alias in "nm")
    stmt = drawn.stmt.project(begin.as_("a"), end.as_("b"))
    if pen.differs(_CIRCLES) or pen.flag():
        pen.tell("RETURN DISTINCT")
        stmt, pairs = stmt.distinct(), once(pairs)
    return Read(stmt, unsorted(pairs))


@dataclass(frozen=True)
class Paths:
    """A statement whose rows are paths: which there are, and which of these there have to be."""

    stmt: Spelled
    possible: Counter[Keys]
    required: Counter[Keys]
    # Of paths with equal ends there is one.
    one: bool = False

    async def ask(self, session: Any) -> None:
        """Ask for the paths, and compare their nodes."""
        stmt = real(self.stmt)
        text = stmt.build(session.driver.dialect).text
        found = Counter([shown(row[-1]) for row in await self._rows(session, stmt)])
        told = f"{text}\nfound    {found}\npossible {self.possible}"
        if self.one:
            ends = Counter((path[1], path[-1]) for path in found.elements())
            assert ends == Counter({(path[0], path[-1]) for path in self.possible}), told
            assert all(path[1:] in self.possible for path in found), told
            return
        here = Counter({path[1:]: number for path, number in found.items()})
        assert not here - self.possible, told
        assert not self.required - here, f"{told}\nrequired {self.required}"

    async def _rows(self, session: Any, stmt: Any) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in await session.all_rows(stmt)]

    def __str__(self) -> str:
        return f"stmt = {self.stmt}"


def _keys(paths: list[list[Plain]]) -> Counter[Keys]:
    return Counter(tuple(node.key for node in nodes) for nodes in paths)


def paths(pen: Pen) -> Case:
    """Paths as a whole: all that there are, or at least those that close no circle."""
    # A relation that goes both ways leads over an edge from a node to itself once or twice.
    drawn = _repeated(pen, _ROUND[0])
    pen.tell("p = (a)-[*]->(b)", "nodes(p), relationships(p)", "length(p)",
             "startNode(r), endNode(r)")  # fmt: skip
    required = drawn.found
    if pen.differs(_CIRCLES):
        required = [nodes for nodes in required if len({*nodes}) == len(nodes)]
    return Paths(drawn.stmt.return_path("p"), _keys(drawn.found), _keys(required))


def shortest(pen: Pen) -> Case:
    """The fewest edges between every two nodes, over one relation."""
    way, every = pen.pick(_ROUND), pen.flag()
    pen.tell("allShortestPaths()" if every else "shortestPath()", "nodes(p), relationships(p)")
    ends = [_end(pen), _end(pen)]
    most = pen.pick([None, 1, 2])
    stmt = q.shortest_path(
        ends[0][0], ends[1][0], getattr(spell(Being), way.name), max_hops=most, every=every
    )
    found: list[list[Plain]] = []
    for start in ends[0][1]:
        ways = list(trails(way, start, (1, most or 4)))
        for end in ends[1][1]:
            between = [nodes for nodes in ways if nodes[-1] is end] if end is not start else []
            least = min(map(len, between), default=0)
            found += [nodes for nodes in between if len(nodes) == least]
    return Paths(stmt, _keys(found), _keys(found), one=not every)


def _end(pen: Pen) -> tuple[Spelled, list[Plain]]:
    cls = pen.pick([Being, Robot])
    asked = Asker(pen, [View(cls, "n")], depth=1, related=False).criterion()
    kept = [node for node in pen.world.of_class(cls) if asked.value({"n": node}) is True]
    return q.select(spell(cls)).where(asked.made), kept


KINDS_OF_PATHS: dict[str, Callable[[Pen], Case]] = {
    each.__name__: each for each in (repeated, paths, shortest)
}
