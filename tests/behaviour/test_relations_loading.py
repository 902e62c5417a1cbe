"""Loading relations: one query per relation and level, and nothing by accident."""

from __future__ import annotations

import pytest

from runic.ogm.errors import DetachedEntityError, HydrationError, LazyLoadError, StatementError
from runic.ogm.model import State, state_of
from runic.ogm.query import select
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Article, Comment, Company, Person, Shift


@pytest.fixture
async def library(driver):
    """Three people with two articles each, every article with two comments by the next person."""
    people = "UNWIND ['0', '1', '2'] AS i CREATE (:Person {id: 'p' + i, name: 'N' + i})"
    await cypher(driver, people)
    for j in range(6):
        await cypher(
            driver,
            """
            MATCH (p:Person {id: $p}), (q:Person {id: $q})
            CREATE (p)-[:WROTE]->(a:Article {id: 'a' + $j, title: 'T' + $j}),
                (a)<-[:ABOUT]-(:Comment {id: 'x' + $j})<-[:SAID]-(q),
                (a)<-[:ABOUT]-(:Comment {id: 'y' + $j})<-[:SAID]-(q)
            """,
            p=f"p{j % 3}",
            q=f"p{(j + 1) % 3}",
            j=str(j),
        )


async def test_get_with_fetch_loads_the_relation(session, library, assert_query_count):
    """get(fetch=) costs one query for the entity and one for the relation."""
    with assert_query_count(2):
        person = await session.get(Person, "p0", fetch=["articles"])
    with assert_query_count(0):
        assert sorted(a.id for a in person.articles) == ["a0", "a3"]


async def test_nested_paths_are_one_query_a_level(session, library, assert_query_count):
    """Users, articles, comments and their authors are four queries, whatever the number."""
    with assert_query_count(4):
        people = await session.scalars(select(Person), fetch=["articles.comments.by"])
    with assert_query_count(0):
        names = {c.by.id for p in people for a in p.articles for c in a.comments}
    assert names == {"p0", "p1", "p2"}


async def test_related_entities_are_the_same_objects(session, library):
    """An entity that is reached by two ways is one object."""
    people = await session.scalars(select(Person), fetch=["articles.author"])
    assert all(article.author is person for person in people for article in person.articles)


async def test_fetch_takes_attributes_and_several_paths(session, library, assert_query_count):
    """Attributes and names mean the same; each relation is one query."""
    with assert_query_count(3):
        await session.scalars(select(Person), fetch=[Person.articles, "employer"])
    with assert_query_count(2):
        await session.scalars(select(Article).fetch(Article.comments))


async def test_fetch_fills_in_what_is_missing(session, library, assert_query_count):
    """An entity the session holds gets the relation it lacks; loaded ones are left alone."""
    person = await session.get(Person, "p0")
    with assert_query_count(1):
        assert await session.get(Person, "p0", fetch=["articles"]) is person
    person.articles.pop()
    with assert_query_count(0):
        await session.get(Person, "p0", fetch=["articles"])
    assert len(person.articles) == 1


async def test_fetch_of_nothing_sends_nothing(session, library, assert_query_count):
    """No parents, no query for their relations."""
    with assert_query_count(1):
        found = await session.scalars(
            select(Person).where(Person.name == "?"), fetch=["articles.comments"]
        )
    assert found == []


async def test_fetch_respects_skip_and_limit(session, library):
    """Only the entities that are returned have their relations loaded, all of them."""
    found = await session.scalars(
        select(Person).order_by(Person.id).skip(1).limit(1), fetch=["articles"]
    )
    assert [(p.id, sorted(a.id for a in p.articles)) for p in found] == [("p1", ["a1", "a4"])]


async def test_an_empty_relation_is_loaded_as_empty(session, library, assert_query_count):
    """A relation without anything in it is [] or None after loading."""
    person = await session.get(Person, "p0", fetch=["follows", "employer"])
    with assert_query_count(0):
        assert (person.follows, person.employer) == ([], None)


async def test_load_fills_relations_afterwards(session, library, assert_query_count):
    """session.load takes one entity or several, and any number of paths."""
    people = await session.scalars(select(Person))
    with assert_query_count(2):
        await session.load(people, Person.articles, "articles.comments")
    with assert_query_count(0):
        assert sum(len(a.comments) for p in people for a in p.articles) == 12
    with assert_query_count(1):
        await session.load(people[0], "employer")


async def test_an_unknown_path_is_refused(session, library):
    """A name that is no relation is an error that lists the relations."""
    with pytest.raises(StatementError, match="Person has no relation 'nothing'"):
        await session.get(Person, "p0", fetch=["nothing"])
    with pytest.raises(StatementError, match="is no relation to fetch"):
        await session.get(Person, "p0", fetch=[7])


async def test_an_unknown_path_is_refused_without_parents_too(session):
    """A wrong path is an error on an empty graph as well."""
    with pytest.raises(StatementError, match="no relation 'nothing'"):
        await session.scalars(select(Person), fetch=["nothing"])


async def test_several_entities_where_one_is_declared(session, driver):
    """A to-one relation with two relationships is an error that says what to do."""
    await cypher(
        driver,
        "CREATE (p:Person {id: 'p'})-[:WORKS_AT]->(:Company {id: 'a'}),"
        " (p)-[:WORKS_AT]->(:Company {id: 'b'})",
    )
    with pytest.raises(HydrationError, match=r"Person\.employer holds one entity.*has 2"):
        await session.get(Person, "p", fetch=["employer"])


async def test_edge_objects_are_loaded_with_both_ends(session, new_session, driver):
    """A relation of edge objects gives edges whose ends are the entities of the session."""
    await cypher(
        driver,
        "CREATE (:Person {id: 'p'})-[:SHIFT {day: '2026-01-01', notes: ['x']}]->"
        "(:Company {id: 'c'})",
    )
    person = await session.get(Person, "p", fetch=["shifts"])
    (shift,) = person.shifts
    assert isinstance(shift, Shift)
    assert (shift.source, shift.target.id, shift.notes) == (person, "c", ["x"])
    assert await session.get(Company, "c") is shift.target


async def test_nested_paths_go_on_through_edge_objects(session, driver, assert_query_count):
    """A path through a relation of edges continues at the edges' other ends."""
    await cypher(
        driver,
        "CREATE (:Person {id: 'p'})-[:SHIFT {day: '2026-01-01'}]->(:Company {id: 'c'})"
        "<-[:WORKS_AT]-(:Person {id: 'q'})",
    )
    with assert_query_count(3):
        person = await session.get(Person, "p", fetch=["shifts.staff"])
    assert [p.id for p in person.shifts[0].target.staff] == ["q"]


async def test_an_unloaded_relation_is_absent(session, library, assert_query_count):
    """Dump, JSON and repr of an entity leave out what is not loaded, and load nothing."""
    person = await session.get(Person, "p0")
    with assert_query_count(0):
        assert "articles" not in person.model_dump()
        assert "articles" not in person.model_dump_json()
        assert "articles" not in repr(person)


async def test_reading_unloaded_on_the_async_face_says_how(session, library, face):
    """The async session never loads on being read: it names fetch= and load()."""
    if face == "sync":
        pytest.skip("the sync session loads")
    person = await session.get(Person, "p0")
    with pytest.raises(LazyLoadError, match=r"fetch=\['articles'\].*await session\.load\(person"):
        _ = person.articles
    with pytest.raises(LazyLoadError):
        hasattr(person, "articles")


async def test_reading_unloaded_on_the_sync_face_loads(session, library, face, assert_query_count):
    """The sync session loads a relation when it is read: for all entities of the result at once."""
    if face == "async":
        pytest.skip("the async session refuses")
    people = await session.scalars(select(Person))
    with assert_query_count(1):
        assert sorted(a.id for p in people for a in p.articles) == [f"a{n}" for n in range(6)]
    with assert_query_count(1):
        assert all(a.comments for p in people for a in p.articles)


async def test_lazy_loading_batches_through_load(session, library, face, assert_query_count):
    """Entities that were loaded as relations are one batch too."""
    if face == "async":
        pytest.skip("the async session refuses")
    person = await session.get(Person, "p0", fetch=["articles"])
    with assert_query_count(2):
        assert {c.by.id for a in person.articles for c in a.comments} == {"p1"}


async def test_reading_unloaded_after_close(session, library):
    """After the session let it go, an entity's unloaded relations raise DetachedEntityError."""
    person = await session.get(Person, "p0")
    await session.close()
    assert state_of(person) is State.DETACHED
    with pytest.raises(DetachedEntityError, match=r"fetch=\['articles'\]"):
        _ = person.articles


async def test_loaded_relations_stay_after_close(session, library):
    """What was loaded can be read when the session is closed."""
    person = await session.get(Person, "p0", fetch=["articles"])
    await session.close()
    assert len(person.articles) == 2


async def test_a_hundred_parents_cost_what_one_does(session, driver, assert_query_count):
    """100 users with articles and comments are three queries."""
    await cypher(driver, "UNWIND range(0, 99) AS i CREATE (:Person {id: 'p' + toString(i)})")
    await cypher(
        driver,
        "MATCH (p:Person) UNWIND ['x', 'y', 'z'] AS j CREATE (p)-[:WROTE]->"
        "(:Article {id: p.id + j})<-[:ABOUT]-(:Comment {id: p.id + j})",
    )
    with assert_query_count(3):
        people = await session.scalars(select(Person), fetch=["articles.comments"])
    assert sum(len(a.comments) for p in people for a in p.articles) == 300


async def test_new_entities_have_no_unloaded_relations(session, assert_query_count):
    """A relation of a new entity is empty, not unloaded; nothing is asked of the database."""
    person = Person(id="new")
    session.add(person)
    await session.commit()
    with assert_query_count(0):
        assert (person.articles, person.employer) == ([], None)


async def test_a_comment_leads_to_its_author(session, library):
    """INCOMING to-one relations load like others."""
    comment = await session.get(Comment, "x0", fetch=["by", "article.author"])
    assert (comment.by.id, comment.article.author.id) == ("p1", "p0")
