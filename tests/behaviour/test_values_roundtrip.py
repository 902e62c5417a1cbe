"""Values come back from the database as they went in: every type, in fields and in lists."""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import pathlib
import uuid
import zoneinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, EmailStr, HttpUrl, SecretStr, TypeAdapter

from runic.ogm.errors import FieldValidationError
from runic.ogm.model import Field, GeoLocation, Node, Registry, Vector
from runic.ogm.query import select
from runic.ogm.session import Session
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Plain(Enum):
    """Members of several kinds of value."""

    ONE = 1
    TWO = "two"
    HALF = 0.5


class Text(StrEnum):
    """Members that are text."""

    A = "a"
    B = "b"


class Number(IntEnum):
    """Members that are numbers."""

    ONE = 1
    TWO = 2


class Inner(BaseModel):
    """A nested model."""

    name: str
    when: dt.datetime | None = None
    tags: list[str] = []
    amount: Decimal = Decimal(0)


class Outer(BaseModel):
    """A model that nests another."""

    inner: Inner
    more: dict[str, Inner] = {}


UserId = NewType("UserId", int)

# Surrogates cannot be sent and NUL would cut the text: both are refused, see test_values_refused.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
ints = st.integers(-(2**63), 2**63 - 1)
# Replies have 15 digits; a float that is loaded is the nearest one with so many.
floats = st.floats(allow_nan=False).map(lambda x: float(f"{x:.15g}"))
zones = st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
aware = st.datetimes(
    dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29), timezones=st.one_of(st.just(dt.UTC), zones)
)
finite = st.decimals(allow_nan=False, allow_infinity=False)
inners = st.builds(
    Inner, name=texts, when=st.none() | aware, tags=st.lists(texts, max_size=3), amount=finite
)
single = st.floats(width=32, allow_nan=False, allow_infinity=False)

CASES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "str": (str, texts),
    "int": (int, ints),
    "float": (float, floats),
    "bool": (bool, st.booleans()),
    "bytes": (bytes, st.binary(max_size=40)),
    "aware": (dt.datetime, aware),
    "naive": (dt.datetime, st.datetimes().map(lambda moment: moment.replace(fold=0))),
    "date": (dt.date, st.dates()),
    "time": (dt.time, st.times().map(lambda clock: clock.replace(fold=0))),
    "aware_time": (dt.time, st.times(timezones=zones)),
    "timedelta": (dt.timedelta, st.timedeltas(dt.timedelta(-(10**8)), dt.timedelta(10**8))),
    "uuid": (uuid.UUID, st.uuids()),
    "decimal": (Decimal, finite),
    "enum": (Plain, st.sampled_from(Plain)),
    "str_enum": (Text, st.sampled_from(Text)),
    "int_enum": (Number, st.sampled_from(Number)),
    "literal": (Literal["a", "b"], st.sampled_from(["a", "b"])),
    "scalar": (str | int | bool, texts | ints | st.booleans()),
    "geo": (GeoLocation, st.builds(GeoLocation, latitude=st.just(52.5), longitude=st.just(13.25))),
    "vector": (Vector, st.lists(single, min_size=1, max_size=8)),
    "model": (Inner, inners),
    "nested": (
        Outer,
        st.builds(Outer, inner=inners, more=st.dictionaries(texts, inners, max_size=2)),
    ),
    "json": (dict[str, Any], st.dictionaries(texts, ints | texts | st.none(), max_size=3)),
    "models": (list[Inner], st.lists(inners, max_size=2)),
    "by_id": (dict[int, str], st.dictionaries(ints, texts, max_size=3)),
    "path": (pathlib.PurePosixPath, st.just(pathlib.PurePosixPath("/a/b c"))),
    "ip": (ipaddress.IPv4Address, st.ip_addresses(v=4)),
    "url": (HttpUrl, st.just(HttpUrl("https://example.org/a?b=c"))),
    "email": (EmailStr, st.just("ada@example.org")),
    "newtype": (UserId, ints),
    "constrained": (Annotated[int, Field(ge=0)], st.integers(0, 100)),
}
LISTS = [
    "str", "int", "float", "bool", "aware", "naive", "date", "time", "timedelta", "uuid",
    "decimal", "enum", "str_enum", "int_enum", "scalar", "ip", "bytes", "geo",
]  # fmt: skip


def _model(name: str) -> type[Any]:
    kind = CASES[name][0]
    space = {
        "__module__": __name__,
        "__annotations__": {
            "id": int,
            "value": kind | None,
            "many": list[kind],
            "maybe": list[kind | None],
        },
        "value": None,
        "many": Field(default_factory=list),
        "maybe": Field(default_factory=list),
    }
    return type(Node)(f"Holds_{name}", (Node,), space, registry=REGISTRY)


MODELS = {name: _model(name) for name in CASES}


def stored_and_loaded(driver: Any, entity: Any) -> Any:
    """Write an entity and read it in another session, to which nothing seems changed."""
    with Session(driver) as session:
        session.merge(entity)
    with Session(driver) as session:
        loaded = session.get(type(entity), entity.id)
        assert session.dirty == []
        return loaded


def alike(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, type and sign of zero included."""
    if isinstance(one, float):
        return isinstance(other, float) and repr(one) == repr(other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dt.datetime) and one.tzinfo is not None:
        return other.tzinfo is not None and one == other
    if isinstance(one, Decimal):
        return str(one) == str(other)
    return type(one) is type(other) and bool(one == other)


fast = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _several_types(name: str) -> Any:
    marks = [pytest.mark.requires("mixed_lists")] if name in ("enum", "scalar") else []
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", CASES)
def test_values_in_fields(driver, name):
    """What is stored in a field is loaded unchanged."""

    @fast
    @given(CASES[name][1])
    def check(value: Any) -> None:
        loaded = stored_and_loaded(driver, MODELS[name](id=1, value=value))
        assert alike(loaded.value, MODELS[name](id=1, value=value).value)

    check()


@pytest.mark.parametrize("name", [_several_types(name) for name in LISTS])
def test_values_in_lists(driver, name):
    """Lists keep their items and order; lists with None too."""
    items = CASES[name][1]

    @fast
    @given(st.lists(items, max_size=4), st.lists(st.none() | items, max_size=3))
    def check(many: list[Any], maybe: list[Any]) -> None:
        loaded = stored_and_loaded(driver, MODELS[name](id=1, many=many, maybe=maybe))
        assert alike(loaded.many, many)
        assert alike(loaded.maybe, maybe)

    check()


@pytest.mark.parametrize("name", CASES)
async def test_none_is_an_absent_property(session, driver, name):
    """None is stored as nothing and loaded as None."""
    session.add(MODELS[name](id=1))
    await session.commit()
    session.expunge_all()
    assert (await session.get(MODELS[name], 1)).value is None
    assert await cypher(driver, "MATCH (n) RETURN 'value' IN keys(n)") == [[False]]


class Measured(Node, registry=REGISTRY):
    """Floats, as users hold them."""

    id: int
    value: float = 0.0
    note: str = ""
    moment: dt.datetime | None = None
    day: dt.date | None = None
    length: dt.timedelta | None = None
    token: uuid.UUID | None = None
    kind: Text = Text.A


async def test_floats_are_sent_with_all_their_digits(session, driver):
    """A float is stored exactly; FalkorDB's reply shows 15 digits of it."""
    value = 0.1 + 0.2
    session.add(Measured(id=1, value=value))
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Measured) RETURN n.value = $v, n.value", v=value)
    assert rows == [[True, pytest.approx(value)]]


async def test_a_loaded_float_is_never_written_back(session, new_session, driver):
    """Changing another field leaves the exact stored float as it is."""
    value = 1 / 3
    session.add(Measured(id=1, value=value))
    await session.commit()
    async with new_session() as other:
        (await other.get(Measured, 1)).note = "changed"
    assert await cypher(driver, "MATCH (n) RETURN n.value = $v, n.note", v=value) == [
        [True, "changed"]
    ]


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.0, 5e-324, 1e308])
async def test_extreme_floats(session, new_session, value):
    """Infinities, negative zero, and the ends of the range come back."""
    session.add(Measured(id=1, value=value))
    await session.commit()
    async with new_session() as other:
        assert repr((await other.get(Measured, 1)).value) == repr(float(f"{value:.15g}"))


MOMENTS = [
    dt.datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 1, 13, 0, 0, 0, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    dt.datetime(2026, 1, 1, 5, 59, 59, 999999, tzinfo=dt.timezone(dt.timedelta(hours=-6))),
    dt.datetime(1066, 10, 14, tzinfo=dt.UTC),
    dt.datetime(9000, 1, 1, tzinfo=dt.UTC),
]


async def test_moments_sort_by_instant(session):
    """Aware datetimes of different zones are ordered by instant, to the microsecond."""
    session.add_all(Measured(id=n, moment=m) for n, m in enumerate(MOMENTS))
    await session.commit()
    found = await session.scalars(select(Measured).order_by(Measured.moment))
    assert [m.moment for m in found] == sorted(MOMENTS)


@pytest.mark.parametrize("pivot", MOMENTS)
async def test_moments_compare_by_instant(session, pivot):
    """==, < and >= with a datetime of any zone select as Python does."""
    session.add_all(Measured(id=n, moment=m) for n, m in enumerate(MOMENTS))
    await session.commit()
    for criterion, expected in (
        (Measured.moment == pivot.astimezone(dt.timezone(dt.timedelta(hours=9))), [pivot]),
        (Measured.moment < pivot, [m for m in MOMENTS if m < pivot]),
        (Measured.moment >= pivot, [m for m in MOMENTS if m >= pivot]),
        (
            Measured.moment.in_([pivot, MOMENTS[0]]),
            [m for m in MOMENTS if m in (pivot, MOMENTS[0])],
        ),
    ):
        found = await session.scalars(select(Measured).where(criterion))
        assert sorted(m.moment for m in found) == sorted(expected)


ORDERED = {
    "day": [dt.date(1, 1, 1), dt.date(999, 12, 31), dt.date(2026, 2, 3), dt.date(9999, 12, 31)],
    "length": [dt.timedelta(-5), dt.timedelta(microseconds=-1), dt.timedelta(0), dt.timedelta(1)],
    "token": [uuid.UUID(int=1), uuid.UUID(int=2**64), uuid.UUID(int=2**127)],
    "value": [-math.inf, -1.5, -0.0, 1e-9, 2.0, math.inf],
}


@pytest.mark.parametrize("field", ORDERED)
async def test_values_sort_as_in_python(session, field):
    """Dates, durations, UUIDs and floats sort and compare in queries as they do in Python."""
    values = ORDERED[field]
    session.add_all(Measured(id=n, **{field: v}) for n, v in enumerate(reversed(values)))
    await session.commit()
    expression = getattr(Measured, field)
    found = await session.scalars(select(Measured).order_by(expression))
    assert [getattr(m, field) for m in found] == values
    above = await session.scalars(select(Measured).where(expression > values[1]))
    assert sorted(getattr(m, field) for m in above) == values[2:]


async def test_enum_members_select(session):
    """A criterion takes the member."""
    session.add_all([Measured(id=1, kind=Text.A), Measured(id=2, kind=Text.B)])
    await session.commit()
    found = await session.scalars(select(Measured).where(Measured.kind == Text.B))
    assert [m.id for m in found] == [2]


class Reversed:
    """A converter of the test's own."""

    cypher_fn = None

    def to_graph(self, value: str) -> str:
        return value[::-1]

    def from_graph(self, value: str) -> str:
        return value[::-1]


class Rounded:
    """A converter whose values go through a function of the database."""

    cypher_fn = "round"

    def to_graph(self, value: float) -> float:
        return value

    def from_graph(self, value: float) -> float:
        return value


class Odd(Node, registry=REGISTRY):
    """Fields with converters and containers."""

    id: int
    text: str = Field("", converter=Reversed())
    number: float | None = Field(None, converter=Rounded())
    words: set[str] = Field(default_factory=set)
    pair: tuple[int, str] = (0, "")
    row: tuple[int, ...] = ()
    secret: SecretStr | None = None
    link: AnyUrl | None = None


async def test_a_converter_stores_and_restores(session, new_session, driver):
    """to_graph and from_graph are applied; cypher_fn wraps what is written and compared."""
    session.add(Odd(id=1, text="abc", number=1.6))
    await session.commit()
    assert await cypher(driver, "MATCH (n:Odd) RETURN n.text, n.number") == [["cba", 2.0]]
    other = new_session()
    odd = await other.get(Odd, 1)
    assert (odd.text, odd.number) == ("abc", 2.0)
    assert await other.count(select(Odd).where(Odd.text == "abc")) == 1
    assert await other.count(select(Odd).where(Odd.number == 1.7)) == 1


async def test_containers_keep_their_type(session, new_session, driver):
    """Sets and tuples come back as sets and tuples."""
    session.add(Odd(id=1, words={"b", "a"}, pair=(1, "x"), row=(3, 2, 1)))
    await session.commit()
    odd = await new_session().get(Odd, 1)
    assert (odd.words, odd.pair, odd.row) == ({"a", "b"}, (1, "x"), (3, 2, 1))


async def test_a_geo_location_keeps_single_precision(session, new_session):
    """A point is kept in 32-bit floats: within 8e-6 degrees, and not dirty when loaded."""
    class_ = MODELS["geo"]
    session.add(class_(id=1, value=GeoLocation(latitude=52.520008, longitude=13.404954)))
    await session.commit()
    other = new_session()
    loaded = await other.get(class_, 1)
    assert abs(loaded.value.latitude - 52.520008) < 8e-6
    assert abs(loaded.value.longitude - 13.404954) < 8e-6
    assert other.dirty == []


def test_defaults_are_for_absent_properties(driver):
    """A property that is not there gives the field's default, or None where that is a value."""
    with Session(driver) as session:
        session.execute("CREATE (:Measured {id: 1})")
        measured = session.get(Measured, 1)
    assert (measured.value, measured.note, measured.moment) == (0.0, "", None)


def test_models_know_their_json_schema():
    """Every model of this file has a JSON schema, so that it can stand in an API."""
    for name, model in MODELS.items():
        if name not in {"vector"}:
            assert TypeAdapter(model).json_schema()["properties"]["value"]


class Embedded(Node, registry=REGISTRY):
    """Something with a vector and a version."""

    id: int
    vector: Vector | None = None
    name: str = ""
    edits: int = Field(version=True)


async def test_a_vector_replaces_another(session, new_session, driver):
    """A changed vector is stored, however little it differs; merge() stores it too."""
    steps = [[0.25, 0.5], [-0.01, 0.5], [-0.01, 0.25], [0.0, 0.0], [0.5, 0.5]]
    entity = Embedded(id=1, vector=steps[0])
    session.add(entity)
    await session.commit()
    for number, vector in enumerate(steps[1:], 1):
        entity.vector = vector
        entity.name = str(number)
        await session.commit()
        assert (await cypher(driver, "MATCH (n) RETURN n.vector"))[0][0] == pytest.approx(vector)
    other = new_session()
    merged = await other.merge(Embedded(id=1, vector=[0.25, 0.5]))
    await other.commit()
    assert (merged.vector, merged.name, merged.edits) == ([0.25, 0.5], "4", 5)
    assert (await cypher(driver, "MATCH (n) RETURN n.vector"))[0][0] == pytest.approx([0.25, 0.5])


PARIS = zoneinfo.ZoneInfo("Europe/Paris")


@pytest.mark.parametrize("fold", [0, 1])
async def test_moments_of_a_named_zone_keep_their_instant(session, new_session, fold):
    """An hour that a zone has twice is two instants, stored as fields and as parameters.

    A client that was sent such a moment itself would get it wrong, or corrupt its memory.
    """
    moment = dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold)
    session.add(Measured(id=1, moment=moment))
    await session.commit()
    loaded = (await new_session().get(Measured, 1)).moment
    assert loaded == moment.astimezone(dt.UTC)
    text = "MATCH (n:Measured) WHERE n.moment = $moment RETURN n.id"
    assert (await session.execute(text, {"moment": moment})).rows == [(1,)]


class Emptying:
    """A converter that stores nothing for an empty text."""

    cypher_fn = None

    def to_graph(self, value: str) -> str | None:
        return value or None

    def from_graph(self, value: str) -> str:
        return value


async def test_a_converter_that_makes_nothing_of_a_value_is_refused(session, driver):
    """The property would be absent, and read as None."""

    class Label(Node, registry=Registry()):
        id: str
        text: str | None = Field(None, converter=Emptying())

    session.add_all([Label(id="a", text="x"), Label(id="b")])
    await session.commit()
    session.add(Label(id="c", text=""))
    with pytest.raises(FieldValidationError, match="would be lost"):
        await session.commit()
    await session.rollback()
    assert sorted(await cypher(driver, "MATCH (n:Label) RETURN n.id")) == [["a"], ["b"]]
