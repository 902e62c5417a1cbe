"""Both sides of a relation agree at once, loaded or not, however the entity got there."""

from __future__ import annotations

import pytest

from runic.ogm.model import Node, Registry, Relation
from runic.ogm.query import select
from tests.behaviour.graphs import links

REGISTRY = Registry()


class Box(Node, registry=REGISTRY):
    """Holds items, one badge, and one partner."""

    id: str
    items: list[Item] = Relation("IN", "INCOMING")
    badge: Item | None = Relation("BADGE")
    partner: Box | None = Relation("PARTNER", "BOTH")


class Item(Node, registry=REGISTRY):
    """Is in one box, and the badge of one."""

    id: str
    box: Box | None = Relation("IN")
    badge_of: Box | None = Relation("BADGE", "INCOMING")


@pytest.fixture(autouse=True)
async def stored(new_session):
    """Box a holds the items i and j, has the badge i, and the partner c; box b has nothing."""
    i = Item(id="i")
    async with new_session() as other:
        a = Box(id="a", items=[i, Item(id="j")], badge=i, partner=Box(id="c"))
        other.add_all([a, Box(id="b")])


async def by_fetch(session):
    """Load the boxes with what they hold."""
    return await session.scalars(select(Box).order_by("id").fetch("items", "badge", "partner"))


async def by_load(session):
    """Load the boxes, then one relation after the other, of one box after the other."""
    boxes = await session.scalars(select(Box).order_by("id"))
    for box in boxes:
        for name in ("items", "badge", "partner"):
            await session.load(box, name)
    return boxes


async def by_refresh(session):
    """Load them, and read them again."""
    boxes = await by_fetch(session)
    for box in boxes:
        await session.refresh(box)
    return boxes


async def by_relate(session):
    """Have empty boxes show what is related to them afterwards."""
    a, b, c = await by_fetch(session)
    i, j = sorted(a.items, key=lambda item: item.id)
    await session.unrelate(a, Box.items, i)
    await session.unrelate(a, Box.badge, i)
    await session.unrelate(a, Box.partner, c)
    for entity in (i, j):
        session.expire(entity)
    await session.scalars(select(Item))
    await session.relate(a, Box.items, i)
    await session.relate(a, Box.badge, i)
    await session.relate(a, Box.partner, c)
    return [a, b, c]


async def by_rollback(session):
    """Have moved everything, and have it back by a rollback."""
    a, b, c = await by_fetch(session)
    b.items, b.badge, b.partner = list(a.items), a.badge, c
    await session.rollback()
    return [a, b, c]


WAYS = [by_fetch, by_load, by_refresh, by_relate, by_rollback]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__[3:])
async def boxes(request, session):
    """Return the three boxes, loaded in one of the ways; their items have no relation loaded."""
    boxes = await request.param(session)
    assert [sorted(item.id for item in box.items) for box in boxes] == [["i", "j"], [], []]
    return boxes


def item_of(box, key="i"):
    """Return an item of a box by its key."""
    return next(item for item in box.items if item.id == key)


PUTS = {
    "append": lambda box, item: box.items.append(item),
    "insert": lambda box, item: box.items.insert(0, item),
    "extend": lambda box, item: box.items.extend([item]),
    "assign": lambda box, item: setattr(box, "items", [item]),
    "slice": lambda box, item: box.items.__setitem__(slice(0, 0), [item]),
    "other side": lambda box, item: setattr(item, "box", box),
}


@pytest.mark.parametrize("loaded", [False, True], ids=["unloaded", "loaded"])
@pytest.mark.parametrize("how", PUTS)
async def test_an_item_is_in_one_box(session, driver, boxes, how, loaded):
    """Put into another box it leaves the one it was in, before anything is written."""
    a, b, _ = boxes
    item = item_of(a)
    if loaded:
        await session.load(item, "box")
    PUTS[how](b, item)
    assert ([i.id for i in a.items], b.items, item.box) == (["j"], [item], b)
    await session.commit()
    assert ([i.id for i in a.items], b.items, item.box) == (["j"], [item], b)
    assert await links(driver, "IN") == [("i", "b"), ("j", "a")]


@pytest.mark.parametrize("how", PUTS)
async def test_rollback_puts_it_back(session, driver, boxes, how):
    """After a rollback both boxes hold what they held."""
    a, b, _ = boxes
    item = item_of(a)
    PUTS[how](b, item)
    await session.rollback()
    assert (sorted(i.id for i in a.items), b.items) == (["i", "j"], [])
    await session.commit()
    assert await links(driver, "IN") == [("i", "a"), ("j", "a")]


async def test_an_item_moves_on(session, driver, boxes):
    """It is in the last box it was put into, and back in the first if that is the last."""
    a, b, c = boxes
    item = item_of(a)
    b.items.append(item)
    c.items.append(item)
    assert ([i.id for i in a.items], b.items, c.items) == (["j"], [], [item])
    a.items.append(item)
    assert (sorted(i.id for i in a.items), b.items, c.items) == (["i", "j"], [], [])
    await session.commit()
    assert await links(driver, "IN") == [("i", "a"), ("j", "a")]


async def test_an_item_in_no_box(session, driver, boxes):
    """None, assigned without loading, takes it out of the box that shows it."""
    a, *_ = boxes
    item = item_of(a)
    item.box = None
    assert [i.id for i in a.items] == ["j"]
    await session.commit()
    assert await links(driver, "IN") == [("j", "a")]


@pytest.mark.parametrize("how", ["box", "item"])
async def test_one_to_one(session, driver, boxes, how):
    """Where both sides hold one, the other holder loses it at once."""
    a, b, _ = boxes
    item = a.badge
    if how == "box":
        b.badge = item
    else:
        item.badge_of = b
    assert (a.badge, b.badge, item.badge_of) == (None, item, b)
    await session.commit()
    assert (a.badge, b.badge, item.badge_of) == (None, item, b)
    assert await links(driver, "BADGE") == [("b", "i")]


async def test_one_to_one_in_both_directions(session, driver, new_session):
    """A relation that is its own other side: of three, two are partners."""
    a, b, c = await session.scalars(select(Box).order_by("id"))
    await session.load(a, "partner")
    assert "partner" not in vars(c)
    b.partner = c
    assert (a.partner, b.partner, c.partner) == (None, c, b)
    await session.commit()
    assert sorted(map(sorted, await links(driver, "PARTNER"))) == [["b", "c"]]


async def test_a_box_that_is_not_loaded_agrees_when_it_is(session, driver):
    """What was moved before the first box was loaded is not in it afterwards."""
    a, b, _ = await session.scalars(select(Box).order_by("id"))
    item = await session.get(Item, "i")
    await session.load(b, "items")
    b.items.append(item)
    await session.load(a, "items")
    assert [i.id for i in a.items] == ["j"]
    await session.commit()
    assert await links(driver, "IN") == [("i", "b"), ("j", "a")]


async def test_an_item_that_was_taken_out_is_in_no_box(session, driver, boxes):
    """Taken out of its box, and put into another one: there is nothing more to leave."""
    a, b, _ = boxes
    item = item_of(a)
    a.items.remove(item)
    b.items.append(item)
    assert ([i.id for i in a.items], b.items) == (["j"], [item])
    await session.commit()
    assert await links(driver, "IN") == [("i", "b"), ("j", "a")]


async def test_many_items_move(session, driver, boxes):
    """Moving a whole list empties the first one."""
    a, b, _ = boxes
    b.items.extend(list(a.items))
    assert a.items == []
    await session.commit()
    assert await links(driver, "IN") == [("i", "b"), ("j", "b")]
