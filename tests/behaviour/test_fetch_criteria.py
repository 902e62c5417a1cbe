"""Loading a part of a relation: criteria, order and limit, and what a part means afterwards."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import HydrationError, StatementError
from runic.ogm.model import Node, Registry, Relation, relation_is_partial
from runic.ogm.query import select
from tests.behaviour.graphs import cypher, links
from tests.behaviour.models import Article, Comment, Company, Person, Shift, Wrote

REGISTRY = Registry()


class Book(Node, registry=REGISTRY):
    """Something on a shelf."""

    id: str
    year: int


class Shelf(Node, registry=REGISTRY):
    """Something with a relation that declares an order and a limit."""

    id: str
    newest: list[Book] = Relation("HOLDS", order_by="-year", limit=2)


@pytest.fixture
async def library(driver):
    """Two people with four articles each (from 2000 on), every article with three comments."""
    await cypher(driver, "UNWIND ['p', 'q'] AS k CREATE (:Person {id: k})")
    await cypher(
        driver,
        """
        MATCH (p:Person) UNWIND range(0, 3) AS i
        CREATE (p)-[:WROTE {role: 'author', year: 2000 + i}]->
            (:Article {id: p.id + toString(i), title: 'T' + toString(i)})
        """,
    )
    await cypher(
        driver,
        """
        MATCH (a:Article) UNWIND range(0, 2) AS j
        CREATE (a)<-[:ABOUT]-(:Comment {id: a.id + toString(j), text: 'C' + toString(j)})
        """,
    )


@pytest.fixture
async def shelf(driver):
    """A shelf of four books."""
    await cypher(
        driver,
        "CREATE (s:Shelf {id: 's'}) WITH s UNWIND range(0, 3) AS i"
        " CREATE (s)-[:HOLDS]->(:Book {id: 'b' + i, year: 2000 + i})",
    )


async def of(session, key="p", *fetch):
    """Return the keys of a person's articles, in the order in which they are held."""
    person = await session.get(Person, key, fetch=list(fetch))
    return [a.id for a in person.articles]


FIRST = Article.title < "T2"
IN_ORDER = Person.articles.order_by(Article.title)


async def test_criteria_order_and_limit_are_of_each_owner(session, library, assert_query_count):
    """Each entity gets the first so many that satisfy the criteria, all in one query."""
    part = Person.articles.where(Article.title > "T0").order_by(Article.title, desc=True).limit(2)
    with assert_query_count(2):
        people = await session.scalars(select(Person).order_by(Person.id), fetch=[part])
    assert [[a.id for a in p.articles] for p in people] == [["p3", "p2"], ["q3", "q2"]]


async def test_a_part_is_fetched_wherever_relations_are(session, new_session, library):
    """get, scalars, first, one, a statement, a bound query, a repository and load take parts."""
    part = Person.articles.where(Article.title == "T1")
    stmt = select(Person).where(Person.id == "p")
    found = [
        await new_session().get(Person, "p", fetch=part),
        (await new_session().scalars(stmt, fetch=part))[0],
        await new_session().first(stmt, [part]),
        await new_session().one(stmt, [part]),
        (await new_session().scalars(stmt.fetch(part)))[0],
        await new_session().repository(Person).get("p", fetch=[part]),
    ]
    person = await session.get(Person, "p")
    await session.load(person, part)
    assert [[a.id for a in p.articles] for p in [*found, person]] == [["p1"]] * 7


async def test_parts_nest(session, library, assert_query_count):
    """Below a part there are parts, names and dotted names: one query a relation and level."""
    comments = Article.comments.where(Comment.text != "C0").order_by("-text").limit(1)
    part = Person.articles.limit(1).fetch(comments, "author")
    with assert_query_count(4):
        person = await session.get(Person, "p", fetch=[part])
    (article,) = person.articles
    assert [c.text for c in article.comments] == ["C2"]
    assert article.author is person


async def test_a_part_below_the_whole(session, library):
    """A relation without criteria leads on to one with them."""
    part = Person.articles.fetch(Article.comments.limit(2))
    person = await session.get(Person, "p", fetch=[part])
    assert [len(a.comments) for a in person.articles] == [2, 2, 2, 2]
    assert not relation_is_partial(person, "articles")
    with pytest.raises(StatementError, match="Person has no relation 'article'; its relations: "):
        relation_is_partial(person, "article")


async def test_a_dotted_name_goes_on_from_a_part(session, library):
    """A name beside a part of the same relation goes along with the part."""
    part = Person.articles.where(FIRST)
    person = await session.get(Person, "p", fetch=[part, "articles.comments"])
    assert [len(a.comments) for a in person.articles] == [3, 3]


async def test_two_parts_of_one_relation_are_refused(session, library):
    """An entity cannot hold two parts of one relation."""
    one, other = Person.articles.limit(1), Person.articles.limit(2)
    with pytest.raises(StatementError, match="different parts of one relation"):
        await session.get(Person, "p", fetch=[one, other])


async def test_criteria_on_the_edge(session, library):
    """The fields of a relation's edge model are asked, and sorted by, like the target's."""
    part = Person.articles.where((Wrote.year > 2002) | (Article.title == "T0"))
    assert await of(session, "p", part.order_by(Wrote.year, desc=True)) == ["p3", "p0"]


async def test_criteria_where_a_relation_leads_to_its_owners_class(session, driver):
    """Criteria are of the entity that a relation leads to."""
    await cypher(
        driver,
        "CREATE (a:Person {id: 'a', age: 3})-[:KNOWS]->(:Person {id: 'b', age: 5}),"
        " (a)<-[:KNOWS]-(:Person {id: 'c', age: 1})",
    )
    person = await session.get(Person, "a", fetch=[Person.friends.where(Person.age > 2)])
    assert [p.id for p in person.friends] == ["b"]


async def test_relations_of_edges_are_loaded_in_part(session, driver):
    """Edge objects are chosen by their own fields and by their other end's."""
    await cypher(
        driver,
        "CREATE (p:Person {id: 'p'}), (c:Company {id: 'c', name: 'C'}), (d:Company {id: 'd'})"
        " WITH p, c, d UNWIND [[c, 1], [c, 2], [d, 3]] AS pair WITH p, pair[0] AS t, pair[1] AS n"
        " CREATE (p)-[:SHIFT {day: '2026-01-0' + n, edits: 1}]->(t)",
    )
    part = Person.shifts.where(Shift.day > dt.date(2026, 1, 1), Company.name == "C")
    person = await session.get(Person, "p", fetch=[part])
    assert [s.day.day for s in person.shifts] == [2]
    person.shifts.clear()
    await session.commit()
    rows = await cypher(driver, "MATCH ()-[s:SHIFT]->() RETURN s.day ORDER BY s.day")
    assert rows == [["2026-01-01"], ["2026-01-03"]]


async def test_parallel_edges_take_one_place(session, driver):
    """A target that several matching edges lead to counts once towards the limit."""
    await cypher(
        driver,
        "CREATE (p:Person {id: 'p'}), (a:Article {id: 'a'}), (b:Article {id: 'b'})"
        " CREATE (p)-[:WROTE {year: 1}]->(a), (p)-[:WROTE {year: 2}]->(a),"
        " (p)-[:WROTE {year: 3}]->(b)",
    )
    part = Person.articles.where(Wrote.year > 0).limit(2)
    assert sorted(await of(session, "p", part)) == ["a", "b"]


async def test_nothing_that_satisfies_is_empty(session, library, assert_query_count):
    """A part without anything in it is [] or None, and is loaded."""
    part = Person.articles.where(Article.title == "?")
    article = await session.get(Article, "p0", fetch=[Article.author.where(Person.age == 1)])
    with assert_query_count(2):
        assert await of(session, "q", part) == []
    assert article.author is None


async def test_a_part_is_told_from_the_whole(session, library):
    """relation_is_partial says of which relations there may be more than is held."""
    await of(session, "p", Person.articles.limit(1))
    await of(session, "q", Person.articles.order_by(Article.title))
    people = [await session.get(Person, key) for key in "pq"]
    assert [relation_is_partial(p, "articles") for p in people] == [True, False]
    assert not relation_is_partial(people[0], "friends")


async def test_the_same_part_is_not_loaded_again(session, library, assert_query_count):
    """A part with equal criteria is left alone, as a loaded relation is."""
    await of(session, "p", Person.articles.where(FIRST).limit(1))
    person = await session.get(Person, "p")
    person.articles.clear()
    with assert_query_count(0):
        assert await of(session, "p", Person.articles.where(Article.title < "T2").limit(1)) == []


async def test_another_part_takes_the_place_of_one(session, library, assert_query_count):
    """Other values, another limit or the whole relation are loaded anew, whole to part too."""
    assert await of(session, "p", IN_ORDER.where(FIRST)) == ["p0", "p1"]
    with assert_query_count(3):
        assert await of(session, "p", Person.articles.where(Article.title < "T1")) == ["p0"]
        assert sorted(await of(session, "p", Person.articles)) == ["p0", "p1", "p2", "p3"]
        assert await of(session, "p", IN_ORDER.limit(1)) == ["p0"]
    with assert_query_count(1):
        await session.load(await session.get(Person, "p"), "articles")
        assert len(await of(session, "p", "articles")) == 4
    assert not relation_is_partial(await session.get(Person, "p"), "articles")


async def test_unwritten_changes_keep_a_part_from_being_replaced(session, library):
    """Loading another part over unwritten changes is an error that names flush."""
    await of(session, "p", Person.articles.limit(1))
    person = await session.get(Person, "p")
    person.articles.append(Article(id="new"))
    for other in ("articles", Person.articles.limit(2)):
        with pytest.raises(StatementError, match=r"Person\.articles has unwritten.*flush\(\)"):
            await session.load(person, other)
    await session.flush()
    assert sorted(await of(session, "p", "articles")) == ["new", "p0", "p1", "p2", "p3"]


async def test_a_new_entity_holds_everything_there_is(session):
    """What is not in the database has no part to load; what it holds is unwritten."""
    empty, full = Person(id="e"), Person(id="f", articles=[Article(id="a")])
    session.add_all([empty, full])
    await session.load(empty, Person.articles.limit(1))
    with pytest.raises(StatementError, match="flush"):
        await session.load(full, Person.articles.limit(1))


async def test_replacing_a_part_removes_only_what_was_loaded(session, library, driver):
    """A list put in place of a part cuts what the part held and it does not."""
    assert await of(session, "p", IN_ORDER.where(FIRST)) == ["p0", "p1"]
    person = await session.get(Person, "p")
    person.articles = [person.articles[1], await session.get(Article, "q3")]
    await session.commit()
    wrote = [target for source, target in await links(driver, "WROTE") if source == "p"]
    assert wrote == ["p1", "p2", "p3", "q3"]


async def test_what_is_added_to_a_part_is_written(session, library, driver):
    """An addition is one edge, also where the database has it outside of the part."""
    await of(session, "p", IN_ORDER.limit(1))
    person = await session.get(Person, "p")
    person.articles.append(await session.get(Article, "p3"))
    person.articles.append(Article(id="new"))
    await session.commit()
    wrote = [target for source, target in await links(driver, "WROTE") if source == "p"]
    assert wrote == ["new", "p0", "p1", "p2", "p3"]


async def test_an_untouched_part_changes_nothing(session, library, driver, assert_query_count):
    """Committing entities with parts of relations sends nothing."""
    before = await links(driver, "WROTE")
    await session.scalars(select(Person), fetch=[Person.articles.limit(1)])
    with assert_query_count(0):
        await session.commit()
    assert await links(driver, "WROTE") == before


async def test_a_to_one_relation_that_held_nothing_is_not_overwritten(session, library, driver):
    """Criteria that found nothing leave open who is there: neither deleted nor doubled."""
    article = await session.get(Article, "p0", fetch=[Article.author.where(Person.name == "?")])
    article.author = await session.get(Person, "q")
    with pytest.raises(StatementError, match=r"session\.load\(article, Article\.author\)"):
        await session.commit()
    await session.rollback()
    await session.load(article, Article.author)
    article.author = await session.get(Person, "q")
    await session.commit()
    assert [source for source, target in await links(driver, "WROTE") if target == "p0"] == ["q"]


async def test_a_to_one_relation_that_was_found_is_replaced(session, library, driver):
    """The one that satisfied the criteria is the one there is."""
    article = await session.get(Article, "p0", fetch=[Article.author.where(Person.id == "p")])
    article.author = await session.get(Person, "q")
    await session.commit()
    assert [source for source, target in await links(driver, "WROTE") if target == "p0"] == ["q"]


async def test_a_limit_on_a_to_one_relation(session, library, driver):
    """Where the database has several, a limit picks one; without it they are an error."""
    await cypher(
        driver, "MATCH (p:Person {id: 'q'}), (a:Article {id: 'p0'}) CREATE (p)-[:WROTE]->(a)"
    )
    with pytest.raises(HydrationError, match="has 2"):
        await session.get(Article, "p0", fetch=[Article.author.order_by(Person.id)])
    part = Article.author.order_by(Person.id, desc=True).limit(1)
    article = await session.get(Article, "p0", fetch=[part])
    assert article.author.id == "q"


async def test_parallel_edges_are_not_cut_by_a_part(session, driver):
    """Over how many edges a target is reached is not known of a part: taking it out is refused."""
    await cypher(
        driver,
        "CREATE (p:Person {id: 'p'}), (c:Company {id: 'c'}) CREATE (p)-[:VISITED]->(c),"
        " (p)-[:VISITED]->(c)",
    )
    person = await session.get(Person, "p", fetch=[Person.visits.limit(1)])
    person.visits.pop()
    with pytest.raises(StatementError, match=r"Person\.visits was loaded in part"):
        await session.commit()


async def test_rollback_gives_the_part_back(session, library, assert_query_count):
    """After a rollback a relation holds the part that was loaded, as a part."""
    await of(session, "p", IN_ORDER.limit(2))
    person = await session.get(Person, "p")
    person.articles.clear()
    await session.rollback()
    with assert_query_count(0):
        assert await of(session, "p", IN_ORDER.limit(2)) == ["p0", "p1"]
    assert relation_is_partial(person, "articles")


async def test_refresh_reads_the_same_part(session, library, driver):
    """refresh loads what was loaded; expire forgets that it was a part."""
    await of(session, "p", Person.articles.where(FIRST))
    person = await session.get(Person, "p")
    await cypher(driver, "MATCH (a:Article {id: 'p0'}) SET a.title = 'T9'")
    await session.refresh(person)
    assert [a.id for a in person.articles] == ["p1"]
    session.expire(person)
    assert not relation_is_partial(person, "articles")
    assert len(await of(session, "p", "articles")) == 4


async def test_reading_lazily_leaves_the_parts_of_others_alone(session, library, face):
    """A relation that is read is loaded where it is missing, not where a part of it is held."""
    if face == "async":
        pytest.skip("the async session refuses to load on being read")
    people = await session.scalars(select(Person).order_by(Person.id))
    await session.load(people[0], Person.articles.limit(1))
    people[0].articles.clear()
    assert len(people[1].articles) == 4
    assert people[0].articles == []


async def test_a_declared_limit_is_a_part(session, shelf, assert_query_count):
    """A plain fetch is the declared one; what was loaded so may not be all."""
    found = await session.get(Shelf, "s", fetch=["newest"])
    assert [b.id for b in found.newest] == ["b3", "b2"]
    assert relation_is_partial(found, "newest")
    with assert_query_count(0):
        await session.load(found, Shelf.newest)


async def test_criteria_beside_declared_order_and_limit(session, shelf):
    """The declared order and limit hold unless others are given."""
    found = await session.get(Shelf, "s", fetch=[Shelf.newest.where(Book.year < 2003)])
    assert [b.id for b in found.newest] == ["b2", "b1"]
    await session.load(found, Shelf.newest.order_by(Book.year).limit(3))
    assert [b.id for b in found.newest] == ["b0", "b1", "b2"]
    await session.load(found, "newest")
    assert [b.id for b in found.newest] == ["b3", "b2"]


async def test_a_fetch_of_another_class_is_refused(session, library):
    """A fetch that does not start where it is used says so."""
    part = Article.comments.limit(1)
    with pytest.raises(StatementError, match=r"Person has no relation Article\.comments"):
        await session.get(Person, "p", fetch=[part])
    with pytest.raises(StatementError, match=r"relation of Article, not of Person"):
        await session.scalars(select(Person), fetch=[part])
