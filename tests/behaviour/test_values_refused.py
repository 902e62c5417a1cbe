"""Values that would be lost, cut or hidden are refused before anything is sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from runic.ogm.errors import FieldValidationError, MetadataError
from runic.ogm.model import Field, GeoLocation, Node, Registry, Vector
from runic.ogm.model.meta import node_info
from runic.ogm.query import select
from tests.behaviour.graphs import cypher, dump, index

REGISTRY = Registry()


class Tag(Enum):
    """Members whose values are refused."""

    BAD = "a\x00b"
    HUGE = 2**70


class Inner(BaseModel):
    """A nested model."""

    text: str = ""
    number: float = 0.0


class Holder(Node, registry=REGISTRY):
    """A field of each kind that refuses something."""

    id: str
    text: str | None = None
    number: int | None = None
    real: float | None = None
    moment: dt.datetime | None = None
    hour: dt.time | None = None
    amount: Decimal | None = None
    length: dt.timedelta | None = None
    tag: Tag | None = None
    inner: Inner | None = None
    bag: dict[str, Any] | None = None
    texts: list[str] = Field(default_factory=list)
    numbers: list[int] = Field(default_factory=list)
    scalar: str | int | None = None
    indexed: str | None = Field(None, index=True)
    unique: str | None = Field(None, unique=True)
    counted: int | None = Field(None, unique=True)


class Nowhere(dt.tzinfo):
    """A zone whose offset depends on the date."""

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta | None:
        return None if when is None else dt.timedelta(hours=1)

    def dst(self, when: dt.datetime | None) -> dt.timedelta | None:
        return None


SECONDS = dt.timezone(dt.timedelta(seconds=1))

REFUSED: dict[str, tuple[str, Any, str]] = {
    "NUL": ("text", "a\x00b", "NUL"),
    "lone surrogate": ("text", "a\ud800b", "surrogate"),
    "int over 64 bits": ("number", 2**63, "64 bits"),
    "int under 64 bits": ("number", -(2**63) - 1, "64 bits"),
    "NaN": ("real", float("nan"), "NaN"),
    "time of a dated zone": ("hour", dt.time(1, tzinfo=Nowhere()), "time zone"),
    "time with seconds of offset": ("hour", dt.time(1, tzinfo=SECONDS), "whole minutes"),
    "Decimal NaN": ("amount", Decimal("NaN"), "finite"),
    "endless timedelta": ("length", dt.timedelta.max, "64 bits"),
    "enum with NUL": ("tag", Tag.BAD, "NUL"),
    "enum beyond 64 bits": ("tag", Tag.HUGE, "64 bits"),
    "NaN in a model": ("inner", Inner(number=float("nan")), "JSON"),
    "NUL in a list": ("texts", ["a", "b\x00"], "NUL"),
    "surrogate in a list": ("texts", ["a", "\udfff"], "surrogate"),
    "int in a list": ("numbers", [1, 2**64], "64 bits"),
    "huge scalar": ("scalar", 2**64, "64 bits"),
    "tuple in a dict": ("bag", {"a": (1, 2)}, "JSON"),
    "set in a dict": ("bag", {"a": {1, 2}}, "JSON"),
    "date in a dict": ("bag", {"a": dt.date(2026, 1, 1)}, "JSON"),
    "bytes in a dict": ("bag", {"a": b"\x80"}, "JSON"),
    "object in a dict": ("bag", {"a": object()}, "serializ"),
    "key with NUL": ("id", "a\x00", "NUL"),
}
# What FalkorDB's indexes would lose or confuse.
UNINDEXABLE: dict[str, tuple[str, Any, str]] = {
    "empty, unique": ("unique", "", "cannot be unique"),
    "leading space, unique": ("unique", " a", "cannot be unique"),
    "trailing newline, unique": ("unique", "a\n", "cannot be unique"),
    "\\x01, unique": ("unique", "a\x01b", "cannot be unique"),
    "long, unique": ("unique", "x" * 4097, "cannot be unique"),
    "long in bytes, unique": ("unique", "ż" * 2049, "cannot be unique"),
    "empty key": ("id", "", "cannot be unique"),
    "key with a space": ("id", " a", "cannot be unique"),
    "beyond 2**53, unique": ("counted", 2**53 + 1, "2\\*\\*53"),
}
ALL = {**REFUSED, **UNINDEXABLE}


def cases(*, keys: bool) -> list[Any]:
    """Return the names of the bad values, or only of those that are no keys."""
    mine = pytest.mark.backend("falkordb")
    return [
        pytest.param(case, marks=[mine] if case in UNINDEXABLE else [])
        for case, (field, *_) in ALL.items()
        if keys or field != "id"
    ]


def holder(field: str, value: Any) -> Holder:
    """Return an entity that holds one value unchecked, as an edit in place would leave it."""
    entity = Holder(id="x")
    entity.__dict__[field] = value
    return entity


@pytest.mark.parametrize("case", cases(keys=True))
async def test_a_bad_value_in_a_new_entity(session, driver, assert_query_count, case):
    """The commit names class and field; nothing is sent, and nothing of its neighbours either."""
    field, value, reason = ALL[case]
    with (
        assert_query_count(0),
        pytest.raises(FieldValidationError, match=f"(?s)Holder.{field} cannot be stored.*{reason}"),
    ):
        session.add(Holder(id="good"))
        session.add(holder(field, value))
        await session.commit()
    assert await dump(driver) == ([], [])


@pytest.mark.parametrize("case", cases(keys=False))
async def test_a_bad_value_in_a_stored_entity(session, driver, case):
    """A change to such a value is refused, the stored one stays, and a rollback restores it."""
    field, value, reason = ALL[case]
    entity = Holder(id="x")
    session.add(entity)
    await session.commit()
    before = await dump(driver)
    entity.__dict__[field] = value
    with pytest.raises(FieldValidationError, match=f"(?s)Holder.{field}.*{reason}"):
        await session.commit()
    assert await dump(driver) == before
    await session.rollback()
    await session.commit()
    assert getattr(entity, field) == getattr(Holder(id="x"), field)


ALLOWED = {
    "space inside, unique": ("unique", "a b"),
    "NBSP around, unique": ("unique", "\u00a0a\u00a0"),
    "4096 bytes, unique": ("unique", "x" * 4096),
    "\\x02, unique": ("unique", "\x02"),
    "tab, indexed": ("indexed", "a\t"),
    "empty, indexed": ("indexed", ""),
    "long, indexed": ("indexed", "x" * 4097),
    "plain field with spaces": ("text", "  a\n"),
    "plain empty field": ("text", ""),
    "plain field with control characters": ("text", "\x01\x1f\x7f\b\f"),
    "plain long field": ("text", "x" * 100_000),
    "2**53, unique": ("counted", 2**53),
    "plain int of 64 bits": ("number", 2**63 - 1),
}


@pytest.mark.parametrize("case", ALLOWED)
async def test_values_near_the_border_are_stored(session, new_session, driver, unique, case):
    """What the server can keep is not refused, and found again."""
    unique("Holder", "unique")
    unique("Holder", "counted")
    field, value = ALLOWED[case]
    session.add(holder(field, value))
    await session.commit()
    other = new_session()
    assert getattr(await other.get(Holder, "x"), field) == value
    found = await other.scalars(select(Holder).where(getattr(Holder, field) == value))
    assert [h.id for h in found] == ["x"]


@pytest.mark.parametrize("value", ["", " a", "a\n", "a\x01b", "x" * 4097])
async def test_hidden_values_are_found_all_the_same(session, driver, value):
    """A value that somebody else stored and an index hides is found by queries and by get()."""
    await index(driver, "Holder", "indexed")
    await index(driver, "Holder", "id")
    await cypher(driver, "CREATE (:Holder {id: $v, indexed: $v})", v=value)
    assert await session.count(select(Holder).where(Holder.indexed == value)) == 1
    assert (await session.get(Holder, value)).indexed == value


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b"])
async def test_a_bad_value_in_a_query(session, value):
    """A value that cannot be sent is refused in criteria and parameters too."""
    with pytest.raises((FieldValidationError, Exception), match="NUL|surrogate"):
        await session.scalars(select(Holder).where(Holder.text == value))
    with pytest.raises((FieldValidationError, Exception), match="NUL|surrogate"):
        await session.execute("RETURN $v", {"v": value})
    with pytest.raises(FieldValidationError, match="NUL|surrogate"):
        await session.get(Holder, value)


def test_a_wrong_type_is_refused_on_assignment():
    """Assignment validates as construction does, and keeps the old value."""
    entity = Holder(id="x", number=1)
    with pytest.raises(ValidationError):
        entity.number = "many"
    assert entity.number == 1
    with pytest.raises(ValidationError):
        Holder(id="x", nothing=1)


def test_vectors_are_finite():
    """A vector with a NaN or an infinite component is refused at construction."""

    class Embedded(Node, registry=Registry()):
        id: str
        vector: Vector

    for bad in ([float("nan")], [float("inf")], [1e300]):
        with pytest.raises(ValidationError):
            Embedded(id="x", vector=bad)


@pytest.mark.parametrize("kind", [list[str], Vector, GeoLocation, dict[str, int], Inner], ids=str)
@pytest.mark.parametrize("option", ["unique", "primary_key"])
def test_what_no_database_keeps_unique_is_refused_in_the_model(kind, option):
    """unique=True and primary_key=True on types without an index of equality are refused."""
    space = {"__annotations__": {"id": str, "field": kind}, "field": Field(**{option: True})}
    with pytest.raises(MetadataError, match=r"Bad\.field"):
        node_info(type(Node)("Bad", (Node,), space, registry=Registry()))
