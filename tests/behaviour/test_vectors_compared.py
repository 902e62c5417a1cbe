"""A vector is compared as it would be stored: with 32 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.model import Edge, Node, Registry, Relation, Vector
from runic.ogm.query import delete, param, select, update

REGISTRY = Registry()


class Doc(Node, registry=REGISTRY):
    """Vectors of a node."""

    id: int
    shape: Vector | None = None
    near: list[Doc] = Relation("NEAR", edge_model="Near")


class Near(Edge, type="NEAR", registry=REGISTRY):
    """Vectors of an edge."""

    shape: Vector | None = None


class Twice(Node, registry=REGISTRY):
    """Two vectors of one node."""

    id: int
    one: Vector | None = None
    two: Vector | None = None


# None of these numbers but 0.5 has 32 bits. The other is far away: FalkorDB takes near ones for
# equal.
GIVEN, OTHER = [0.1, 0.5, 1 / 3], [1000.0, 0.1, 3e9]

CRITERIA: dict[str, Callable[[Any], Any]] = {
    "==": lambda f: f == GIVEN,
    "== tuple": lambda f: f == tuple(GIVEN),
    "in": lambda f: f.in_([GIVEN]),
    "not !=": lambda f: ~(f != GIVEN),
    "not not_in": lambda f: ~f.not_in_([GIVEN]),
    "param": lambda f: f == param("given"),
    "in param": lambda f: f.in_(param("several")),
}
BOUND = {"param": {"given": GIVEN}, "in param": {"several": [GIVEN]}}


@pytest.fixture
async def stored(session: Any) -> Any:
    """Return a session that has stored two vectors of nodes and two of edges."""
    one, two = Doc(id=1, shape=GIVEN), Doc(id=2, shape=OTHER)
    near = [Near(source=one, target=two, shape=GIVEN), Near(source=two, target=one, shape=OTHER)]
    session.add_all([one, two, *near])
    await session.commit()
    return session


def _bound(statement: Any, how: str) -> Any:
    return statement.bind(**BOUND[how]) if how in BOUND else statement


@pytest.mark.parametrize("how", CRITERIA)
async def test_a_vector_is_found_by_what_was_given(stored: Any, how: str) -> None:
    """What is compared is rounded as what was stored, in nodes."""
    found = await stored.scalars(_bound(select(Doc).where(CRITERIA[how](Doc.shape)), how))
    assert [doc.id for doc in found] == [1]


@pytest.mark.parametrize("how", CRITERIA)
async def test_a_vector_of_an_edge_is_found_and_changed(stored: Any, how: str) -> None:
    """The same in criteria of statements that write to edges, and to nodes."""
    for cls in (Near, Doc):
        changing = update(cls).where(CRITERIA[how](cls.shape)).values(shape=[5.0, 5.0, 5.0])
        assert (await stored.execute(_bound(changing, how))).affected == 1
    deleting = delete(Doc).where(Doc.shape == [5.0, 5.0, 5.0])
    assert (await stored.execute(deleting)).affected == 1


async def test_numbers_put_into_a_vector_are_rounded(session: Any, new_session: Any) -> None:
    """A change in place is stored as an assignment would be."""
    doc = Doc(id=1, shape=[0.5])
    session.add(doc)
    await session.commit()
    doc.shape.append(0.1)
    await session.commit()
    read = await new_session().get(Doc, 1)
    assert read.shape == Doc(id=2, shape=[0.5, 0.1]).shape


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("values", ["itself", "swapped"])
async def test_a_vector_that_is_set_cannot_be_read_in_the_same_statement(session, values):
    """FalkorDB may skip the write unless the old vector is cleared first: it would be lost."""
    session.add(Twice(id=1, one=[1.0, 2.0], two=[3.0, 4.0]))
    await session.commit()
    made = {"one": Twice.one} if values == "itself" else {"one": Twice.two, "two": Twice.one}
    with pytest.raises(UnsupportedFeatureError, match="is cleared first"):
        await session.execute(update(Twice).values(**made))
    await session.execute(update(Twice).values(one=Twice.two))
    twice = await session.get(Twice, 1)
    assert (twice.one, twice.two) == ([3.0, 4.0], [3.0, 4.0])
