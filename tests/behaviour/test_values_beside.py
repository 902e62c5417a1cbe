"""What a value has beside its contents: the rest of a container, of a dataclass, of a moment.

What is stored does not have it. So it is no change where nothing asks for it, and refused where
the value that is read would behave otherwise.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from runic.ogm import Edge, Field, FieldValidationError, Node, Registry
from tests.behaviour.graphs import dump

REGISTRY = Registry()


@dataclasses.dataclass
class Data:
    """Has a field that is not given, a cached property, and takes other attributes."""

    a: int = 1
    fixed: int = dataclasses.field(default=5, init=False)
    parts: list[int] = dataclasses.field(default_factory=list)

    @functools.cached_property
    def doubled(self) -> int:
        return self.a * 2


@dataclasses.dataclass
class Outer:
    """Holds others of them."""

    one: Data = dataclasses.field(default_factory=Data)
    many: list[Data] = dataclasses.field(default_factory=list)


class Model(BaseModel):
    """A nested model with values of each sort."""

    queue: deque[int] | None = None
    tally: defaultdict[str, int] | None = None
    moment: dt.datetime | None = None
    data: Data | None = None


class Values(BaseModel):
    """Fields that both a node and an edge have."""

    data: Data | None = None
    outer: Outer | None = None
    listed: list[Data] = []
    by_name: dict[str, Data] = {}
    model: Model | None = None
    queue: deque[int] | None = None
    queues: list[deque[int]] = []
    tally: defaultdict[str, int] | None = None
    moment: dt.datetime | None = None
    moments: list[dt.datetime] = []
    clock: dt.time | None = None


class Thing(Node, Values, registry=REGISTRY):
    """A node with these values."""

    id: str
    version: int = Field(0, version=True)


class Tie(Edge, Values, registry=REGISTRY):
    """An edge with the same values."""


async def _stored(session: Any, kind: str, **values: Any) -> Any:
    one, other = Thing(id="a"), Thing(id="b")
    made = values | ({"id": "c"} if kind == "node" else {"source": one, "target": other})
    entity: Any = (Thing if kind == "node" else Tie)(**made)
    session.add_all([one, other, entity])
    await session.commit()
    await session.refresh(entity)
    return entity


# Of a field: how to make its value, and how to reach the dataclass in it.
PLACES: dict[str, tuple[Callable[[Data], Any], Callable[[Any], Data]]] = {
    "data": (lambda d: d, lambda v: v),
    "outer": (lambda d: Outer(d, [d]), lambda v: v.many[0]),
    "listed": (lambda d: [d], lambda v: v[0]),
    "by_name": (lambda d: {"x": d}, lambda v: v["x"]),
    "model": (lambda d: Model(data=d), lambda v: v.data),
}


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("place", PLACES)
async def test_of_a_dataclass_the_fields_count(session, assert_query_count, place, kind):
    """An equal one, a property that was read, other attributes: no change, and nothing is sent."""
    make, reach = PLACES[place]
    entity = await _stored(session, kind, **{place: make(Data(3))})
    setattr(entity, place, make(Data(3)))
    assert session.dirty == []
    assert reach(getattr(entity, place)).doubled == 6
    reach(getattr(entity, place)).other = "x"  # type: ignore[attr-defined]
    assert session.dirty == []
    with assert_query_count(0):
        await session.commit()


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("change", ["a", "fixed", "parts"])
async def test_a_change_of_a_field_of_a_dataclass(session, place, kind, change):
    """A field is written, one that no argument sets as well, and one beside a read property."""
    make, reach = PLACES[place]
    entity = await _stored(session, kind, **{place: make(Data(3))})
    inner = reach(getattr(entity, place))
    assert inner.doubled == 6
    if change == "parts":
        inner.parts.append(1)
    else:
        setattr(inner, change, 9)
    assert session.dirty == [entity]
    if change == "fixed":  # no argument of the class, so that it could not be read back
        with pytest.raises(FieldValidationError):
            await session.commit()
        await session.rollback()
        assert reach(getattr(entity, place)).fixed == 5
        return
    await session.commit()
    await session.refresh(entity)
    assert getattr(reach(getattr(entity, place)), change) in (9, [1])


NAIVE = dt.datetime(2026, 10, 25, 2, 30, fold=1)

REFUSED: dict[str, tuple[str, Any, str]] = {
    "length of a deque": ("queue", deque([1], maxlen=3), "maxlen"),
    "length of a deque in a list": ("queues", [deque([1], maxlen=3)], "maxlen"),
    "length of a deque in a model": ("model", Model(queue=deque([1], maxlen=3)), "maxlen"),
    "factory": ("tally", defaultdict(lambda: 5, a=1), "default_factory"),
    "factory in a model": ("model", Model(tally=defaultdict(lambda: 5)), "default_factory"),
    "fold": ("moment", NAIVE, "fold=1"),
    "fold in a list": ("moments", [NAIVE], "fold=1"),
    "fold in a model": ("model", Model(moment=NAIVE), r"\.fold is 1"),
    "fold of a time": ("clock", NAIVE.time(), "fold=1"),
}


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_not_stored_is_refused(session, driver, case, kind):
    """The error names the field and what would be lost; what is stored stays."""
    field, value, reason = REFUSED[case]
    entity = await _stored(session, kind)
    before = await dump(driver)
    setattr(entity, field, value)
    with pytest.raises(FieldValidationError, match=f"(?s){field}.*{reason}"):
        await session.commit()
    await session.rollback()
    assert await dump(driver) == before


KEPT: dict[str, tuple[str, Any]] = {
    "deque": ("queue", deque([1, 2])),
    "factory": ("tally", defaultdict(int, a=1)),
    "fold of an instant": ("moment", NAIVE.replace(tzinfo=dt.UTC)),
    "fold of a time with an offset": ("clock", NAIVE.time().replace(tzinfo=dt.UTC)),
    "naive": ("moment", NAIVE.replace(fold=0)),
}


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("case", KEPT)
async def test_what_is_stored_is_read_back(session, case, kind):
    """Values that lose nothing are stored, and assigning one again is no change."""
    field, value = KEPT[case]
    entity = await _stored(session, kind, **{field: value})
    assert getattr(entity, field) == value
    setattr(entity, field, value)
    assert session.dirty == []
