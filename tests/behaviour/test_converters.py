"""What a converter returns is held to what is stored, and what it raises is told with the field."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ConfigDict

from runic.ogm import (
    Field,
    FieldValidationError,
    HydrationError,
    Node,
    OgmError,
    Registry,
    StatementError,
)
from runic.ogm.query import insert, select, update
from tests.behaviour.graphs import cypher, dump

REGISTRY = Registry()


class Box:
    """A type of the user's own."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner


class AsInner:
    """Stores what is in a box, or raises it."""

    cypher_fn: str | None = None

    def to_graph(self, value: Box) -> Any:
        if isinstance(value.inner, Exception):
            raise value.inner
        return value.inner

    def from_graph(self, value: Any) -> Box:
        if value == "key":
            raise KeyError(value)
        if value == "runtime":
            raise RuntimeError(value)
        return Box(value)


class Thing(Node, registry=REGISTRY):
    """A node with a converted field."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: str
    box: Box | None = Field(None, converter=AsInner())


REFUSED: dict[str, Any] = {
    "NaN": float("nan"),
    "NaN in a list": [1.0, float("nan")],
    "None in a list": ["a", None],
    "a dict": {"a": 1},
    "a dict in a list": [{"a": 1}],
    "a date": dt.date(2026, 1, 1),
    "bytes": b"a",
    "a set": {1},
    "beyond 64 bits": 2**70,
    "beyond 64 bits in a list": [2**70],
    "NUL": "a\x00b",
    "a surrogate": "\ud800",
}
ERRORS: dict[str, Exception] = {
    "key": KeyError("x"),
    "runtime": RuntimeError("x"),
    "lookup": LookupError("x"),
    "value": ValueError("x"),
    "type": TypeError("x"),
    "attribute": AttributeError("x"),
    "os": OSError("x"),
    "not implemented": NotImplementedError("x"),
}
CASES = {**REFUSED, **ERRORS}


async def _added(session: Any, box: Box) -> None:
    session.add(Thing(id="b", box=box))
    await session.commit()


async def _assigned(session: Any, box: Box) -> None:
    (await session.get(Thing, "a")).box = box
    await session.commit()


async def _inserted(session: Any, box: Box) -> None:
    await session.execute(insert(Thing).values([{"id": "b", "box": box}]))


async def _updated(session: Any, box: Box) -> None:
    await session.execute(update(Thing).where(Thing.id == "a").values(box=box))


WRITES: dict[str, Any] = {
    "add": _added, "assign": _assigned, "insert": _inserted, "update": _updated,
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("case", CASES)
async def test_what_cannot_be_stored_is_refused(session, driver, case, write):
    """Every statement names class and field, chains the converter's error, and writes nothing."""
    session.add(Thing(id="a", box=Box("x")))
    await session.commit()
    before = await dump(driver)
    with pytest.raises(FieldValidationError, match=r"Thing\.box") as told:
        await WRITES[write](session, Box(CASES[case]))
    assert (told.value.entity, told.value.field) == ("Thing", "box")
    if case in ERRORS:
        chain = [told.value.__cause__, getattr(told.value.__cause__, "__cause__", None)]
        assert CASES[case] in chain
    await session.rollback()
    assert await dump(driver) == before


@pytest.mark.parametrize("case", CASES)
async def test_in_a_criterion(session, case):
    """A value that cannot be stored is compared with nothing."""
    with pytest.raises(StatementError, match=r"Thing\.box"):
        await session.scalars(select(Thing).where(Thing.box == Box(CASES[case])))


@pytest.mark.parametrize("value", ["key", "runtime"])
async def test_what_cannot_be_read(session, driver, value):
    """An error of the converter while loading is one of the stored value, by field."""
    await cypher(driver, "CREATE (:Thing {id: 'a', box: $v})", v=value)
    with pytest.raises(HydrationError, match="box") as told:
        await session.get(Thing, "a")
    assert told.value.field == "box"
    with pytest.raises(OgmError, match="box"):
        await session.all_rows(select(Thing).project(Thing.box))


@pytest.mark.parametrize("value", [1, 1.5, True, "a", "", ["a", "b"], [1, 2], [True], [1.5]])
async def test_what_is_stored(session, new_session, value):
    """Values of the documented types come back, and equal ones are no change."""
    session.add(Thing(id="a", box=Box(value)))
    await session.commit()
    held = await new_session().get(Thing, "a")
    assert held.box.inner == value
    assert type(held.box.inner) is type(value)


@pytest.mark.backend("neo4j")
@pytest.mark.parametrize("value", [["a", 1], [1, 1.5], [["a"], ["b"]]])
async def test_lists_that_neo4j_has_not(session, value):
    """They are refused by name, and not by the server."""
    session.add(Thing(id="a", box=Box(value)))
    with pytest.raises(FieldValidationError, match=r"Thing\.box.*Neo4j"):
        await session.commit()
