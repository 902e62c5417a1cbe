"""Columns that are called like an element of the pattern, or like a value of a stage.

Whatever they are called, rows have the same values in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Edge, Node, Registry, Relation, StatementError, col, select, update
from runic.ogm.query import case, count, length, merge, sum_, union_all, var

REGISTRY = Registry()


class Way(Edge, registry=REGISTRY):
    """How far it is."""

    far: int = 0


class Stop(Node, registry=REGISTRY):
    """A stop, with fields called like elements."""

    id: str
    name: str = ""
    n: int = 0
    e: int = 0
    ways: list[Stop] = Relation("WAY", edge_model=Way)


def _from() -> Any:
    return select(Stop).traverse(Stop.ways, edge_alias="e").alias("m")


ID, NAME, N = (col(field).on("n") for field in (Stop.id, Stop.name, Stop.n))
FAR: Any = col(Way.far).on("e")
NEXT: Any = col(Stop.n).on("m")
MADE: dict[str, Callable[[], Any]] = {
    "field": lambda: N,
    "text": lambda: ID,
    "function": lambda: length(NAME),
    "case": lambda: case().when(N > 2, "x").otherwise("y"),
    "count": lambda: col(Stop.ways).on("n").count(),
}
SORTED: dict[str, Callable[[Any], Any]] = {
    "start": lambda stmt: stmt.order_by(N, desc=True),
    "end": lambda stmt: stmt.order_by(NEXT),
    "edge": lambda stmt: stmt.order_by(FAR),
    "computed": lambda stmt: stmt.order_by(N * 0 - FAR),
    "twice": lambda stmt: stmt.order_by(length(NAME), desc=True).order_by(FAR),
    "counted": lambda stmt: stmt.order_by(col(Stop.ways).on("n").count()).order_by(FAR),
    "cut": lambda stmt: stmt.order_by(FAR).skip(1).limit(2),
    "optional": lambda stmt: stmt.traverse(Stop.ways, optional=True).order_by(FAR),
}
NAMES = ["n", "m", "e"]


@pytest.fixture
async def line(session: Any) -> Any:
    """Return a session on five stops in a line."""
    stops = [Stop(id=str(i), name="abcd"[: i % 4], n=i, e=5 - i) for i in range(5)]
    ways = [Way(source=stops[i], target=stops[i + 1], far=10 - i) for i in range(4)]
    session.add_all([*stops, *ways])
    await session.commit()
    return session


async def _values(session: Any, stmt: Any) -> list[Any]:
    return [list(row.values()) for row in await session.all_rows(stmt)]


@pytest.mark.parametrize("order", SORTED)
@pytest.mark.parametrize("made", MADE)
async def test_sorting_by_what_a_column_hides(line: Any, made: str, order: str) -> None:
    """Rows are sorted by the element, not by the column of its name."""
    wanted = await _values(line, SORTED[order](_from()).project(MADE[made]().as_("other")))
    assert len(wanted) == (2 if order == "cut" else 4)
    for name in NAMES:
        before = SORTED[order](_from()).project(MADE[made]().as_(name))
        assert await _values(line, before) == wanted
        assert await line.count(before) == 4
        after = SORTED[order](_from().project(MADE[made]().as_(name), ID.as_("last")))
        assert [row[:1] for row in await _values(line, after)] == wanted


ROWS: dict[str, Callable[[str], Any]] = {
    "by the column": lambda c: _from().project(N.as_(c)).order_by(c, desc=True),
    "distinct": lambda c: _from().project(N.as_(c), ID.as_("i")).distinct().order_by(ID),
    "distinct by it": lambda c: _from().project(N.as_(c)).distinct().order_by(N),
    "groups": lambda c: _from().aggregate(sum_(NEXT).as_(c), group_by=ID.as_("i")).order_by("i"),
    "group key": lambda c: _from().aggregate(count("*").as_("t"), group_by=ID.as_(c)).order_by(c),
    "groups by field": lambda c: _from().aggregate(count("*").as_(c), group_by=N.as_("i"))
    .order_by(N),
    "one group": lambda c: _from().aggregate(count("*").as_(c)),
    "after a stage": lambda c: _from().with_("n", "m", "e", (N + 1).as_("k")).order_by(var("k"))
    .project(N.as_(c)),
    "stage value": lambda c: _from().with_("n", "m", "e", (N * -1).as_("k")).order_by(var("k") + 0)
    .project(N.as_("k" if c != "other" else c)),
    "union": lambda c: union_all(
        _from().order_by(FAR).limit(1).project(N.as_(c)),
        _from().alias("c0").order_by(FAR, desc=True).limit(1).project(N.as_(c)),
    ).order_by(c),
}  # fmt: skip
PARAMETERS = [
    pytest.param(name, marks=pytest.mark.requires("subqueries")) if name == "union" else name
    for name in ROWS
]


@pytest.mark.parametrize("rows", PARAMETERS)
async def test_every_kind_of_rows(line: Any, rows: str) -> None:
    """Distinct rows, groups, unions and stages give what they give under another name."""
    wanted = await _values(line, ROWS[rows]("other"))
    for name in NAMES:
        assert await _values(line, ROWS[rows](name)) == wanted


@pytest.mark.parametrize("name", ["n", "r", "other"])
async def test_what_writes_return(line: Any, name: str) -> None:
    """Updates and merges return values under any name."""
    changed = await line.execute(update(Stop).values(e=7).returning(col(Stop.id).as_(name)))
    assert sorted(changed.rows) == [(str(i),) for i in range(5)]
    rows = merge(Stop).values([{"id": "0", "n": 0}]).returning(length(Stop.name).as_(name))
    assert (await line.execute(rows)).rows == [(0,)]


def test_a_column_and_what_another_hides() -> None:
    """Sorting by both is refused, with the name that has to change."""
    stmt = select(Stop).project(Stop.name.as_("n"), Stop.e.as_("k")).order_by("k").order_by(Stop.id)  # type: ignore[attr-defined]
    with pytest.raises(StatementError, match=r"give 'n' another name with \.as_"):
        stmt.build()


SAME: dict[str, Callable[[], Any]] = {
    "unwound": lambda: _from().unwind([2, 1], "y"),
    "of a stage": lambda: _from().with_("n", "m", "e", N.as_("y")),
    "called": lambda: _from().with_("n", "m", "e", (N * 2).as_("y")),
}
SHOWN: dict[str, Any] = {"name": "y", "variable": var("y"), "labelled": var("y").as_("y")}
BEFORE: dict[str, Any] = {"field": ID, "path": "n.id", "computed": N * -1, "count": length(NAME)}


@pytest.mark.parametrize("first", BEFORE)
@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("same", SAME)
async def test_a_column_that_is_the_value_of_its_name_hides_nothing(
    line: Any, same: str, shown: str, first: str
) -> None:
    """Rows are sorted by a field and by it, in either order, as they are by its variable."""
    found = SAME[same]()
    wanted = await _values(
        line, found.order_by(BEFORE[first]).order_by(var("y")).project(ID.as_("id"), "y")
    )
    rows = found.project(ID.as_("id"), SHOWN[shown])
    assert await _values(line, rows.order_by(BEFORE[first]).order_by("y")) == wanted
    turned = await _values(line, rows.order_by("y", desc=True).order_by(BEFORE[first]))
    plain = found.order_by(var("y"), desc=True).order_by(BEFORE[first])
    assert turned == await _values(line, plain.project(ID.as_("id"), "y"))


async def test_a_column_hides_only_what_is_called_like_it(line: Any) -> None:
    """What rows are sorted by is another element."""
    rows = _from().project(N.as_("m"), ID.as_("k")).order_by("k", desc=True).order_by(ID)
    assert [k for _, k in await _values(line, rows)] == ["3", "2", "1", "0"]
