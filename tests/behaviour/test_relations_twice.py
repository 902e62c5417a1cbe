"""An entity that a relation's list holds twice is related once, until the list holds it no more."""

from __future__ import annotations

import pytest

from runic.ogm.model import Edge, Node, Registry, Relation
from tests.behaviour.graphs import links

REGISTRY = Registry()


class Tie(Edge, registry=REGISTRY):
    """A relationship that is an entity."""

    weight: int = 1


class Knot(Node, registry=REGISTRY):
    """Leads to others in every way a list can."""

    id: str
    outs: list[Knot] = Relation("OUT")
    ins: list[Knot] = Relation("INTO", "INCOMING")
    both: list[Knot] = Relation("BOTH", "BOTH")
    paired: list[Knot] = Relation("PAIRED")
    pairs: list[Knot] = Relation("PAIRED", "INCOMING")
    ties: list[Tie] = Relation("TIE", target="Knot")


NAMES = {"outs": "OUT", "ins": "INTO", "both": "BOTH", "paired": "PAIRED", "ties": "TIE"}


def assign(knot, name, one):
    """Assign a list with it twice."""
    setattr(knot, name, [one, one])


def slice_in(knot, name, one):
    """Put it twice into a slice."""
    getattr(knot, name)[:] = [one, one]


def multiply(knot, name, one):
    """Put it in, and repeat the list."""
    getattr(knot, name).append(one)
    held = getattr(knot, name)
    held *= 2
    setattr(knot, name, held)


def remove(held, one):
    """Take one out."""
    held.remove(one)


def pop(held, one):
    """Take the last out."""
    held.pop()


def delete_slice(held, one):
    """Delete a slice with one."""
    del held[:1]


def slice_over(held, one):
    """Put it in the place of both."""
    held[:] = [one]


@pytest.mark.parametrize("less", [remove, pop, delete_slice, slice_over])
@pytest.mark.parametrize("twice", [assign, slice_in, multiply])
@pytest.mark.parametrize("committed", [True, False], ids=["committed", "uncommitted"])
@pytest.mark.parametrize("name", NAMES)
async def test_one_taken_out_leaves_the_other(session, name, committed, twice, less):
    """What the list holds at the commit is stored; with the last one the relationship goes."""
    a, b = Knot(id="a"), Knot(id="b")
    session.add_all([a, b])
    await session.commit()
    one = Tie(target=b) if name == "ties" else b
    twice(a, name, one)
    if committed:
        await session.commit()
    less(getattr(a, name), one)
    await session.commit()
    assert list(getattr(a, name)) == [one]
    assert {frozenset(pair) for pair in await links(session, NAMES[name])} == {frozenset("ab")}
    if name == "paired":
        assert b.pairs == [a]
    getattr(a, name).clear()
    await session.commit()
    assert await links(session, NAMES[name]) == []


@pytest.mark.parametrize("less", [remove, pop, delete_slice])
@pytest.mark.parametrize("name", ["outs", "ins", "both", "paired"])
async def test_constructed_with_one_twice(session, name, less):
    """The same of a list that came with the constructor."""
    b = Knot(id="b")
    a = Knot(id="a", **{name: [b, b]})
    session.add(a)
    await session.commit()
    assert len(await links(session, NAMES[name])) == 1
    less(getattr(a, name), b)
    await session.commit()
    assert list(getattr(a, name)) == [b]
    assert len(await links(session, NAMES[name])) == 1
