"""Twin keys in one merge: what the rows give one after the other, with one count of versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runic.ogm import Field, Node, Registry, UniqueViolationError, col, insert, merge, select
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Person

REGISTRY = Registry()

EARLY = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
# The same instant, of another offset.
ALSO_EARLY = EARLY.astimezone(dt.timezone(dt.timedelta(hours=2)))


class Priced(Node, registry=REGISTRY, abstract=True):
    """Something with a default and a value that may be missing."""

    sku: str = Field(primary_key=True)
    cents: int | None = None
    shop: str = "web"
    tags: list[str] = Field(default_factory=list)


class Price(Priced):
    """One without a version."""


class Offer(Priced):
    """One with a version."""

    version: int = Field(default=0, version=True)


class Moment(Node, registry=REGISTRY):
    """A node whose key is not stored as it is."""

    at: dt.datetime = Field(primary_key=True)
    note: str = ""
    day: dt.date | None = None


STORED = {"cents": 1, "shop": "corner", "tags": ["old"]}
TWINS: dict[str, list[dict[str, Any]]] = {
    "other fields": [{"cents": 2}, {"shop": "mall"}],
    "the same field": [{"cents": 2}, {"cents": 3}],
    "some of both": [{"cents": 2, "shop": "mall"}, {"cents": 3}, {"tags": ["new"], "cents": 4}],
    "nothing, then one": [{}, {"shop": "mall"}],
    "one, then nothing": [{"shop": "mall"}, {}],
    "nothing": [{}, {}],
    "none": [{"cents": 2, "shop": "mall"}, {"cents": None}],
    "a default": [{"shop": "mall"}, {"shop": "web"}],
}


async def stored(driver, cls):
    """Return the nodes of a class by key."""
    rows = await cypher(
        driver, f"MATCH (n:{cls.__name__}) RETURN n.sku, n.cents, n.shop, n.tags, n.version"
    )
    names = ("cents", "shop", "tags", "version")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def in_turn(cls, rows, before):
    """Return what the rows give in turn; a version counts once, if any gives a field."""
    version = {"version": 0} if cls is Offer else {"version": None}
    state = (before or {"cents": None, "shop": "web", "tags": [], "version": 0}) | {}
    for row in rows:
        state |= row
    if cls is Offer and before is not None and any(rows):
        version = {"version": 1}
    return state | version


@pytest.mark.parametrize("rows", TWINS.values(), ids=TWINS)
@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("cls", [Price, Offer])
async def test_twins_in_a_session_merge(session, new_session, driver, cls, existing, rows):
    """session.merge: of each field the last object that gives it; one object comes back."""
    if existing:
        other = new_session()
        other.add(cls(sku="a", **STORED))
        await other.commit()
    made = [cls(sku="a", **row) for row in rows]
    *twins, alone = await session.merge([*made, cls(sku="b", cents=9)])
    await session.commit()
    wanted = in_turn(cls, rows, STORED if existing else None)
    assert all(twin is twins[0] for twin in twins)
    assert {"version": None} | twins[0].model_dump(exclude={"sku"}) == wanted
    assert (state_of(twins[0]), alone.cents) == (State.PERSISTENT, 9)
    assert (await stored(driver, cls))["a"] == wanted


@pytest.mark.parametrize("rows", TWINS.values(), ids=TWINS)
async def test_twins_in_a_session_merge_of_a_held_node(session, driver, rows):
    """The node that the session holds is the one that comes back, with its unwritten changes."""
    session.add(held := Offer(sku="a", **STORED))
    await session.commit()
    held.cents, held.shop = 77, "mine"
    merged = await session.merge([Offer(sku="a", **row) for row in rows])
    assert all(each is held for each in merged)
    given = {name for row in rows for name in row}
    wanted = in_turn(Offer, rows, STORED)
    assert (await stored(session, Offer))["a"] == wanted
    mine = {"cents": 77, "shop": "mine"}
    assert held.model_dump(exclude={"sku"}) == wanted | {
        name: value for name, value in mine.items() if name not in given
    }


LAST = {"a": [2, 3], "b": [4, 5, 6], "c": [7]}
ROWS = [{"sku": sku, "cents": cents} for sku, many in LAST.items() for cents in many]


@pytest.mark.parametrize("order", ["as they are", "apart"])
@pytest.mark.parametrize("batch_size", [None, 1, 2, 4])
@pytest.mark.parametrize("cls", [Price, Offer])
async def test_twins_in_a_merge_statement(session, driver, cls, batch_size, order):
    """merge(…): the last row counts, in batches over their borders as well."""
    session.add_all([held := cls(sku="a", **STORED), cls(sku="b", **STORED)])
    await session.commit()
    rows = ROWS if order == "as they are" else sorted(ROWS, key=lambda row: row["cents"] % 2)
    last = {row["sku"]: row["cents"] for row in rows}
    result = await session.execute(merge(cls).values(rows), batch_size=batch_size)
    assert result.affected == 3
    found = await stored(session, cls)
    assert {sku: each["cents"] for sku, each in found.items()} == last
    counted = {"a": 1, "b": 1, "c": 0} if cls is Offer else dict.fromkeys("abc")
    assert {sku: each["version"] for sku, each in found.items()} == counted
    assert held.cents == last["a"]


async def test_twins_by_another_field(session, driver):
    """on(…): rows with one value of the field are one node, which keeps the key of the first."""
    rows = [
        {"id": "a", "name": "x", "age": 1},
        {"id": "b", "name": "x", "age": 2},
        {"id": "c", "name": "y", "age": 3},
    ]
    stmt = merge(Person).on(Person.name).values(rows)
    result = await session.execute(stmt.returning(Person.id, Person.age))
    assert sorted(result.rows) == [("a", 2), ("c", 3)]


async def test_twins_take_what_a_merge_sets_beside_its_rows_once(session, driver):
    """on_create and on_match are about nodes: one of the two, once for each."""
    session.add(Offer(sku="a", cents=1))
    await session.commit()
    rows = [{"sku": sku, "shop": shop} for sku in "ab" for shop in ("x", "y")]
    stmt = merge(Offer).values(rows).on_create(cents=50).on_match(cents=col(Offer.cents) + 1)
    await session.execute(stmt)
    found = await stored(session, Offer)
    assert [(found[sku]["cents"], found[sku]["shop"]) for sku in "ab"] == [(2, "y"), (50, "y")]


@pytest.mark.parametrize("batch_size", [None, 1])
async def test_twins_are_told_by_what_is_stored(session, driver, batch_size):
    """Keys that are stored alike are one key, however they are written."""
    rows = [{"at": EARLY, "note": "x"}, {"at": ALSO_EARLY, "note": "y"}]
    await session.execute(merge(Moment).values(rows), batch_size=batch_size)
    assert await cypher(session, "MATCH (n:Moment) RETURN n.note") == [["y"]]
    one, other = await session.merge(
        [Moment(at=EARLY, note="z"), Moment(at=ALSO_EARLY, day=EARLY.date())]
    )
    assert one is other
    assert await cypher(session, "MATCH (n:Moment) RETURN n.note, n.day") == [["z", "2026-01-01"]]
    both = [{"at": EARLY, "day": day} for day in (None, dt.date(2026, 2, 2))]
    await session.execute(merge(Moment).on(Moment.at, Moment.note).values(both))
    assert len(await session.scalars(select(Moment))) == 2


async def test_twins_of_an_insert_are_refused(session, driver, unique, call):
    """insert writes each row: two of one unique key are an error, and nothing is written."""
    unique("Price", "sku")
    with pytest.raises(UniqueViolationError):
        await session.execute(insert(Price).values([{"sku": "a"}, {"sku": "a"}]))
    await call(session.rollback)
    assert await stored(driver, Price) == {}
