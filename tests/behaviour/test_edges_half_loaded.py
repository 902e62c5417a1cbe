"""Edges of which an end was not loaded with them: read alone, or before the node at their end."""

from __future__ import annotations

import pytest

from runic.ogm import delete, select
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Article, Person, Wrote

FOUND = select(Person).traverse(Person.articles, edge_alias="e")


async def half_loaded(new_session):
    """Store an edge, and return a session that read it without the node it leads to."""
    async with new_session() as writing:
        writing.add(Wrote(source=Person(id="ada"), target=Article(id="x"), year=1))
    session = new_session()
    ((_, edge),) = await session.all_with_edges(FOUND)
    return session, edge


async def delete_it(session, edge):
    """Stage the deletion of the edge."""
    session.delete(edge)


async def delete_its_target(session, edge):
    """Stage the deletion of the node that the edge was loaded without."""
    session.delete(await session.get(Article, "x"))


async def delete_its_target_by_statement(session, edge):
    """Delete that node with a statement."""
    await session.get(Article, "x")
    await session.execute(delete(Article).where(Article.id == "x"))


async def take_out_its_target(session, edge):
    """Take the node out of the relation of the other."""
    ada = await session.get(Person, "ada", fetch=["articles"])
    ada.articles.clear()


async def unrelate_its_target(session, edge):
    """Cut the relationship at once."""
    ada, letter = await session.get(Person, "ada"), await session.get(Article, "x")
    await session.unrelate(ada, Person.articles, letter)


async def give_its_target_another_source(session, edge):
    """Let the to-one relation of the target hold another node."""
    letter = await session.get(Article, "x", fetch=["author"])
    letter.author = Person(id="bob")


CUTS = (
    delete_it,
    delete_its_target,
    delete_its_target_by_statement,
    take_out_its_target,
    unrelate_its_target,
    give_its_target_another_source,
)


@pytest.mark.parametrize("cut", CUTS)
async def test_an_edge_loaded_without_an_end_is_cut(new_session, driver, cut):
    """However it is cut: the commit succeeds, the edge is gone, and the session knows it."""
    session, edge = await half_loaded(new_session)
    await cut(session, edge)
    await session.commit()
    assert state_of(edge) is State.DELETED
    assert await cypher(driver, "MATCH (:Person {id: 'ada'})-[e]->() RETURN count(e)") == [[0]]


async def test_the_relation_of_an_end_that_was_loaded_later_no_longer_holds_it(new_session):
    """The end's relation shows what is stored."""
    session, edge = await half_loaded(new_session)
    ada = await session.get(Person, "ada", fetch=["articles"])
    letter = await session.get(Article, "x", fetch=["author"])
    assert (ada.articles, letter.author) == ([letter], ada)
    session.delete(edge)
    await session.commit()
    assert (ada.articles, letter.author) == ([], None)


async def test_relating_others_does_not_mind_it(new_session):
    """An edge whose ends are not known does not stand in the way of others."""
    session, edge = await half_loaded(new_session)
    session.delete(edge)
    ada = await session.get(Person, "ada")
    session.add(other := Article(id="y"))
    await session.relate(ada, Person.articles, other, edge=Wrote())
    await session.commit()
    assert (await session.scalars(FOUND.return_target())) == [other]
