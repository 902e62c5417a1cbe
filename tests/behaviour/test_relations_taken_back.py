"""Changes of relations that are dropped at one end are dropped at the other end, too."""

from __future__ import annotations

import pytest

from runic.ogm.errors import HydrationError, SessionError, StaleEntityError
from runic.ogm.model import Node, Registry, Relation
from runic.ogm.query import disconnect, select
from tests.behaviour.graphs import cypher, links

REGISTRY = Registry()


class Person(Node, registry=REGISTRY):
    """Likes many, has one boss and one partner; everything is declared from both ends."""

    id: str
    likes: list[Person] = Relation("LIKES")
    liked: list[Person] = Relation("LIKES", "INCOMING")
    boss: Person | None = Relation("BOSS")
    staff: list[Person] = Relation("BOSS", "INCOMING")
    partner: Person | None = Relation("PARTNER")
    partner_of: Person | None = Relation("PARTNER", "INCOMING")


NAMES = ("likes", "liked", "boss", "staff", "partner", "partner_of")
TYPES = ("LIKES", "BOSS", "PARTNER")
KEYS = "abcd"


@pytest.fixture(autouse=True)
async def stored(new_session):
    """Over every type a leads to b."""
    async with new_session() as other:
        a, b, c, d = (Person(id=key) for key in KEYS)
        a.likes, a.boss, a.partner = [b], b, b
        other.add_all([a, b, c, d])


# Each changes one relation of a, from its own side or from the other.
EDITS = {
    "add": lambda a, b, c: a.likes.append(c),
    "remove": lambda a, b, c: a.likes.remove(b),
    "replace": lambda a, b, c: setattr(a, "likes", [c]),
    "multiply": lambda a, b, c: setattr(a, "likes", a.likes.__imul__(0)),
    "move": lambda a, b, c: setattr(a, "boss", c),
    "leave": lambda a, b, c: setattr(a, "boss", None),
    "part": lambda a, b, c: setattr(a, "partner", c),
    # Somebody else's staff: whom it is taken from counts, too.
    "take": lambda a, b, c: a.staff.append(c),
}
FROM_THE_OTHER_SIDE = {
    "add there": lambda a, b, c: c.liked.append(a),
    "remove there": lambda a, b, c: b.liked.remove(a),
    "move there": lambda a, b, c: c.staff.append(a),
    "leave there": lambda a, b, c: b.staff.remove(a),
}
LOADED = pytest.mark.parametrize("sides", [NAMES, ()], ids=["loaded", "unloaded"])


async def held(session, sides):
    """Return the persons as a session holds them, with or without the other sides."""
    here = await session.get(Person, "a", fetch=list(NAMES))
    return [here, *[await session.get(Person, key, fetch=sides) for key in "bcd"]]


async def everything(place):
    """Return every relationship that is stored."""
    return [sorted(await links(place, type_)) for type_ in TYPES]


def shown(people):
    """Return what every loaded relation holds."""
    return {
        (person.id, name): sorted(_ids(vars(person)[name]))
        for person in people
        for name in NAMES
        if name in vars(person)
    }


def _ids(value):
    return [one.id for one in (value if isinstance(value, list) else [value]) if one is not None]


@LOADED
@pytest.mark.parametrize("drop", ["refresh", "expire"])
@pytest.mark.parametrize("edit", [*EDITS, *FROM_THE_OTHER_SIDE])
async def test_dropped_changes_are_not_written(session, new_session, edit, drop, sides):
    """A commit after `refresh` or `expire` leaves the database and memory as they were."""
    if edit in FROM_THE_OTHER_SIDE and not sides:
        sides = NAMES
    async with new_session() as other:
        c = await other.get(Person, "c", fetch=["boss"])
        c.boss = await other.get(Person, "d")
    before = await everything(session)
    people = await held(session, sides)
    was = shown(people)
    (EDITS | FROM_THE_OTHER_SIDE)[edit](*people[:3])
    if drop == "refresh":
        await session.refresh(people[0])
    else:
        session.expire(people[0])
    await session.commit()
    assert await everything(session) == before
    await session.load(people[0], *NAMES)
    assert shown(people) == was


@LOADED
@pytest.mark.parametrize("edit", EDITS)
async def test_what_is_expunged_takes_its_changes_along(session, new_session, edit, sides):
    """A commit after `expunge` writes nothing of them; after `add` they are there again."""
    before = await everything(session)
    people = await held(session, sides)
    EDITS[edit](*people[:3])
    session.expunge(people[0])
    await session.commit()
    assert await everything(session) == before
    session.add(people[0])
    await session.commit()
    async with new_session() as other:
        assert shown(people[:1]) == shown((await held(other, ()))[:1])
    assert await everything(session) != before


@LOADED
@pytest.mark.parametrize("name", ["likes", "boss", "partner"])
@pytest.mark.parametrize("way", ["delete", "expunge"])
async def test_a_new_one_that_is_given_up_takes_its_relations_along(session, name, way, sides):
    """Nobody gave it to the other end, so nothing contradicts; it can come back."""
    b = await session.get(Person, "b", fetch=sides)
    new = Person(id="new")
    session.add(new)
    setattr(new, name, [b] if name == "likes" else b)
    if way == "delete":
        session.delete(new)
    else:
        session.expunge(new)
    if sides:
        assert new not in [*b.liked, *b.staff, b.partner_of]
    await session.commit()
    assert len(await cypher(session, "MATCH (n) RETURN n.id")) == len(KEYS)
    session.add(new)
    if sides:
        assert new in [*b.liked, *b.staff, b.partner_of]
    await session.commit()
    assert ("new", "b") in await links(session, name.upper())


@LOADED
@pytest.mark.parametrize("edit", ["add", "remove", "replace"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
async def test_a_statement_beside_unwritten_changes(session, new_session, driver, edit, end, sides):
    """Once the changes are written or dropped, a relation shows what the statement left."""
    async with new_session() as other:
        await other.relate_many(
            [(await other.get(Person, "a"), Person.likes, await other.get(Person, "d"))]
        )
    people = await held(session, sides)
    EDITS[edit](*people[:3])
    cut = disconnect(Person.likes).where(Person.id == "a", on="source")
    await session.execute(cut.where(Person.id == "d", on="target"))
    if edit == "replace":
        people[0].likes.append(people[1])
    await getattr(session, end)()
    await session.load(people[0], Person.likes)
    stored = [target for source, target in await links(session, "LIKES") if source == "a"]
    assert sorted(_ids(people[0].likes)) == sorted(stored)
    undone = end == "rollback" and "transactions" in driver.dialect.capabilities
    assert ("d" in stored) is undone


@pytest.mark.parametrize("name", ["likes", "boss", "partner"])
async def test_cutting_what_is_cut_already_says_which(session, new_session, name):
    """The error names the type and both ends; after `refresh` the session goes on."""
    a = await session.get(Person, "a", fetch=[name])
    async with new_session() as other:
        theirs = await other.get(Person, "a", fetch=[name])
        setattr(theirs, name, [] if name == "likes" else None)
    setattr(a, name, [] if name == "likes" else None)
    with pytest.raises(StaleEntityError, match=f"{name.upper()} no longer leads from Person 'a'"):
        await session.commit()
    await session.rollback()
    await session.refresh(a)
    await session.commit()
    assert await links(session, name.upper()) == []


ANEW = {
    "get": lambda session: session.get(Person, "b"),
    "select": lambda session: session.scalar(select(Person).where(Person.id == "b")),
    "record": lambda session: _first(session.execute("MATCH (n:Person {id: 'b'}) RETURN n")),
}
AFTERWARDS = {
    "nothing": lambda session, a, b: None,
    "deleted": lambda session, a, b: session.delete(b),
    "removed": lambda session, a, b: a.likes.remove(b),
    "cleared": lambda session, a, b: setattr(a, "boss", None),
    "appended again": lambda session, a, b: a.likes.append(b),
    "taken": lambda session, a, b: b.staff.remove(a),
}


async def _first(running):
    return (await running).rows[0][0]


@pytest.mark.parametrize("then", AFTERWARDS)
@pytest.mark.parametrize("read", ANEW)
async def test_what_is_read_again_takes_the_place_of_what_was_expunged(
    session, new_session, then, read
):
    """Relations that hold the expunged object hold the one that the session knows by the key."""
    people = await held(session, ())
    session.expunge(old := people[1])
    b = await ANEW[read](session)
    if isinstance(b, Person):
        await session.load(b, *NAMES)
    else:
        b = await session.get(Person, "b", fetch=list(NAMES))
    assert b is not old
    assert people[0].likes == [b]
    assert people[0].boss is people[0].partner is b
    AFTERWARDS[then](session, people[0], b)
    await session.commit()
    await session.commit()
    assert old not in session
    async with new_session() as other:
        here, there, *_ = await held(other, NAMES)
        wanted = shown([here] if there is None else [here, there])
    assert shown([people[0]] if then == "deleted" else [people[0], b]) == wanted


class Animal(Node, registry=REGISTRY):
    """The family of two classes."""

    id: str
    name: str = ""


class Dog(Animal, registry=REGISTRY):
    """One of them."""

    bark: int = 0


class Cat(Animal, registry=REGISTRY):
    """The other one."""

    purr: int = 0


async def test_an_entity_is_not_merged_into_another_class(session):
    """Nothing is written, and the session goes on."""
    dog = Dog(id="d", bark=5)
    session.add(dog)
    await session.commit()
    with pytest.raises(SessionError, match="holds Dog 'd', which cannot become Cat 'd'"):
        await session.merge(Cat(id="d", name="c"))
    await session.rollback()
    assert await session.count(select(Animal)) == 1
    assert await session.get(Animal, "d") is dog


async def test_two_nodes_of_one_family_with_one_key(session, driver):
    """The one is not given out as the other."""
    dog = Dog(id="d", bark=5)
    session.add(dog)
    await session.commit()
    await cypher(driver, "CREATE (:Animal:Cat {id: 'd', name: '', purr: 1})")
    with pytest.raises(HydrationError, match="a Cat was read whose key is that of a Dog"):
        await session.scalars(select(Cat))


@pytest.mark.parametrize("read", ["select", "get", "record"])
async def test_a_node_in_the_place_of_one_of_another_class(session, new_session, driver, read):
    """What is expired makes way for what is there now; it is no entity of the session any more."""
    dog = Dog(id="d", bark=5)
    session.add(dog)
    await session.commit()
    session.expire(dog)
    async with new_session() as other:
        other.delete(await other.get(Dog, "d"))
        other.add(Cat(id="d", purr=3))
    if read == "select":
        (cat,) = await session.scalars(select(Cat))
    elif read == "get":
        cat = await session.get(Cat, "d")
    else:
        (cat,) = await session.scalars(select(Animal))
    assert (type(cat), cat.purr) == (Cat, 3)
    assert cat in session
    assert dog not in session
    assert await session.get(Animal, "d") is cat
