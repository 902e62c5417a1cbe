"""refresh() reads again now, expire() when the entity is next met."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import EntityNotFoundError
from runic.ogm.query import select
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Article, Company, Person, Shift


@pytest.fixture
async def ada(session):
    """A stored person with an article."""
    ada = Person(id="ada", name="Ada", tags=["x"], articles=[Article(id="a")])
    session.add(ada)
    await session.commit()
    return ada


async def test_refresh_reads_stored_values(session, ada, driver):
    """refresh() overwrites the fields, unwritten changes included."""
    await cypher(driver, "MATCH (n:Person) SET n.name = 'theirs', n.age = 40")
    ada.name = "mine"
    ada.tags.append("y")
    await session.refresh(ada)
    assert (ada.name, ada.age, ada.tags) == ("theirs", 40, ["x"])
    assert session.dirty == []


async def test_refresh_reads_loaded_relations_again(session, ada, driver):
    """Relations that were loaded are loaded anew; others stay unloaded."""
    await cypher(driver, "MATCH (n:Person) CREATE (n)-[:WROTE]->(:Article {id: 'b'})")
    await session.refresh(ada)
    assert sorted(a.id for a in ada.articles) == ["a", "b"]


async def test_refresh_of_a_partly_loaded_entity_loads_no_more(
    new_session, ada, assert_query_count
):
    """Only what was loaded is read again."""
    fresh = new_session()
    person = await fresh.get(Person, "ada")
    with assert_query_count(1):
        await fresh.refresh(person)
    assert "articles" not in person.model_dump()


async def test_refresh_of_a_deleted_entity(session, ada, driver):
    """An entity that somebody deleted is EntityNotFoundError and can be expunged."""
    await cypher(driver, "MATCH (n:Person) DETACH DELETE n")
    with pytest.raises(EntityNotFoundError, match="Person 'ada' is no longer in the database"):
        await session.refresh(ada)
    session.expunge(ada)
    await session.commit()


async def test_a_failed_refresh_does_not_write_old_values(session, ada, driver):
    """After a failed refresh a commit has nothing to write for the entity."""
    await cypher(driver, "MATCH (n:Person) DETACH DELETE n")
    with pytest.raises(EntityNotFoundError):
        await session.refresh(ada)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["a"]]


async def test_expire_is_filled_by_the_next_query(session, ada, driver, assert_query_count):
    """An expired entity takes the stored values when a query meets it."""
    ada.name = "mine"
    session.expire(ada)
    await cypher(driver, "MATCH (n:Person) SET n.name = 'theirs'")
    found = await session.scalars(select(Person))
    assert found == [ada]
    assert (ada.name, session.dirty) == ("theirs", [])


async def test_expire_makes_get_ask_again(session, ada, driver):
    """get() of an expired entity queries, and returns the same object."""
    session.expire(ada)
    await cypher(driver, "MATCH (n:Person) SET n.name = 'theirs'")
    assert await session.get(Person, "ada") is ada
    assert ada.name == "theirs"


async def test_expire_unloads_relations(session, ada):
    """Relations of an expired entity are loaded again by fetch=."""
    session.expire(ada)
    assert "articles" not in ada.model_dump()
    await session.get(Person, "ada", fetch=["articles"])
    assert [a.id for a in ada.articles] == ["a"]


async def test_an_edge_can_be_refreshed(session, driver):
    """refresh() of an edge entity reads its properties; a deleted one is an error."""
    shift = Shift(day=dt.date(2026, 1, 1), source=Person(id="p"), target=Company(id="c"))
    session.add(shift)
    await session.commit()
    await cypher(driver, "MATCH ()-[e:SHIFT]->() SET e.notes = ['theirs']")
    shift.notes = ["mine"]
    await session.refresh(shift)
    assert shift.notes == ["theirs"]
    await cypher(driver, "MATCH ()-[e:SHIFT]->() DELETE e")
    with pytest.raises(EntityNotFoundError, match="SHIFT"):
        await session.refresh(shift)
