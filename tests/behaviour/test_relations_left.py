"""An entity leaves the list it was in although its own side is no longer loaded."""

from __future__ import annotations

import pytest

from runic.ogm.model import Node, Registry, Relation
from runic.ogm.query import connect, select
from tests.behaviour.graphs import links

REGISTRY = Registry()


class Room(Node, registry=REGISTRY):
    """Has guests, and one key."""

    id: str
    guests: list[Guest] = Relation("IN", "INCOMING")
    key: Guest | None = Relation("KEY")


class Guest(Node, registry=REGISTRY):
    """Is in one room, and holds the keys of one."""

    id: str
    room: Room | None = Relation("IN")
    key_of: Room | None = Relation("KEY", "INCOMING")


async def constructed(session, guest):
    """Give it to the room's constructor."""
    first = Room(id="first", guests=[guest], key=guest)
    session.add(first)
    return first


async def appended(session, guest):
    """Put it into an added room."""
    first = Room(id="first")
    session.add(first)
    first.guests.append(guest)
    first.key = guest
    return first


async def assigned(session, guest):
    """Assign the list."""
    first = Room(id="first")
    session.add(first)
    first.guests, first.key = [guest], guest
    return first


async def from_the_other_side(session, guest):
    """Give the room to the entity."""
    first = Room(id="first")
    session.add(first)
    guest.room = guest.key_of = first
    return first


async def loaded(session, guest):
    """Write it, and load it anew."""
    first = await constructed(session, guest)
    await session.commit()
    await session.refresh(first)
    await session.load(first, "guests")
    await session.load(first, "key")
    return first


async def moved_there(session, guest):
    """Move it from another room, and load the list after that."""
    first, before = Room(id="first"), Room(id="before", guests=[guest])
    session.add_all([first, before])
    await session.commit()
    session.expire(first)
    guest.room = guest.key_of = first
    await session.commit()
    await session.load(first, "guests")
    await session.load(first, "key")
    return first


GIVEN = [constructed, appended, assigned, from_the_other_side, loaded, moved_there]


async def expire(session, guest):
    """Forget everything of it, and meet it again."""
    session.expire(guest)
    await session.one(select(Guest).where(Guest.id == guest.id))


async def expire_only(session, guest):
    """Forget everything of it."""
    session.expire(guest)


def append(second, guest):
    """Put it into a list that holds others."""
    second.guests.append(guest)


def extend(second, guest):
    """Put several in."""
    second.guests.extend([guest])


def assign(second, guest):
    """Assign the list."""
    second.guests = [*second.guests, guest]


def turn(second, guest):
    """Give it the room."""
    guest.room = second


@pytest.mark.parametrize("moved", [append, extend, assign, turn])
@pytest.mark.parametrize("forgotten", [expire, expire_only])
@pytest.mark.parametrize("flushed", [True, False], ids=["flushed", "unflushed"])
@pytest.mark.parametrize("given", GIVEN)
async def test_it_leaves_the_list_it_was_in(session, given, flushed, forgotten, moved):
    """However it got there; at once, and the database agrees after the commit."""
    guest, second = Guest(id="g"), Room(id="second", guests=[Guest(id="other")])
    session.add_all([guest, second])
    await session.commit()
    first = await given(session, guest)
    if flushed:
        await session.flush()
    await forgotten(session, guest)
    moved(second, guest)
    assert (first.guests, guest.room) == ([], second)
    await session.commit()
    assert sorted(await links(session, "IN")) == [("g", "second"), ("other", "second")]
    assert [g.id for g in second.guests] == ["other", "g"]


@pytest.mark.parametrize("given", GIVEN)
async def test_it_leaves_the_one_that_had_it_alone(session, given):
    """The same where the relation it leaves holds one."""
    guest, second = Guest(id="g"), Room(id="second")
    session.add_all([guest, second])
    await session.commit()
    first = await given(session, guest)
    await session.flush()
    await expire(session, guest)
    second.key = guest
    assert (first.key, guest.key_of) == (None, second)
    await session.commit()
    assert await links(session, "KEY") == [("second", "g")]


async def test_it_leaves_after_a_statement_had_its_side_forgotten(session):
    """A statement that wrote its relation unloads it; the list it is in is forgotten as well."""
    guest, first, second = Guest(id="g"), Room(id="first"), Room(id="second")
    session.add_all([guest, first, second])
    first.guests.append(guest)
    await session.commit()
    await session.execute(connect(Room.guests).where(Room.id == "first", Guest.id == "g"))
    await session.load(first, "guests")
    second.guests.append(guest)
    assert first.guests == []
    await session.commit()
    assert await links(session, "IN") == [("g", "second")]
