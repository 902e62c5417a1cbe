"""What follows a stage that is sorted or cut sees the rows of that stage, and no others.

Every cut in the middle of a statement, with every clause after it, with every way to ask for some
of what comes of it. FalkorDB's planner moves criteria before the cut, and a LIMIT from the end of a
statement into a stage before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Node, Registry, Relation, col
from runic.ogm.query import call, count, delete, list_, select, union_all, update, var, within
from tests.behaviour.graphs import cypher

REGISTRY = Registry()
Rows = list[int]
Follow = Callable[[Any, Rows], "tuple[Any, Rows]"]


class Page(Node, registry=REGISTRY):
    """A page of a book, some of which point to the next one."""

    id: int
    x: int = 0
    points: list[Page] = Relation("POINTS")


NUMBERS = list(range(10))
NEXT = {0: [1], 5: [6], 6: [7], 7: [8], 8: [9]}


@pytest.fixture
async def book(session: Any) -> Any:
    """Return a session on ten pages."""
    pages = [Page(id=n, x=n % 4) for n in NUMBERS]
    for source, targets in NEXT.items():
        pages[source].points = [pages[target] for target in targets]
    session.add_all(pages)
    await session.commit()
    session.expunge_all()
    return session


CUTS: dict[str, Callable[[], tuple[Any, Rows]]] = {
    "order": lambda: (select(Page).order_by(Page.id), NUMBERS),
    "order down": lambda: (select(Page).order_by(Page.id, desc=True), NUMBERS[::-1]),
    "limit": lambda: (select(Page).order_by(Page.id).limit(3), NUMBERS[:3]),
    "limit 0": lambda: (select(Page).order_by(Page.id).limit(0), []),
    "skip": lambda: (select(Page).order_by(Page.id).skip(4), NUMBERS[4:]),
    "skip and limit": lambda: (select(Page).order_by(Page.id).skip(4).limit(3), NUMBERS[4:7]),
    "relation order": lambda: (
        select(Page).order_by(col(Page.points).count(), desc=True).order_by(Page.id).limit(4),
        [0, 5, 6, 7],
    ),
}


def _kept(keep: Callable[[int], bool], *criteria: Any) -> Follow:
    return lambda stmt, rows: (stmt.where(*criteria), [n for n in rows if keep(n)])


def _hop(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    return stmt.traverse(Page.points).alias("m"), [n for n in rows for _ in NEXT.get(n, [])]


def _hop_where_source(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt, rows = _hop(stmt, rows)
    return stmt.where(Page.x == 2, on="n"), [n for n in rows if n % 4 == 2]


def _hop_where_target(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt = stmt.traverse(Page.points).alias("m").where(Page.x == 3, on="m")
    return stmt, [n for n in rows for m in NEXT.get(n, []) if m % 4 == 3]


def _optional_hop(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    return stmt.traverse(Page.points, optional=True).alias("m").where(Page.x == 2, on="n"), [
        n for n in rows if n % 4 == 2
    ]


def _value(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt = stmt.with_("n", col(Page.x).on("n").as_("v")).where(var("v") == 2)
    return stmt, [n for n in rows if n % 4 == 2]


def _unwound(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt = stmt.unwind(list_(1, 2), "u").where(Page.x == var("u"))
    return stmt, [n for n in rows for u in (1, 2) if n % 4 == u]


def _distinct(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    return stmt.with_("n", distinct=True).where(Page.x == 1), [n for n in rows if n % 4 == 1]


def _grouped(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt = stmt.with_("n", count("*").as_("c")).where(var("c") == 1, Page.x == 2)
    return stmt, [n for n in rows if n % 4 == 2]


def _called(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    inner = within(Page, "n").traverse(Page.points).alias("t").aggregate(count("*").as_("c"))
    stmt = call(stmt, inner).where(var("c") == 1, Page.x == 2)
    return stmt, [n for n in rows if n in NEXT and n % 4 == 2]


def _called_sorted(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    other = select(Page).alias("o").order_by(Page.id).project(col(Page.id).on("o").as_("o_id"))
    stmt = call(stmt, other).where(var("o_id") == 5)
    return stmt, rows


def _again(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt = stmt.where(Page.x != 0).order_by(Page.id, desc=True).limit(2).with_("n")
    kept = sorted((n for n in rows if n % 4), reverse=True)[:2]
    return stmt.where(Page.x == 2), [n for n in kept if n % 4 == 2]


def _sorted_again(stmt: Any, rows: Rows) -> tuple[Any, Rows]:
    stmt = stmt.order_by(Page.x).order_by(Page.id).with_("n").traverse(Page.points).alias("m")
    return stmt, [n for n in rows for _ in NEXT.get(n, [])]


SUBQUERIES = pytest.mark.requires("subqueries")
AFTER: dict[str, Follow] = {
    "field": _kept(lambda n: n % 4 == 2, Page.x == 2),
    "not": _kept(lambda n: n % 4 != 0, ~(Page.x == 0)),
    "in": _kept(lambda n: n in (6, 8), col(Page.id).in_([6, 8])),
    "any": _kept(lambda n: n in NEXT, col(Page.points).any()),
    "any of": _kept(lambda n: n in (5, 6), col(Page.points).any(Page.x >= 2)),
    "none": _kept(lambda n: n not in NEXT, ~col(Page.points).any()),
    "hop": _hop,
    "hop, source": _hop_where_source,
    "hop, target": _hop_where_target,
    "optional hop": _optional_hop,
    "value": _value,
    "unwind": _unwound,
    "distinct": _distinct,
    "groups": _grouped,
    "call": _called,
    "call, sorted": _called_sorted,
    "cut again": _again,
    "sorted again": _sorted_again,
}


@pytest.mark.parametrize(
    "after",
    [pytest.param(name, marks=SUBQUERIES) if "call" in name else name for name in AFTER],
)
@pytest.mark.parametrize("cut", CUTS)
async def test_what_follows_a_cut_sees_its_rows_only(book: Any, cut: str, after: str) -> None:
    """All rows, the first, whether there is one, pages and counts are those of the cut's rows."""
    stmt, rows = CUTS[cut]()
    stmt, rows = AFTER[after](stmt.with_("n"), rows)
    found = [page.id for page in await book.scalars(stmt)]
    assert sorted(found) == sorted(rows), stmt
    assert await book.exists(stmt) == bool(rows)
    first = await book.first(stmt)
    assert first.id in rows if rows else first is None
    for page, many in ((stmt.limit(1), 1), (stmt.limit(2), 2), (stmt.skip(1), None)):
        ids = [each.id for each in await book.scalars(page)]
        assert len(ids) == (max(len(rows) - 1, 0) if many is None else min(many, len(rows))), page
        assert set(ids) <= set(rows)
    assert await book.all_rows(stmt.aggregate(count("*").as_("c"))) == [{"c": len(rows)}]
    ordered = await book.all_rows(
        stmt.order_by(Page.id, desc=True).limit(2).project(col(Page.id).on("n").as_("i"))
    )
    assert [row["i"] for row in ordered] == sorted(rows, reverse=True)[:2]


@pytest.mark.requires("subqueries")
@pytest.mark.parametrize("cut", CUTS)
async def test_parts_of_a_union_keep_their_own_cuts(book: Any, cut: str) -> None:
    """What cuts a union takes rows of its parts as they were cut, not rows outside of that."""
    stmt, rows = CUTS[cut]()
    column = col(Page.id).on("n").as_("i")
    kept = stmt.with_("n").where(Page.x >= 2).project(column)
    parts = union_all(stmt.project(column), kept)
    both = [*rows, *(n for n in rows if n % 4 >= 2)]
    assert sorted(row["i"] for row in await book.all_rows(parts)) == sorted(both)
    assert await book.exists(parts) == bool(both)
    for limit in (1, 2, 30):
        ids = [row["i"] for row in await book.all_rows(parts.limit(limit))]
        assert len(ids) == min(limit, len(both))
    top = await book.all_rows(parts.order_by("i", desc=True).limit(3))
    assert [row["i"] for row in top] == sorted(both, reverse=True)[:3]


@pytest.mark.parametrize("after", ["hop", "hop, target", "any"])
async def test_pages_of_what_follows_a_cut_miss_nothing(book: Any, after: str) -> None:
    """Pages of a statement whose stage is sorted are the whole, one after the other."""
    stmt, rows = AFTER[after](select(Page).order_by(Page.id).with_("n"), NUMBERS)
    found = [
        page.id
        for start in range(len(rows) + 1)
        for page in await book.scalars(stmt.order_by(Page.id).skip(start).limit(1))
    ]
    assert found == sorted(rows)


async def test_writing_by_what_a_relation_leads_to_writes_all(book: Any, driver: Any) -> None:
    """Set-based changes have no cut in them: each node that is found is written."""
    await book.execute(update(Page).where(col(Page.points).any(Page.x >= 2)).values(x=9))
    await book.commit()
    assert await cypher(driver, "MATCH (n:Page) WHERE n.x = 9 RETURN count(n)") == [[2]]
    await book.execute(delete(Page).where(Page.x == 9))
    await book.commit()
    assert await cypher(driver, "MATCH (n:Page) RETURN count(n)") == [[8]]
