"""Relations as tracked state: what is put into them and taken out becomes relationships."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, links
from tests.behaviour.models import Article, Comment, Company, Person, Shift, Wrote

DAY = dt.date(2026, 1, 1)


@pytest.fixture
async def ada(session):
    """A stored person with two articles, an employer and a friend; all relations loaded."""
    ada = Person(
        id="ada",
        articles=[Article(id="a1"), Article(id="a2")],
        employer=Company(id="c1"),
        friends=[Person(id="bob")],
    )
    session.add(ada)
    await session.commit()
    return ada


async def test_constructor_arguments_become_relationships(ada, driver):
    """What is given to the constructor is written with the entity."""
    assert await links(driver, "WROTE") == [("ada", "a1"), ("ada", "a2")]
    assert await links(driver, "WORKS_AT") == [("ada", "c1")]
    assert await links(driver, "KNOWS") == [("ada", "bob")]


async def test_appending_creates_an_edge(session, ada, driver, assert_query_count):
    """append() on a loaded relation is one new relationship, written with its other end."""
    ada.articles.append(Article(id="a3"))
    with assert_query_count(1 if "atomic_plan" in driver.dialect.capabilities else 2):
        await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a1"), ("ada", "a2"), ("ada", "a3")]


async def test_removing_deletes_the_edge_and_keeps_the_node(session, ada, driver):
    """remove() on a loaded relation deletes the relationship only."""
    ada.articles.remove(ada.articles[0])
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a2")]
    assert await cypher(driver, "MATCH (n:Article) RETURN count(n)") == [[2]]


async def test_replacing_a_list_deletes_and_creates(session, ada, driver):
    """An assigned list is compared with what was loaded."""
    ada.articles = [ada.articles[1], Article(id="a3")]
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a2"), ("ada", "a3")]


async def test_an_unchanged_edge_keeps_its_properties(session, ada, driver):
    """A relationship that stays in a changed relation is not written again."""
    await cypher(driver, "MATCH (:Person)-[e:WROTE]->(:Article {id: 'a2'}) SET e.role = 'editor'")
    ada.articles = [ada.articles[1]]
    await session.commit()
    assert await cypher(driver, "MATCH ()-[e:WROTE]->() RETURN e.role") == [["editor"]]


async def test_order_is_no_change(session, ada, assert_query_count):
    """Reordering a relation changes nothing in a graph."""
    ada.articles.reverse()
    with assert_query_count(0):
        await session.commit()


async def test_replacing_a_to_one_relation(session, ada, driver):
    """Assigning another entity deletes the old relationship and creates the new one."""
    ada.employer = Company(id="c2")
    await session.commit()
    assert await links(driver, "WORKS_AT") == [("ada", "c2")]
    ada.employer = None
    await session.commit()
    assert await links(driver, "WORKS_AT") == []


@pytest.mark.parametrize("other", ["c2", "new", None])
async def test_a_to_one_relation_is_replaced_unloaded(session, new_session, ada, driver, other):
    """The old relationship goes even if it was never loaded; the new end may be new or stored."""
    session.add(Company(id="c2"))
    await session.commit()
    async with new_session() as fresh:
        person = await fresh.get(Person, "ada")
        found = await fresh.get(Company, "c2")
        person.employer = {"c2": found, "new": Company(id="new"), None: None}[other]
    assert await links(driver, "WORKS_AT") == ([("ada", other)] if other else [])


async def test_assigning_what_is_stored_already_changes_nothing(new_session, ada, driver):
    """An unloaded to-one relation that is assigned its stored value keeps its relationship."""
    before = await cypher(driver, "MATCH ()-[e:WORKS_AT]->() SET e.since = 2020 RETURN id(e)")
    async with new_session() as fresh:
        person, company = await fresh.get(Person, "ada"), await fresh.get(Company, "c1")
        person.employer = company
    after = await cypher(driver, "MATCH ()-[e:WORKS_AT]->() WHERE e.since = 2020 RETURN id(e)")
    assert after == before


async def test_an_unloaded_list_cannot_be_replaced_blindly(new_session, ada, driver):
    """A list assigned to an unloaded relation is refused: it would delete what nobody saw."""
    fresh = new_session()
    person = await fresh.get(Person, "ada")
    person.articles = []
    with pytest.raises(StatementError, match=r"Person\.articles.*load it first"):
        await fresh.commit()
    await fresh.rollback()
    assert len(await links(driver, "WROTE")) == 2


async def test_saving_leaves_unloaded_relations_alone(new_session, ada, driver):
    """A partly loaded entity is saved without touching the relations that were not loaded."""
    async with new_session() as fresh:
        person = await fresh.get(Person, "ada", fetch=["articles"])
        person.name = "changed"
        person.articles.append(Article(id="a3"))
    assert await links(driver, "WORKS_AT") == [("ada", "c1")]
    assert await links(driver, "KNOWS") == [("ada", "bob")]
    assert len(await links(driver, "WROTE")) == 3


async def test_an_incoming_relation_is_written_in_its_direction(session, driver):
    """direction="INCOMING": the relationship leads from the held entity to the owner."""
    session.add(Company(id="c", staff=[Person(id="ada")]))
    await session.commit()
    assert await links(driver, "WORKS_AT") == [("ada", "c")]


async def test_both_sides_make_one_edge(session, driver):
    """A pair that holds each other through inverse relations has one relationship."""
    ada, article = Person(id="ada"), Article(id="a")
    ada.articles, article.author = [article], ada
    session.add(ada)
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a")]


async def test_the_other_side_agrees_after_a_flush(session, driver):
    """What one side was given, the loaded inverse side holds after the flush."""
    ada, article = Person(id="ada"), Article(id="a")
    session.add_all([ada, article])
    await session.commit()
    ada.articles.append(article)
    await session.flush()
    assert article.author is ada
    article.author = None
    await session.flush()
    assert ada.articles == []
    assert await links(driver, "WROTE") == []


async def test_moving_to_another_owner_leaves_the_first(session, ada, driver):
    """An article that gets another author leaves the first author's list, and its edge goes."""
    article, bob = ada.articles[0], ada.friends[0]
    article.author = bob
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a2"), ("bob", "a1")]
    assert [a.id for a in ada.articles] == ["a2"]
    assert article in bob.articles


async def test_replacing_unloaded_updates_the_loaded_inverse(session, new_session, ada, driver):
    """The old owner's loaded list loses an entity that moved, though its side was not loaded."""
    async with new_session() as fresh:
        company = await fresh.get(Company, "c1", fetch=["staff"])
        person = company.staff[0]
        person.employer = Company(id="c2")
        await fresh.flush()
        assert company.staff == []
        assert [p.id for p in person.employer.staff] == ["ada"]
    assert await links(driver, "WORKS_AT") == [("ada", "c2")]


async def test_a_both_relation_is_one_edge_whoever_holds_it(session, driver):
    """direction="BOTH": one relationship, seen from both ends."""
    ada, bob = Person(id="ada"), Person(id="bob")
    ada.friends, bob.friends = [bob], [ada]
    session.add(ada)
    await session.commit()
    assert len(await links(driver, "KNOWS")) == 1
    ada.friends.remove(bob)
    await session.commit()
    assert await links(driver, "KNOWS") == []
    assert bob.friends == []


async def test_a_both_relation_finds_an_edge_of_either_direction(session, new_session, driver):
    """A BOTH relation loads and keeps a relationship that points the other way."""
    session.add(Person(id="bob", friends=[Person(id="ada")]))
    await session.commit()
    async with new_session() as fresh:
        ada = await fresh.get(Person, "ada", fetch=["friends"])
        assert [p.id for p in ada.friends] == ["bob"]
        ada.friends.append(Person(id="cy"))
    assert await links(driver, "KNOWS") == [("ada", "cy"), ("bob", "ada")]


async def test_self_loops(session, new_session, driver):
    """An entity may be related to itself, in every direction, and let go again."""
    ada = Person(id="ada")
    ada.follows, ada.friends = [ada], [ada]
    session.add(ada)
    await session.commit()
    assert await links(driver, "FOLLOWS") == [("ada", "ada")]
    assert await links(driver, "KNOWS") == [("ada", "ada")]
    assert ada.followers == [ada]
    fresh = new_session()
    again = await fresh.get(Person, "ada", fetch=["follows", "followers", "friends"])
    assert (again.follows, again.followers, again.friends) == ([again], [again], [again])
    again.follows, again.friends = [], []
    await fresh.commit()
    assert again.followers == []
    assert await links(driver, "FOLLOWS") == []
    assert await links(driver, "KNOWS") == []


async def test_an_entity_twice_in_a_relation_is_one_edge(session, driver):
    """Without multiple=True a relation is a set: MERGE semantics."""
    article = Article(id="a")
    session.add(Person(id="ada", articles=[article, article]))
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a")]


async def test_an_edge_that_is_there_already_is_not_doubled(session, new_session, driver):
    """A relationship that somebody else made meanwhile is taken for the new one."""
    session.add_all([Person(id="ada"), Company(id="c")])
    await session.commit()
    person, company = await session.get(Person, "ada"), await session.get(Company, "c")
    await cypher(driver, "MATCH (p:Person), (c:Company) CREATE (p)-[:WORKS_AT]->(c)")
    person.employer = company
    await session.commit()
    assert await links(driver, "WORKS_AT") == [("ada", "c")]


async def test_multiple_keeps_parallel_edges(session, new_session, driver):
    """multiple=True: an entity held twice is two relationships, loaded as two."""
    company = Company(id="c")
    session.add(Person(id="ada", visits=[company, company]))
    await session.commit()
    assert await links(driver, "VISITED") == [("ada", "c"), ("ada", "c")]
    async with new_session() as fresh:
        ada = await fresh.get(Person, "ada", fetch=["visits"])
        assert [c.id for c in ada.visits] == ["c", "c"]
        ada.visits.append(ada.visits[0])
    assert len(await links(driver, "VISITED")) == 3


async def test_multiple_lets_all_parallel_edges_go(session, driver):
    """An entity that is taken out of a multiple relation whole loses all its relationships."""
    company = Company(id="c")
    ada = Person(id="ada", visits=[company, company])
    session.add(ada)
    await session.commit()
    ada.visits = []
    await session.commit()
    assert await links(driver, "VISITED") == []


async def test_one_of_several_parallel_edges_is_ambiguous(session, driver):
    """Which of two equal edges should go is unknown, so it is refused; nothing is written."""
    company = Company(id="c")
    ada = Person(id="ada", visits=[company, company])
    session.add(ada)
    await session.commit()
    ada.visits.remove(company)
    with pytest.raises(StatementError, match=r"Person\.visits.*relation of edge objects"):
        await session.commit()
    assert len(await links(driver, "VISITED")) == 2


async def test_deleting_a_node_takes_it_out_of_relations(session, ada, driver):
    """After the deletion of an entity no loaded relation holds it."""
    article = ada.articles[0]
    session.delete(article)
    await session.commit()
    assert [a.id for a in ada.articles] == ["a2"]
    assert await links(driver, "WROTE") == [("ada", "a2")]
    await session.commit()


async def test_deleting_the_target_of_a_to_one_relation(session, ada, driver):
    """A to-one relation to a deleted entity holds None afterwards."""
    session.delete(ada.employer)
    await session.commit()
    assert ada.employer is None
    await session.commit()
    assert await links(driver, "WORKS_AT") == []


async def test_relating_to_a_doomed_entity_is_refused(session, ada, driver):
    """An entity cannot be deleted and related to in one commit."""
    company = Company(id="c2")
    session.add(company)
    await session.commit()
    session.delete(company)
    ada.employer = company
    with pytest.raises(StatementError, match="Company 'c2' is being deleted"):
        await session.commit()
    assert await links(driver, "WORKS_AT") == [("ada", "c1")]


async def test_an_entity_found_only_in_memory_is_cascaded_at_the_flush(session, ada, driver):
    """What is put into a relation of a stored entity is staged by the flush, at any depth."""
    ada.articles[0].comments = [Comment(id="x", by=Person(id="cy"))]
    await session.commit()
    assert await links(driver, "ABOUT") == [("x", "a1")]
    assert await links(driver, "SAID") == [("cy", "x")]


async def test_a_wrong_class_in_a_relation_is_refused(session, ada):
    """A relation holds entities of its target class."""
    ada.articles.append(Company(id="x"))
    with pytest.raises(StatementError, match=r"Person\.articles holds Article objects"):
        await session.commit()


async def test_a_plain_relation_shows_an_added_edge_entity(session, driver):
    """An edge entity that is added shows in the loaded plain relations of its ends."""
    ada, article = Person(id="ada"), Article(id="a")
    session.add(Wrote(role="editor", source=ada, target=article))
    await session.commit()
    assert await cypher(driver, "MATCH ()-[e:WROTE]->() RETURN e.role") == [["editor"]]
    assert ada.articles == [article]
    assert article.author is ada
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a")]


async def test_edge_objects_are_written_through_their_relation(session, driver):
    """A relation of edge objects writes each edge; its owner becomes the missing end."""
    ada = Person(id="ada", shifts=[Shift(day=DAY, target=Company(id="c"))])
    session.add(ada)
    await session.commit()
    assert await links(driver, "SHIFT") == [("ada", "c")]
    assert (ada.shifts[0].source, state_of(ada.shifts[0])) == (ada, State.PERSISTENT)


async def test_parallel_edge_objects_live_separately(session, new_session, driver):
    """Edges of one type between the same nodes are written, read, edited and deleted separately."""
    company = Company(id="c")
    days = [DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2)]
    session.add(Person(id="ada", shifts=[Shift(day=day, target=company) for day in days]))
    await session.commit()
    async with new_session() as fresh:
        ada = await fresh.get(Person, "ada", fetch=["shifts"])
        by_day = {shift.day: shift for shift in ada.shifts}
        assert sorted(by_day) == days
        by_day[days[0]].notes.append("late")
        fresh.delete(by_day[days[1]])
        ada.shifts.remove(by_day[days[1]])
    rows = await cypher(
        driver, "MATCH ()-[e:SHIFT]->() RETURN e.day, e.notes, e.edits ORDER BY e.day"
    )
    assert rows == [["2026-01-01", ["late"], 1], ["2026-01-03", [], 0]]


async def test_removing_an_edge_object_deletes_its_edge(session, driver):
    """An edge that is taken out of its relation is deleted, and only that one."""
    company = Company(id="c")
    ada = Person(id="ada", shifts=[Shift(day=DAY, target=company), Shift(day=DAY, target=company)])
    session.add(ada)
    await session.commit()
    gone = ada.shifts.pop(0)
    await session.commit()
    assert state_of(gone) is State.DELETED
    assert len(await links(driver, "SHIFT")) == 1


async def test_an_edited_edge_is_one_set(session, new_session, driver, assert_query_count):
    """Editing a property of a loaded edge entity writes that property; None clears it."""
    session.add(Wrote(role="author", year=2020, source=Person(id="ada"), target=Article(id="a")))
    await session.commit()
    async with new_session() as fresh:
        rows = await fresh.execute("MATCH ()-[e:WROTE]->() RETURN e", returns=[Wrote])
        edge = rows.scalar()
        edge.role, edge.year = "editor", None
        with assert_query_count(1):
            await fresh.commit()
    assert await cypher(driver, "MATCH ()-[e:WROTE]->() RETURN e.role, e.year") == [
        ["editor", None]
    ]


async def test_deleting_an_edge_entity_keeps_its_ends(session, driver):
    """delete(edge) deletes the relationship; loaded relations of both ends lose it."""
    ada, article = Person(id="ada"), Article(id="a")
    edge = Wrote(source=ada, target=article)
    session.add(edge)
    await session.commit()
    session.delete(edge)
    await session.commit()
    assert await links(driver, "WROTE") == []
    assert (ada.articles, article.author) == ([], None)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[2]]


async def test_an_added_edge_shows_in_a_relation_of_edges(session, driver):
    """An edge that was added by itself is in the loaded relation of edge objects afterwards."""
    ada, company = Person(id="ada"), Company(id="c")
    session.add_all([ada, company])
    await session.commit()
    shift = Shift(day=DAY, source=ada, target=company)
    session.add(shift)
    await session.commit()
    assert ada.shifts == [shift]
    await session.commit()
    assert len(await links(driver, "SHIFT")) == 1


async def test_an_edge_can_replace_another_between_the_same_nodes(session, driver):
    """Deleting an edge and adding one of its type between its ends leaves the new one."""
    ada, article = Person(id="ada"), Article(id="a")
    old = Wrote(role="author", year=2020, source=ada, target=article)
    session.add(old)
    await session.commit()
    session.delete(old)
    session.add(Wrote(role="editor", source=ada, target=article))
    await session.commit()
    assert await cypher(driver, "MATCH ()-[e:WROTE]->() RETURN e.role, e.year") == [
        ["editor", None]
    ]


async def test_moving_an_edge_is_refused_or_new(session, driver):
    """An edge object may be held by one relation's owner only."""
    shift = Shift(day=DAY, target=Company(id="c"))
    ada, bob = Person(id="ada", shifts=[shift]), Person(id="bob", shifts=[shift])
    session.add(ada)
    with pytest.raises(StatementError, match="runs between other entities"):
        session.add(bob)


async def test_a_failed_flush_keeps_relation_changes(session, ada, driver, unique):
    """After a failure relations keep their unwritten changes and the next commit writes them."""
    unique("Person", "email")
    session.add(Person(id="x", email="x@x.org"))
    await session.commit()
    twin = Person(id="y", email="x@x.org")
    ada.articles.pop(0)
    ada.follows = [twin]
    with pytest.raises(Exception, match="unique constraint"):
        await session.commit()
    assert len(await links(driver, "WROTE")) == 2
    twin.email = "y@x.org"
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a2")]
    assert await links(driver, "FOLLOWS") == [("ada", "y")]
