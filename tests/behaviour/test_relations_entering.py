"""Unloaded relations, by every way an entity comes into a session."""

from __future__ import annotations

import pytest

from runic.ogm.errors import LazyLoadError
from runic.ogm.query import select
from tests.behaviour.models import Article, Company, Person


@pytest.fixture
async def stored(new_session):
    """Ada, with two articles and an employer, as another session wrote her."""
    async with new_session() as other:
        articles = [Article(id="a1"), Article(id="a2")]
        other.add(Person(id="ada", articles=articles, employer=Company(id="c")))


async def by_get(session, new_session):
    """Get."""
    return await session.get(Person, "ada")


async def by_query(session, new_session):
    """Query."""
    return await session.one(select(Person))


async def by_merge(session, new_session):
    """Merge."""
    return await session.merge(Person(id="ada", name="Ada"))


async def by_merge_of_many(session, new_session):
    """Merge of many."""
    return (await session.merge([Person(id="bob"), Person(id="ada")]))[1]


async def by_merge_of_a_held_one(session, new_session):
    """Merge of a held one."""
    await session.get(Person, "ada")
    return await session.merge(Person(id="ada", name="Ada"))


async def by_merge_of_a_detached_one(session, new_session):
    """Merge of a detached one."""
    async with new_session() as other:
        detached = await other.get(Person, "ada")
    return await session.merge(detached)


async def by_merge_and_refresh(session, new_session):
    """Merge and refresh."""
    ada = await session.merge(Person(id="ada", name="Ada"))
    await session.refresh(ada)
    return ada


async def by_refresh(session, new_session):
    """Refresh."""
    ada = await session.get(Person, "ada")
    await session.refresh(ada)
    return ada


async def by_expire(session, new_session):
    """Expire."""
    ada = await session.get(Person, "ada", fetch=["articles", "employer"])
    session.expire(ada)
    return await session.get(Person, "ada")


async def by_add_again(session, new_session):
    """Add again."""
    async with new_session() as other:
        detached = await other.get(Person, "ada")
    session.add(detached)
    return detached


async def by_expunge_and_add(session, new_session):
    """Expunge and add."""
    ada = await session.get(Person, "ada")
    session.expunge(ada)
    session.add(ada)
    return ada


async def by_relation(session, new_session):
    """Relation."""
    company = await session.get(Company, "c", fetch=["staff"])
    return company.staff[0]


async def by_raw_cypher(session, new_session):
    """Raw cypher."""
    result = await session.execute("MATCH (n:Person) RETURN n", returns=[Person])
    return result.rows[0][0]


async def by_rollback(session, new_session):
    """Rollback."""
    ada = await session.get(Person, "ada")
    ada.name = "x"
    await session.rollback()
    return ada


async def by_stream(session, new_session):
    """Stream."""
    found = [ada async for ada in session.stream(select(Person))]
    session.add(found[0])
    return found[0]


async def by_relate(session, new_session):
    """Relate."""
    ada, bob = await session.get(Person, "ada"), Person(id="bob")
    session.add(bob)
    await session.relate(ada, Person.follows, bob)
    return ada


# Each brings Ada into the session with nothing of her relations loaded.
WAYS = [way for name, way in globals().items() if name.startswith("by_")]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__[3:])
async def test_an_unloaded_relation_loads_or_says_how(session, new_session, stored, face, way):
    """Read unloaded, a relation loads (sync) or is a LazyLoadError (async); load() fills it."""
    ada = await way(session, new_session)
    assert ada in session
    if face == "async":
        for name in ("articles", "employer"):
            with pytest.raises(LazyLoadError, match=name):
                getattr(ada, name)
        await session.load(ada, "articles", "employer")
    assert sorted(article.id for article in ada.articles) == ["a1", "a2"]
    assert ada.employer.id == "c"


async def test_a_copy_that_is_added_has_nothing_in_its_relations(session, stored):
    """A new node has nothing stored, so that an absent relation is empty and not unloaded."""
    ada = await session.get(Person, "ada")
    bob = ada.model_copy(update={"id": "bob"})
    session.add(bob)
    assert (bob.articles, bob.employer) == ([], None)
    bob.articles.append(article := Article(id="b"))
    assert article.author is bob
    await session.commit()
    assert bob.articles == [article]


async def test_a_nested_load_leaves_out_what_the_session_does_not_hold(session, stored):
    """Below an expunged entity, and below one that is not added yet, nothing is loaded."""
    ada = await session.get(Person, "ada", fetch=["articles"])
    session.expunge(ada.articles[0])
    ada.articles.append(Article(id="new"))
    await session.load(ada, "articles.comments")
    assert ada.articles[1].comments == []
