"""What was deleted in a block that is undone: the database has it, and so has the session."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from runic.ogm import delete, select
from runic.ogm.model import State, state_of
from tests.behaviour.models import Article, Person, Wrote

transactional = pytest.mark.requires("transactions")
savepoints = pytest.mark.requires("savepoints")


async def stored(new_session, *people):
    """Store people, and return a new session on their graph."""
    async with new_session() as session:
        session.add_all(people)
    return new_session()


@asynccontextmanager
async def undone(session, block):
    """Run a block that is undone: a savepoint, or the whole transaction."""
    if block == "nested":
        with pytest.raises(ValueError, match="mine"):
            async with session.begin_nested():
                yield
                raise ValueError("mine")
        return
    with pytest.raises(ValueError, match="mine"):
        async with session.begin():
            session.add(Person(id="written first"))
            await session.flush()
            yield
            raise ValueError("mine")


async def delete_by_flush(session, entity):
    """Stage the deletion and write it."""
    session.delete(entity)
    await session.flush()


async def delete_by_statement(session, entity):
    """Delete with a statement."""
    await session.execute(delete(Person).where(Person.id == entity.id))


async def delete_with_its_node(session, edge):
    """Delete the node at an end."""
    await delete_by_flush(session, edge.source)


async def cut_by_relation(session, edge):
    """Take the target out of the relation that the edge is of."""
    await session.load(edge.source, Person.articles)
    edge.source.articles.clear()
    await session.flush()


DELETED_NODES = {"flush": delete_by_flush, "statement": delete_by_statement}
DELETED_EDGES = {
    "flush": delete_by_flush,
    "its node": delete_with_its_node,
    "relation": cut_by_relation,
}
blocks = pytest.mark.parametrize(
    "block", [pytest.param("nested", marks=savepoints), pytest.param("whole", marks=transactional)]
)


@blocks
@pytest.mark.parametrize("held", [True, False], ids=["held", "first loaded inside"])
@pytest.mark.parametrize("way", DELETED_NODES)
async def test_a_node_deleted_in_an_undone_block_is_stored_again(new_session, block, held, way):
    """Whenever it was loaded and however it was deleted, the session holds it and writes to it."""
    session = await stored(new_session, Person(id="ada", name="Ada"))
    ada = await session.get(Person, "ada") if held else None
    async with undone(session, block):
        ada = await session.get(Person, "ada")
        await DELETED_NODES[way](session, ada)
        assert state_of(ada) is State.DELETED
    assert state_of(ada) is State.PERSISTENT
    assert await session.get(Person, "ada") is ada
    ada.name = "later"
    await session.commit()
    async with new_session() as reading:
        assert (await reading.get(Person, "ada")).name == "later"


@blocks
@pytest.mark.parametrize("held", [True, False], ids=["held", "first loaded inside"])
@pytest.mark.parametrize("way", DELETED_EDGES)
async def test_an_edge_deleted_in_an_undone_block_is_stored_again(new_session, block, held, way):
    """The same of an edge, which goes with its node and its relation, too."""
    ada, letter = Person(id="ada"), Article(id="x")
    async with new_session() as writing:
        writing.add(Wrote(source=ada, target=letter, year=1))
    session = new_session()
    found = select(Person).traverse(Person.articles, edge_alias="e")

    async def loaded():
        ((_, edge),) = await session.all_with_edges(found)
        return edge

    edge = await loaded() if held else None
    async with undone(session, block):
        edge = await loaded()
        await DELETED_EDGES[way](session, edge)
        assert state_of(edge) is State.DELETED
    assert state_of(edge) is State.PERSISTENT
    assert await loaded() is edge
    edge.year = 7
    await session.commit()
    async with new_session() as reading:
        ((_, read),) = await reading.all_with_edges(found)
        assert read.year == 7


@savepoints
async def test_what_was_deleted_before_a_nested_block_stays_deleted(new_session):
    """Undoing the block brings back what went in it, and nothing else."""
    session = await stored(new_session, Person(id="ada"), Person(id="bob"))
    async with session.begin():
        await delete_by_flush(session, ada := await session.get(Person, "ada"))
        async with undone(session, "nested"):
            await delete_by_flush(session, bob := await session.get(Person, "bob"))
        assert (state_of(ada), state_of(bob)) == (State.DELETED, State.PERSISTENT)
        assert await session.get(Person, "ada") is None
    async with new_session() as reading:
        assert await reading.count(select(Person)) == 1


@savepoints
async def test_what_a_nested_block_deleted_comes_back_with_the_block_around_it(new_session):
    """The inner block ends well; the outer one is undone."""
    session = await stored(new_session, Person(id="ada"))
    async with undone(session, "nested"), session.begin_nested():
        await delete_by_flush(session, ada := await session.get(Person, "ada"))
    assert state_of(ada) is State.PERSISTENT
    assert await session.get(Person, "ada") is ada


@transactional
async def test_a_deleted_entity_that_was_read_anew_does_not_take_its_place(new_session):
    """There is one object for one node, however often it was loaded."""
    session = await stored(new_session, Person(id="ada"))
    async with undone(session, "whole"):
        await delete_by_flush(session, first := await session.get(Person, "ada"))
        await session.execute("CREATE (:Person {id: 'ada', name: ''})")
        second = await session.get(Person, "ada")
    assert state_of(first) is State.DETACHED
    assert await session.get(Person, "ada") is second
