"""Generic classes: what is stored as one type is never read as another."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import pytest

from runic.ogm.errors import FieldValidationError, HydrationError, MetadataError
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from runic.ogm.model.meta import node_info
from runic.ogm.query import select
from tests.behaviour.graphs import dump

T = TypeVar("T")


def boxes() -> Any:
    """Return a generic class of its own."""

    class Box(Node, Generic[T], registry=Registry()):
        id: str
        value: T
        many: list[T] = Field(default_factory=list)

    return Box


async def test_the_second_choice_of_types_is_refused(session, driver):
    """Two parametrised classes share a label: the second to be used is an error, not stored."""
    box = boxes()
    session.add(box[str](id="s", value="7"))
    await session.commit()
    before = await dump(driver)
    with pytest.raises(MetadataError, match=r"Box\[str\] and Box\[int\] are both stored as Box"):
        session.add(box[int](id="i", value=8))
    with pytest.raises(MetadataError, match="are both stored"):
        await session.get(box[int], "s")
    with pytest.raises(MetadataError, match="are both stored"):
        select(box[int])
    await session.commit()
    assert await dump(driver) == before


async def test_the_first_choice_stays(session, new_session):
    """The same types again, also after the class was made anew, are the same class."""
    box = boxes()
    session.add(box[int](id="i", value=8, many=[1]))
    await session.commit()
    read = await new_session().get(box[int], "i")
    assert (read.value, read.many) == (8, [1])
    assert [each.id for each in await new_session().scalars(select(box[int]))] == ["i"]


async def test_open_types_are_not_stored(session, new_session, driver):
    """An entity of the class whose types are not chosen has no stored form."""
    box = boxes()
    session.add(box(id="a", value="7"))
    with pytest.raises(FieldValidationError, match=r"a type that Box leaves open; use Box\[…\]"):
        await session.commit()
    assert await dump(driver) == ([], [])
    other = new_session()
    other.add(box[str](id="s", value="7"))
    await other.commit()
    with pytest.raises(HydrationError, match="leaves open"):
        await new_session().get(box, "s")


@pytest.mark.requires("several_labels")
async def test_a_class_for_each_choice(session, new_session):
    """Classes below the generic one have labels of their own, and are found through it."""
    box = boxes()

    class IntBox(box[int]):
        pass

    class TextBox(box[str]):
        pass

    session.add_all([IntBox(id="i", value=7), TextBox(id="t", value="7")])
    await session.commit()
    other = new_session()
    found = await other.scalars(select(box).order_by(box.id))
    assert [(type(each), each.value) for each in found] == [(IntBox, 7), (TextBox, "7")]
    assert (await other.get(TextBox, "t")).value == "7"
    assert await other.count(select(IntBox).where(IntBox.value == 7)) == 1


async def test_edges_of_a_generic_class(session):
    """Types of edges are chosen once, too."""
    registry = Registry()

    class Weight(Edge, Generic[T], registry=registry):
        value: T

    class Place(Node, registry=registry):
        id: str
        near: list[Place] = Relation("WEIGHT", edge_model=Weight[int])

    one, other = Place(id="1"), Place(id="2")
    session.add_all([one, other, Weight[int](source=one, target=other, value=3)])
    await session.commit()
    with pytest.raises(MetadataError, match="are both stored as Weight"):
        session.add(Weight[str](source=one, target=other, value="3"))


def test_a_generic_base_without_entities():
    """What an abstract generic class makes is abstract, until a class below it has a label."""

    class Base(Node, Generic[T], abstract=True, registry=Registry()):
        id: str
        value: T

    class Counted(Base[int]):
        pass

    assert node_info(Counted).labels == ("Counted",)
    with pytest.raises(MetadataError, match="is abstract"):
        node_info(Base[str])
