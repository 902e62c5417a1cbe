"""What fields are drawn from, when two values are the same, and how FalkorDB holds them."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any

from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, SecretBytes, SecretStr, TypeAdapter

from runic.ogm import GeoLocation
from tests.oracle.value_classes import Colour, Entry, Inner, Money, Size, Span

# FalkorDB prints floats with 15 digits; what differs after them is one value there.
DIGITS = {"falkordb": 15}

ODD = [
    "",
    " a",
    "a ",
    "Ünï",
    "日本語",
    "😀",
    "q\"'\\`$p0",
    "a\nb\t",
    "null",
    "1",
    "true",
    "e\u0301",
    "x" * 5000,
]
TEXTS = st.sampled_from(["a", "b", *ODD]) | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), max_size=5
)
INTS = st.sampled_from([0, 1, -1, 2, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)])
FLOATS = st.sampled_from(
    [0.0, -0.0, 1.0, 0.1 + 0.2, 0.3, 1e-300, 1.5e300, -2.5, 1e16, float("inf")]
)
ZONE = dt.timezone(dt.timedelta(hours=5, minutes=30))
NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 123456)
INSTANTS = st.sampled_from(
    [
        NOON.replace(tzinfo=dt.UTC),
        NOON.replace(tzinfo=dt.UTC).astimezone(ZONE),
        NOON.replace(tzinfo=ZONE),
        dt.datetime(1, 1, 2, tzinfo=dt.UTC),
    ]
)
HOURS = st.sampled_from(
    [dt.time(0), dt.time(12, 30, 1, 5), dt.time(12, tzinfo=dt.UTC), dt.time(12, tzinfo=ZONE)]
)
PRICES = st.sampled_from([Decimal(each) for each in ("1.1", "1.10", "0", "-0", "1E+3", "1000")])
# No stop words, no forms of one another.
WORDS = st.sampled_from(["heron", "tulip", "granite", "日本", "Überfluß"])
DAYS = st.sampled_from([dt.date(2026, 1, 31), dt.date(1, 1, 1), dt.date(9999, 12, 31)])
MIXED = st.sampled_from([1, True, 1.0, "1", 0, False, 0.0, -0.0, "", "true"])
JSON = st.recursive(
    st.sampled_from([None, 1, 1.0, True, "1", "Ünï", -0.0]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


@dataclass(frozen=True)
class Kind:
    """What a field is drawn from, and what a property of FalkorDB means."""

    drawn: st.SearchStrategy[Any]
    read: Callable[[Any], Any] = lambda raw: raw


def _json(cls: Any) -> Callable[[Any], Any]:
    return TypeAdapter(cls).validate_json


def _instant(raw: str) -> dt.datetime:
    assert len(raw) == len("2026-01-31T12:00:00.000000Z"), raw
    return dt.datetime.fromisoformat(raw)


KINDS: dict[str, Kind] = {
    "text": Kind(TEXTS),
    "code": Kind(TEXTS),
    "slug": Kind(st.sampled_from(["s1", "s2", "s3", "Ü", "日"])),
    "num": Kind(INTS | st.integers(-5, 5)),
    "rank": Kind(INTS | st.integers(-5, 5)),
    "ratio": Kind(FLOATS | st.integers(-20, 20).map(lambda n: n / 8)),
    "flag": Kind(st.booleans()),
    "blob": Kind(
        st.sampled_from([b"", b"a", b"\x00\xff>"]) | st.binary(max_size=4), base64.b64decode
    ),
    "at": Kind(INSTANTS, _instant),
    "local": Kind(st.sampled_from([NOON, NOON.replace(microsecond=0)]), dt.datetime.fromisoformat),
    "day": Kind(DAYS, dt.date.fromisoformat),
    "hour": Kind(HOURS, dt.time.fromisoformat),
    "took": Kind(
        st.sampled_from([0, 1, -1, 10**12]).map(lambda n: dt.timedelta(microseconds=n)),
        lambda raw: dt.timedelta(microseconds=raw),
    ),
    "colour": Kind(st.sampled_from(Colour), Colour),
    "uid": Kind(st.sampled_from([uuid.UUID(int=n) for n in (0, 1, 2**128 - 1)]), uuid.UUID),
    "price": Kind(PRICES, Decimal),
    "tags": Kind(st.lists(TEXTS, max_size=3)),
    "nums": Kind(st.lists(FLOATS, max_size=3)),
    "days": Kind(
        st.lists(DAYS, max_size=3), lambda raw: [dt.date.fromisoformat(each) for each in raw]
    ),
    "extra": Kind(
        st.dictionaries(st.sampled_from(["a", "b", "Ü", ""]), JSON, max_size=3), json.loads
    ),
    "inner": Kind(
        st.builds(
            Inner, name=TEXTS, amount=PRICES, marks=st.lists(INTS, max_size=2), day=st.none() | DAYS
        ),
        Inner.model_validate_json,
    ),
    "pair": Kind(
        st.tuples(INTS, TEXTS), lambda raw: (lambda two: (two[0], two[1]))(json.loads(raw))
    ),
    "shape": Kind(st.lists(st.sampled_from([0.0, 0.5, -1.0]), min_size=2, max_size=2)),
    "place": Kind(
        st.sampled_from([(0.0, 0.0), (12.5, -7.25)]).map(
            lambda two: GeoLocation(latitude=two[0], longitude=two[1])
        ),
        lambda raw: GeoLocation(latitude=raw["latitude"], longitude=raw["longitude"]),
    ),
    "mixed": Kind(MIXED),
    "mail": Kind(st.sampled_from(["a@example.com", "b.c@example.org"])),
    "secret": Kind(TEXTS.map(SecretStr), SecretStr),
    "hidden": Kind(
        st.binary(max_size=3).map(SecretBytes), lambda raw: SecretBytes(base64.b64decode(raw))
    ),
    "url": Kind(
        st.sampled_from(["https://example.com/a?b=%20", "ftp://x.org/"]).map(AnyUrl), AnyUrl
    ),
    "address": Kind(st.sampled_from(["10.0.0.1", "255.255.255.255"]).map(IPv4Address), IPv4Address),
    "place_of": Kind(st.sampled_from(["/", "a/b c", "Ü"]).map(PurePosixPath), PurePosixPath),
    "only": Kind(st.sampled_from(Colour), Colour),
    "some": Kind(st.sets(INTS, max_size=3), set),
    "row": Kind(st.lists(INTS, max_size=3).map(tuple), tuple),
    "size": Kind(st.builds(Size, INTS, st.none() | TEXTS), _json(Size)),
    # As validation orders it, whatever the order that is given.
    "entry": Kind(
        st.builds(lambda at, sums: {"at": at, "sums": sums}, DAYS, st.lists(PRICES, max_size=2)),
        _json(Entry),
    ),
    "span": Kind(st.builds(Span, INTS, INTS), _json(Span)),
    "tree": Kind(st.recursive(INTS, lambda each: st.lists(each, max_size=2)), json.loads),
    "anything": Kind(JSON, json.loads),
    "holes": Kind(st.lists(st.none() | INTS, max_size=3), json.loads),
    "grid": Kind(st.lists(st.lists(INTS, max_size=2), max_size=2), json.loads),
    "money": Kind(st.sampled_from([0, 1999]).map(Money), Money),
    # Of some classes.
    "salary": Kind(PRICES, Decimal),
    "level": Kind(INTS),
    "words": Kind(st.lists(WORDS, min_size=1, max_size=3).map(" ".join)),
    "spot": Kind(st.sampled_from([[float(x), float(y)] for x in range(3) for y in range(2)])),
    # Of edges.
    "note": Kind(TEXTS),
    "weight": Kind(FLOATS),
    "since": Kind(DAYS, dt.date.fromisoformat),
    "marks": Kind(st.lists(TEXTS, max_size=2)),
}
# Stored by every database as they are.
PLAIN = {
    "text",
    "code",
    "slug",
    "num",
    "rank",
    "flag",
    "note",
    "tags",
    "marks",
    "revision",
    "edits",
}
REQUIRED = {"days", "marks"}
OWN_FIELDS = {
    "Firm": ["words", "spot"],
    "Employee": ["salary"],
    "Manager": ["salary", "level"],
}
EDGE_FIELDS = ["note", "weight", "since", "price", "marks", "mixed"]
_OF_SOME = {"words", "spot", "salary", "level", "note", "weight", "since", "marks"}
NODE_FIELDS = [name for name in KINDS if name not in _OF_SOME]


def fields_of(cls: str) -> list[str]:
    """Return the fields of a node class that are drawn."""
    return [*NODE_FIELDS, *OWN_FIELDS.get(cls, ())]


def value_of(name: str) -> st.SearchStrategy[Any]:
    """Return what a field is drawn from, None included where it may be."""
    drawn = KINDS[name].drawn
    return drawn if name in REQUIRED else st.none() | drawn


def some_fields(names: list[str], least: int = 0, most: int = 4) -> st.SearchStrategy[Any]:
    """Return dicts of some of these fields."""
    chosen = st.lists(st.sampled_from(names), min_size=least, max_size=most, unique=True)
    return chosen.flatmap(lambda some: st.fixed_dictionaries({n: value_of(n) for n in some}))


def own(values: dict[str, Any]) -> dict[str, Any]:
    """Return values that can be changed in place."""
    return copy.deepcopy(values)


def form(value: Any, backend: str) -> Any:
    """Return what is equal for two values exactly where they are one stored value."""
    if isinstance(value, float):
        digits = DIGITS.get(backend)
        return "float", repr(float(f"{value:.{digits}g}") if digits else value)
    if isinstance(value, dt.datetime) and value.tzinfo:
        return "instant", value.astimezone(dt.UTC).isoformat()
    if isinstance(value, SecretStr | SecretBytes):
        return type(value).__name__, value.get_secret_value()
    if isinstance(value, set):
        return "set", tuple(sorted(value))
    if isinstance(value, BaseModel):
        return type(value).__name__, form(dict(value), backend)
    if isinstance(value, dict):
        return "dict", tuple((key, form(each, backend)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(form(each, backend) for each in value)
    return type(value).__name__, str(value) if not isinstance(value, Enum) else value.name
