"""Unique values that change hands within one commit: freed and taken, swapped, passed round.

Each case is tried with every constraint (one property, several), nullable and required fields,
values of several types, with and without a version, in both orders of loading and of assigning.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from runic.ogm.errors import PartialCommitError, UniqueViolationError
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from runic.ogm.query import select
from runic.ogm.query.definitions import UniqueConstraint
from tests.behaviour.graphs import cypher

GONE = "gone"

# Seat → the number of the guest it then has, one after the other. `n` is a new seat; a seat that is
# gone and comes again is a new one of the same key.
CASES: dict[str, list[tuple[str, Any]]] = {
    "freed and taken": [("a", None), ("b", 1)],
    "changed and taken": [("a", 9), ("b", 1)],
    "swapped": [("a", 2), ("b", 1)],
    "passed round": [("a", 2), ("b", 3), ("c", 1)],
    "moved up": [("a", 9), ("b", 1), ("c", 2)],
    "taken of a deleted one": [("a", GONE), ("b", 1)],
    "moved up to a deleted one": [("a", GONE), ("b", 1), ("c", 2)],
    "taken by a new one": [("a", 9), ("n", 1)],
    "taken by a new one of one that takes another": [("a", 2), ("b", 9), ("n", 1)],
    "taken by a new one of a deleted one": [("a", GONE), ("n", 1)],
    "deleted and new with the same key": [("a", GONE), ("a", 1)],
    "deleted and new, swapped": [("a", GONE), ("b", GONE), ("a", 2), ("b", 1)],
}

TYPES: dict[str, Any] = {
    "str": (str, lambda n: f"guest {n}", True),
    "int": (int, lambda n: 1000 + n, False),
    "uuid": (uuid.UUID, lambda n: uuid.UUID(int=n), False),
    "datetime": (dt.datetime, lambda n: dt.datetime(2020, 1, n, tzinfo=dt.UTC), True),
}


class Hall:
    """A class of seats, how their values are made, and whether they count their version."""

    def __init__(self, kind: str, *, required: bool, declared: bool = True) -> None:
        of, self.value, self.versioned = TYPES[kind]
        self.required = required
        guest = Field(unique=declared, required=required)
        annotations = {"id": str, "row": int, "guest": of if required else of | None}
        fields: dict[str, Any] = {"row": 1, "guest": guest}
        if not required:
            fields["guest"] = Field(None, unique=declared)
        if self.versioned:
            annotations["edits"], fields["edits"] = int, Field(version=True)
        namespace = {"__annotations__": annotations, "__module__": __name__, **fields}
        self.seat: Any = type(Node)("Seat", (Node,), namespace, registry=Registry())

    def new(self, key: str, number: int | None, row: int = 1) -> Any:
        """Return a seat with a guest."""
        return self.seat(id=key, row=row, guest=self.guest(number))

    def guest(self, number: int | None) -> Any:
        """Return the value of a guest; a required one is another guest rather than none."""
        if number is None and not self.required:
            return None
        return self.value(number or 9)


@pytest.fixture(params=["single", "single required", "several", "several required"])
async def constraint(request, driver):
    """Return the constraint of a case, where the database has it."""
    if "required" in request.param and "required_constraints" not in driver.dialect.capabilities:
        pytest.skip("no required constraints")
    return request.param


async def opened(constraint, kind, schema, request, driver):
    """Return a hall whose seats the database guards."""
    declared = "several" not in constraint
    hall = Hall(kind, required="required" in constraint, declared=declared)
    await schema.create_all(hall.seat)
    if not declared:
        await constrain(request, driver, "Seat", "row", "guest")
    return hall


async def constrain(request, driver, label, *names):
    """Make a unique constraint over several properties."""
    if driver.dialect.name == "falkordb":
        graph = request.getfixturevalue("runic_server").client.select_graph(
            request.getfixturevalue("runic_graph")
        )
        graph.create_node_unique_constraint(label, *names)
    else:
        await driver.constrain(UniqueConstraint("node", label, names))


def orders(steps):
    """Return the orders in which a case can be done: what is deleted goes before its successor."""
    keys = [key for key, _ in steps]
    return [steps, steps[::-1]] if len(set(keys)) == len(keys) else [steps]


def outcome(steps, hall):
    """Return the guests of all seats after a case, and how often each seat was written."""
    guests = {"a": hall.guest(1), "b": hall.guest(2), "c": hall.guest(3)}
    edits = dict.fromkeys(guests, 0)
    for key, number in steps:
        if number == GONE:
            del guests[key], edits[key]
        else:
            edits[key] = edits.get(key, -1) + 1
            guests[key] = hall.guest(number)
    return guests, edits


async def done(session, hall, steps, loaded):
    """Load seats in an order, and do a case in the session."""
    seats = {key: await session.get(hall.seat, key) for key in loaded}
    for key, number in steps:
        if number == GONE:
            session.delete(seats.pop(key))
        elif key in seats:
            seats[key].guest = hall.guest(number)
        else:
            session.add(hall.new(key, number))


async def check(driver, session, hall, steps):
    """Every seat has its guest, is found by it, and was written once."""
    guests, edits = outcome(steps, hall)
    seats = await session.scalars(select(hall.seat))
    assert {seat.id: seat.guest for seat in seats} == guests
    if hall.versioned:
        assert {seat.id: seat.edits for seat in seats} == edits
    for key, guest in guests.items():
        if guest is not None:
            assert [s.id for s in await session.scalars(found(hall, guest))] == [key]


def found(hall, guest):
    """Return the statement that looks a guest up."""
    return select(hall.seat).where(hall.seat.guest == guest)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", TYPES)
async def test_values_change_hands(new_session, driver, schema, constraint, request, kind, case):
    """Whichever was loaded or changed first, each gets its value in one commit."""
    hall = await opened(constraint, kind, schema, request, driver)
    for loaded in ("abc", "cba"):
        for steps in orders(CASES[case]):
            await cypher(driver, "MATCH (n:Seat) DETACH DELETE n")
            session = new_session()
            session.add_all([hall.new(key, n) for n, key in enumerate("abc", 1)])
            await session.commit()
            session.expunge_all()
            await done(session, hall, steps, loaded)
            await session.commit()
            await check(driver, new_session(), hall, steps)


@pytest.mark.parametrize("case", ["swapped", "passed round", "moved up", "taken of a deleted one"])
@pytest.mark.parametrize("way", ["flush", "begin", "second flush", "batches"])
@pytest.mark.parametrize("constraint", ["single", "several"])
async def test_values_change_hands_in_every_way_to_write(
    new_session, driver, schema, request, way, case, constraint
):
    """A flush, a block, a flush after another one and a commit in batches do the same."""
    hall = await opened(constraint, "str", schema, request, driver)
    session = new_session()
    session.add_all([hall.new(key, n) for n, key in enumerate("abc", 1)])
    await session.commit()
    session.expunge_all()
    steps = CASES[case]
    if way == "begin":
        async with session.begin():
            await done(session, hall, steps, "abc")
    elif way == "batches":
        session.add_all([hall.new(f"x{n}", 10 + n) for n in range(5)])
        await done(session, hall, steps, "abc")
        await session.commit(atomic=False, batch_size=1)
        for n in range(5):
            session.delete(await session.get(hall.seat, f"x{n}"))
        await session.commit()
    else:
        if way == "second flush":
            session.add(hall.new("z", 20))
            await session.flush()
            session.delete(await session.get(hall.seat, "z"))
            await session.flush()
        await done(session, hall, steps, "abc")
        await session.flush()
        await session.commit()
    await check(driver, new_session(), hall, steps)


async def test_several_properties_in_a_transaction_that_wrote(new_session, driver, schema, request):
    """What no model declares is freed as well where a refusal would cost what was written."""
    hall = await opened("several", "str", schema, request, driver)
    session = new_session()
    session.add_all([hall.new("a", 1), hall.new("b", 2)])
    await session.commit()
    session.add(hall.new("n", 5))
    await session.flush()
    a, b = [await session.get(hall.seat, key) for key in "ab"]
    a.guest, b.guest = b.guest, a.guest
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Seat) RETURN n.id, n.guest ORDER BY n.id")
    assert rows == [["a", "guest 2"], ["b", "guest 1"], ["n", "guest 5"]]


@pytest.mark.parametrize("options", [{}, {"atomic": False, "batch_size": 1}])
async def test_another_part_of_several_properties_changes(
    new_session, driver, schema, request, options
):
    """One seat leaves its guest, and a seat of another row with the same guest moves there."""
    hall = await opened("several", "str", schema, request, driver)
    for loaded in ("ab", "ba"):
        await cypher(driver, "MATCH (n:Seat) DETACH DELETE n")
        session = new_session()
        session.add_all([hall.new("a", 1), hall.new("b", 1, row=2)])
        await session.commit()
        session.expunge_all()
        seats = {key: await session.get(hall.seat, key) for key in loaded}
        seats["b"].row = 1
        seats["a"].guest = hall.guest(2)
        await session.commit(**options)
        rows = await cypher(driver, "MATCH (n:Seat) RETURN n.id, n.row, n.guest ORDER BY n.id")
        assert rows == [["a", 1, "guest 2"], ["b", 1, "guest 1"]]


@pytest.mark.parametrize("constraint", ["single", "several"])
@pytest.mark.parametrize("kind", TYPES)
async def test_a_value_that_stays_taken_is_refused(
    new_session, driver, schema, request, constraint, kind
):
    """A hand-over beside a value that somebody keeps: nothing is written, the session goes on."""
    hall = await opened(constraint, kind, schema, request, driver)
    session = new_session()
    session.add_all([hall.new(key, n) for n, key in enumerate("abc", 1)])
    await session.commit()
    a, b = [await session.get(hall.seat, key) for key in "ab"]
    before = await cypher(driver, "MATCH (n:Seat) RETURN n ORDER BY n.id")
    a.guest, b.guest = b.guest, a.guest
    extra = hall.new("n", 3)
    session.add(extra)
    with pytest.raises(UniqueViolationError):
        await session.commit()
    assert await cypher(driver, "MATCH (n:Seat) RETURN n ORDER BY n.id") == before
    extra.guest = hall.guest(4)
    await session.commit()
    seats = await new_session().scalars(select(hall.seat).order_by(hall.seat.id))
    assert [seat.guest for seat in seats] == [hall.guest(n) for n in (2, 1, 3, 4)]


# ArcadeDB lets both have what one gave up; what no model declares, runic cannot see either.
CHECKED = pytest.mark.backend("falkordb", "neo4j", "age")


@pytest.mark.parametrize("constraint", ["single", pytest.param("several", marks=CHECKED)])
@pytest.mark.parametrize("taking", ["two stored", "one new", "two new"])
@pytest.mark.parametrize("giving", ["changed", "deleted", "swapped"])
async def test_two_that_take_one_value_are_refused(
    new_session, driver, schema, request, constraint, taking, giving
):
    """A value that is given up goes to one entity, stored or new."""
    hall = await opened(constraint, "str", schema, request, driver)
    session = new_session()
    session.add_all([hall.new(key, n) for n, key in enumerate("abc", 1)])
    await session.commit()
    a, b, c = [await session.get(hall.seat, key) for key in "abc"]
    if giving == "deleted":
        session.delete(a)
    else:
        a.guest = hall.guest(2 if giving == "swapped" else 9)
    if taking != "two new" or giving == "swapped":
        b.guest = hall.guest(1)
    if taking == "two stored":
        c.guest = hall.guest(1)
    else:
        session.add_all([hall.new(key, 1) for key in "xy"[: 1 + (taking == "two new")]])
    with pytest.raises(UniqueViolationError):
        await session.commit()
    rows = await cypher(driver, "MATCH (n:Seat) RETURN n.guest ORDER BY n.id")
    assert rows == [["guest 1"], ["guest 2"], ["guest 3"]]
    await session.rollback()
    assert [seat.guest for seat in (a, b, c)] == ["guest 1", "guest 2", "guest 3"]


async def test_batches_keep_what_changes_hands_together(new_session, driver, schema, request):
    """A batch that is refused or fails leaves no stand-in behind."""
    hall = await opened("single", "str", schema, request, driver)
    session = new_session()
    session.add_all([hall.new(key, n) for n, key in enumerate("abc", 1)])
    await session.commit()
    a, b, c = [await session.get(hall.seat, key) for key in "abc"]
    a.guest, b.guest, c.guest = hall.guest(2), hall.guest(1), hall.guest(1)
    with pytest.raises(UniqueViolationError):
        await session.commit(atomic=False, batch_size=1)
    c.guest = hall.guest(4)
    await cypher(driver, "CREATE (:Seat {id: 'n', row: 1, guest: 'guest 4', edits: 0})")
    with pytest.raises(PartialCommitError):
        await session.commit(atomic=False, batch_size=1)
    await cypher(driver, "MATCH (n:Seat {id: 'n'}) DELETE n")
    rows = await cypher(driver, "MATCH (n:Seat) RETURN n.guest")
    assert not [guest for (guest,) in rows if not guest.startswith("guest")]
    c.guest = hall.guest(3)
    await session.commit(atomic=False, batch_size=1)
    rows = await cypher(driver, "MATCH (n:Seat) RETURN n.guest ORDER BY n.id")
    assert rows == [["guest 2"], ["guest 1"], ["guest 3"]]


async def test_an_ordinary_commit_writes_each_once(new_session, driver, schema, request, query_log):
    """Unique values that nobody else takes cost no step of their own."""
    hall = await opened("single", "str", schema, request, driver)
    session = new_session()
    session.add_all([hall.new(key, n) for n, key in enumerate("abc", 1)])
    await session.commit()
    for n, key in enumerate("abc", 5):
        (await session.get(hall.seat, key)).guest = hall.guest(n)
    query_log.queries.clear()
    await session.commit()
    written = [query for query in query_log.queries if not query.read_only]
    assert len(written) == 1
    assert "runic:" not in str(written[0].params)


EDGES = Registry()


class Holds(Edge, type="HOLDS", registry=EDGES):
    """Who holds a key; a key has one holder."""

    key: str = Field(unique=True)
    note: str = ""
    edits: int = Field(version=True)


class Person(Node, registry=EDGES):
    """Who holds keys."""

    id: str
    holds: list[Holds] = Relation("HOLDS", target="Door")


class Door(Node, registry=EDGES):
    """What a key opens."""

    id: str


@pytest.fixture
async def held(session, schema, driver):
    """Two people hold a key each; the database refuses a second holder."""
    await schema.create_all(Person, Door, Holds)
    await cypher(
        driver,
        "CREATE (x:Door {id: 'x'}), (:Person {id: 'ada'})-[:HOLDS {key: 'k1', note: '', edits: 1}]"
        "->(x), (:Person {id: 'bob'})-[:HOLDS {key: 'k2', note: '', edits: 1}]->(x),"
        " (:Person {id: 'cyd'})",
    )
    people = {key: await session.get(Person, key, fetch=["holds"]) for key in ("ada", "bob", "cyd")}
    return people, await session.get(Door, "x")


async def holders(driver):
    """Return who holds which key, and how often the edge was written."""
    return await cypher(
        driver, "MATCH (p:Person)-[e:HOLDS]->() RETURN p.id, e.key, e.edits ORDER BY p.id, e.key"
    )


async def test_edges_swap_their_values(session, driver, held):
    """Edges swap as nodes do."""
    people, _ = held
    one, two = people["ada"].holds[0], people["bob"].holds[0]
    one.key, two.key = two.key, one.key
    await session.commit()
    assert await holders(driver) == [["ada", "k2", 2], ["bob", "k1", 2]]


@pytest.mark.parametrize("taken", ["k2", "k3"])
async def test_an_edge_that_takes_what_another_keeps_is_refused(session, driver, held, taken):
    """Nothing is written, be the value that of a stored edge or of a new one."""
    people, door = held
    before = await holders(driver)
    people["ada"].holds[0].key = taken
    if taken == "k3":
        session.add(Holds(source=people["cyd"], target=door, key="k3"))
    with pytest.raises(UniqueViolationError):
        await session.commit()
    assert await holders(driver) == before
    people["ada"].holds[0].key = "k4"
    await session.commit()
    assert ["ada", "k4", 2] in await holders(driver)


async def test_a_new_edge_takes_the_value_of_a_deleted_one(session, driver, held):
    """The key goes to somebody else: the edge is deleted, and another one made."""
    people, door = held
    session.delete(people["ada"].holds[0])
    session.add(Holds(source=people["cyd"], target=door, key="k1", note="new"))
    await session.commit()
    assert await holders(driver) == [["bob", "k2", 1], ["cyd", "k1", 0]]


async def test_an_edge_taken_out_of_a_relation_frees_its_value(session, driver, held):
    """The same through the relation."""
    people, door = held
    people["ada"].holds.clear()
    people["cyd"].holds.append(Holds(target=door, source=people["cyd"], key="k1"))
    await session.commit()
    assert await holders(driver) == [["bob", "k2", 1], ["cyd", "k1", 0]]


async def test_an_edge_that_goes_with_its_node_frees_its_value(session, driver, held):
    """Loaded or not, the edges of a deleted node hold nothing against new ones."""
    people, door = held
    session.expunge(people["ada"])
    session.delete(await session.get(Person, "ada"))
    session.add(Holds(source=people["cyd"], target=door, key="k1"))
    await session.commit()
    assert await holders(driver) == [["bob", "k2", 1], ["cyd", "k1", 0]]


async def test_a_changed_edge_takes_the_value_of_a_deleted_one(session, driver, held):
    """Beside a new node, so that deletions come last where that matters."""
    people, _ = held
    session.delete(people["ada"].holds[0])
    people["bob"].holds[0].key = "k1"
    session.add(Door(id="y"))
    await session.commit()
    assert await holders(driver) == [["bob", "k1", 2]]


FAMILY = Registry()


class Place(Node, registry=FAMILY):
    """What has an owner; the constraint stands on its label."""

    id: str
    owner: str | None = Field(None, unique=True, property="held_by")


class Box(Place, registry=FAMILY):
    """A place of another class."""

    size: int = 0


@pytest.mark.parametrize("loaded", ["ab", "ba"])
async def test_values_change_hands_within_a_family(new_session, driver, schema, loaded):
    """Entities of a class and of one below it, changed in different fields, share a constraint."""
    await schema.create_all(Place, Box)
    session = new_session()
    session.add_all([Place(id="a", owner="ada"), Box(id="b", owner="bob")])
    await session.commit()
    session.expunge_all()
    places = {key: await session.get(Place, key) for key in loaded}
    places["a"].owner, places["b"].owner, places["b"].size = "bob", "ada", 5
    await session.commit()
    found = {place.id: place.owner for place in await new_session().scalars(select(Place))}
    assert found == {"a": "bob", "b": "ada"}


async def test_values_under_both_kinds_of_constraint_change_hands(
    new_session, driver, schema, request
):
    """Two seats swap a guest that is declared unique, and places that only the database guards."""
    hall = await opened("single", "str", schema, request, driver)
    await constrain(request, driver, "Seat", "row")
    session = new_session()
    session.add_all([hall.new("a", 1, row=1), hall.new("b", 2, row=2)])
    await session.commit()
    a, b = [await session.get(hall.seat, key) for key in "ab"]
    a.guest, b.guest, a.row, b.row = b.guest, a.guest, b.row, a.row
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Seat) RETURN n.id, n.row, n.guest ORDER BY n.id")
    assert rows == [["a", 2, "guest 2"], ["b", 1, "guest 1"]]
