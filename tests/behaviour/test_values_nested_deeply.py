"""Values that are nested too deeply to be sent are refused by an error of this package."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from runic.ogm.errors import FieldValidationError, OgmError
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from runic.ogm.query import connect, insert, literal, merge, param, select, update
from tests.behaviour.graphs import dump

REGISTRY = Registry()


class Nest(Node, registry=REGISTRY):
    """A node that takes everything."""

    id: int
    data: dict[str, object] = Field(default_factory=dict)
    more: Any = None
    nests: list[Nest] = Relation("IN", edge_model="Inside")


class Inside(Edge, type="IN", registry=REGISTRY):
    """An edge that takes everything."""

    data: dict[str, object] = Field(default_factory=dict)


SHAPES: dict[str, Callable[[int], Any]] = {
    "list": lambda depth: reduce(lambda inner, _: [inner], range(depth), 1),
    "dict": lambda depth: reduce(lambda inner, _: {"a": inner}, range(depth), 1),
}


async def _in_place(session: Any, value: Any) -> None:
    nest = await session.get(Nest, 1)
    nest.data["a"] = value
    assert session.dirty == [nest]
    await session.flush()


async def _assigned(session: Any, value: Any) -> None:
    nest = await session.get(Nest, 1)
    nest.more = value
    assert session.dirty == [nest]
    await session.flush()


async def _added(session: Any, entity: Any) -> None:
    session.add(entity)
    await session.flush()


WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "in place": _in_place,
    "assigned": _assigned,
    "add": lambda s, v: _added(s, Nest(id=2, data={"a": v})),
    "add edge": lambda s, v: _added(s, Inside(source=Nest(id=2), target=Nest(id=3), data={"a": v})),
    "session.merge": lambda s, v: s.merge(Nest(id=1, data={"a": v})),
    "update": lambda s, v: s.execute(update(Nest).values(data={"a": v})),
    "bound": lambda s, v: s.execute(update(Nest).values(data=param("v")).bind(v={"a": v})),
    "insert": lambda s, v: s.execute(insert(Nest).values([{"id": 2, "data": {"a": v}}])),
    "merge": lambda s, v: s.execute(merge(Nest).values([{"id": 1, "data": {"a": v}}])),
    "connect": lambda s, v: s.execute(connect(Nest.nests).values(data={"a": v})),
}
QUESTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "where": lambda s, v: s.scalars(select(Nest).where(Nest.data == {"a": v})),
    "bound": lambda s, v: s.scalars(select(Nest).where(Nest.data == param("v")).bind(v={"a": v})),
    "literal": lambda s, v: s.all_rows(select(Nest).project(literal(v).as_("v"))),
    "raw": lambda s, v: s.execute("RETURN $v", {"v": v}),
}


@pytest.mark.parametrize("depth", [300, 5000])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("how", WRITES)
async def test_a_value_nested_too_deeply_is_refused(
    session: Any, driver: Any, how: str, shape: str, depth: int
) -> None:
    """It is an error that names the field, nothing is written, and the session goes on."""
    session.add(Nest(id=1))
    await session.commit()
    before = await dump(driver)
    with pytest.raises(FieldValidationError, match="cannot be stored"):
        await WRITES[how](session, SHAPES[shape](depth))
    await session.rollback()
    assert await dump(driver) == before
    assert (await session.get(Nest, 1)).data == {}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("how", QUESTIONS)
async def test_a_question_nested_too_deeply_is_refused(session: Any, how: str, shape: str) -> None:
    """What is asked with such a value is told so before it is sent."""
    with pytest.raises(OgmError, match=r"nested|JSON"):
        await QUESTIONS[how](session, SHAPES[shape](5000))
