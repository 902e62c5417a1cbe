"""Types of values with samples of them, and the places of a class where a value can stand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import ipaddress
import pathlib
import re
import uuid
import zoneinfo
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional

import pydantic
from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    GetCoreSchemaHandler,
    HttpUrl,
    InstanceOf,
    NameEmail,
    RootModel,
    SecretBytes,
    SecretStr,
)
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from runic.ogm.model import Edge, GeoLocation, Node, Registry, Relation


class Colour(Enum):
    """Members that are text."""

    RED = "red"
    BLUE = "blue"


class Mixed(Enum):
    """Members of several types, one with more digits than replies of FalkorDB have."""

    ONE = 1
    TWO = "two"
    THIRD = 1 / 3


class Word(StrEnum):
    """Members that are strings themselves."""

    A = "a"


class Number(IntEnum):
    """Members that are numbers themselves."""

    ONE = 1
    TWO = 2


class Access(Flag):
    """Members that can be combined."""

    READ = 1
    WRITE = 2


class Inner(BaseModel):
    """A nested model."""

    name: str = Field("", alias="Name")
    at: dt.datetime | None = None
    amount: Decimal = Decimal(0)
    colour: Colour = Colour.RED
    tags: set[str] = set()
    more: dict[str, int | float] = {}


class Other(BaseModel):
    """Another one, to be told from the first."""

    size: int


class Open(BaseModel):
    """A nested model that takes more than it declares."""

    model_config = ConfigDict(extra="allow")


class Numbers(RootModel[list[int]]):
    """A model of one value."""


@dataclasses.dataclass
class Size:
    """A dataclass of the standard library."""

    w: int
    h: float = 0.5
    raw: bytes = b""


@pydantic.dataclasses.dataclass
class Weight:
    """A dataclass of Pydantic's."""

    kilos: Decimal
    at: dt.date | None = None


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: str = ""


class Shape(TypedDict, total=False):
    """A dict with known keys."""

    sides: int
    name: str


class Slug(str):
    """Text with a type and a schema of its own."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


class Frozen(dt.datetime):
    """What tools that freeze time put in the place of datetime."""


UserId = NewType("UserId", int)
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
EAST = dt.timezone(dt.timedelta(hours=5, minutes=45))
TOKEN = uuid.UUID("12345678-1234-5678-1234-567812345678")
MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=EAST)

TYPES: dict[str, tuple[Any, list[Any]]] = {
    "str": (str, ["", "a", "ż 漢 😀", "  \n", "1", "null"]),
    "int": (int, [0, 1, -(2**63), 2**63 - 1]),
    "bool": (bool, [True, False]),
    "float": (float, [0.0, -0.0, 1.0, 1e300, 0.1]),
    "bytes": (bytes, [b"", b"a", b"\x00\x80\xff"]),
    "aware": (dt.datetime, [MOMENT, dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1)]),
    "naive": (dt.datetime, [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    "date": (dt.date, [dt.date(1, 1, 1), dt.date(2026, 2, 3)]),
    "time": (dt.time, [dt.time(1, 2, 3, 4), dt.time(1, tzinfo=EAST)]),
    "timedelta": (dt.timedelta, [dt.timedelta(microseconds=1), dt.timedelta(-5, 3, 7)]),
    "uuid": (uuid.UUID, [TOKEN]),
    "decimal": (Decimal, [Decimal("1.10"), Decimal("1.1"), Decimal("-0.00"), Decimal("1E+5")]),
    "enum": (Colour, list(Colour)),
    "mixed enum": (Mixed, list(Mixed)),
    "str enum": (Word, list(Word)),
    "int enum": (Number, list(Number)),
    "flag": (Access, [Access.READ, Access.READ | Access.WRITE]),
    "literal": (Literal["a", "1"], ["a", "1"]),
    "literal of types": (Literal["a", 1], ["a", 1]),
    "literal of members": (Literal[Colour.RED], [Colour.RED]),
    "literal of two enums": (Literal[Colour.RED, Number.TWO], [Number.TWO, Colour.RED]),
    "scalar": (str | int | bool, ["1", 1, True, "true"]),
    "int or float": (int | float, [1, 1.0, 0.5, -0.0]),
    "url": (HttpUrl, [HttpUrl("https://example.org/a?b=c")]),
    "any url": (AnyUrl, [AnyUrl("redis://u:p@h:1/0")]),
    "email": (EmailStr, ["ada@example.org"]),
    "name and email": (NameEmail, [NameEmail("Ada Lovelace", "ada@example.org")]),
    "path": (pathlib.PurePosixPath, [pathlib.PurePosixPath("/a/b c")]),
    "ip": (ipaddress.IPv6Address, [ipaddress.ip_address("::1")]),
    "network": (ipaddress.IPv4Network, [ipaddress.ip_network("10.0.0.0/8")]),
    "secret": (SecretStr, [SecretStr(""), SecretStr("s3cret")]),
    "secret bytes": (SecretBytes, [SecretBytes(b"\x80")]),
    "geo": (GeoLocation, [GeoLocation(latitude=52.5, longitude=13.25)]),
    "newtype": (UserId, [5]),
    "constrained": (Annotated[int, Field(ge=0)], [5]),
    "own schema": (Slug, [Slug("a-b")]),
    "frozen time": (dt.datetime, [Frozen(2026, 1, 2, tzinfo=dt.UTC)]),
    "pattern": (re.Pattern[str], [re.compile("a+")]),
    "complex": (complex, [1 + 2j]),
    "list": (list[int], [[], [1, 2]]),
    "list of unions": (list[int | str], [[1, "1"]]),
    "list with None": (list[str | None], [[None, "a"]]),
    "set": (set[int], [set(), {1, 2}]),
    "frozenset": (frozenset[str], [frozenset({"a", "b"})]),
    "tuple": (tuple[int, str], [(1, "a")]),
    "tuple of one type": (tuple[dt.date, ...], [(), (dt.date(2026, 1, 1),)]),
    "deque": (deque[int], [deque([1, 2])]),
    "lists of lists": (list[list[Decimal]], [[[Decimal("1.10")], []]]),
    "dict": (dict[str, int], [{}, {"a": 1}]),
    "dict of unions": (dict[str, int | float], [{"a": 1, "b": 1.0, "c": -0.0}]),
    "dict by int": (dict[int, str], [{1: "a", -1: "b"}]),
    "dict by uuid": (dict[uuid.UUID, Decimal], [{TOKEN: Decimal("1.10")}]),
    "dict by enum": (dict[Colour, set[int]], [{Colour.RED: {1}}]),
    "json": (dict[str, Any], [{"a": [1, 1.5, "x", None, True, {"b": []}]}, {"a": -0.0}]),
    "anything": (Any, [1, 1.0, "1", True, [1], {"a": None}]),
    "object": (object, ["x", [1, [2]]]),
    "bare dict": (dict, [{"a": [1]}]),
    "bare list": (list, [[1, "a", None]]),
    "model": (Inner, [Inner(Name="x", at=MOMENT, amount="1.10", tags={"a"}, more={"b": 1.0})]),
    "models": (Inner | Other, [Inner(), Other(size=1)]),
    "open model": (Open, [Open(more=1)]),
    "root model": (Numbers, [Numbers([1, 2])]),
    "dataclass": (Size, [Size(1), Size(2, 1.0, b"\x80")]),
    "pydantic dataclass": (Weight, [Weight(Decimal("1.10"), dt.date(2026, 1, 1))]),
    "typed dict": (Shape, [{"sides": 3}, {"name": "x", "sides": 4}, {}]),
    "named tuple": (Point, [Point(1, "a")]),
    "instance of": (InstanceOf[Other], [Other(size=2)]),
}  # fmt: skip

PLACES = ("field", "optional", "list", "list with None", "tuple", "dict", "model", "dataclass")
# Of JSON are what no list of the database takes, and all that is nested.
_JSON = {"list with None", "tuple", "dict", "model", "dataclass"}
# Places where the last sample of a type is refused before it is sent.
REFUSED: dict[str, set[str]] = {
    "bytes": {"model"},  # a model says itself how bytes are written, and they are no text
    "dataclass": {"model"},
    "literal of members": _JSON,  # Pydantic does not take the value for the member
    "literal of two enums": _JSON,
    "secret": _JSON,  # Pydantic writes asterisks
    "secret bytes": _JSON,
}


REGISTRY = Registry()


class Spot(Node, registry=REGISTRY):
    """Where the edges of this module lead."""

    id: str


@functools.cache
def placed(name: str, place: str) -> tuple[Any, Callable[[Any], Any]]:
    """Return the annotation that puts a type into a place, and what does so with a value."""
    kind: Any = TYPES[name][0]
    nullable = Optional[kind]  # noqa: UP045 - not everything takes a `|`
    if place == "model":
        model = pydantic.create_model("Holding", held=(kind, ...))
        return model, lambda value: model(held=value)
    if place == "dataclass":
        made = dataclasses.make_dataclass("Held", [("held", kind)])
        return made, made
    simple: dict[str, tuple[Any, Callable[[Any], Any]]] = {
        "field": (kind, lambda value: value),
        "optional": (nullable, lambda value: value),
        "list": (list[kind], lambda value: [value, value]),
        "list with None": (list[nullable], lambda value: [None, value]),
        "tuple": (tuple[kind, int], lambda value: (value, 1)),
        "dict": (dict[str, kind], lambda value: {"k": value}),
    }
    return simple[place]


def _title(what: str, name: str, place: str) -> str:
    return f"{what}_{name}_{place}".replace(" ", "_")


@functools.cache
def node_class(name: str, place: str) -> Any:
    """Return the class of nodes that have a value of a type in a place."""
    space = {
        "__module__": __name__,
        "__annotations__": {"id": str, "value": placed(name, place)[0]},
    }
    return type(Node)(_title("In", name, place), (Node,), space, registry=REGISTRY)


@functools.cache
def edge_classes(name: str, place: str) -> tuple[Any, Any]:
    """Return the class of edges that have such a value, and one of nodes that they leave."""
    title = _title("Edge", name, place)
    space = {"__module__": __name__, "__annotations__": {"value": placed(name, place)[0]}}
    edge = type(Edge)(title, (Edge,), space, type=title, registry=REGISTRY)
    space = {
        "__module__": __name__,
        "__annotations__": {"id": str, "links": list[edge]},
        "links": Relation(title, target=Spot),
    }
    return edge, type(Node)(_title("From", name, place), (Node,), space, registry=REGISTRY)


def alike(one: Any, other: Any) -> bool:
    """Tell whether two values are the same in type and content, all the way down."""
    if isinstance(one, dt.datetime):  # or a subclass, as which nothing is read
        return isinstance(other, dt.datetime) and _instant(one) == _instant(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dt.time):
        return str(one) == str(other)
    if isinstance(one, float | Decimal | complex):
        return repr(one) == repr(other)
    parts, others = _parts(one), _parts(other)
    if parts is None or others is None:
        return bool(one == other)
    return len(parts) == len(others) and all(map(alike, parts, others))


def _instant(value: dt.datetime) -> tuple[bool, dt.datetime]:
    aware = value.tzinfo is not None
    return aware, (value.astimezone(dt.UTC) if aware else value)


def _parts(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        return [part for item in sorted(value.items(), key=repr) for part in item]
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, list | tuple | deque):
        return list(value)
    if isinstance(value, BaseModel) or dataclasses.is_dataclass(value):
        return [_fields(value), getattr(value, "__pydantic_extra__", None)]
    return None


def _fields(value: Any) -> dict[str, Any]:
    names = value if dataclasses.is_dataclass(value) else type(value)
    found = "__dataclass_fields__" if dataclasses.is_dataclass(value) else "__pydantic_fields__"
    return {name: getattr(value, name) for name in getattr(names, found)}
