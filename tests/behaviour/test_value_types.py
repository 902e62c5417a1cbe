"""Every type in every place of a class comes back as the same value, or is refused unsent."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import FieldValidationError
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


def _kept_places(name: str) -> list[str]:
    return [place for place in PLACES if place not in REFUSED.get(name, ())]


@pytest.mark.parametrize("name", TYPES)
async def test_in_nodes(session, new_session, name):
    """What is stored in a node is read by another session as the same value, type included."""
    given: dict[Any, Any] = {}
    for place in _kept_places(name):
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
async def test_in_edges(session, new_session, name):
    """The same of edges."""
    spot = Spot(id="s")
    given: dict[Any, Any] = {}
    for place in _kept_places(name):
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
        edge(source=one, target=one, value=wrap(value)),
    ):
        with assert_query_count(0), pytest.raises(FieldValidationError, match=r"\.value cannot be"):
            session.add_all([Spot(id="s"), entity])
            await session.commit()
        session.expunge_all()
    assert await dump(driver) == ([], [])
