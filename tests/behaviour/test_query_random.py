"""Random statements find what plain Python finds in the same graph.

`RUNIC_QUERY_EXAMPLES=5000 pytest tests/behaviour/test_query_random.py` asks more of them.
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.query import col, count, select, union, union_all, var
from tests.behaviour.query_pipeline import AGGREGATES, Pipeline, normal, once
from tests.behaviour.query_terms import LITERAL, SORTED, Asker, Row, Term, View
from tests.behaviour.query_world import (
    WAYS,
    Being,
    Item,
    Likes,
    Plain,
    Robot,
    Way,
    entities,
    of_class,
)

ask = settings(
    max_examples=int(os.environ.get("RUNIC_QUERY_EXAMPLES", "25")),
    suppress_health_check=list(HealthCheck),
)
KINDS = [*SORTED, "mood", "list"]


def expressible(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Ask something else of a database without subqueries where a statement needs one."""

    @functools.wraps(test)
    async def asked(**given: Any) -> None:
        try:
            await test(**given)
        except UnsupportedFeatureError as error:
            if "no subqueries" not in str(error):
                raise
            reject()

    return asked


@pytest.fixture
async def world(session: Any) -> Any:
    """Return a session on the graph that is asked about."""
    session.add_all(entities())
    await session.commit()
    session.expunge_all()
    return session


async def found(world: Any, stmt: Any) -> list[Any]:
    """Return the rows of a statement, as tuples of comparable values."""
    return [normal(tuple(row.values())) for row in await world.all_rows(stmt)]


async def agree(
    world: Any, stmt: Any, rows: list[Any], *, ordered: bool, total: int | None = None
) -> None:
    """Compare rows, and the number of all before the last cut, with what a statement finds."""
    here, there = [normal(row) for row in rows], await found(world, stmt)
    assert there == here if ordered else Counter(there) == Counter(here), stmt.build()
    assert await world.count(stmt) == (len(rows) if total is None else total), stmt.build()
    assert await world.exists(stmt) == bool(rows), stmt.build()


@ask
@given(data=st.data())
@expressible
async def test_criteria(world: Any, data: Any) -> None:
    """All operators, of unknown values too, on fields, computed values and relations."""
    cls = data.draw(st.sampled_from([Being, Robot, Item]))
    asked = Asker(data.draw, [View(cls, "n")], depth=3).criterion()
    stmt = select(cls).where(asked.made)
    keys = sorted(each.id for each in await world.scalars(stmt))
    assert keys == sorted(n.key for n in of_class(cls) if asked.value({"n": n}) is True), stmt


@ask
@given(data=st.data())
@expressible
async def test_entities(world: Any, data: Any) -> None:
    """Hops, inner and optional, stages, unwound lists and subqueries; sorted and cut."""
    asked = Pipeline(data.draw)
    asked.grow(data.draw(st.integers(0, 4)))
    view = data.draw(st.sampled_from(asked.nodes))
    asked.stmt, rows = asked.stmt.return_target(view.alias), asked.rows
    orders: list[Term] = []
    if data.draw(st.booleans()):
        asked.stmt = asked.stmt.distinct()
        rows = list({row[view.key]: row for row in rows}.values())
    else:
        orders = [asked.term(SORTED)]
    rows = asked.cut(asked.sort(rows, [*orders, view.field("id", "text")]))
    keys = [each and each.id for each in await world.scalars(asked.stmt)]
    assert keys == [row[view.key] and row[view.key].key for row in rows], asked.stmt.build()
    assert await world.count(asked.stmt) == asked.total, asked.stmt.build()


@ask
@given(data=st.data())
@expressible
async def test_projections(world: Any, data: Any) -> None:
    """Computed columns of every kind, sorted by all of them, distinct and cut."""
    asked = Pipeline(data.draw)
    asked.grow(data.draw(st.integers(0, 3)))
    terms = [asked.term(KINDS) for _ in range(2)]
    asked.stmt = asked.stmt.project(*[t.made.as_(f"c{i}") for i, t in enumerate(terms)])
    rows = [tuple(term.value(row) for term in terms) for row in asked.rows]
    if data.draw(st.booleans()):
        asked.stmt, rows = asked.stmt.distinct(), once(rows)
    ordered = all(term.kind in SORTED for term in terms)
    if ordered:
        columns = [Term(f"c{i}", _column(i), t.kind) for i, t in enumerate(terms)]
        rows = asked.cut(asked.sort(rows, data.draw(st.permutations(columns))))
    await agree(world, asked.stmt, rows, ordered=ordered, total=asked.total)


def _column(index: int) -> Any:
    return lambda row: row[index]


@ask
@given(data=st.data())
@expressible
async def test_aggregates(world: Any, data: Any) -> None:
    """Every aggregate, in groups or of everything, kept by what they come to."""
    asked = Pipeline(data.draw)
    asked.grow(data.draw(st.integers(0, 3)))
    groups = [asked.term([*SORTED, "mood"]) for _ in range(data.draw(st.integers(0, 2)))]
    name = data.draw(st.sampled_from(sorted(AGGREGATES)))
    build, of, operands = AGGREGATES[name]
    term = asked.term(operands)
    columns = [group.made.as_(f"g{i}") for i, group in enumerate(groups)]
    made = [build(term.made).as_("a"), count("*").as_("c")]
    rows = [
        (*key, of([v for row in rows if (v := term.value(row)) is not None]), len(rows))
        for key, rows in grouped(asked.rows, groups)
    ]
    if data.draw(st.booleans()):
        least = data.draw(st.integers(0, 3))
        stage = asked.stmt.with_(*columns, *made).where(var("c") >= least)
        stmt = stage.project(*[f"g{i}" for i in range(len(groups))], "a", "c")
        rows = [row for row in rows if row[-1] >= least]
    else:
        stmt = asked.stmt.aggregate(*made, group_by=columns)
    if name == "collect":
        # In no order.
        rows = [(*row[:-2], sorted(map(repr, map(normal, row[-2]))), row[-1]) for row in rows]
        there = [
            (*row[:-2], tuple(sorted(map(repr, row[-2]))), row[-1])
            for row in await found(world, stmt)
        ]
        assert Counter(there) == Counter(map(normal, rows)), stmt.build()
    else:
        asked.stmt = stmt
        sortable = [Term(f"g{i}", _column(i), g.kind) for i, g in enumerate(groups)]
        ordered = all(group.kind in SORTED for group in groups)
        if ordered:
            rows = asked.cut(asked.sort(rows, sortable))
        await agree(world, asked.stmt, rows, ordered=ordered, total=asked.total)


def grouped(rows: list[Row], groups: list[Term]) -> list[tuple[tuple[Any, ...], list[Row]]]:
    """Return the rows of each group; without groups there is one of all rows."""
    if not groups:
        return [((), rows)]
    found: dict[Any, tuple[tuple[Any, ...], list[Row]]] = {}
    for row in rows:
        key = tuple(group.value(row) for group in groups)
        found.setdefault(normal(key), (key, []))[1].append(row)
    return list(found.values())


@ask
@given(data=st.data())
@expressible
async def test_unions(world: Any, driver: Any, data: Any) -> None:
    """The rows of two statements, once or all of them, sorted and cut as one."""
    kind = data.draw(st.sampled_from(sorted(LITERAL)))
    parts, rows = [], []
    for _ in range(2):
        asked = Pipeline(data.draw)
        asked.grow(data.draw(st.integers(0, 2)))
        term = asked.asker().field(kind)
        parts.append(asked.stmt.project(term.made.as_("c")))
        rows += [(term.value(row),) for row in asked.rows]
    if data.draw(st.booleans()):
        asked.stmt = union_all(*parts)
    else:
        asked.stmt, rows = union(*parts), once(rows)
    if "subqueries" in driver.dialect.capabilities:
        rows = asked.cut(asked.sort(rows, [Term("c", _column(0), kind)]))
        await agree(world, asked.stmt, rows, ordered=True, total=asked.total)
    else:
        assert Counter(await found(world, asked.stmt)) == Counter(map(normal, rows))


@ask
@given(data=st.data())
@expressible
async def test_repeated_relations(world: Any, driver: Any, data: Any) -> None:
    """Every path within the bounds, over edges that satisfy criteria, to ends that do."""
    way = data.draw(st.sampled_from([way for way in WAYS if way.source is way.target]))
    # From two on, FalkorDB misses ends that only a way through a circle leads to.
    least = data.draw(st.integers(0, 1))
    most = data.draw(st.integers(max(1, least), 4))
    edges = Asker(data.draw, [View(Likes, "e")], depth=1) if way.edge else None
    every = edges.criterion() if edges and data.draw(st.booleans()) else None
    first = Asker(data.draw, [View(Being, "n", "n")], depth=1).criterion()
    last = Asker(data.draw, [View(Being, "m", "m")], depth=1, related=False).criterion()
    stmt = select(Being).where(first.made)
    stmt = stmt.repeat(
        getattr(Being, way.name),
        min_hops=least,
        max_hops=most,
        where=[every.made] if every is not None else [],
    )
    stmt = stmt.alias("m").where(last.made)
    stmt = stmt.project(col(Being.id).on("n").as_("a"), col(Being.id).on("m").as_("b"))
    pairs = [
        (start.key, end.key)
        for start in of_class(Being)
        if first.value({"n": start}) is True
        for end in reached(way, start, (least, most), every, once=driver.dialect.name == "falkordb")
        if last.value({"m": end}) is True
    ]
    # Where it begins, and so which circles it closes, is the database's choice; of a relation that
    # goes both ways, FalkorDB follows a self loop twice.
    if way.name != "likes" or data.draw(st.booleans()):
        stmt, pairs = stmt.distinct(), once(pairs)
    await agree(world, stmt, pairs, ordered=False)


def reached(
    way: Way, start: Plain, hops: tuple[int, int], every: Term | None, *, once: bool
) -> Iterator[Plain]:
    """Yield the end of each path, no edge of which is on it twice.

    `once`: a path does not go on from a node that it has been at.
    """

    def walk(nodes: tuple[Plain, ...], passed: tuple[Plain, ...]) -> Iterator[Plain]:
        here = nodes[-1]
        if len(passed) >= hops[0]:
            yield here
        if len(passed) == hops[1] or (once and here in nodes[:-1]):
            return
        for edge, there in way.steps(here):
            kept = every is None or every.value({"e": edge}) is True
            if kept and edge not in passed:
                yield from walk((*nodes, there), (*passed, edge))

    return walk((start,), ())
