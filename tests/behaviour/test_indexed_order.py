"""Comparing indexed values by size finds what it finds without an index."""

from __future__ import annotations

import datetime as dt
import itertools
import operator
from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Field, Node, Registry, col, select

REGISTRY = Registry()
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


class Entry(Node, registry=REGISTRY):
    """Something with an index on each property."""

    id: int
    word: str | None = Field(None, index=True)
    at: dt.datetime | None = Field(None, index=True)
    size: float | None = Field(None, index=True)


NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
LETTERS = ["".join(some) for n in (1, 2, 3) for some in itertools.product("abAé", repeat=n)]
VALUES: dict[str, list[Any]] = {
    "word": LETTERS,
    "at": [NOON + dt.timedelta(hours=n, microseconds=n) for n in range(-200, 200, 5)],
    "size": [n / 7 for n in range(-40, 40)],
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("compare", COMPARISONS)
async def test_an_index_leaves_the_order_of_values_as_it_is(
    session: Any, schema: Any, name: str, compare: Callable[[Any, Any], Any]
) -> None:
    """Text, instants and numbers beyond a bound are those that Python finds beyond it."""
    values = VALUES[name]
    session.add_all([Entry(id=n, **{name: value}) for n, value in enumerate(values)])
    await session.commit()
    await schema.create_all(Entry)
    for bound in values[3::29]:
        found = await session.scalars(
            select(Entry).where(compare(col(getattr(Entry, name)), bound))
        )
        wanted = {n for n, value in enumerate(values) if compare(value, bound)}
        assert {entry.id for entry in found} == wanted
