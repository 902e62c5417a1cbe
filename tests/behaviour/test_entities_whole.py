"""An entity keeps all of its fields and its session's notes; a rollback works whatever it lacks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runic.ogm import (
    Edge,
    Field,
    FieldValidationError,
    Node,
    OgmError,
    Registry,
    Relation,
    SessionError,
)
from runic.ogm.query import merge, update
from tests.behaviour.graphs import dump

REGISTRY = Registry()


class Thing(Node, registry=REGISTRY):
    """A node with fields of several kinds, and a relation."""

    id: str
    name: str
    count: int = 0
    tags: list[str] = Field(default_factory=list)
    others: list[Thing] = Relation("TIED", "OUTGOING")


class Tie(Edge, type="TIE", registry=REGISTRY):
    """An edge with the same fields."""

    name: str
    count: int = 0
    tags: list[str] = Field(default_factory=list)


FIELDS = ["name", "count", "tags"]


async def _held(session: Any, kind: str, *, stored: bool = True) -> Any:
    one, other = Thing(id="a", name="x", tags=["t"]), Thing(id="b", name="y")
    entity: Any = one if kind == "node" else Tie(source=one, target=other, name="x", tags=["t"])
    session.add_all([one, other, entity])
    if stored:
        await session.commit()
    return entity


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("field", FIELDS)
async def test_a_field_is_not_deleted(session, kind, field, stored):
    """`del` names the field and what to do, changes nothing, and the commit goes on."""
    entity = await _held(session, kind, stored=stored)
    before = getattr(entity, field)
    with pytest.raises(FieldValidationError, match=f"{field} cannot be deleted.*None") as told:
        delattr(entity, field)
    assert told.value.field == field
    assert getattr(entity, field) == before
    await session.commit()


def test_a_relation_is_not_deleted():
    """What a relation holds is not forgotten by `del`; other attributes are none of this."""
    one = Thing(id="a", name="x", others=[Thing(id="b", name="y")])
    with pytest.raises(FieldValidationError, match="others cannot be deleted"):
        del one.others
    assert len(one.others) == 1
    with pytest.raises(AttributeError):
        del one.nothing


async def _dirty(session: Any, entity: Any) -> None:
    _ = session.dirty


async def _refreshed(session: Any, entity: Any) -> None:
    await session.refresh(entity)


async def _updated(session: Any, entity: Any) -> None:
    await session.execute(update(Thing).where(Thing.id == "a").values(count=4))


async def _merged(session: Any, entity: Any) -> None:
    await session.execute(merge(Thing).values([{"id": "a", "name": "z"}]))


async def _merged_object(session: Any, entity: Any) -> None:
    await session.merge(Thing(id="a", name="z"))


USES: dict[str, Callable[[Any, Any], Awaitable[None]]] = {
    "commit": lambda session, entity: session.commit(),
    "flush": lambda session, entity: session.flush(),
    "dirty": _dirty,
    "refresh": _refreshed,
    "update": _updated,
    "merge": _merged,
    "merge object": _merged_object,
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("field", FIELDS)
async def test_a_field_that_was_taken_out_underneath(session, kind, field, use):
    """What comes upon the gap raises runic's error, or needs no such field; rollback mends it."""
    entity = await _held(session, kind)
    entity.__dict__.pop(field)
    try:
        await USES[use](session, entity)
    except FieldValidationError as error:
        assert error.field == field  # noqa: PT017 - not every use comes upon the gap
    await session.rollback()
    mended = getattr(entity, field)
    await session.refresh(entity)
    assert getattr(entity, field) == mended
    await session.commit()


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("given", [{"name": "x"}, {"id": "c"}, {}])
async def test_a_node_that_lacks_what_it_needs(session, driver, given, many):
    """A node made without its key, or a required field, is refused by name; nothing is written."""
    made = [Thing.model_construct(**given)]
    made += [Thing(id="d", name="z"), Thing(id="e", name="z")] if many else []
    with pytest.raises(FieldValidationError, match=r"Thing\.\w+ has no value") as told:
        session.add_all(made)
        await session.commit()
    assert told.value.field not in given
    await session.rollback()
    assert await dump(driver) == ([], [])
    session.add(Thing(id="a", name="x"))
    await session.commit()


async def test_an_edge_that_lacks_what_it_needs(session, driver):
    """The same of an edge."""
    ends = Thing(id="a", name="x"), Thing(id="b", name="y")
    tie = Tie(source=ends[0], target=ends[1], name="x")
    tie.__dict__.pop("name")
    with pytest.raises(FieldValidationError, match=r"Tie\.name has no value"):
        session.add(tie)
        await session.commit()
    await session.rollback()
    assert await dump(driver) == ([], [])


async def test_merging_a_node_without_its_key(session):
    """A merge says that the key is what it goes by."""
    with pytest.raises(OgmError, match="id"):
        await session.merge(Thing.model_construct(name="x"))


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("state", ["pending", "stored", "expunged"])
async def test_an_entity_is_made_once(session, kind, state):
    """`__init__` of what a session knows is refused; the session goes on."""
    entity = await _held(session, kind, stored=state != "pending")
    if state == "expunged":
        session.expunge(entity)
    with pytest.raises(SessionError, match="__init__ makes new"):
        entity.__init__(**({"id": "a"} if kind == "node" else {}), name="other", count=9)
    assert (entity.name, entity.count) == ("x", 0)
    if kind == "edge":
        assert (entity.source.id, entity.target.id) == ("a", "b")
    await session.commit()
    await session.rollback()
    await session.close()


def test_a_new_entity_may_be_made_again():
    """Nobody but its maker knows it yet."""
    thing = Thing(id="a", name="x")
    thing.__init__(id="b", name="y")  # type: ignore[misc]
    assert thing.id == "b"


@pytest.mark.parametrize("kind", ["node", "edge"])
@pytest.mark.parametrize("field", ["name", "tags"])
async def test_a_statement_that_meets_an_entity_without_a_field(session, driver, kind, field):
    """It is carried out, told to the entity, and no error follows what was written."""
    entity = await _held(session, kind)
    del vars(entity)[field]
    done = await session.execute(update(type(entity)).values(count=9))
    assert done.affected == (2 if kind == "node" else 1)
    assert entity.count == 9
    with pytest.raises(FieldValidationError, match=f"{field} has no value"):
        await session.commit()
    await session.rollback()
    assert getattr(entity, field) is not None
