"""Every type in every place of a class comes back as the same value, or is refused unsent."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from pydantic import ConfigDict

from runic.ogm.errors import FieldValidationError
from runic.ogm.model import Field, Node, Registry
from runic.ogm.query import select
from tests.behaviour.graphs import dump
from tests.behaviour.value_types import (
    PLACES,
    REFUSED,
    TYPES,
    Spot,
    alike,
    edge_classes,
    node_class,
    placed,
)

# Lists of several types, which not every database has.
_MIXED: dict[str, set[str]] = {
    "mixed enum": {"list"},
    "scalar": {"list"},
    "int or float": {"list"},
    "literal of types": {"list"},
    "literal of two enums": {"list"},
    "list of unions": {"field", "optional"},
}


def _kept_places(name: str, driver: Any) -> list[str]:
    mixed = "mixed_lists" in driver.dialect.capabilities
    left_out = REFUSED.get(name, set()) | (set() if mixed else _MIXED.get(name, set()))
    return [place for place in PLACES if place not in left_out]


@pytest.mark.parametrize("name", TYPES)
async def test_in_nodes(session, new_session, driver, name):
    """What is stored in a node is read by another session as the same value, type included."""
    given: dict[Any, Any] = {}
    for place in _kept_places(name, driver):
        wrap = placed(name, place)[1]
        for number, value in enumerate(TYPES[name][1]):
            entity = node_class(name, place)(id=str(number), value=wrap(value))
            session.add(entity)
            given[type(entity), entity.id] = wrap(value)
    await session.commit()
    other = new_session()
    for (cls, key), value in given.items():
        read = await other.get(cls, key)
        assert alike(read.value, value), (cls, read.value, value)
    assert other.dirty == []


@pytest.mark.parametrize("name", TYPES)
async def test_in_edges(session, new_session, driver, name):
    """The same of edges."""
    spot = Spot(id="s")
    given: dict[Any, Any] = {}
    for place in _kept_places(name, driver):
        wrap = placed(name, place)[1]
        edge, start = edge_classes(name, place)
        for number, value in enumerate(TYPES[name][1]):
            one = start(id=str(number))
            session.add_all([one, edge(source=one, target=spot, value=wrap(value))])
            given[start, one.id] = wrap(value)
    await session.commit()
    other = new_session()
    for (cls, key), value in given.items():
        (read,) = (await other.get(cls, key, fetch=["links"])).links
        assert alike(read.value, value), (cls, read.value, value)
    assert other.dirty == []


REFUSALS = [(name, place) for name, places in REFUSED.items() for place in sorted(places)]


@pytest.mark.parametrize(("name", "place"), REFUSALS)
async def test_refused_places(session, driver, assert_query_count, name, place):
    """A place that would change the value refuses it: nothing is sent, in nodes and edges."""
    wrap = placed(name, place)[1]
    edge, start = edge_classes(name, place)
    one = start(id="1")
    value = TYPES[name][1][-1]
    for entity in (
        node_class(name, place)(id="1", value=wrap(value)),
        edge(source=one, target=Spot(id="s"), value=wrap(value)),
    ):
        with assert_query_count(0), pytest.raises(FieldValidationError, match=r"\.value cannot be"):
            session.add(entity)
            await session.commit()
        session.expunge_all()
    assert await dump(driver) == ([], [])


class Strict(Node, registry=Registry()):
    """Types that take no text, in which they are stored."""

    model_config = ConfigDict(strict=True)

    id: str
    at: dt.datetime = Field(strict=True)
    token: UUID | None = None
    days: list[dt.date] = Field(default_factory=list, strict=True)


async def test_strict_types(session, new_session):
    """Strictness is for what users give: whole entities and single fields are read."""
    at, token, days = dt.datetime(2026, 1, 1), UUID(int=5), [dt.date(2026, 1, 1)]
    session.add(Strict(id="1", at=at, token=token, days=days))
    await session.commit()
    other = new_session()
    read = await other.get(Strict, "1")
    assert (read.at, read.token, read.days) == (at, token, days)
    fields = select(Strict).project(Strict.at, Strict.token, Strict.days)
    assert (await other.execute(fields)).rows == [(at, token, days)]
