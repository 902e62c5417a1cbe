"""Criteria on values of stages: they find what the same criteria on the field find."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from runic.ogm import Node, Registry, StatementError, TypeConverter, case, param, select, var
from runic.ogm.model import Field
from runic.ogm.query import any_item, coalesce, collect, for_each, head, last, slice_, tail

REGISTRY = Registry()


class Mood(Enum):
    """How somebody is."""

    GOOD = "good"
    BAD = "bad"


class Home(BaseModel):
    """Where somebody lives."""

    city: str
    since: dt.date = dt.date(2000, 1, 1)


class Reversed(TypeConverter):
    """Stores a text from its end."""

    cypher_fn = None

    def to_graph(self, value: Any) -> Any:
        return value[::-1]

    def from_graph(self, value: Any) -> Any:
        return value[::-1]


class Being(Node, registry=REGISTRY):
    """Has a field of every stored form."""

    id: str
    name: str | None = None
    age: int | None = None
    born: dt.date | None = None
    seen: dt.datetime | None = None
    took: dt.timedelta | None = None
    mood: Mood | None = None
    uid: UUID | None = None
    cost: Decimal | None = None
    raw: bytes | None = None
    extra: dict[str, Any] | None = None
    home: Home | None = None
    secret: str | None = Field(None, converter=Reversed())
    tags: list[str] | None = None
    days: list[dt.date] | None = None
    moods: list[Mood] | None = None


UTC = dt.UTC
ONE: dict[str, Any] = {
    "name": "ab",
    "age": 1,
    "born": dt.date(2001, 2, 3),
    "seen": dt.datetime(2001, 2, 3, 4, tzinfo=UTC),
    "took": dt.timedelta(seconds=3),
    "mood": Mood.GOOD,
    "uid": UUID(int=7),
    "cost": Decimal("1.50"),
    "raw": b"ab",
    "extra": {"a": [1, {"b": "c"}]},
    "home": Home(city="here"),
    "secret": "ab",
    "tags": ["x", "y"],
    "days": [dt.date(2001, 2, 3), dt.date(2002, 1, 1)],
    "moods": [Mood.GOOD, Mood.BAD],
}
OTHER: dict[str, Any] = {
    "name": "zz",
    "age": 2,
    "born": dt.date(2005, 2, 3),
    "seen": dt.datetime(2005, 2, 3, 4, tzinfo=UTC),
    "took": dt.timedelta(seconds=9),
    "mood": Mood.BAD,
    "uid": UUID(int=8),
    "cost": Decimal("2.5"),
    "raw": b"zz",
    "extra": {"a": 1},
    "home": Home(city="there"),
    "secret": "zz",
    "tags": ["z"],
    "days": [dt.date(2005, 1, 1)],
    "moods": [Mood.BAD],
}
LISTS = ["tags", "days", "moods"]


@pytest.fixture
async def beings(session):
    """A session on two beings that differ in everything, and one that has nothing."""
    session.add_all([Being(id="one", **ONE), Being(id="other", **OTHER), Being(id="void")])
    await session.commit()
    return session


def field(name: str) -> Any:
    """Return a field of Being."""
    return getattr(Being, name)


STAGES: dict[str, Any] = {
    "carried": lambda f: select(Being).with_("n", f.as_("v")),
    "carried twice": lambda f: select(Being).with_("n", f.as_("u")).with_("n", var("u").as_("v")),
    "coalesced": lambda f: select(Being).with_("n", coalesce(f, None).as_("v")),
    "collected": lambda f: select(Being).with_("n", collect(f).as_("l")).unwind(var("l"), "v"),
    "first": lambda f: (
        select(Being).with_("n", collect(f).as_("l")).with_("n", head(var("l")).as_("v"))
    ),
}
ASKED: dict[str, Any] = {
    "equal": lambda v, value: v == value,
    "unequal": lambda v, value: v != value,
    "among": lambda v, value: v.in_([value]),
    "not among": lambda v, value: v.not_in_([value]),
    "negated": lambda v, value: ~(v == value),
    "in a junction": lambda v, value: (v == value) | (v.is_null() & (v == value)),
}
FOUND = {"unequal": ["other"], "not among": ["other"], "negated": ["other"]}


async def _ids(session: Any, stmt: Any) -> list[str]:
    return sorted([being.id for being in await session.scalars(stmt)])


# Lists are not collected here: lists of lists cannot be stored, nor asked for an item.
PAIRS = [
    (name, stage)
    for name in ONE
    for stage in STAGES
    if name not in LISTS or stage not in ("collected", "first")
]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("name", "stage"), PAIRS)
async def test_a_value_of_a_stage_is_compared_as_its_field(beings, name, stage, asked):
    """Whatever form the field stores, and however often it was carried on."""
    stmt = STAGES[stage](field(name)).where(ASKED[asked](var("v"), ONE[name]))
    assert await _ids(beings, stmt) == FOUND.get(asked, ["one"])


@pytest.mark.parametrize("name", ONE)
async def test_a_parameter_takes_the_form_of_the_field(beings, name):
    """It is bound after the statement knows what the value is."""
    stmt = select(Being).with_("n", field(name).as_("v")).where(var("v") == param("wanted"))
    assert await _ids(beings, stmt.bind(wanted=ONE[name])) == ["one"]


@pytest.mark.parametrize("name", ONE)
async def test_cases_learn_it_as_well(beings, name):
    """A case in a column compares as a criterion does."""
    shown = case().when(var("v") == ONE[name], "yes").otherwise("no").as_("s")
    stmt = select(Being).with_("n", field(name).as_("v")).project("n.id", shown)
    rows = {row["n.id"]: row["s"] for row in await beings.all_rows(stmt)}
    assert rows == {"one": "yes", "other": "no", "void": "no"}


LISTED: dict[str, Any] = {
    "field": lambda f: select(Being).with_("n", f.as_("l")),
    "twice": lambda f: select(Being).with_("n", f.as_("k")).with_("n", var("k").as_("l")),
    "kept": lambda f: select(Being).with_("n", for_each(f, where=lambda v: v == v).as_("l")),
    "sliced": lambda f: select(Being).with_("n", slice_(f, 0, 9).as_("l")),
    "joined": lambda f: select(Being).with_("n", (f + f).as_("l")),
}


@pytest.mark.parametrize("stage", LISTED)
@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_a_stage_contains_its_items(beings, name, stage):
    """`contains` asks for an item, and is not taken for a search in a text."""
    wanted = ONE[name][0]
    stmt = LISTED[stage](field(name))
    assert await _ids(beings, stmt.where(var("l").contains(wanted))) == ["one"]
    assert await _ids(beings, stmt.where(~var("l").contains(wanted))) == ["other"]
    assert await _ids(beings, stmt.where(head(var("l")) == wanted)) == ["one"]
    assert await _ids(beings, stmt.unwind(var("l"), "v").where(var("v") == wanted).distinct()) == [
        "one"
    ]
    kept = any_item(var("l"), lambda each: each == wanted)
    assert await _ids(beings, stmt.where(kept)) == ["one"]


@pytest.mark.parametrize("name", [name for name in ONE if name not in LISTS])
async def test_a_collected_list_contains_its_items(beings, name):
    """Its items are stored as the field is that was collected."""
    stmt = select(Being).with_("n", collect(field(name)).as_("l"))
    assert await _ids(beings, stmt.where(var("l").contains(ONE[name]))) == ["one"]
    assert await _ids(beings, stmt.where(last(var("l")) == ONE[name])) == ["one"]
    assert await _ids(beings, stmt.where(tail(var("l")).contains(ONE[name]))) == []


async def test_a_text_of_a_stage_is_still_searched(beings):
    """`contains` of a text finds a part of it."""
    stmt = select(Being).with_("n", Being.name.as_("v")).where(var("v").contains("b"))
    assert await _ids(beings, stmt) == ["one"]


@pytest.mark.parametrize("name", ["mood", "home", "born", "uid"])
async def test_a_value_that_is_none_of_the_field_is_refused(beings, name):
    """As beside the field itself, when the statement is built."""
    stage = select(Being).with_("n", field(name).as_("v"))
    with pytest.raises(StatementError, match=f"Being.{name}"):
        stage.where(var("v") == "no such value")


async def test_what_has_no_form_is_refused(beings):
    """An object that no field could store is an error of the statement."""
    stage = select(Being).with_("n", Being.name.as_("v"))
    with pytest.raises(StatementError):
        stage.where(var("v") == object())
    with pytest.raises(StatementError):
        stage.where(var("v").in_([object()]))
