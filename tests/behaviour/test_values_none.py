"""None is read back as None, whatever the default of its field is, or it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Optional

import pytest
from pydantic import GetCoreSchemaHandler, PlainValidator, WrapValidator
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType

from runic.ogm import Edge, Field, FieldValidationError, Node, Registry
from runic.ogm.model.meta import node_info
from runic.ogm.query import insert, merge, select, update
from tests.behaviour.graphs import cypher

REGISTRY = Registry()
MaybeInt = TypeAliasType("MaybeInt", "int | None")


class Number:
    """A type that takes None by its own description."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.nullable_schema(core_schema.int_schema())


class Doubled:
    """A converter, which nobody asks about None."""

    cypher_fn: str | None = None

    def to_graph(self, value: int) -> int:
        return value * 2

    def from_graph(self, value: int) -> int:
        return value // 2


def _unless_none(value: Any, inner: Callable[[Any], Any]) -> Any:
    return None if value is None else inner(value)


# Types of which None is a value when they are loaded.
TAKING: dict[str, Any] = {
    "optional": int | None,
    "any": Any,
    "optional_any": Optional[Any],  # noqa: UP045 - not the same to Python
    "object": object,
    "alias": MaybeInt,
    "nested_alias": TypeAliasType("Outer", MaybeInt),
    "plain": Annotated[Any, PlainValidator(lambda value: value)],
    "own": Number,
    "converted": Annotated[int | None, Field(converter=Doubled())],
}
# Types whose own code lets None pass, which does not run when a value is loaded.
LOSING: dict[str, Any] = {
    "wrapped": Annotated[int, WrapValidator(_unless_none)],
    "wrapped_list": Annotated[list[int], WrapValidator(_unless_none)],
    "wrapped_text": Annotated[str, WrapValidator(_unless_none)],
}
DEFAULTS: dict[str, Any] = {"wrapped_list": [3], "wrapped_text": "3"}


def _fields(types: dict[str, Any]) -> dict[str, Any]:
    defaults = {name: DEFAULTS.get(name, 3) for name in types}
    return {"__annotations__": types, "__module__": __name__, **defaults}


def _world(types: dict[str, Any], suffix: str) -> tuple[Any, Any]:
    made: dict[str, Any] = {
        "Tie": type(Edge)(f"Tie{suffix}", (Edge,), _fields(types), registry=REGISTRY),
        "Thing": type(Node)(
            f"Thing{suffix}", (Node,), _fields({"id": str, **types}) | {"id": ...},
            registry=REGISTRY,
        ),
    }  # fmt: skip
    return made["Thing"], made["Tie"]


Thing, Tie = _world(TAKING, "")
Loser, LosingTie = _world(LOSING, "Losing")


async def _added(session: Any, cls: Any, name: str) -> None:
    session.add(cls(id="a", **{name: None}))
    await session.commit()


async def _assigned(session: Any, cls: Any, name: str) -> None:
    session.add(cls(id="a"))
    await session.commit()
    session.expunge_all()
    setattr(await session.get(cls, "a"), name, None)
    await session.commit()


async def _merged(session: Any, cls: Any, name: str) -> None:
    session.add(cls(id="a"))
    await session.commit()
    session.expunge_all()
    await session.merge(cls(id="a", **{name: None}))
    await session.commit()


async def _inserted(session: Any, cls: Any, name: str) -> None:
    await session.execute(insert(cls).values([{"id": "a", name: None}]))
    await session.commit()


async def _merged_by_statement(session: Any, cls: Any, name: str) -> None:
    session.add(cls(id="a"))
    await session.commit()
    await session.execute(merge(cls).values([{"id": "a", name: None}]))
    await session.commit()


async def _updated(session: Any, cls: Any, name: str) -> None:
    session.add(cls(id="a"))
    await session.commit()
    await session.execute(update(cls).where(cls.id == "a").values(**{name: None}))
    await session.commit()


WAYS: dict[str, Callable[[Any, Any, str], Awaitable[None]]] = {
    "add": _added,
    "assign": _assigned,
    "merge": _merged,
    "insert": _inserted,
    "merge statement": _merged_by_statement,
    "update": _updated,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", TAKING)
async def test_none_is_read_back(session, new_session, name, way):
    """A type that takes None, in whatever way it says so, gives it back: entity and column."""
    await WAYS[way](session, Thing, name)
    other = new_session()
    read = await other.get(Thing, "a")
    assert getattr(read, name) is None
    rows = await other.all_rows(select(Thing).project(getattr(Thing, name)))
    assert [list(row.values()) for row in rows] == [[None]]
    setattr(read, name, 3)
    assert other.dirty == [read]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LOSING)
async def test_none_that_would_be_lost_is_refused(session, new_session, driver, name, way):
    """What would be read as the default is not written; the error names the field."""
    with pytest.raises(FieldValidationError, match=rf"{name}.*None") as told:
        await WAYS[way](session, Loser, name)
    assert told.value.field == name
    await session.rollback()
    found = await new_session().scalars(select(Loser))
    assert all(getattr(each, name) is not None for each in found)


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("name", [*TAKING, *LOSING])
async def test_none_on_an_edge(session, name, loaded):
    """The same of the properties of a relationship, when it is made and when it is changed."""
    losing = name in LOSING
    node, edge = (Loser, LosingTie) if losing else (Thing, Tie)
    given = {} if loaded else {name: None}
    tie = edge(source=node(id="a"), target=node(id="b"), **given)
    session.add(tie)
    if loaded:
        await session.commit()
        setattr(tie, name, None)
    if losing:
        with pytest.raises(FieldValidationError, match=f"{name}.*None"):
            await session.commit()
        return
    await session.commit()
    await session.refresh(tie)
    assert getattr(tie, name) is None


async def test_none_that_nobody_validated(session, driver):
    """An entity made past its validators is held to the same."""
    session.add(Loser.model_construct(id="a", wrapped=None))
    with pytest.raises(FieldValidationError, match=r"wrapped.*None"):
        await session.commit()
    assert await cypher(driver, "MATCH (n:ThingLosing) RETURN n.id") == []


def test_a_plain_validator_that_makes_something_of_none_keeps_its_default():
    """A type that never holds None has none to read."""

    class Filled(Node, registry=Registry()):
        id: str
        value: Annotated[int, PlainValidator(lambda value: value or 0)] = 3

    assert not node_info(Filled).properties["value"].takes_none
