"""Values that are written into a statement come back as they were given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from runic.ogm.model import Node, Registry
from runic.ogm.query import head, last, literal, select, union, var

REGISTRY = Registry()


class Spot(Node, registry=REGISTRY):
    """Something to have a row."""

    id: int


class Colour(Enum):
    """A member is stored as its value."""

    RED = "red"


SINGLE: dict[str, Any] = {
    "text": "a",
    "int": 1,
    "float": 1.5,
    "bool": True,
    "decimal": Decimal("0.50"),
    "timedelta": dt.timedelta(days=1, microseconds=1),
    "date": dt.date(2020, 1, 1),
    "datetime": dt.datetime(2020, 1, 1, 3, tzinfo=dt.UTC),
    "time": dt.time(3, 4),
    "uuid": UUID(int=5),
    "bytes": b"\x00\xff",
    "enum": Colour.RED,
}
WRAPPED: dict[str, Callable[[Any], Any]] = {
    "itself": lambda value: value,
    "list": lambda value: [value, value],
    "one": lambda value: [value],
    "tuple": lambda value: (value, value),
    "mixed": lambda value: (value, "a"),
    "beside": lambda value: [value, "a"],
    "nested": lambda value: [[value], [value]],
    "nothing": lambda value: [],
}
WAYS: dict[str, Callable[[Any], Any]] = {
    "column": lambda made: select(Spot).project(made.as_("x")),
    "stage": lambda made: select(Spot).with_(made.as_("q")).project(var("q").as_("x")),
    "union": lambda made: union(
        select(Spot).project(made.as_("x")), select(Spot).project(made.as_("x"))
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("kind", SINGLE)
async def test_a_literal_comes_back_as_it_was_given(
    session: Any, kind: str, wrapped: str, way: str
) -> None:
    """Values keep their types, in lists, tuples and lists of lists as well."""
    session.add(Spot(id=1))
    await session.commit()
    value = WRAPPED[wrapped](SINGLE[kind])
    [row] = await session.all_rows(WAYS[way](literal(value)))
    assert (row["x"], types_of(row["x"])) == (value, types_of(value))


def types_of(value: Any) -> Any:
    """Return the type of a value, with those of its items."""
    inner = [*map(types_of, value)] if isinstance(value, list | tuple) else None
    return type(value), inner, str(value) if isinstance(value, Decimal) else None


@pytest.mark.parametrize("kind", SINGLE)
async def test_an_item_of_a_literal_keeps_its_type(session: Any, kind: str) -> None:
    """What is taken out of a list is what was put in."""
    session.add(Spot(id=1))
    await session.commit()
    value = SINGLE[kind]
    both = literal([value, value])
    [row] = await session.all_rows(
        select(Spot).project(head(both).as_("first"), last(both).as_("second"))
    )
    assert row == {"first": value, "second": value}
