"""Aggregates of rows that nothing can satisfy: one row for no rows, wherever the criterion stands.

FalkorDB 4.16 returns no row where the last stage before an aggregate keeps nothing by a criterion
that it can work out beforehand.
"""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm import Node, Registry, Relation, col
from runic.ogm.query import (
    call,
    case,
    collect,
    count,
    literal,
    param,
    select,
    sum_,
    text,
    union_all,
    var,
    within,
)

REGISTRY = Registry()


class Leaf(Node, registry=REGISTRY):
    """Something that grows on others."""

    id: int
    x: int | None = 0
    bears: list[Leaf] = Relation("BEARS")


NEVER: dict[str, Any] = {
    "constants": literal(1) == 2,
    "null": literal(1) == literal(2) - text("null"),
    "field and constants": (Leaf.x >= 0) & (literal(1) == 2),
    "not": ~((literal(1) == 1) | (Leaf.x == 1)),
    "parameter": literal(1) == param("two"),
    "empty list": literal(1).in_([]),
    "field in empty list": col(Leaf.x).in_([]),
    "case": case().when(Leaf.x == 1, 1).otherwise(1) == 2,
}
STAGES: dict[str, Any] = {
    "node": lambda stmt: stmt.with_("n"),
    "distinct": lambda stmt: stmt.with_("n", distinct=True),
    "value": lambda stmt: stmt.with_("n", literal(1).as_("k")),
    "cut": lambda stmt: stmt.order_by(Leaf.id).limit(2).with_("n"),
    "unwind": lambda stmt: stmt.unwind([1, 2], "u"),
    "count": lambda stmt: stmt.where(col(Leaf.bears).any()),
    "hop": lambda stmt: stmt.traverse(Leaf.bears, optional=True).alias("m").with_("n", "m"),
}


@pytest.fixture
async def tree(session: Any) -> Any:
    """Return a session on leaves."""
    session.add_all([Leaf(id=1, bears=[Leaf(id=2), Leaf(id=3, x=None)]), Leaf(id=4, x=1)])
    await session.commit()
    session.expunge_all()
    return session


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("never", NEVER)
async def test_nothing_is_counted_as_no_rows(tree: Any, stage: str, never: str) -> None:
    """Count, sum and collect of nothing are one row; groups of nothing are none."""
    stmt = STAGES[stage](select(Leaf)).where(NEVER[never], on="n" if stage == "hop" else None)
    stmt = stmt.bind(two=2) if never == "parameter" else stmt
    made = (count("*").as_("c"), sum_(col(Leaf.x).on("n")).as_("s"))
    rows = await tree.all_rows(stmt.aggregate(*made, collect(col(Leaf.x).on("n")).as_("l")))
    assert rows == [{"c": 0, "s": 0, "l": []}]
    assert await tree.count(stmt) == 0
    assert await tree.exists(stmt) is False
    assert await tree.all_rows(stmt.with_(count("*").as_("c")).project("c")) == [{"c": 0}]
    grouped = stmt.aggregate(count("*").as_("c"), group_by=col(Leaf.x).on("n").as_("x"))
    assert await tree.all_rows(grouped) == []


@pytest.mark.requires("subqueries")
@pytest.mark.parametrize("never", [name for name in NEVER if name != "parameter"])
async def test_nothing_is_counted_inside_of_others(tree: Any, never: str) -> None:
    """A subquery and a part of a union that aggregate nothing have their one row."""
    inner = within(Leaf, "n").with_("n").where(NEVER[never]).aggregate(count("*").as_("c"))
    stmt = call(select(Leaf), inner).project(Leaf.id.as_("i"), var("c"))  # type: ignore[attr-defined]
    rows = await tree.all_rows(stmt)
    assert sorted((row["i"], row["c"]) for row in rows) == [(n, 0) for n in (1, 2, 3, 4)]
    part = select(Leaf).with_("n").where(NEVER[never]).aggregate(count("*").as_("c"))
    assert await tree.all_rows(union_all(part, part)) == [{"c": 0}, {"c": 0}]
