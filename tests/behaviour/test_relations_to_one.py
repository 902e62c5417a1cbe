"""A relation to one entity holds one, whatever writes the relationship and from whichever end."""

from __future__ import annotations

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import Edge, Node, Registry, Relation
from runic.ogm.query import connect
from tests.behaviour.graphs import links

REGISTRY = Registry()


class Both(Edge, registry=REGISTRY):
    """One at both ends."""

    weight: int = 1


class Near(Edge, registry=REGISTRY):
    """One where it starts."""

    weight: int = 1


class Far(Edge, registry=REGISTRY):
    """One where it ends."""

    weight: int = 1


class Held(Edge, registry=REGISTRY):
    """One where it starts, which holds the edge itself."""

    weight: int = 1


class Entered(Edge, registry=REGISTRY):
    """One where it ends, which holds the edge itself."""

    weight: int = 1


class Pair(Edge, registry=REGISTRY):
    """One at both ends, whichever way it runs."""

    weight: int = 1


class Knot(Node, registry=REGISTRY):
    """Leads to others over edges of every kind."""

    id: str
    both: Knot | None = Relation("BOTH", edge_model=Both)
    both_from: Knot | None = Relation("BOTH", "INCOMING", edge_model=Both)
    near: Knot | None = Relation("NEAR", edge_model=Near)
    near_from: list[Knot] = Relation("NEAR", "INCOMING", edge_model=Near)
    far: list[Knot] = Relation("FAR", edge_model=Far)
    far_from: Knot | None = Relation("FAR", "INCOMING", edge_model=Far)
    held: Held | None = Relation("HELD", target="Knot")
    held_from: list[Held] = Relation("HELD", "INCOMING", target="Knot")
    entered: list[Entered] = Relation("ENTERED", target="Knot")
    entered_from: Entered | None = Relation("ENTERED", "INCOMING", target="Knot")
    pair: Knot | None = Relation("PAIR", "BOTH", edge_model=Pair)


EDGES = {cls.__name__.lower(): cls for cls in (Both, Near, Far, Held, Entered, Pair)}
STARTS, ENDS = ("both", "near", "held", "pair"), ("both", "far", "entered", "pair")
# What was there, from a to b, goes: the new one has its start, or its end.
MOVES = [*((name, "a", "c") for name in STARTS), *((name, "c", "b") for name in ENDS)]
ALL = [name for name in EDGES if name != "pair"]


async def by_add(session, knots, name, start, end):
    """Add an edge entity."""
    session.add(EDGES[name](source=knots[start], target=knots[end], weight=2))
    await session.commit()


async def by_relate(session, knots, name, start, end):
    """Relate at once."""
    await session.relate(knots[start], name, knots[end], edge=EDGES[name](weight=2))


async def by_relate_back(session, knots, name, start, end):
    """Relate at once from the other end."""
    back = "pair" if name == "pair" else f"{name}_from"
    await session.relate(knots[end], back, knots[start], edge=EDGES[name](weight=2))


async def by_relate_bare(session, knots, name, start, end):
    """Relate at once, with several and no edge entity."""
    await session.relate_many([(knots[start], name, knots[end])])


async def by_connect(session, knots, name, start, end):
    """Relate by criteria."""
    found = connect(getattr(Knot, name)).where(Knot.id == start, on="source")
    await session.execute(found.where(Knot.id == end, on="target").values(weight=2))


async def by_connect_back(session, knots, name, start, end):
    """Relate by criteria from the other end."""
    back = "pair" if name == "pair" else f"{name}_from"
    found = connect(getattr(Knot, back)).where(Knot.id == end, on="source")
    await session.execute(found.where(Knot.id == start, on="target"))


async def by_relation(session, knots, name, start, end):
    """Give the relation of the start the new one."""
    held = EDGES[name](target=knots[end]) if name in ("held", "entered") else knots[end]
    if name in ("far", "entered"):
        await session.load(knots[start], name)
        getattr(knots[start], name).append(held)
    else:
        setattr(knots[start], name, held)
    await session.commit()


WAYS = [
    by_add,
    by_relate,
    by_relate_back,
    by_relate_bare,
    by_connect,
    by_connect_back,
    by_relation,
]
RELATIONS = tuple(Knot.model_fields.keys() - {"id"})


@pytest.fixture(autouse=True)
async def stored(new_session):
    """Over every type an edge from a to b, and one from d to e that nothing touches."""
    async with new_session() as other:
        knots = {name: Knot(id=name) for name in "abcde"}
        other.add_all(knots.values())
        for cls in EDGES.values():
            other.add(cls(source=knots["a"], target=knots["b"]))
            other.add(cls(source=knots["d"], target=knots["e"]))


def over(name):
    """Return the relations over a type."""
    return [relation for relation in RELATIONS if relation.split("_")[0] == name]


async def held_by(session, name, *, loaded, keys="abcde"):
    """Return the nodes as a session holds them."""
    fetch = over(name) if loaded else ()
    return {key: await session.get(Knot, key, fetch=fetch) for key in keys}


async def shown(session, name, knots):
    """Return what all relations hold, loaded where they are not."""
    found = {}
    for knot in knots.values():
        await session.load(knot, *over(name))
        for relation in over(name):
            value = getattr(knot, relation)
            listed = value if isinstance(value, list) else [] if value is None else [value]
            found[knot.id, relation] = sorted(_ends(one) for one in listed)
    return found


def _ends(one):
    return one.id if isinstance(one, Node) else f"{one.source.id}{one.target.id}"


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "unloaded"])
@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize(("name", "start", "end"), MOVES)
async def test_a_new_one_takes_the_place(session, new_session, name, start, end, write, loaded):
    """The first one goes; memory shows what is stored, and a commit writes nothing more."""
    knots = await held_by(session, name, loaded=loaded)
    await write(session, knots, name, start, end)
    await session.commit()
    pairs = {frozenset(pair) for pair in await links(session, name.upper())}
    assert pairs == {frozenset((start, end)), frozenset("de")}
    assert len(await links(session, name.upper())) == 2
    async with new_session() as other:
        fresh = await shown(other, name, await held_by(other, name, loaded=True))
    assert await shown(session, name, knots) == fresh
    await session.commit()
    assert len(await links(session, name.upper())) == 2


RACES = [*((name, "fg", "fh") for name in STARTS), *((name, "gf", "hf") for name in ENDS)]


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "unloaded"])
@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize(("name", "first", "last"), RACES)
async def test_one_that_came_since_gives_way(
    session, new_session, name, first, last, write, loaded
):
    """Another session relates what was loaded as empty: the last one to be written stays."""
    async with new_session() as other:
        other.add_all([Knot(id=key) for key in "fgh"])
    knots = await held_by(session, name, loaded=loaded, keys="fgh")
    async with new_session() as other:
        theirs = await held_by(other, name, loaded=True, keys="fgh")
        await by_add(other, theirs, name, *first)
    await write(session, knots, name, *last)
    await session.commit()
    stored = {frozenset(pair) for pair in await links(session, name.upper())}
    assert stored == {frozenset("ab"), frozenset("de"), frozenset(last)}
    async with new_session() as other:
        fresh = await shown(other, name, await held_by(other, name, loaded=True, keys="fgh"))
    assert await shown(session, name, knots) == fresh


@pytest.mark.parametrize("name", ALL)
async def test_both_of_two_take_their_places(session, name):
    """An edge from d to b: what a leads to goes, and what d leads to, as far as one is allowed."""
    knots = await held_by(session, name, loaded=True)
    await by_connect(session, knots, name, "d", "b")
    stays = {("a", "b")} if name in ("near", "held") else {("d", "e")}
    assert set(await links(session, name.upper())) == (
        {("d", "b")} if name == "both" else {("d", "b"), *stays}
    )


@pytest.mark.parametrize("name", ["near", "held", "pair", "both"])
@pytest.mark.parametrize("write", ["add", "connect", "relate_many"])
async def test_two_for_one_are_refused(session, name, write):
    """Which of two is meant nobody knows: nothing is written."""
    knots = await held_by(session, name, loaded=False)
    with pytest.raises(StatementError, match="holds one entity"):
        if write == "add":
            edges = [EDGES[name](source=knots["a"], target=knots[end]) for end in "ce"]
            session.add_all(edges)
            await session.commit()
        elif write == "relate_many":
            await session.relate_many([(knots["a"], name, knots[end]) for end in "ce"])
        else:
            found = connect(getattr(Knot, name)).where(Knot.id == "a", on="source")
            await session.execute(found.where(Knot.id.in_(["c", "e"]), on="target"))
    assert sorted(await links(session, name.upper())) == [("a", "b"), ("d", "e")]


async def test_two_for_a_new_node_are_refused(session):
    """The same where nothing is stored yet."""
    one = Knot(id="n")
    knots = await held_by(session, "near", loaded=False)
    session.add_all([Near(source=one, target=knots[end]) for end in "bc"])
    with pytest.raises(StatementError, match="near holds one entity, and Knot 'n' is given two"):
        await session.commit()


async def test_the_edge_that_is_there_stays(session):
    """Written again it takes what is given, and is the one."""
    knots = await held_by(session, "both", loaded=True)
    for write in (by_add, by_relate, by_connect):
        await write(session, knots, "both", "a", "b")
    assert sorted(await links(session, "BOTH")) == [("a", "b"), ("d", "e")]


class Owner(Node, registry=REGISTRY):
    """Leads to one of two kinds over one type."""

    id: str
    house: House | None = Relation("OWNS")
    car: Car | None = Relation("OWNS")
    bikes: list[Bike] = Relation("OWNS")


class House(Node, registry=REGISTRY):
    """One that is owned."""

    id: str


class Car(Node, registry=REGISTRY):
    """Another."""

    id: str


class Bike(Node, registry=REGISTRY):
    """One of several."""

    id: str


async def assign(session, owner, house):
    """Assign it unloaded."""
    owner.house = house
    await session.commit()


async def relate(session, owner, house):
    """Relate at once."""
    await session.relate(owner, "house", house)


async def connecting(session, owner, house):
    """Relate by criteria."""
    await session.execute(connect(Owner.house).where(Owner.id == "o", House.id == house.id))


@pytest.mark.parametrize("write", [assign, relate, connecting])
async def test_others_over_the_type_stay(session, new_session, write):
    """A house takes the place of a house, and of nothing else."""
    async with new_session() as other:
        first = Owner(id="o", house=House(id="h1"), car=Car(id="c"), bikes=[Bike(id="b")])
        other.add_all([first, House(id="h2")])
    owner, house = await session.get(Owner, "o"), await session.get(House, "h2")
    await write(session, owner, house)
    assert sorted(await links(session, "OWNS")) == [("o", "b"), ("o", "c"), ("o", "h2")]
