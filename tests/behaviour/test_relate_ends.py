"""relate() with an edge that was given ends: they are kept, or the call is refused."""

from __future__ import annotations

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import Edge, Node, Registry, Relation
from tests.behaviour.graphs import links

REGISTRY = Registry()


class Tie(Edge, registry=REGISTRY):
    """A relationship that is an entity."""

    weight: int = 1


class Lane(Edge, registry=REGISTRY):
    """One that may be there several times."""

    weight: int = 1


class Bond(Edge, registry=REGISTRY):
    """One that has no way."""

    weight: int = 1


class Knot(Node, registry=REGISTRY):
    """Leads to others over edges of every kind."""

    id: str
    outs: list[Knot] = Relation("TIE", edge_model=Tie)
    ties: list[Tie] = Relation("TIE", target="Knot")
    ins: list[Knot] = Relation("TIE", "INCOMING", edge_model=Tie)
    lanes: list[Lane] = Relation("LANE", target="Knot", multiple=True)
    bonds: list[Bond] = Relation("BOND", "BOTH", target="Knot")


async def by_relate(session, source, name, target, edge):
    """Relate one."""
    return await session.relate(source, name, target, edge=edge)


async def by_relate_many(session, source, name, target, edge):
    """Relate several; the first is fine."""
    rows = [(source, name, source), (source, name, target, edge)]
    return (await session.relate_many(rows))[1]


WAYS = pytest.mark.parametrize("relate", [by_relate, by_relate_many])


@pytest.fixture
async def knots(session):
    """Three stored nodes."""
    found = {name: Knot(id=name) for name in "abc"}
    session.add_all(found.values())
    await session.commit()
    return found


def ends(edge_class, knots, given):
    """Make an edge with ends as "ab", "a-" or "-b"."""
    source, target = (knots.get(each) for each in given)
    return edge_class(source=source, target=target)


WRONG = ["c-", "-c", "cb", "ac", "ba", "cc"]


@WAYS
@pytest.mark.parametrize("given", WRONG)
@pytest.mark.parametrize("name", ["outs", "ties", "lanes"])
async def test_ends_that_contradict_are_refused(session, knots, name, given, relate):
    """From a to b is asked for; nothing is written, and the edge stays as it is."""
    edge = ends(Lane if name == "lanes" else Tie, knots, given)
    before = edge.source, edge.target
    with pytest.raises(StatementError, match="given other ends than Knot 'a' and Knot 'b'"):
        await relate(session, knots["a"], name, knots["b"], edge)
    assert (edge.source, edge.target) == before
    assert await links(session, "TIE") == await links(session, "LANE") == []


@WAYS
@pytest.mark.parametrize("given", ["c-", "-c", "ac", "cb"])
async def test_a_relation_that_is_entered_asks_the_same(session, knots, given, relate):
    """b.ins is over an edge from a to b."""
    with pytest.raises(StatementError, match="other ends"):
        await relate(session, knots["b"], "ins", knots["a"], ends(Tie, knots, given))
    assert await links(session, "TIE") == []


@pytest.mark.parametrize("given", ["--", "a-", "-b", "ab"])
@pytest.mark.parametrize(("start", "name"), [("a", "outs"), ("a", "ties"), ("b", "ins")])
async def test_ends_that_agree_are_fine(session, knots, start, name, given):
    """Whichever of them were given."""
    edge, other = ends(Tie, knots, given), {"a": "b", "b": "a"}[start]
    assert await session.relate(knots[start], name, knots[other], edge=edge) is edge
    assert (edge.source, edge.target) == (knots["a"], knots["b"])
    assert await links(session, "TIE") == [("a", "b")]


@pytest.mark.parametrize("given", ["b-", "-a", "ba"])
async def test_a_relation_of_both_ways_keeps_the_way(session, knots, given):
    """An edge between the two runs as it was made."""
    edge = ends(Bond, knots, given)
    await session.relate(knots["a"], "bonds", knots["b"], edge=edge)
    assert (edge.source, edge.target) == (knots["b"], knots["a"])
    assert await links(session, "BOND") == [("b", "a")]
    assert [knots[each].bonds for each in "ab"] == [[edge], [edge]]


@pytest.mark.parametrize("name", ["ties", "lanes", "bonds"])
async def test_one_edge_is_not_several(session, knots, name):
    """One edge entity is one relationship."""
    edge = {"ties": Tie, "lanes": Lane, "bonds": Bond}[name]()
    rows = [(knots["a"], name, knots[each], edge) for each in "bc"]
    with pytest.raises(StatementError, match="given for several"):
        await session.relate_many(rows)
    assert await links(session, name[:-1].upper()) == []
