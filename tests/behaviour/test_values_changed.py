"""What counts as a change of a field: what would be stored, not what `==` says."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import pathlib
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from pydantic import ConfigDict, NameEmail, create_model
from typing_extensions import TypedDict

from runic.ogm.errors import FieldValidationError
from runic.ogm.model import Edge, Field, Node, Registry, Relation, Vector
from runic.ogm.query import insert, merge, param, update
from runic.ogm.query.connect import connect
from tests.behaviour.graphs import cypher

REGISTRY = Registry()
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
TWO = dt.timezone(dt.timedelta(hours=2))


class Shade(StrEnum):
    """Equal to its text."""

    RED = "red"


def _repeated(fold: int) -> dt.datetime:
    # Twice on this day the clock shows half past two, and `==` does not see which it is.
    return dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold)


# Values that are equal, or so to Python, and are not the same once stored.
EQUAL_BUT_OTHER: dict[str, tuple[Any, Any, Any]] = {
    "int_to_bool": (int | str | bool, 1, True),
    "bool_to_int": (int | str | bool, False, 0),
    "int_to_float": (int | float, 1, 1.0),
    "float_to_int": (int | float, 2.0, 2),
    "zero_to_float": (int | float, 0, -0.0),
    "sign_of_zero": (float, 0.0, -0.0),
    "sign_of_zero_back": (float, -0.0, 0.0),
    "scale": (Decimal, Decimal("1.1"), Decimal("1.10")),
    "exponent": (Decimal, Decimal(10), Decimal("1E+1")),
    "sign_of_decimal": (Decimal, Decimal(0), Decimal("-0")),
    "offset": (dt.time, dt.time(10, tzinfo=dt.UTC), dt.time(12, tzinfo=TWO)),
    "fold": (dt.datetime, _repeated(0), _repeated(1)),
    "case_of_path": (
        pathlib.PureWindowsPath, pathlib.PureWindowsPath("A"), pathlib.PureWindowsPath("a"),
    ),
}  # fmt: skip


def _models(name: str, kind: Any) -> tuple[type[Any], type[Any]]:
    nested = create_model(f"Nested_{name}", value=(kind, ...))
    data = dataclasses.make_dataclass(f"Data_{name}", [("value", kind)])
    named = TypedDict(f"Named_{name}", {"value": kind})  # type: ignore[misc]  # noqa: UP013
    fields = {
        "id": int,
        "value": kind | None,
        "many": list[kind],
        "some": set[kind],
        "pair": tuple[kind, int] | None,
        "by_name": dict[str, kind],
        "deep": dict[str, list[dict[str, kind]]],
        "model": nested | None,
        "data": data | None,
        "named": named | None,
    }
    defaults: dict[str, Any] = {"value": None, "pair": None, "model": None, "data": None}
    defaults |= {"named": None}
    for empty, make in (("many", list), ("some", set), ("by_name", dict), ("deep", dict)):
        defaults[empty] = Field(default_factory=make)
    space = {"__module__": __name__, "__annotations__": fields, **defaults}
    node: Any = type(Node)(f"Changed_{name}", (Node,), space, registry=REGISTRY)
    edge_space = {"__module__": __name__, "__annotations__": {"value": kind | None}, "value": None}
    edge: Any = type(Edge)(f"Edge_{name}", (Edge,), edge_space, registry=REGISTRY)
    node.Nested, node.Data = nested, data
    return node, edge


MODELS = {name: _models(name, kind) for name, (kind, _, _) in EQUAL_BUT_OTHER.items()}


# How a value gets into each place, and how it changes there: by assignment or in place.
PLACES: dict[str, tuple[Callable[..., Any], Callable[[Any, Any], Any], Callable[[Any], Any]]] = {
    "field": (
        lambda cls, v: {"value": v},
        lambda e, v: setattr(e, "value", v),
        lambda e: e.value,
    ),
    "list": (
        lambda cls, v: {"many": [v]},
        lambda e, v: e.many.__setitem__(0, v),
        lambda e: e.many[0],
    ),
    "set": (
        lambda cls, v: {"some": {v}},
        lambda e, v: (e.some.clear(), e.some.add(v)),
        lambda e: next(iter(e.some)),
    ),
    "tuple": (
        lambda cls, v: {"pair": (v, 1)},
        lambda e, v: setattr(e, "pair", (v, 1)),
        lambda e: e.pair[0],
    ),
    "dict": (
        lambda cls, v: {"by_name": {"a": v}},
        lambda e, v: e.by_name.update(a=v),
        lambda e: e.by_name["a"],
    ),
    "deep": (
        lambda cls, v: {"deep": {"a": [{"b": v}]}},
        lambda e, v: e.deep["a"][0].update(b=v),
        lambda e: e.deep["a"][0]["b"],
    ),
    "model": (
        lambda cls, v: {"model": cls.__dict__["Nested"](value=v)},
        lambda e, v: setattr(e.model, "value", v),
        lambda e: e.model.value,
    ),
    "dataclass": (
        lambda cls, v: {"data": cls.__dict__["Data"](value=v)},
        lambda e, v: setattr(e.data, "value", v),
        lambda e: e.data.value,
    ),
    "typed_dict": (
        lambda cls, v: {"named": {"value": v}},
        lambda e, v: e.named.update(value=v),
        lambda e: e.named["value"],
    ),
}


def told(value: Any) -> Any:
    """Return what a value says of itself, which equal values of another form do not."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC)
    return type(value), value.isoformat() if isinstance(value, dt.time) else repr(value)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", EQUAL_BUT_OTHER)
async def test_an_equal_value_of_another_form_is_written(session, new_session, name, place):
    """What you set is what you read back, wherever it stands, and the session says so before."""
    _, old, new = EQUAL_BUT_OTHER[name]
    cls, (given, change, read) = MODELS[name][0], PLACES[place]
    session.add(cls(id=1, **given(cls, old)))
    await session.commit()
    other = new_session()
    entity = await other.get(cls, 1)
    assert (other.dirty, told(read(entity))) == ([], told(old))
    change(entity, new)
    assert other.dirty == [entity]
    await other.commit()
    assert other.dirty == []
    assert told(read(await new_session().get(cls, 1))) == told(new)


@pytest.mark.parametrize("name", EQUAL_BUT_OTHER)
async def test_an_equal_value_of_an_edge_is_written(session, new_session, name):
    """Fields of edges are compared as those of nodes are."""
    _, old, new = EQUAL_BUT_OTHER[name]
    node, edge = MODELS[name]
    one, two = node(id=1), node(id=2)
    made = edge(source=one, target=two, value=old)
    session.add(made)
    await session.commit()
    made.value = new
    assert session.dirty == [made]
    await session.commit()
    query = f"MATCH ()-[e:{edge.__runic_type__}]->() RETURN e"
    [(read,)] = (await new_session().execute(query, returns=[edge])).rows
    assert told(read.value) == told(new)


@pytest.mark.parametrize("how", ["rollback", "expire", "refresh"])
@pytest.mark.parametrize("place", PLACES)
async def test_an_equal_value_is_taken_back(session, place, how):
    """Rollback, expire and refresh restore the value that was stored, not an equal one."""
    _, old, new = EQUAL_BUT_OTHER["int_to_bool"]
    cls, (given, change, read) = MODELS["int_to_bool"][0], PLACES[place]
    entity = cls(id=1, **given(cls, old))
    session.add(entity)
    await session.commit()
    change(entity, new)
    if how == "rollback":
        await session.rollback()
    elif how == "expire":
        session.expire(entity)
        await session.get(cls, 1)
    else:
        await session.refresh(entity)
    assert (told(read(entity)), session.dirty) == (told(old), [])


STATEMENTS: dict[str, Callable[[type[Any], Any], Any]] = {
    "update": lambda cls, v: update(cls).where(cls.id == 1).values(value=v),
    "merge": lambda cls, v: merge(cls).values([{"id": 1, "value": v}]),
    "on_match": lambda cls, v: merge(cls).values([{"id": 1}]).on_match(value=v),
}


@pytest.mark.parametrize("how", [*STATEMENTS, "session.merge"])
@pytest.mark.parametrize("name", EQUAL_BUT_OTHER)
async def test_statements_write_equal_values_too(session, new_session, name, how):
    """A set-based write replaces an equal value, and held entities see it."""
    _, old, new = EQUAL_BUT_OTHER[name]
    cls = MODELS[name][0]
    held = cls(id=1, value=old)
    session.add(held)
    await session.commit()
    if how == "session.merge":
        assert await session.merge(cls(id=1, value=new)) is held
    else:
        await session.execute(STATEMENTS[how](cls, new))
    assert (told(held.value), session.dirty) == (told(new), [])
    await session.commit()
    assert told((await new_session().get(cls, 1)).value) == told(new)


class Held(Node, registry=REGISTRY):
    """Numbers that can be equal and two values."""

    id: int
    ratio: float = 7.5
    mixed: str | int | float | bool = 7
    many: list[float] = Field(default_factory=list)
    other: float = 7.5
    beside: str | None = "a"
    held: list[Held] = Relation("HOLDS", edge_model="Holds")


class Holds(Edge, type="HOLDS", registry=REGISTRY):
    """The same between nodes."""

    ratio: float = 7.5
    mixed: str | int | float | bool = 7
    many: list[float] = Field(default_factory=list)
    other: float = 7.5
    beside: str | None = "a"


NUMBERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "zero": ({"ratio": 0.0}, {"ratio": -0.0}),
    "zero_back": ({"ratio": -0.0}, {"ratio": 0.0}),
    "mixed_zero": ({"mixed": 0.0}, {"mixed": -0.0}),
    "mixed_to_float": ({"mixed": 1}, {"mixed": 1.0}),
    "mixed_to_int": ({"mixed": 1.0}, {"mixed": 1}),
    "mixed_to_bool": ({"mixed": 1}, {"mixed": True}),
    "list": ({"many": [0.5, 0.0]}, {"many": [0.5, -0.0]}),
    "all": (
        {"ratio": 0.0, "mixed": 1, "many": [0.0], "other": -0.0, "beside": "a"},
        {"ratio": -0.0, "mixed": 1.0, "many": [-0.0], "other": 0.0, "beside": None},
    ),
}


async def _assigned(session: Any, of_edge: bool, new: dict[str, Any]) -> None:
    entity = (await session.get(Held, 1, fetch=["held"])) if not of_edge else None
    if entity is None:
        query = "MATCH ()-[e:HOLDS]->() RETURN e"
        [(entity,)] = (await session.execute(query, returns=[Holds])).rows
    for name, value in new.items():
        setattr(entity, name, value)


async def _related(session: Any, new: dict[str, Any]) -> None:
    one, two = await session.get(Held, 1), await session.get(Held, 2)
    await session.relate(one, Held.held, two, edge=Holds(**new))


# Every way by which numbers get to a stored node, and to a stored edge.
WAYS_TO_NODE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "assigned": lambda s, new: _assigned(s, False, new),
    "session.merge": lambda s, new: s.merge(Held(id=1, **new)),
    "update": lambda s, new: s.execute(update(Held).where(Held.id == 1).values(**new)),
    "params": lambda s, new: s.execute(
        update(Held).values(**{name: param(name) for name in new}).bind(**new)
    ),
    "merge": lambda s, new: s.execute(merge(Held).values([{"id": 1, **new}])),
    "on_match": lambda s, new: s.execute(merge(Held).values([{"id": 1}]).on_match(**new)),
}
WAYS_TO_EDGE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "assigned": lambda s, new: _assigned(s, True, new),
    "update": lambda s, new: s.execute(update(Holds).values(**new)),
    "connect": lambda s, new: s.execute(
        connect(Held.held)
        .where(Held.id == 1, on="source")
        .where(Held.id == 2, on="target")
        .values(**new)
    ),
    "relate": _related,
}


@pytest.mark.parametrize("case", NUMBERS)
@pytest.mark.parametrize(
    ("of", "how"),
    [*(("node", how) for how in WAYS_TO_NODE), *(("edge", how) for how in WAYS_TO_EDGE)],
)
async def test_a_number_takes_the_place_of_its_equal_by_every_way(
    session, new_session, of, how, case
):
    """Databases skip a write of what they take for equal: no way of writing leaves it at that."""
    old, new = NUMBERS[case]
    one, two = Held(id=1, **(old if of == "node" else {})), Held(id=2)
    session.add_all([one, two, Holds(source=one, target=two, **(old if of == "edge" else {}))])
    await session.commit()
    writer = new_session()
    await (WAYS_TO_NODE if of == "node" else WAYS_TO_EDGE)[how](writer, new)
    await writer.commit()
    read: Any = await new_session().get(Held, 1)
    if of == "edge":
        query = "MATCH ()-[e:HOLDS]->() RETURN e"
        [(read,)] = (await new_session().execute(query, returns=[Holds])).rows
    assert {name: told(getattr(read, name)) for name in new} == {n: told(new[n]) for n in new}


async def test_a_computed_number_takes_the_place_of_its_equal(session, new_session):
    """What is computed of the property itself, or of one that is set beside it, is as well."""
    session.add(Held(id=1, ratio=0.0, other=0.0, beside="b"))
    await session.commit()
    await session.execute(update(Held).values(ratio=Held.ratio * -1.0, beside="c"))
    await session.commit()
    read = await new_session().get(Held, 1)
    assert (told(read.ratio), told(read.other), read.beside) == (told(-0.0), told(0.0), "c")
    await session.execute(update(Held).values(other=Held.ratio))
    await session.commit()
    assert told((await new_session().get(Held, 1)).other) == told(-0.0)


class Loose:
    """A type that takes `1.10` for equal to `1.1`, as many do."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and Decimal(other.text) == Decimal(self.text)

    def __hash__(self) -> int:
        return hash(Decimal(self.text))


class Opaque:
    """A type without `==`: a copy of it is equal to nothing."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class ByText:
    """Stores either by its text."""

    cypher_fn: str | None = None

    def __init__(self, cls: Callable[[str], Any]) -> None:
        self._cls = cls

    def to_graph(self, value: Any) -> str:
        """Return the text."""
        return str(value.text)

    def from_graph(self, value: str) -> Any:
        """Return an object of the text."""
        return self._cls(value)


class Kept(Node, registry=REGISTRY):
    """One field of each kind that can be stored."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: int
    text: str | None = None
    number: int | None = None
    ratio: float | None = None
    flag: bool | None = None
    mixed: str | int | float | None = None
    data: bytes | None = None
    at: dt.datetime | None = None
    day: dt.date | None = None
    clock: dt.time | None = None
    took: dt.timedelta | None = None
    price: Decimal | None = None
    shade: Shade | None = None
    path: pathlib.PurePosixPath | None = None
    tags: list[str] = Field(default_factory=list)
    ratios: list[float] = Field(default_factory=list)
    moments: list[dt.datetime] = Field(default_factory=list)
    some: set[str] = Field(default_factory=set)
    options: dict[str, Any] = Field(default_factory=dict)
    shape: Vector | None = None
    sender: NameEmail | None = None
    loose: Loose | None = Field(None, converter=ByText(Loose))
    opaque: Opaque | None = Field(None, converter=ByText(Opaque))


KEPT: dict[str, Any] = {
    "text": "a",
    "number": 7,
    "ratio": 0.25,
    "flag": True,
    "mixed": 1.5,
    "data": b"\x00\xff",
    "at": dt.datetime(2026, 1, 2, 3, 4, 5, 6, dt.UTC),
    "day": dt.date(2026, 1, 2),
    "clock": dt.time(12, 30, tzinfo=TWO),
    "took": dt.timedelta(seconds=1, microseconds=1),
    "price": Decimal("1.10"),
    "shade": Shade.RED,
    "path": pathlib.PurePosixPath("/a"),
    "tags": ["a", "b"],
    "ratios": [0.5, -0.0],
    "moments": [dt.datetime(2026, 1, 2, tzinfo=dt.UTC)],
    "some": {"a", "b", "c"},
    "options": {"b": [1, {"c": 1.5}], "a": None, "d": True},
    "shape": [0.5, 0.25],
    "sender": NameEmail("Ada", "ada@example.org"),
    "loose": Loose("1.1"),
    "opaque": Opaque("x"),
}


@pytest.mark.parametrize("name", KEPT)
async def test_the_same_value_is_no_change(session, new_session, assert_query_count, name):
    """Another object of the same stored form is no change, and nothing is sent for it."""
    session.add(Kept(id=1, **KEPT))
    await session.commit()
    fresh = new_session()
    entity = await fresh.get(Kept, 1)
    setattr(entity, name, copy.deepcopy(KEPT[name]))
    assert fresh.dirty == []
    with assert_query_count(0):
        await fresh.flush()


SAME_STORED: dict[str, tuple[str, Any]] = {
    "other_zone": ("at", KEPT["at"].astimezone(BERLIN)),
    "other_zone_in_list": ("moments", [KEPT["moments"][0].astimezone(BERLIN)]),
    "order_of_set": ("some", {"c", "b", "a"}),
    "fold_of_time": ("clock", KEPT["clock"].replace(fold=1)),
}


@pytest.mark.parametrize("case", SAME_STORED)
async def test_what_is_stored_alike_is_no_change(session, assert_query_count, case):
    """An instant in another zone, or the order of a set, are not stored and no change."""
    name, value = SAME_STORED[case]
    entity = Kept(id=1, **KEPT)
    session.add(entity)
    await session.commit()
    setattr(entity, name, value)
    assert session.dirty == []
    with assert_query_count(0):
        await session.flush()


OTHER_STORED: dict[str, tuple[str, Any]] = {
    "naive": ("at", KEPT["at"].replace(tzinfo=None)),
    "order_of_list": ("tags", ["b", "a"]),
    "order_of_dict": ("options", {"a": None, "b": [1, {"c": 1.5}], "d": True}),
    "number_in_dict": ("options", {"b": [1.0, {"c": 1.5}], "a": None, "d": True}),
    "bool_in_dict": ("options", {"b": [1, {"c": 1.5}], "a": None, "d": 1}),
    "sign_in_list": ("ratios", [0.5, 0.0]),
    "loosely_equal": ("loose", Loose("1.10")),
    "none": ("opaque", None),
}


@pytest.mark.parametrize("case", OTHER_STORED)
async def test_what_is_stored_otherwise_is_a_change(session, new_session, case):
    """Order in lists and dicts, and what a type of one's own hides from `==`, are changes."""
    name, value = OTHER_STORED[case]
    entity = Kept(id=1, **KEPT)
    session.add(entity)
    await session.commit()
    setattr(entity, name, value)
    assert session.dirty == [entity]
    await session.commit()
    read = getattr(await new_session().get(Kept, 1), name)
    same = read.text == value.text if isinstance(value, Loose) else repr(read) == repr(value)
    assert same


async def test_two_instants_of_the_same_clock_are_a_change(session, new_session):
    """An hour that comes twice is told apart although the two compare equal."""
    entity = Kept(id=1, at=_repeated(0))
    session.add(entity)
    await session.commit()
    entity.at = _repeated(1)
    await session.commit()
    read = (await new_session().get(Kept, 1)).at
    assert read == _repeated(1).astimezone(dt.UTC)


@pytest.mark.parametrize("place", ["list", "set", "dict", "deep", "model", "dataclass"])
async def test_a_change_in_place_is_seen_and_taken_back(session, new_session, place):
    """What changes inside of a value is written, and rollback brings the old one back."""
    cls, (given, change, read) = MODELS["int_to_bool"][0], PLACES[place]
    entity = cls(id=1, **given(cls, 1))
    session.add(entity)
    await session.commit()
    change(entity, "new")
    await session.commit()
    change(entity, "newer")
    await session.rollback()
    assert (read(entity), session.dirty) == ("new", [])
    assert read(await new_session().get(cls, 1)) == "new"


async def test_a_changed_part_of_a_single_value_is_seen(session, new_session):
    """The values of some types that are stored as one text can be changed in place, too."""
    entity = Kept(id=1, **copy.deepcopy(KEPT))
    session.add(entity)
    await session.commit()
    entity.sender.name = "Countess"
    assert session.dirty == [entity]
    await session.commit()
    assert (await new_session().get(Kept, 1)).sender.name == "Countess"


class Measure(Node, registry=REGISTRY):
    """Floats in each place of a node."""

    id: int
    value: float = 0.0
    mixed: int | float = 0
    many: list[float] = Field(default_factory=list)
    links: list[Measure] = Relation("MEASURED", edge_model="Measured")


class Measured(Edge, type="MEASURED", registry=REGISTRY):
    """Floats of an edge."""

    value: float = 0.0


DIGITS = 0.1 + 0.2
ALL_DIGITS = {"value": DIGITS, "mixed": DIGITS, "many": [DIGITS, 1.0]}
READ = {"value": 0.3, "mixed": 0.3, "many": [0.3, 1.0]}

WHOLE_BODY: dict[str, Callable[[dict[str, Any]], Any]] = {
    "merge": lambda body: merge(Measure).values([{"id": 1, **body}]),
    "on_match": lambda body: merge(Measure).values([{"id": 1}]).on_match(**body),
}


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("how", ["assigned", "session.merge", "merge"])
@pytest.mark.parametrize("body", [READ, ALL_DIGITS], ids=["as_read", "all_digits"])
async def test_a_float_that_reads_alike_is_not_written_back(
    session, new_session, driver, how, body
):
    """What equals the stored float to the 15 digits that are read leaves its 17 as they are."""
    session.add(Measure(id=1, **ALL_DIGITS))
    await session.commit()
    fresh = new_session()
    if how == "session.merge":
        await fresh.merge(Measure(id=1, **body))
    elif how == "merge":
        await fresh.execute(WHOLE_BODY[how](body))
    else:
        entity = await fresh.get(Measure, 1)
        for name, value in body.items():
            setattr(entity, name, value)
        assert fresh.dirty == []
    await fresh.commit()
    found = await cypher(
        driver,
        "MATCH (n:Measure) RETURN n.value = $v, n.mixed = $v, n.many = [$v, 1.0]",
        v=DIGITS,
    )
    assert found == [[True, True, True]]


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("value", [0.3, DIGITS])
async def test_an_edge_written_again_keeps_a_float_that_reads_alike(session, driver, value):
    """`relate` over an edge leaves its digits as they are, and writes another value."""
    one, two = Measure(id=1), Measure(id=2)
    session.add_all([one, two])
    await session.commit()
    await session.relate(one, Measure.links, two, edge=Measured(value=DIGITS))
    await session.relate(one, Measure.links, two, edge=Measured(value=value))
    query = "MATCH ()-[e:MEASURED]->() RETURN e.value = $v"
    assert await cypher(driver, query, v=DIGITS) == [[True]]
    await session.relate(one, Measure.links, two, edge=Measured(value=0.300000000000001))
    assert await cypher(driver, query, v=0.300000000000001) == [[True]]


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("how", ["assigned", "session.merge", "merge", "on_match", "update"])
async def test_a_float_that_reads_otherwise_is_written(session, new_session, driver, how):
    """A difference in the fifteenth digit is a change, by every way there is."""
    session.add(Measure(id=1, value=0.3, mixed=1, many=[0.3]))
    await session.commit()
    body = {"value": 0.300000000000001, "mixed": 1.0, "many": [0.300000000000001]}
    fresh = new_session()
    if how == "session.merge":
        await fresh.merge(Measure(id=1, **body))
    elif how == "update":
        await fresh.execute(update(Measure).values(**body))
    elif how == "assigned":
        entity = await fresh.get(Measure, 1)
        for name, value in body.items():
            setattr(entity, name, value)
    else:
        await fresh.execute(WHOLE_BODY[how](body))
    await fresh.commit()
    read = await new_session().get(Measure, 1)
    assert repr((read.value, read.mixed, read.many)) == repr(tuple(body.values()))


PAST_READING = [1.7976931348623157e308, -1.7976931348623157e308]


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("how", ["add", "session.merge", "insert", "merge", "update", "connect"])
@pytest.mark.parametrize("value", PAST_READING)
async def test_a_finite_float_that_would_be_read_as_infinity_is_refused(
    session, assert_query_count, value, how
):
    """The 15 digits of a reply are past the largest float: the value is refused before sending."""
    fields: dict[str, Any] = {"value": value} if how == "connect" else {"many": [1.0, value]}
    statements = {
        "insert": lambda: insert(Measure).values([{"id": 1, **fields}]),
        "merge": lambda: merge(Measure).values([{"id": 1, **fields}]),
        "update": lambda: update(Measure).values(**fields),
        "connect": lambda: connect(Measure.links).values(**fields),
    }
    with assert_query_count(0), pytest.raises(FieldValidationError, match="read back as infinity"):
        if how == "add":
            session.add(Measure(id=1, **fields))
            await session.flush()
        elif how == "session.merge":
            await session.merge(Measure(id=1, **fields))
        else:
            await session.execute(statements[how]())


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("value", [1.797693134862315e308, float("inf")])
async def test_the_largest_floats_that_can_be_read_are_stored(session, new_session, value):
    """The largest float whose 15 digits are one, and infinity itself, are as stored."""
    session.add(Measure(id=1, value=value))
    await session.commit()
    assert (await new_session().get(Measure, 1)).value == float(f"{value:.15g}")
