"""Values that would come back as others are refused unsent, by every way to write them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NameEmail,
    NonNegativeInt,
    PlainSerializer,
    PlainValidator,
    field_serializer,
)
from pydantic_core import core_schema

from runic.ogm.errors import FieldValidationError, OgmError
from runic.ogm.model import Edge, Node, Registry, Relation
from runic.ogm.query import select, update
from tests.behaviour.graphs import dump

REGISTRY = Registry()


class Colour(Enum):
    """Members that are no strings."""

    RED = "red"


class Word(StrEnum):
    """Members that are equal to strings."""

    A = "a"


class Number(IntEnum):
    """Members that are equal to numbers."""

    ONE = 1


class Text(str):
    """Text that is equal to plain text."""

    __slots__ = ()


class Shouting(BaseModel):
    """A model that is dumped as something else."""

    word: str = ""

    @field_serializer("word")
    def _shout(self, value: str) -> str:
        return value.upper()


class Hiding(BaseModel):
    """A model that does not dump a field."""

    word: str = Field("", exclude=True)


class Endless(BaseModel):
    """A model whose floats are dumped as null where JSON has none."""

    real: float | None = 0.0


class Durations(BaseModel):
    """A model that dumps durations as floats, which have too few digits."""

    model_config = ConfigDict(ser_json_timedelta="float")

    took: dt.timedelta = dt.timedelta()


Cents = Annotated[int, PlainSerializer(lambda value: value / 100)]
Hashed = Annotated[str, PlainValidator(lambda value: f"#{value}")]


class Parsed(str):
    """Text whose type takes no text of its own."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(lambda value: cls(f"<{value}>"))


class Bag(Node, registry=REGISTRY):
    """A field of each kind that does not prove what comes back."""

    id: str
    free: dict[str, Any] | None = None
    anything: Any = None
    items: list[Any] | None = None
    sequence: Sequence[int] | None = None
    mapping: Mapping[str, int] | None = None
    counts: dict[str, int] | None = None
    numbers: dict[str, float] | None = None
    shouting: Shouting | None = None
    hiding: list[Hiding] | None = None
    endless: Endless | None = None
    durations: Durations | None = None
    cents: dict[str, Cents] | None = None
    pairs: dict[tuple[int, int], str] | None = None
    hashed: Hashed | None = None
    hashes: list[Hashed] | None = None
    parsed: Parsed | None = None
    names: NameEmail | None = None


class Carries(Edge, registry=REGISTRY):
    """The same on an edge."""

    free: dict[str, Any] | None = None
    counts: dict[str, int] | None = None


class Shelf(Node, registry=REGISTRY):
    """Where such edges start."""

    id: str
    bags: list[Bag] = Relation("CARRIES", edge_model=Carries)


MOMENT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FREE: dict[str, Any] = {
    "enum": Colour.RED,
    "str enum": Word.A,
    "int enum": Number.ONE,
    "str subclass": Text("a"),
    "datetime": MOMENT,
    "date": MOMENT.date(),
    "timedelta": dt.timedelta(1),
    "tuple": (1, 2),
    "set": {1},
    "frozenset": frozenset(),
    "Decimal": Decimal("1.1"),
    "bytes": b"a",
    "bytearray": bytearray(b"a"),
    "int key": {1: "a"},
    "enum key": {Word.A: 1},
    "NaN": float("nan"),
    "infinity": float("inf"),
    "OrderedDict": OrderedDict(a=1),
    "defaultdict": defaultdict(int, a=1),
    "Counter": Counter("a"),
    "model": Shouting(word="a"),
    "object": object(),
    "class": Colour,
    "complex": 1j,
    "int of 70 bits in an enum": [Number.ONE, 2**70],
}
CASES: dict[str, tuple[str, Any]] = {
    **{f"{name} in a free dict": ("free", {"a": value}) for name, value in FREE.items()},
    **{f"{name} in a free list": ("items", [None, [value]]) for name, value in FREE.items()},
    **{f"{name} as anything": ("anything", value) for name, value in FREE.items()},
    "tuple as a sequence": ("sequence", (1, 2)),
    "range as a sequence": ("sequence", range(2)),
    "Counter as a mapping": ("mapping", Counter("a")),
    "bool for int": ("counts", {"a": True}),
    "float for int": ("counts", {"a": 1.0}),
    "text for int": ("counts", {"a": "1"}),
    "int key for text": ("counts", {1: 1}),
    "int for float": ("numbers", {"a": 1}),
    "NaN for float": ("numbers", {"a": float("nan")}),
    "serializer of a model": ("shouting", Shouting(word="a")),
    "excluded field": ("hiding", [Hiding(word="a")]),
    "infinity in a model": ("endless", Endless(real=float("inf"))),
    "duration in a model": ("durations", Durations(took=dt.timedelta(10**8, microseconds=1))),
    "serializer in Annotated": ("cents", {"a": 100}),
    "plain validator": ("hashed", "#a"),
    "plain validator in a list": ("hashes", ["#a"]),
    "type with code": ("parsed", Parsed("<a>")),
    "name that is not parsed": ("names", NameEmail("a, <b>", "a@example.org")),
    "tuples as keys": ("pairs", {(1, 2): "a"}),
}


def holding(field: str, value: Any, key: str = "x") -> Bag:
    """Return an entity that holds a value unchecked, as an edit in place would leave it."""
    bag = Bag(id=key)
    bag.__dict__[field] = value
    return bag


@pytest.mark.parametrize("case", CASES)
async def test_a_new_node(session, driver, assert_query_count, case):
    """Nothing is sent, of other entities of the commit neither; the error names the field."""
    field, value = CASES[case]
    session.add_all([Bag(id="good"), holding(field, value)])
    with assert_query_count(0), pytest.raises(FieldValidationError) as caught:
        await session.commit()
    assert (caught.value.entity, caught.value.field) == ("Bag", field)
    await session.rollback()
    assert await dump(driver) == ([], [])


@pytest.mark.parametrize("case", CASES)
async def test_a_change_in_place(session, new_session, driver, case):
    """The stored value stays as it was, and so does all else of the entity."""
    field, value = CASES[case]
    bag = Bag(id="x", free={"kept": 1}, counts={"kept": 1})
    session.add(bag)
    await session.commit()
    before = await dump(driver)
    bag.__dict__[field] = value
    bag.items = ["changed"] if field != "items" else bag.items
    with pytest.raises(FieldValidationError, match=rf"Bag\.{field} cannot be stored"):
        await session.commit()
    assert await dump(driver) == before
    await session.rollback()
    assert (bag.free, bag.counts) == ({"kept": 1}, {"kept": 1})


@pytest.mark.parametrize("name", FREE)
async def test_other_ways_to_write(session, driver, name):
    """merge() and statements refuse it as well; nothing changes."""
    session.add(Bag(id="x"))
    await session.commit()
    before = await dump(driver)
    value = {"a": FREE[name]}
    with pytest.raises(OgmError):
        await session.merge(holding("free", value))
    with pytest.raises(OgmError):
        await session.execute(update(Bag).where(Bag.id == "x").values(free=value))
    with pytest.raises(OgmError):
        await session.scalars(select(Bag).where(Bag.free == value))
    await session.rollback()
    assert await dump(driver) == before


@pytest.mark.parametrize("name", FREE)
async def test_an_edge(session, driver, name):
    """Edges are the same, whether they are new or changed."""
    shelf, bag = Shelf(id="s"), Bag(id="b")
    edge = Carries(source=shelf, target=bag, free={"kept": 1})
    session.add_all([shelf, bag, edge])
    await session.commit()
    before = await dump(driver)
    edge.__dict__["free"] = {"a": FREE[name]}
    with pytest.raises(FieldValidationError, match=r"Carries\.free"):
        await session.commit()
    await session.rollback()
    other = Carries(source=shelf, target=bag)
    other.__dict__["free"] = {"a": FREE[name]}
    session.add(other)
    with pytest.raises(FieldValidationError, match=r"Carries\.free"):
        await session.commit()
    assert await dump(driver) == before


async def test_where_it_is(session):
    """The error says which part of the value changes, into what, and how to store it."""
    session.add(Bag(id="x", free={"a": [1, {"b": Word.A}]}))
    with pytest.raises(FieldValidationError) as caught:
        await session.commit()
    told = str(caught.value)
    assert "it['a'][1]['b'] is <Word.A: 'a'> (Word) and comes back as 'a' (str)" in told
    assert "Field(converter=…)" in told


class Bare(Node, registry=REGISTRY):
    """A model whose assignments are not validated."""

    model_config = ConfigDict(validate_assignment=False)

    id: str
    number: NonNegativeInt | None = None
    real: float | None = None
    flag: bool | None = None
    day: dt.date | None = None
    moment: dt.datetime | None = None
    took: dt.timedelta | None = None
    tags: list[str] | None = None


class Stamp(dt.datetime):
    """A datetime that knows more digits, as those of data frames do."""

    nanosecond = 1


class Span(dt.timedelta):
    """The same of a duration."""

    nanoseconds = 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 1.5),
        ("number", True),
        ("number", "1"),
        ("real", "1.5"),
        ("real", True),
        ("flag", 1),
        ("flag", "no"),
        ("day", dt.datetime(2026, 1, 1, 12)),
        ("day", "2026-01-01"),
        ("moment", dt.date(2026, 1, 1)),
        ("moment", Stamp(2026, 1, 1, tzinfo=dt.UTC)),
        ("took", Span(1)),
        ("took", 5),
        ("tags", "abc"),
        ("tags", b"abc"),
        ("tags", {"a": 1}),
        ("tags", [1]),
    ],
    ids=str,
)
async def test_values_of_another_type(session, driver, field, value):
    """What was not validated is not converted on its way into the database."""
    bare = Bare(id="x")
    setattr(bare, field, value)
    session.add(bare)
    with pytest.raises(FieldValidationError, match=rf"Bare\.{field} cannot be stored"):
        await session.commit()
    assert await dump(driver) == ([], [])
