"""Statements that found something else than plain Python, in their smallest form."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.query import at, case, connect, delete, for_each, length, range_, select, update
from tests.oracle.statements.models import Being, Item, Likes, Robot


async def test_a_comprehension_of_a_missing_list_is_missing(session: Any) -> None:
    """Whether the list is a field or made of one: AGE had no items, or one that is missing."""
    session.add(Being(id="b", numbers=None))
    await session.commit()
    nowhere = case().when(Being.id == "a", Being.tags)
    stmt = select(Being).project(
        for_each(Being.numbers, lambda n: n + 1).as_("field"),
        for_each(nowhere, length).as_("made"),
        for_each(Being.tags, length).as_("empty"),
    )
    assert await session.all_rows(stmt) == [{"field": None, "made": None, "empty": []}]


async def test_a_loop_of_both_directions_is_connected_once(session: Any) -> None:
    """ArcadeDB meets an edge from a node to itself at each of its ends."""
    loop = (
        connect(Being.knows).where(Being.id == "b", on="source").where(Being.id == "b", on="target")
    )
    session.add(Being(id="b"))
    await session.commit()
    assert [(await session.execute(loop)).affected for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("returning", [False, True])
async def test_a_row_is_not_asked_about_what_was_deleted_before_it(
    session: Any, returning: bool
) -> None:
    """AGE deletes what it has read, and reads on: the third lost who liked it, and went, too."""
    first, second, third = Being(id="b1"), Robot(id="r2"), Robot(id="r3")
    session.add_all([first, second, third, Likes(source=first, target=third)])
    await session.commit()
    gone = delete(Being).where(Being.liked.count() == 0)
    result = await session.execute(gone.returning(Being.id) if returning else gone)
    assert result.affected == 2
    assert [being.id for being in await session.scalars(select(Being))] == ["r3"]


async def test_a_row_is_not_asked_about_what_was_set_before_it(session: Any) -> None:
    """Whom somebody likes is asked of what was there before the statement."""
    ages = [Being(id="b1", age=0), Robot(id="r2", age=0), Being(id="b3", age=0)]
    session.add_all(ages)
    session.add_all([Likes(source=s, target=t) for s in ages for t in ages])
    await session.commit()
    young = Being.likes.count(Being.age == 0)
    await session.execute(update(Being).where(young == 3).values(age=young + 1))
    session.expunge_all()
    assert {being.age for being in await session.scalars(select(Being))} == {4}


async def test_a_row_is_not_asked_about_what_was_connected_before_it(session: Any) -> None:
    """Who owns nothing gets everything, not just the first."""
    session.add_all([Being(id="b1"), Robot(id="r2"), Item(id="i1"), Item(id="i2")])
    await session.commit()
    everything = connect(Being.owns).where(~Being.owns.any(), on="source")
    assert (await session.execute(everything)).affected == 4


async def test_a_sum_has_the_type_of_none_of_its_parts(session: Any) -> None:
    """An item of a list of ints and a float are a float, which was read as an int."""
    session.add(Being(id="b", score=1.5, numbers=[2, 3]))
    await session.commit()
    first = at(Being.numbers, 0)
    stmt = select(Being).project((first + Being.score).as_("field"), (first + 0.25).as_("value"))
    assert await session.all_rows(stmt) == [{"field": 3.5, "value": 2.25}]


async def test_a_range_that_ends_before_it_begins_is_empty(session: Any) -> None:
    """Whatever the step: Neo4j had the first number in it."""
    session.add(Being(id="b", age=2))
    await session.commit()
    ranges = [range_(3, 2, 2), range_(1, Being.age, -3), range_(3, Being.age, -2), range_(0, 4, 3)]
    stmt = select(Being).project(*[each.as_(f"c{n}") for n, each in enumerate(ranges)])
    assert list((await session.all_rows(stmt))[0].values()) == [[], [], [3], [0, 3]]
