"""How expressions in expressions are written, and what FalkorDB is not sent."""

from __future__ import annotations

import functools
import operator
import time
from typing import Any

import pytest

from runic.ogm import Node, Registry, col
from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.driver.falkordb.nesting import readings
from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.query import Dialect, case, lower, select

REGISTRY = Registry()


class Thing(Node, registry=REGISTRY):
    """Anything."""

    id: int
    v: int = 0
    name: str = ""


def _where(criterion: Any, dialect: Any = None) -> str:
    text = select(Thing).where(criterion).build(dialect or FalkorDBDialect()).text
    return str(text.partition(" WHERE ")[2].partition(" RETURN ")[0])


number = col(Thing.v)


@pytest.mark.parametrize(
    ("criterion", "text"),
    [
        (~~(number == 1), "n.`v` = $p0"),
        (~~~(number == 1), "NOT (n.`v` = $p0)"),
        (~((number == 1) | (number == 2)), "NOT (n.`v` = $p0 OR n.`v` = $p1)"),
        (
            (number == 1) | (number == 2) | (number == 3),
            "n.`v` = $p0 OR n.`v` = $p1 OR n.`v` = $p2",
        ),
        (
            (number == 1) | ((number == 2) & (number == 3)),
            "n.`v` = $p0 OR n.`v` = $p1 AND n.`v` = $p2",
        ),
        (
            (number == 1) & ((number == 2) | (number == 3)),
            "n.`v` = $p0 AND (n.`v` = $p1 OR n.`v` = $p2)",
        ),
        (number + 1 - 2 == 3, "n.`v` + $p0 - $p1 = $p2"),
        (number - (number - 2) == 3, "n.`v` - (n.`v` - $p0) = $p1"),
        ((number + 1) * 2 == 3, "(n.`v` + $p0) * $p1 = $p2"),
        ((number + 1).is_null(), "(n.`v` + $p0) IS NULL"),
        ((number + 1).in_([1]), "(n.`v` + $p0) IN $p1"),
        (lower(col(Thing.name) + "x") == "y", "toLower(n.`name` + $p0) = $p1"),
    ],
)
def test_falkordb_is_sent_no_parentheses_that_say_nothing(criterion: Any, text: str) -> None:
    """Those stay that tell what belongs together."""
    assert _where(criterion) == text


def test_cases_at_the_end_of_cases_are_one() -> None:
    """So a long chain is no deep one."""
    inner = case().when(number == 2, 20).otherwise(30)
    text = _where(case().when(number == 1, 10).otherwise(inner) == 5, Dialect())
    assert text == ("CASE WHEN n.`v` = $p0 THEN $p1 WHEN n.`v` = $p2 THEN $p3 ELSE $p4 END = $p5")
    last = case().when(number == 1, 10).otherwise(case().when(number == 2, 20))
    assert _where(last == 5, Dialect()) == (
        "CASE WHEN n.`v` = $p0 THEN $p1 WHEN n.`v` = $p2 THEN $p3 END = $p4"
    )


@pytest.mark.parametrize("dialect", [Dialect(), FalkorDBDialect()])
def test_cases_in_cases_are_compiled_in_linear_time(dialect: Any) -> None:
    """A hundred levels take as long as a hundred cases, in criteria, columns, orders and stages."""
    begun = time.monotonic()
    value: Any = number
    for n in range(100):
        value = case().when(number == n, 1).otherwise(value)
    stmt = select(Thing).where(value == 0).order_by(value).with_("n", value.as_("w"))
    stmt.where(value == 1).project(value.as_("c")).build(dialect)
    assert time.monotonic() - begun < 2


def test_a_long_chain_is_no_deep_one() -> None:
    """A thousand alternatives are one junction."""
    chain = functools.reduce(operator.or_, [number == n for n in range(1000)])
    assert _where(chain).count(" OR ") == 999


def test_what_is_too_deep_is_refused_for_falkordb_alone() -> None:
    """The error names the way out; other databases are sent it."""
    deep = functools.reduce(lambda e, n: n - e, range(30), number)
    with pytest.raises(UnsupportedFeatureError, match=r"nested.*\.with_\("):
        _where(deep == 1)
    assert _where(deep == 1, Dialect())


@pytest.mark.parametrize(
    ("one", "more", "times"),
    [
        ("f(x)", "f(f(x))", 2),
        ("RETURN (x)", "RETURN ((x))", 2),
        ("NOT (x)", "NOT (NOT (x))", 4),
        ("[x]", "[[x]]", 2),
        ("CASE WHEN a THEN x END", "CASE WHEN a THEN CASE WHEN a THEN x END END", 2),
    ],
)
def test_each_level_is_read_twice(one: str, more: str, times: int) -> None:
    """And what stands around it once."""
    assert readings(more) >= times * (readings(one) - 2)


@pytest.mark.parametrize(
    "around", ["({} + 1)", "({} AND x)", "l[{}]", "[{}][0]", "CALL {{ {} }}", "f({} = 1)"]
)
def test_what_an_expression_begins_with_is_read_once(around: str) -> None:
    """As an index is, and a subquery."""
    text = functools.reduce(lambda text, _: around.format(text), range(40), "x")
    assert readings(f"RETURN {text}") < 500


@pytest.mark.parametrize("text", ["'((((('", '"(((("', "`((((`", "'\\'(((('", "(a)-[b]->(c)"])
def test_texts_and_names_are_passed_over(text: str) -> None:
    """What is quoted is one token."""
    assert readings(text) <= 12
