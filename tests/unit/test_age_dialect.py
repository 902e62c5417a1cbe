"""What statements become on AGE, where it needs other words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runic.ogm import MetadataError, UnsupportedFeatureError
from runic.ogm.driver.age import AGEDialect
from runic.ogm.query import any_item, col, for_each, list_, literal, map_, reduce_, select, var
from tests.unit.query_models import User

AGE = AGEDialect()


def test_a_bound_is_asked_for_in_two_parts_with_one_parameter() -> None:
    """`>=` with an index of AGE leaves out what is equal; texts that are kept say so again."""
    for _ in range(2):
        stmt = select(User).where(User.name == "x", col(User.age) >= 18, col(User.age) <= 90)
        text = stmt.build(AGE).text
        bounds = ("(n.`age` > $p1 OR n.`age` = $p1)", "(n.`age` < $p2 OR n.`age` = $p2)")
        assert " AND ".join(bounds) in text
    alone = select(User).where(col(User.age) >= 18).build(AGE).text
    assert "(n.`age` > $p0 OR n.`age` = $p0)" in alone


@pytest.mark.parametrize(
    "going_through",
    [
        lambda: select(User).where(any_item(list_(User.age, 1), lambda item: item == 1)),
        lambda: select(User).project(for_each(list_(User.age, 1), lambda item: item).as_("x")),
        lambda: select(User).project(reduce_(list_(User.age, 1), 0, lambda a, b: a + b).as_("x")),
        lambda: select(User).unwind(list_(User.age, 1), "item").project("item"),
    ],
    ids=["any", "for each", "reduce", "unwind"],
)
def test_a_list_whose_items_may_be_missing_is_not_gone_through(going_through: Any) -> None:
    """AGE takes a null in a list for a value, so that `NOT` and sums of it would be wrong."""
    with pytest.raises(UnsupportedFeatureError, match="age has no null items"):
        going_through().build(AGE)


def test_a_list_whose_items_are_there_is_gone_through() -> None:
    """A field that has to have a value is always known."""
    stmt = select(User).where(any_item(list_(User.name, "x"), lambda item: item == "x"))
    assert "size([each_item IN coalesce([n.`name`, $p0], [])" in stmt.build(AGE).text


LONG = "x" * 70


def test_names_that_are_stored_are_not_cut() -> None:
    """PostgreSQL would cut them to 63 bytes, and two that begin alike would be one."""
    item = select(User).project(map_(**{f"{LONG}1": literal(1)}).as_("m"))
    for name in (f"{LONG}1", "é" * 32):
        with pytest.raises(MetadataError, match="at most 63 bytes"):
            AGE.quote(name)
    with pytest.raises(MetadataError, match="at most 63 bytes"):
        item.build(AGE)
    assert AGE.quote("x" * 63) == f"`{'x' * 63}`"


def test_names_within_a_query_are_made_shorter() -> None:
    """Values, elements and columns keep the names they were given outside of the text."""
    one, other = f"{LONG}1", f"{LONG}2"
    stmt = (
        select(User)
        .alias(one)
        .with_(one, User.name.as_(other), User.age.as_("é" * 40))
        .project(var(other), var("é" * 40))
        .order_by(other)
    )
    text = stmt.build(AGE).text
    assert LONG not in text
    assert max(len(word) for word in re.findall(r"\w+", text)) <= 63
