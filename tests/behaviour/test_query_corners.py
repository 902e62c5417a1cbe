"""Questions that the database would answer wrongly as they stand, found by random statements."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.query import (
    Criterion,
    any_item,
    call,
    case,
    col,
    count,
    literal,
    lower,
    select,
    size,
    split,
    sum_,
    tail,
    to_int,
    upper,
    var,
    within,
)
from tests.oracle.statements.models import Being, Item
from tests.oracle.statements.world import FIRST, day


@pytest.fixture
async def world(session: Any) -> Any:
    """Return a session on the graph that is asked about."""
    session.add_all(FIRST.entities())
    await session.commit()
    return session


async def found(session: Any, criterion: Criterion) -> list[str]:
    """Return the keys of the beings that satisfy a criterion."""
    return [
        being.id for being in await session.scalars(select(Being).where(criterion).order_by("id"))
    ]


async def test_a_criterion_that_is_always_false_finds_no_relation(world: Any) -> None:
    """A part that reads nothing does not make the whole query empty."""
    never = literal(True).is_null()
    everybody = await found(world, Being.id != "")
    assert await found(world, Being.owns.count(never) == 0) == everybody
    assert await found(world, ~Being.owns.any((Item.weight > 0) & never)) == everybody


async def test_lists_are_searched_at_the_end_of_a_relation(world: Any) -> None:
    """`any_of` and `all_of` read the list of the target, not one that is not there yet."""
    assert await found(world, Being.knows.any(Being.tags.any_of(["x"]))) == ["b2", "b3", "b4", "r2"]
    assert await found(world, Being.knows.any(Being.tags.all_of(["x", "z"]))) == ["b4"]


async def test_items_of_one_node_are_compared_with_those_of_another(world: Any) -> None:
    """A criterion on items may read two nodes of the pattern, in a hop that is optional, too."""
    shared = any_item(col(Being.tags).on("n"), lambda tag: col(Being.tags).on("m").contains(tag))
    for optional in (False, True):
        stmt = select(Being).traverse(Being.knows, optional=optional).alias("m").where(shared)
        rows = await world.all_rows(stmt.return_nodes("n", "m"))
        pairs = sorted((row["n"].id, row["m"].id) for row in rows if row["m"] is not None)
        assert pairs == [("b1", "b2"), ("b2", "b1"), ("b4", "b4")]


async def test_values_of_stages_are_read_inside_of_relations(world: Any) -> None:
    """However deep: a count that is worked out in a subquery takes the value along."""
    heavy = Being.owns.any(Item.weight > var("least"))
    stmt = select(Being).with_("n", literal(1).as_("least")).where(Being.knows.any(heavy))
    assert [being.id for being in await world.scalars(stmt.order_by("n.id"))] == ["b1", "b2", "b3"]
    named = any_item(["Ada"], lambda name: name == var("name"))
    stmt = select(Being).with_("n", Being.name.as_("name")).where(Being.knows.count(named) == 0)
    assert await world.scalar(stmt.aggregate(count("*"))) == 5


async def test_a_hop_leaves_the_node_that_is_named(world: Any) -> None:
    """`traverse(User.friends.on("n"))` follows the relation of `n`, whatever was reached since."""
    stmt = select(Being).where(Being.id == "b3").traverse(Being.knows).alias("m")
    stmt = stmt.traverse(Being.knows.on("n")).alias("k").return_target("k")
    assert [being.id for being in await world.scalars(stmt)] == ["b1"]


async def test_a_hop_that_is_required_follows_an_optional_one(world: Any) -> None:
    """What the optional hop does not find stays missing; the other decides which rows remain."""
    stmt = select(Being).traverse(Being.knows, optional=True).alias("m")
    stmt = stmt.traverse(Being.owns.on("n")).alias("i").return_nodes("n", "m", "i")
    rows = [tuple(e and e.id for e in row.values()) for row in await world.all_rows(stmt)]
    assert sorted(rows, key=str)[-1] == ("r1", "r2", "i3")
    assert len(rows) == 7


async def test_literals_and_whole_numbers_come_back_as_they_are_in_python(world: Any) -> None:
    """A date stays a date; the fraction of a negative number is cut off, not rounded down."""
    stmt = select(Being).where(Being.id == "b2")
    stmt = stmt.project(literal(day(1)).as_("day"), to_int(Being.score).as_("whole"))
    assert await world.all_rows(stmt) == [{"day": day(1), "whole": -2}]


async def test_nothing_is_in_an_empty_list(world: Any) -> None:
    """Not even what is missing, which is in no list for certain."""
    assert await found(world, ~Being.age.in_([])) == [f"b{n}" for n in range(1, 6)] + ["r1", "r2"]
    assert await found(world, ~Being.age.in_([36])) == ["b2", "b3", "r1", "r2"]


async def test_text_is_measured_in_characters(world: Any) -> None:
    """Whatever it takes to store one; a value of a stage may be text or a list."""
    stmt = (
        select(Being).where(Being.id == "b2").with_("n", Being.name.as_("a"), Being.tags.as_("b"))
    )
    stmt = stmt.project(
        size(Being.name).as_("name"), size(var("a")).as_("a"), size(var("b")).as_("b")
    )
    assert await world.all_rows(stmt) == [{"name": 6, "a": 6, "b": 1}]


async def test_every_letter_has_its_other_case(world: Any) -> None:
    """Those of ASCII, and others."""
    stmt = select(Being).where(lower(Being.name) == lower(literal("ÜNÏ 日本")))
    assert await world.all_rows(stmt.project(upper(Being.name).as_("name"))) == [
        {"name": "ÜNÏ 日本"}
    ]
    assert await world.count(select(Being).where(upper(Being.nick).is_null())) == 2


@pytest.mark.parametrize("separator", [".", "\\", "***=", "[", "日"])
async def test_text_is_split_at_the_separator_as_it_is(world: Any, separator: str) -> None:
    """It is no pattern, whatever its characters mean in one."""
    stmt = select(Being).where(Being.id == "b1")
    stmt = stmt.project(split(f"a{separator}{separator}b", literal(separator)).as_("parts"))
    assert await world.scalar(stmt) == ["a", "", "b"]


async def test_a_list_of_one_item_has_an_empty_tail(world: Any) -> None:
    """As one without items has; what is missing has none."""
    stmt = select(Being).order_by("id").project(tail(Being.tags).as_("tail"))
    assert [row["tail"] for row in await world.all_rows(stmt)][:5] == [
        ["y"],
        [],
        [],
        ["x", "z"],
        [],
    ]


async def test_values_of_nothing_add_up_to_nothing(world: Any) -> None:
    """Zero, where there are rows and none of them has the value, and where there are none."""
    for where in (Being.id == "b5", Being.id == "nobody"):
        assert await world.scalar(select(Being).where(where).aggregate(sum_(Being.age))) == 0


async def test_a_list_that_is_missing_makes_no_rows(world: Any) -> None:
    """As an empty one makes none."""
    stmt = select(Being).where(Being.id.in_(["b2", "b4", "r1"])).unwind(Being.numbers, "number")
    assert await world.all_rows(stmt.project(Being.id.as_("id"), "number")) == [
        {"id": "r1", "number": 7}
    ]


async def test_entities_are_sorted_where_each_is_returned_once(world: Any) -> None:
    """By a field, whichever it is, and by what is computed of one."""
    stmt = select(Being).traverse(Being.owns).return_target("n").distinct()
    for order, keys in ((Being.name, "r1 b2 b1 b3"), (size(Being.name), "b2 b1 r1 b3")):
        owners = await world.scalars(stmt.order_by(order, desc=True).order_by(Being.id))
        assert [being.id for being in owners] == keys.split()


async def test_rows_are_sorted_and_grouped_by_what_lists_hold(world: Any) -> None:
    """A criterion on the items of a list is a value as any other."""
    tagged = any_item(Being.tags, lambda tag: tag == "x")
    stmt = select(Being).order_by(case().when(tagged, 0).otherwise(1)).order_by(Being.id)
    assert [being.id for being in await world.scalars(stmt)][:4] == ["b1", "b4", "r1", "b2"]
    grouped = select(Being).aggregate(
        count("*").as_("n"), group_by=[case().when(tagged, "x").otherwise("other").as_("tag")]
    )
    rows = await world.all_rows(grouped.order_by("tag"))
    assert rows == [{"tag": "other", "n": 4}, {"tag": "x", "n": 3}]


async def test_an_optional_hop_asks_about_items_and_keeps_its_rows(world: Any) -> None:
    """A node is returned whether or not it knows somebody with such a tag."""
    nobody = any_item(Being.tags, lambda tag: tag == "nothing")
    stmt = select(Being).traverse(Being.knows, optional=True).alias("m").where(nobody, on="m")
    rows = await world.all_rows(stmt.return_nodes("n", "m"))
    assert sorted(row["n"].id for row in rows) == ["b1", "b2", "b3", "b4", "b5", "r1", "r2"]
    assert {row["m"] for row in rows} == {None}


@pytest.mark.requires("subqueries")
async def test_a_subquery_that_finds_nothing_counts_zero(world: Any) -> None:
    """However it comes that it finds nothing."""
    inner = within(Being, "n").traverse(Being.owns).where(literal(True).is_null())
    stmt = call(select(Being), inner.aggregate(count("*").as_("k"))).where(var("k") == 0)
    assert await world.count(stmt) == 7


def test_a_regular_expression_is_shown() -> None:
    """The text of a statement is for reading where plain openCypher has no word for a part, too."""
    assert "=~ $p0" in repr(select(Being).where(Being.name.matches("A.*")))
