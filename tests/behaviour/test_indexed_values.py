"""A plain index takes every value, and every lookup finds it.

The range index of FalkorDB finds nothing for some texts, finds too much for the longest it
compares, and compares integers as floats. The same answers are wanted of every database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Edge, Field, FieldValidationError, Node, Registry, Relation, select
from runic.ogm.query import count, delete, merge, param, update, var
from runic.ogm.query.compiled import Query
from tests.behaviour.graphs import index

REGISTRY = Registry()
LIMIT = 4096

TEXTS = [
    "",
    " a",
    "a ",
    "a\n",
    "\ta",
    "a\x01b",
    "x" * LIMIT,
    "x" * LIMIT + "y",
    "x" * LIMIT + "z",
    "ż" * (LIMIT // 2),
    "ż" * (LIMIT // 2) + "a",
    "plain",
    "plain ",
    "\tplain",
    "a",
]
NUMBERS = [2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, -(2**53) - 1, 0, 7]


class Tagged(Edge, registry=REGISTRY):
    """A relationship with an indexed text of its own."""

    why: str = Field("none", index=True)


class Tag(Node, registry=REGISTRY):
    """What is tagged."""

    id: str
    text: str = Field("", index=True)


class Item(Node, registry=REGISTRY):
    """Something with indexed values of each kind that an index may confuse."""

    id: str
    text: str | None = Field(None, index=True)
    number: int | None = Field(None, index=True)
    words: list[str] = Field(default_factory=list, index=True)
    numbers: list[int] = Field(default_factory=list, index=True)
    tags: list[Tag] = Relation("TAGGED", edge_model=Tagged)


@pytest.fixture
async def stored(driver: Any, new_session: Callable[..., Any], schema: Any) -> None:
    """Store an item for each text and each number, in a graph with the indexes declared."""
    await schema.create_all(Item, Tag, Tagged)
    async with new_session() as session:
        for i, text in enumerate(TEXTS):
            tag = Tag(id=f"t{i}", text=text)
            session.add(Item(id=f"t{i}", text=text, words=[text, "shared"], tags=[tag]))
        for i, number in enumerate(NUMBERS):
            session.add(Item(id=f"n{i}", number=number, numbers=[number]))


def keys(found: Any) -> list[str]:
    """Return the keys of entities, sorted."""
    return sorted(each.id for each in found)


@pytest.mark.parametrize("i", range(len(TEXTS)))
async def test_a_text_is_found_by_every_lookup(session: Any, stored: None, i: int) -> None:
    """By =, IN, a parameter, what is negated, a key of a list, and each of them beside another."""
    text, key = TEXTS[i], f"t{i}"
    others = sorted(f"t{j}" for j in range(len(TEXTS)) if j != i)
    for criterion, expected in (
        (Item.text == text, [key]),
        (Item.text.in_([text]), [key]),
        (Item.text.in_([text, "nowhere"]), [key]),
        ((Item.text == text) | (Item.text == "nowhere"), [key]),
        ((Item.text == text) & (Item.id == key), [key]),
        (~(Item.text != text), [key]),
        (Item.text != text, others),
        (Item.text.not_in_([text]), others),
        (Item.words.contains(text), [key]),
        (Item.words.any_of([text]), [key]),
        (Item.text.startswith(text) & Item.text.endswith(text) & (Item.text == text), [key]),
    ):
        assert keys(await session.scalars(select(Item).where(criterion))) == expected, criterion
        assert await session.count(select(Item).where(criterion)) == len(expected), criterion
    bound = select(Item).where(Item.text == param("t"))
    assert keys(await session.scalars(bound.bind(t=text))) == [key]
    assert keys(await session.scalars(bound.bind(t="nowhere"))) == []
    among = select(Item).where(Item.text.in_(param("ts"))).bind(ts=["nowhere", text])
    assert keys(await session.scalars(among)) == [key]


@pytest.mark.parametrize("i", range(len(NUMBERS)))
async def test_a_number_is_found_by_every_lookup(session: Any, stored: None, i: int) -> None:
    """Equality, ranges and lists tell each integer from its neighbours."""
    number = NUMBERS[i]

    def those(holds: Callable[[int], bool]) -> list[str]:
        return sorted(f"n{j}" for j, each in enumerate(NUMBERS) if holds(each))

    for criterion, expected in (
        (Item.number == number, [f"n{i}"]),
        (Item.number.in_([number]), [f"n{i}"]),
        (Item.number > number, those(lambda each: each > number)),
        (Item.number >= number, those(lambda each: each >= number)),
        (Item.number < number, those(lambda each: each < number)),
        (Item.number <= number, those(lambda each: each <= number)),
        (Item.numbers.contains(number), [f"n{i}"]),
    ):
        assert keys(await session.scalars(select(Item).where(criterion))) == expected, criterion


async def test_joins_of_fields_and_of_computed_values_find_every_text(
    session: Any, stored: None
) -> None:
    """The item and its tag have the same text; so have the rows of a list and the items."""
    joined = select(Item).traverse(Item.tags).alias("t").where(Tag.text == Item.text)
    assert await session.count(joined) == len(TEXTS)
    staged = select(Item).with_("n").traverse(Item.tags).alias("t").where(Tag.text == Item.text)
    assert await session.count(staged) == len(TEXTS)
    rows = select(Item).unwind(TEXTS, "wanted").where(Item.text == var("wanted"))
    assert await session.count(rows) == len(TEXTS)


@pytest.mark.parametrize("text", TEXTS[:6])
async def test_relations_are_loaded_and_asked_by_such_texts(
    session: Any, stored: None, text: str
) -> None:
    """A criterion of a fetch, of a relation and of an edge finds what has the text."""
    key = f"t{TEXTS.index(text)}"
    asked = select(Item).where(Item.tags.any(Tag.text == text))
    assert keys(await session.scalars(asked)) == [key]
    item = await session.get(Item, key, fetch=[Item.tags.where(Tag.text == text)])
    assert keys(item.tags) == [key]
    grouped = select(Tag).where(Tag.text == text).aggregate(count().as_("n"), group_by=[Tag.text])
    assert await session.all_rows(grouped) == [{"n.text": text, "n": 1}]


@pytest.mark.parametrize("text", TEXTS[:6])
async def test_an_edge_is_found_by_such_a_text(
    session: Any, new_session: Callable[..., Any], stored: None, text: str
) -> None:
    """The index of a type has the same fault as that of a label."""
    key = f"t{TEXTS.index(text)}"
    await session.relate(
        await session.get(Item, key),
        Item.tags,
        await session.get(Tag, key),
        edge=Tagged(why=text),
    )
    await session.commit()
    found = select(Item).traverse(Item.tags, edge_alias="e").where(Tagged.why == text, on="e")
    assert keys(await new_session().scalars(found)) == [key]


async def test_a_change_to_such_a_text_is_written_and_found(
    session: Any, new_session: Callable[..., Any], stored: None
) -> None:
    """Set, set-based and merged: the text is there, once."""
    item = await session.get(Item, f"t{TEXTS.index('plain')}")
    item.text = " changed "
    await session.commit()
    other = new_session()
    assert keys(await other.scalars(select(Item).where(Item.text == " changed "))) == [item.id]
    changed = update(Item).where(Item.text == " changed ").values(text="\tagain")
    assert (await other.execute(changed)).affected == 1
    assert await other.count(select(Item).where(Item.text == "\tagain")) == 1


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("text", ["", " a", "a\x01b"])
async def test_the_index_itself_does_not_find_it(driver: Any, stored: None, text: str) -> None:
    """The plain wording is wrong on this server: without the detour the tests above fail."""
    plain = Query("MATCH (n:Item) WHERE n.text = $t RETURN count(n)", {"t": text}, read_only=True)
    around = Query(
        "MATCH (n:Item) WHERE coalesce(n.text) = $t RETURN count(n)", {"t": text}, read_only=True
    )
    assert (await driver.run(plain)).rows == [[0]]
    assert (await driver.run(around)).rows == [[1]]


@pytest.mark.backend("falkordb")
async def test_an_index_that_nobody_declared_hides_nothing(session: Any, driver: Any) -> None:
    """Indexes are made by hand, too: the wording does not depend on the declaration."""

    class Note(Node, registry=Registry()):
        id: str
        text: str = ""

    session.add_all([Note(id="a", text=""), Note(id="b", text="b")])
    await session.commit()
    await index(driver, "Note", "text")
    assert keys(await session.scalars(select(Note).where(Note.text == ""))) == ["a"]
    assert keys(await session.scalars(select(Note).where(Note.text.in_(["", "b"])))) == ["a", "b"]


MERGED_TEXTS = ["", " a", "a", "a\x01b", "x" * LIMIT, "x" * LIMIT + "y", "plain"]


@pytest.mark.parametrize("text", MERGED_TEXTS)
async def test_a_merge_by_such_a_text_finds_the_node_that_is_there(
    session: Any, stored: None, text: str
) -> None:
    """It changes the stored node and makes no second one; a new text makes a node."""
    rows = [
        {"id": "other", "text": text, "number": 5},
        {"id": "new", "text": "fresh ", "number": 6},
    ]
    known = await session.count(select(Item))
    statement = merge(Item).on(Item.text).values(rows)
    assert (await session.execute(statement)).affected == 2
    assert await session.count(select(Item)) == known + 1
    assert (await session.execute(statement)).affected == 2
    assert await session.count(select(Item)) == known + 1
    (found,) = await session.scalars(select(Item).where(Item.text == text))
    assert (found.id, found.number) == (f"t{TEXTS.index(text)}", 5)
    (made,) = await session.scalars(select(Item).where(Item.text == "fresh "))
    assert (made.id, made.number, made.words) == ("new", 6, [])


class Flexible(Node, registry=REGISTRY):
    """A field of several types, and one of floats."""

    id: str
    value: int | str | bool | None = Field(None, index=True)
    ratio: float | None = Field(None, index=True)


@pytest.mark.requires("mixed_lists")
async def test_values_of_several_types_are_told_apart(
    session: Any, new_session: Callable[..., Any], schema: Any
) -> None:
    """The index takes True for 1; the answers do not."""
    await schema.create_all(Flexible)
    values: list[Any] = [1, True, 0, False, "1", "true", "true ", ""]
    session.add_all([Flexible(id=str(i), value=value) for i, value in enumerate(values)])
    await session.commit()
    for i, value in enumerate(values):
        for criterion in (Flexible.value == value, Flexible.value.in_([value])):
            found = await new_session().scalars(select(Flexible).where(criterion))
            assert keys(found) == [str(i)], (value, criterion)


async def test_writes_by_a_text_touch_no_other(session: Any, stored: None) -> None:
    """An update and a delete by an ordinary text leave the texts that look like it alone."""
    changed = update(Item).where(Item.text == "plain").values(number=1)
    assert (await session.execute(changed)).affected == 1
    assert (await session.execute(delete(Item).where(Item.text == "a"))).affected == 1
    assert await session.count(select(Item)) == len(TEXTS) + len(NUMBERS) - 1


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("ratio", [float("inf"), float("-inf")])
async def test_infinities_are_refused_where_the_index_leaves_them_out(
    session: Any, ratio: float
) -> None:
    """Neither equality nor a range would find them."""
    session.add(Flexible(id="a", ratio=ratio))
    with pytest.raises(FieldValidationError, match="leaves infinities out"):
        await session.commit()
    await session.rollback()
    assert await session.count(select(Flexible)) == 0
