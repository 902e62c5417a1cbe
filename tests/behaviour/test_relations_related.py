"""relate() and unrelate(): one relationship, written at once."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import EntityNotFoundError, SessionError, StatementError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, links
from tests.behaviour.models import Article, Company, Person, Shift, Wrote


@pytest.fixture
async def pair(session):
    """A stored person and a stored article that nothing relates."""
    person, article = Person(id="ada"), Article(id="a")
    session.add_all([person, article])
    await session.commit()
    return person, article


@pytest.mark.parametrize("relation", ["articles", Person.articles])
async def test_relate_by_name_or_attribute(session, pair, driver, relation):
    """The relationship is in the database when relate() returns."""
    await session.relate(pair[0], relation, pair[1])
    assert await links(session, "WROTE") == [("ada", "a")]


async def test_relate_shows_in_loaded_relations(session, pair, assert_query_count):
    """Both ends show the relationship, and the next commit has nothing to do."""
    person, article = pair
    await session.relate(person, "articles", article)
    assert (person.articles, article.author) == ([article], person)
    with assert_query_count(0):
        await session.commit()


async def test_relate_twice_is_one_relationship(session, pair, driver):
    """MERGE semantics."""
    await session.relate(pair[0], "articles", pair[1])
    await session.relate(pair[1], "author", pair[0])
    assert await links(session, "WROTE") == [("ada", "a")]


async def test_relate_flushes_new_ends_first(session, driver):
    """Ends that were added and not written are written with all other changes."""
    person, article = Person(id="ada"), Article(id="a")
    session.add_all([person, article])
    await session.relate(person, Person.articles, article)
    assert await links(session, "WROTE") == [("ada", "a")]
    assert state_of(person) is State.PERSISTENT


async def test_relate_leaves_other_changes_pending(session, pair, driver):
    """Unwritten field changes of stored ends stay unwritten, and tracked."""
    person, article = pair
    person.name = "changed"
    await session.relate(person, "articles", article)
    assert session.dirty == [person]
    assert await cypher(driver, "MATCH (n:Person) RETURN n.name") == [[""]]


async def test_relate_with_an_edge_entity(session, pair, driver):
    """The edge entity carries the properties and is tracked from then on."""
    person, article = pair
    edge = await session.relate(person, "articles", article, edge=Wrote(role="editor", year=2020))
    assert (edge.source, edge.target, state_of(edge)) == (person, article, State.PERSISTENT)
    edge.year = 2021
    await session.commit()
    assert await cypher(session, "MATCH ()-[e:WROTE]->() RETURN e.role, e.year") == [
        ["editor", 2021]
    ]


async def test_relate_multiple_makes_parallel_edges(session, pair, driver):
    """multiple=True: each call makes a relationship of its own."""
    person, company = pair[0], Company(id="c")
    session.add(company)
    for day in (1, 2):
        shift = Shift(day=dt.date(2026, 1, day))
        await session.relate(person, Person.shifts, company, edge=shift)
    await session.relate(person, "visits", company)
    await session.relate(person, "visits", company)
    assert len(await links(session, "SHIFT")) == 2
    assert len(await links(session, "VISITED")) == 2


async def test_relate_an_incoming_relation(session, driver):
    """The relationship runs in the relation's direction."""
    person, company = Person(id="ada"), Company(id="c")
    session.add_all([person, company])
    await session.relate(company, Company.staff, person)
    assert await links(session, "WORKS_AT") == [("ada", "c")]


async def test_unrelate_deletes_the_relationship(session, pair, driver):
    """Both ends lose it in memory too; the nodes stay."""
    person, article = pair
    await session.relate(person, "articles", article)
    await session.unrelate(person, "articles", article)
    assert (person.articles, article.author) == ([], None)
    assert await links(session, "WROTE") == []
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[2]]


async def test_unrelate_lets_edge_entities_go(session, pair):
    """An edge entity whose relationship is gone is deleted."""
    edge = await session.relate(pair[0], "articles", pair[1], edge=Wrote())
    await session.unrelate(pair[0], "articles", pair[1])
    assert state_of(edge) is State.DELETED


async def test_unrelate_of_nothing_is_an_error(session, pair):
    """Unrelating what is not related names both ends."""
    with pytest.raises(EntityNotFoundError, match=r"no WROTE.*Person 'ada'.*Article 'a'"):
        await session.unrelate(pair[0], "articles", pair[1])


async def test_an_end_that_is_gone_is_an_error(session, pair, driver):
    """relate() with an end that somebody deleted raises, and creates nothing."""
    await cypher(driver, "MATCH (n:Article) DELETE n")
    with pytest.raises(EntityNotFoundError, match="Article 'a'"):
        await session.relate(pair[0], "articles", pair[1])
    assert await links(session, "WROTE") == []
    assert pair[0].articles == []


async def test_an_end_that_is_not_in_the_session_is_refused(session, pair):
    """relate() takes entities of this session."""
    with pytest.raises(SessionError, match="not in this session"):
        await session.relate(pair[0], "articles", Article(id="new"))


@pytest.mark.parametrize("relation", ["nothing", "name", Article.author, 7])
async def test_an_unknown_relation_is_refused_with_those_there_are(session, pair, relation):
    """The error lists the relations of the class."""
    with pytest.raises(StatementError, match="its relations: articles, employer"):
        await session.relate(pair[0], relation, pair[1])


async def test_a_wrong_target_or_edge_is_refused(session, pair):
    """The target has to be of the relation's class, the edge of its edge model."""
    with pytest.raises(StatementError, match=r"Person\.employer leads to Company, not Article"):
        await session.relate(pair[0], "employer", pair[1])
    with pytest.raises(StatementError, match=r"Person\.articles has Wrote, not Shift"):
        edge = Shift(day=dt.date(2026, 1, 1))
        await session.relate(pair[0], "articles", pair[1], edge=edge)
