"""Expressions in expressions: the same answers however deep, or an error before anything is sent.

FalkorDB's parser takes twice as long for each level of parentheses, and answers nobody meanwhile.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Node, Registry, col
from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.query import (
    any_item,
    at,
    case,
    coalesce,
    for_each,
    list_,
    lower,
    select,
    update,
    var,
)
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Number(Node, registry=REGISTRY):
    """A number with a name."""

    id: int
    v: int = 0
    name: str = "N"


NUMBERS = range(5)


@pytest.fixture
async def numbers(session: Any) -> Any:
    """Return a session on numbers."""
    session.add_all([Number(id=n, v=n, name=f"N{n}") for n in NUMBERS])
    await session.commit()
    session.expunge_all()
    return session


def _nots(depth: int) -> Any:
    return functools.reduce(lambda c, _: ~c, range(depth), Number.v == 2)


def _nots_of_ors(depth: int) -> Any:
    return functools.reduce(lambda c, n: ~(c | (Number.v == n)), range(depth), Number.v == 2)


def _right_and_or(depth: int) -> Any:
    step = lambda c, n: (Number.v <= n) & (c | (Number.v == 1))  # noqa: E731
    return functools.reduce(step, range(depth), Number.v == 2)


def _left_and_or(depth: int) -> Any:
    step = lambda c, n: (c | (Number.v == 1)) & (Number.v <= n)  # noqa: E731
    return functools.reduce(step, range(depth), Number.v == 2)


def _answer_nots_of_ors(depth: int, v: int) -> bool:
    return functools.reduce(lambda c, n: not (c or v == n), range(depth), v == 2)


def _answer_and_or(depth: int, v: int) -> bool:
    return functools.reduce(lambda c, n: v <= n and (c or v == 1), range(depth), v == 2)


Criterion = tuple[Callable[[int], Any], Callable[[int, int], bool], int]
# What builds it, what Python says of a number, and how deep every database takes it at least.
CRITERIA: dict[str, Criterion] = {
    "not": (_nots, lambda d, v: (v == 2) ^ (d % 2 == 1), 40),
    "not of or": (_nots_of_ors, _answer_nots_of_ors, 4),
    "right and/or": (_right_and_or, _answer_and_or, 9),
    "left and/or": (_left_and_or, _answer_and_or, 25),
    "or": (lambda d: functools.reduce(operator.or_, [Number.v == n + 3 for n in range(d)]),
           lambda d, v: 3 <= v < d + 3, 40),
    "or of or": (lambda d: functools.reduce(lambda c, n: (Number.v == n + 3) | c, range(d),
                                            Number.v == 1),
                 lambda d, v: v == 1 or 3 <= v < d + 3, 40),
}  # fmt: skip

Made = tuple[Callable[[int], Any], Callable[[int, int], Any], int]
VALUES: dict[str, Made] = {
    "sum": (lambda d: functools.reduce(lambda e, _: e + 1, range(d), col(Number.v)),
            lambda d, v: v + d, 40),
    "difference": (lambda d: functools.reduce(lambda e, n: e - n, range(d), col(Number.v)),
                   lambda d, v: v - sum(range(d)), 40),
    "right difference": (lambda d: functools.reduce(lambda e, n: n - e, range(d), col(Number.v)),
                         lambda d, v: functools.reduce(lambda e, n: n - e, range(d), v), 10),
    "minus": (lambda d: functools.reduce(lambda e, _: -e, range(d), col(Number.v)),
              lambda d, v: (-1) ** d * v, 10),
    "product of sums": (
        lambda d: functools.reduce(lambda e, n: (e + n) * 2, range(min(d, 4)), col(Number.v)),
        lambda d, v: functools.reduce(lambda e, n: (e + n) * 2, range(min(d, 4)), v), 4),
    "function": (lambda d: functools.reduce(lambda e, _: lower(e), range(d), col(Number.name)),
                 lambda d, v: f"n{v}" if d else f"N{v}", 10),
    "coalesce": (lambda d: functools.reduce(lambda e, _: coalesce(e, 7), range(d), col(Number.v)),
                 lambda d, v: v, 9),
    "case, otherwise": (
        lambda d: functools.reduce(lambda e, n: case().when(Number.v == n + 9, 1).otherwise(e),
                                   range(d), col(Number.v)),
        lambda d, v: v, 40),
    "case, then": (
        lambda d: functools.reduce(lambda e, n: case().when(Number.v != n + 9, e).otherwise(8),
                                   range(d), col(Number.v)),
        lambda d, v: v, 8),
    "lists": (lambda d: functools.reduce(lambda e, _: at(list_(e), 0), range(d), col(Number.v)),
              lambda d, v: v, 20),
    "list": (lambda d: functools.reduce(lambda e, _: list_(e), range(d), col(Number.v)),
             lambda d, v: functools.reduce(lambda e, _: [e], range(d), v), 8),
    "items": (lambda d: functools.reduce(lambda e, _: for_each(e), range(d), list_(Number.v)),
              lambda d, v: [v], 6),
}  # fmt: skip


async def _answered(ask: Any, backend: str, depth: int, safe: int) -> Any:
    """Return what is answered, or None where the statement is refused."""
    found, refused = None, ""
    try:
        found = await ask()
    except UnsupportedFeatureError as error:
        refused = str(error)
    assert not refused or (backend in ("falkordb", "age") and depth > safe and "nested" in refused)
    return found


def depths(driver: Any, least: int = 0) -> list[int]:
    """Return how deep to nest; Neo4j's planner takes twice as long for each level itself."""
    most = 6 if driver.dialect.name == "neo4j" else 40
    return [d for d in (0, 1, 2, 3, 4, 6, 8, 9, 10, 12, 16, 25, 40) if least <= d <= most]


@pytest.mark.parametrize("name", CRITERIA)
async def test_criteria_in_criteria(numbers: Any, driver: Any, name: str) -> None:
    """In WHERE, and as what a case is decided by."""
    build, answer, safe = CRITERIA[name]
    for depth in depths(driver, least=1 if name == "or" else 0):
        kept = [n for n in NUMBERS if answer(depth, n)]
        stmt = select(Number).where(build(depth)).order_by(Number.id)
        found = await _answered(
            lambda stmt=stmt: numbers.scalars(stmt), driver.dialect.name, depth, safe
        )
        assert found is None or [number.id for number in found] == kept, depth
        told = case().when(build(depth), 1).otherwise(0).as_("t")
        if depth <= safe - 2:
            rows = await numbers.all_rows(select(Number).order_by(Number.id).project(told))
            assert [row["t"] for row in rows] == [int(n in kept) for n in NUMBERS]


@pytest.mark.parametrize("name", VALUES)
async def test_values_of_values(numbers: Any, driver: Any, name: str) -> None:
    """As a column, in WHERE, in an order, in a stage, and as what is stored."""
    build, answer, safe = VALUES[name]
    for depth in depths(driver):
        made = build(depth)
        wanted = [answer(depth, n) for n in NUMBERS]
        asked = [
            select(Number).order_by(Number.id).project(made.as_("t")),
            select(Number).with_("n", made.as_("w")).order_by(Number.id).project(var("w").as_("t")),
        ]
        for stmt in asked:
            rows = await _answered(
                lambda stmt=stmt: numbers.all_rows(stmt), driver.dialect.name, depth, safe
            )
            assert rows is None or [row["t"] for row in rows] == wanted, depth
        if isinstance(wanted[0], list):
            continue
        found = await _answered(
            lambda made=made, wanted=wanted: numbers.scalars(
                select(Number).where(made == wanted[3]).order_by(made)
            ),
            driver.dialect.name, depth, safe,
        )  # fmt: skip
        kept = [n for n in NUMBERS if wanted[n] == wanted[3]]
        assert found is None or sorted(number.id for number in found) == kept


async def test_what_is_stored(numbers: Any, driver: Any) -> None:
    """A deep value of a set-based change is stored, or the change refused."""
    for depth in (3, 8, 30):
        value = functools.reduce(lambda e, n: n - e, range(depth), col(Number.v))
        stmt = update(Number).where(Number.id == 0).values(v=value)
        await cypher(driver, "MATCH (n:Number {id: 0}) SET n.v = 5")
        done = await _answered(
            lambda stmt=stmt: numbers.execute(stmt), driver.dialect.name, depth, 10
        )
        await numbers.commit()
        wanted = functools.reduce(lambda e, n: n - e, range(depth), 5)
        stored = await cypher(driver, "MATCH (n:Number {id: 0}) RETURN n.v")
        assert stored == [[5 if done is None else wanted]]


async def test_arithmetic_keeps_its_order(numbers: Any) -> None:
    """Without parentheses that say nothing, those that say something stay."""
    v = col(Number.v)
    made = {
        "a": (v - (v - 1), lambda v: 1),
        "b": (v - 1 - (v + 2), lambda v: -3),
        "c": (v * (v + 1) - v, lambda v: v * v),
        "d": ((v + 1) * (v + 2), lambda v: (v + 1) * (v + 2)),
        "e": (10 - v * 2 + 1, lambda v: 11 - v * 2),
        "f": (100 % (v + 1) * 2, lambda v: 100 % (v + 1) * 2),
        "g": (20 - (v + 1) % 3 - 1, lambda v: 19 - (v + 1) % 3),
        "h": ((v + 1) / 2 - 1, lambda v: (v + 1) / 2 - 1),
        "i": (12 / (v + 1) / 2, lambda v: 12 / (v + 1) / 2),
        "j": (2 * (12 / (v + 1)), lambda v: 2 * (12 / (v + 1))),
        "k": ((v + 1) ** 2 * 2, lambda v: (v + 1) ** 2 * 2),
        "l": (-(v + 1) - v, lambda v: -2 * v - 1),
    }
    stmt = select(Number).order_by(Number.id).project(*[m.as_(k) for k, (m, _) in made.items()])
    for number, row in zip(NUMBERS, await numbers.all_rows(stmt), strict=True):
        for key, (_, answer) in made.items():
            assert row[key] == pytest.approx(answer(number)), key


async def test_junctions_keep_their_order(numbers: Any) -> None:
    """AND, OR, XOR and NOT in each other, three deep, each way round."""
    signs = (operator.and_, operator.or_, operator.xor)
    for first, second, third, turn in itertools.product(signs, signs, signs, (False, True)):

        def joined(a: Any, b: Any, c: Any, d: Any, negated: Any) -> Any:
            inner = first(b, c)  # noqa: B023
            made = second(inner, a) if turn else second(a, negated(inner))  # noqa: B023
            return third(made, negated(d)) if turn else third(negated(d), made)  # noqa: B023

        whole = joined(*(Number.v < n for n in (1, 2, 3, 4)), operator.invert)
        found = await numbers.scalars(select(Number).where(whole))
        kept = [v for v in NUMBERS if joined(*(v < n for n in (1, 2, 3, 4)), operator.not_)]
        assert sorted(number.id for number in found) == kept, whole


async def test_items_ask_in_their_place(numbers: Any) -> None:
    """Criteria and sums inside of list expressions need no parentheses and mean the same."""
    some = any_item(list_(Number.v, 3), lambda t: ((t == 3) | (t == 1)) & (col(Number.v) + 1 > 2))
    found = await numbers.scalars(select(Number).where(some))
    assert sorted(n.id for n in found) == [2, 3, 4]
