"""Values that JSON takes and does not give back, and such as cannot even be shown in a message."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import BaseModel, JsonValue, computed_field

from runic.ogm.errors import FieldValidationError, OgmError
from runic.ogm.model import Field, Node, Registry
from runic.ogm.query import insert, select, update
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Rate(BaseModel):
    """A value that shows what it computes, which fails where the value is faulty."""

    per: int = 1

    @computed_field
    @property
    def inverse(self) -> float:
        """One by that."""
        return 1 / self.per


class Held(BaseModel):
    """Anything inside of a model."""

    x: Any = None


class Account(Node, registry=REGISTRY):
    """Has fields that store what they are given as JSON."""

    id: str
    rate: Rate = Rate()
    anything: Any = None
    named: dict[str, Any] = Field(default_factory=dict)
    listed: list[Any] = Field(default_factory=list)
    json_value: JsonValue = None
    held: Held = Held()
    moments: dict[str, dt.datetime] = Field(default_factory=dict)
    several: list[list[dt.datetime]] = Field(default_factory=list)
    perhaps: list[dt.datetime | None] = Field(default_factory=list)


FAULTY = Rate().model_copy(update={"per": None})
# One digit more than Python reads.
TOO_LONG = 10**4300
VALUES = {
    "rate": FAULTY,
    "anything": TOO_LONG,
    "named": {"a": [TOO_LONG]},
    "listed": [1, TOO_LONG],
    "json_value": TOO_LONG,
    "held": Held(x=TOO_LONG),
}


class Stamp(dt.datetime):
    """A moment that knows its nanoseconds, as that of pandas."""

    nanosecond = 0


def nested(levels):
    """Return lists in lists."""
    value = [1]
    for _ in range(levels - 1):
        value = [value]
    return value


FINE = Stamp(2020, 1, 1)
FINE.nanosecond = 7


async def by_commit(session, name, value):
    """Add an entity."""
    session.add(Account(id="b").model_copy(update={name: value}))
    await session.commit()


async def by_change(session, name, value):
    """Change the one that is there."""
    account = await session.get(Account, "a")
    vars(account)[name] = value
    await session.commit()


async def by_merge(session, name, value):
    """Merge one."""
    made = Account(id="b").model_copy(update={name: value})
    made.__pydantic_fields_set__.add(name)
    await session.merge(made)


async def by_update(session, name, value):
    """Write by criteria."""
    await session.execute(update(Account).values(**{name: value}))


async def by_insert(session, name, value):
    """Insert a row."""
    await session.execute(insert(Account).values([{"id": "b", name: value}]))


@pytest.mark.parametrize("write", [by_commit, by_change, by_merge, by_update, by_insert])
@pytest.mark.parametrize("name", VALUES)
async def test_the_refusal_says_the_field(session, driver, write, name):
    """It is an error of runic's, nothing is written, and the session goes on."""
    session.add(Account(id="a"))
    await session.commit()
    with pytest.raises((FieldValidationError, OgmError), match=name):
        await write(session, name, VALUES[name])
    await session.rollback()
    assert await cypher(driver, "MATCH (n:Account) RETURN n.id") == [["a"]]
    assert (await session.get(Account, "a")).rate == Rate()


DEEP = {"anything": nested(201), "named": {"a": nested(200)}, "listed": [nested(200)]}
MOMENTS = {"moments": {"a": FINE}, "several": [[FINE]], "perhaps": [None, FINE]}


@pytest.mark.parametrize("write", [by_commit, by_change, by_merge, by_update, by_insert])
@pytest.mark.parametrize("name", [*DEEP, *MOMENTS])
async def test_what_is_read_otherwise_is_refused(session, driver, write, name):
    """Deeper than JSON is read, and finer than a datetime is."""
    session.add(Account(id="a"))
    await session.commit()
    with pytest.raises(OgmError, match=name):
        await write(session, name, {**DEEP, **MOMENTS}[name])
    await session.rollback()
    assert await cypher(driver, "MATCH (n:Account) RETURN n.id") == [["a"]]


@pytest.mark.parametrize("levels", [189, 192, 199, 200])
async def test_the_deepest_value_that_can_be_read(session, new_session, levels):
    """It is stored and read."""
    session.add(Account(id="a", anything=nested(levels)))
    await session.commit()
    assert (await new_session().scalar(select(Account))).anything == nested(levels)


@pytest.mark.parametrize("name", [name for name in VALUES if name != "rate"])
async def test_the_longest_number_that_can_be_read(session, new_session, name):
    """One digit less is stored and read."""
    value = VALUES[name]
    shorter = type(value)(x=10**4299) if name == "held" else _replaced(value)
    session.add(Account(id="a", **{name: shorter}))
    await session.commit()
    assert getattr(await new_session().scalar(select(Account)), name) == shorter


def _replaced(value):
    if isinstance(value, dict):
        return {key: _replaced(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    return 10**4299 if value == TOO_LONG else value
