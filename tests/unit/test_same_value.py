"""`same_value` tells apart what is stored otherwise, and nothing else."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import ipaddress
import pathlib
import re
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import Any

import pytest
from pydantic import AnyUrl, BaseModel, ConfigDict, PrivateAttr, SecretStr

from runic.ogm.model.comparison import frozen_value, thawed_value, unlike_frozen
from runic.ogm.model.same_value import same_value

TWO = dt.timezone(dt.timedelta(hours=2))
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NAN = float("nan")


class Shade(StrEnum):
    """Equal to its text."""

    RED = "red"


class Level(IntEnum):
    """Equal to its number."""

    ONE = 1


class Other(Enum):
    """Has a member of the same value as `Level`."""

    ONE = 1


@dataclasses.dataclass
class Data:
    """Compares its fields by `==`."""

    value: Any


class Model(BaseModel):
    """Compares its fields by `==`, and private attributes, too."""

    model_config = ConfigDict(extra="allow")

    value: Any
    _seen: int = PrivateAttr(0)


class Slotted:
    """Has no `==` of its own, and no `__dict__`."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


Point = namedtuple("Point", "x y")

LEAVES: list[tuple[Any, Any]] = [
    (1, True), (0, False), (1, 1.0), (True, 1.0), (0.0, -0.0), (1, Decimal(1)), (1.0, Decimal(1)),
    (Decimal("1.1"), Decimal("1.10")), (Decimal(0), Decimal("-0")), (Decimal(10), Decimal("1E+1")),
    (dt.time(10, tzinfo=dt.UTC), dt.time(12, tzinfo=TWO)),
    (dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),
     dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)),
    (dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    ("red", Shade.RED), (1, Level.ONE), (Level.ONE, Other.ONE),
    (complex(0.0, 0.0), complex(0.0, -0.0)), (Fraction(1), 1),
    (pathlib.PureWindowsPath("a"), pathlib.PureWindowsPath("A")),
    (SecretStr("a"), SecretStr("b")), (None, 0), ("", None),
]  # fmt: skip

HOLDERS: dict[str, Any] = {
    "itself": lambda v: v,
    "list": lambda v: [0, v],
    "tuple": lambda v: (v, 0),
    "namedtuple": lambda v: Point(v, 0),
    "dict": lambda v: {"a": v},
    "ordered": lambda v: OrderedDict(a=v),
    "defaultdict": lambda v: defaultdict(int, {"a": v}),
    "counter": lambda v: Counter({"a": v}),
    "deque": lambda v: deque([v]),
    "model": lambda v: Model(value=v),
    "extra": lambda v: Model(value=0, more=v),
    "dataclass": Data,
    "slotted": Slotted,
    "deep": lambda v: {"a": [Model(value={"b": Data((v,))})]},
}
HASHED: dict[str, Any] = {
    "set": lambda v: {v, "other"},
    "frozenset": lambda v: frozenset({v}),
    "key": lambda v: {v: 0},
}


def _cases() -> list[Any]:
    cases = []
    for number, pair in enumerate(LEAVES):
        hashed = {} if any(type(each).__hash__ is None for each in pair) else HASHED
        holders = {**HOLDERS, **hashed}
        cases += [pytest.param(*pair, hold, id=f"{number}-{n}") for n, hold in holders.items()]
    return cases


@pytest.mark.parametrize(("one", "other", "hold"), _cases())
def test_values_of_another_form_are_not_the_same(one, other, hold):
    """What differs in type, sign, scale, offset or instant differs inside of everything."""
    assert not same_value(hold(one), hold(other))
    assert not same_value(hold(other), hold(one))
    assert unlike_frozen(hold(other), frozen_value(hold(one)))


@pytest.mark.parametrize(("one", "other", "hold"), _cases())
def test_a_copy_is_the_same(one, other, hold):
    """A deep copy of a value is the same value, and so is what is kept of it in a snapshot."""
    for value in (hold(one), hold(other)):
        assert same_value(value, copy.deepcopy(value))
        assert not unlike_frozen(copy.deepcopy(value), frozen_value(value))
        assert same_value(value, thawed_value(frozen_value(value)))


SAME: list[tuple[Any, Any]] = [
    (NAN, float("nan")),
    ([NAN], [float("nan")]),
    (Decimal("NaN"), Decimal("NaN")),
    ({1, 2, 3}, {3, 2, 1}),
    (dt.datetime(2026, 1, 1, 12, tzinfo=TWO), dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)),
    ({dt.datetime(2026, 1, 1, 12, tzinfo=TWO)}, {dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)}),
    (dt.datetime.min.replace(tzinfo=TWO), dt.datetime.min.replace(tzinfo=TWO)),
    (dt.datetime(2026, 1, 1, fold=1, tzinfo=TWO), dt.datetime(2026, 1, 1, tzinfo=TWO)),
    (dt.time(1, fold=1, tzinfo=TWO), dt.time(1, tzinfo=TWO)),
    (dt.time(1, tzinfo=dt.UTC), dt.time(1, tzinfo=dt.timezone(dt.timedelta(0)))),
    (Slotted([1]), Slotted([1])),
    (re.compile("a"), re.compile("a")),
    (uuid.UUID(int=1), uuid.UUID(int=1)),
    (AnyUrl("http://a.b/c"), AnyUrl("http://a.b/c")),
    (ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("10.0.0.1")),
    (Shade.RED, Shade("red")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_stored_alike_is_the_same(one, other):
    """Order of sets, zones of instants, `fold` where nothing depends on it, are not stored."""
    assert same_value(one, other)


OTHER: list[tuple[Any, Any]] = [
    (b"a", bytearray(b"a")),
    (dt.datetime(2026, 1, 1, fold=1), dt.datetime(2026, 1, 1)),
    (dt.time(1, fold=1), dt.time(1)),
    ([1, 2], [2, 1]),
    ([1], [1, 1]),
    ([1], (1,)),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"a": 1}, {"a": 1, "b": 1}),
    ({"a": 1}, OrderedDict(a=1)),
    ({1, 2}, {1}),
    ({1}, frozenset({1})),
    (Model(value=1), Model(value=1, more=2)),
    (Data(1), Data(2)),
    (Slotted(1), Slotted("1")),
]


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_order_and_shape_count(one, other):
    """Order in lists and dicts, lengths, and the type of what holds the values are stored."""
    assert not same_value(one, other)


def test_private_attributes_of_models_are_not_stored():
    """They are no part of the stored form, so that they make no change."""
    one, other = Model(value=1), Model(value=1)
    other._seen = 2
    assert one != other
    assert same_value(one, other)
