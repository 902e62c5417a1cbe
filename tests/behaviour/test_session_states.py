"""The life of an entity in a session: transient, pending, persistent, deleted, detached."""

from __future__ import annotations

from itertools import pairwise

import pytest

from runic.ogm.errors import SessionError, StatementError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, dump, links
from tests.behaviour.models import Article, Company, Counter, Person, Ticket, Wrote


async def test_an_added_entity_is_pending_until_it_is_written(session):
    """add() stages; commit() makes persistent."""
    ada = Person(id="ada")
    assert state_of(ada) is State.TRANSIENT
    session.add(ada)
    assert (state_of(ada), session.new, ada in session) == (State.PENDING, [ada], True)
    await session.commit()
    assert (state_of(ada), session.new) == (State.PERSISTENT, [])


async def test_add_writes_nothing(session, driver, assert_query_count):
    """Staging sends no query."""
    with assert_query_count(0):
        session.add(Person(id="ada"))
    assert await dump(driver) == ([], [])


async def test_adding_twice_writes_one_node(session, driver):
    """add() of what the session holds changes nothing, before and after it is written."""
    ada = Person(id="ada")
    session.add_all([ada, ada])
    await session.commit()
    session.add(ada)
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[1]]


async def test_a_batch_is_staged_as_one_by_one(session, driver):
    """add_all of new, held, related and unnumbered nodes stages each as add() does."""
    held = Person(id="ada")
    session.add(held)
    await session.commit()
    batch = [
        held, Person(id="bob"), Person(id="cy", employer=Company(id="c")), Ticket(), Ticket()
    ]  # fmt: skip
    session.add_all(batch)
    assert [state_of(one) for one in batch] == [State.PERSISTENT, *[State.PENDING] * 4]
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[6]]


async def test_a_batch_stops_where_a_key_is_taken(session):
    """Of a batch that names one key twice, what comes before the second stays staged."""
    first, twin, last = Person(id="ada"), Person(id="ada"), Person(id="bob")
    with pytest.raises(SessionError, match="already holds a Person with id 'ada'"):
        session.add_all([first, twin, last])
    assert (session.new, state_of(twin), state_of(last)) == (
        [first], State.TRANSIENT, State.TRANSIENT
    )  # fmt: skip
    with pytest.raises(SessionError, match="already holds"):
        session.add_all([last, twin])
    assert session.new == [first, last]


async def test_a_batch_of_copies_is_staged(session, driver):
    """Entities that no constructor made are new as well."""
    session.add_all([Person(id=f"p{n}").model_copy() for n in range(3)])
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[3]]


async def test_add_brings_what_the_relations_hold(session, driver):
    """add() cascades along relations, at any depth."""
    article = Article(id="a", author=Person(id="ada", employer=Company(id="c")))
    session.add(article)
    assert {type(e) for e in session.new} == {Article, Person, Company}
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a")]
    assert await links(driver, "WORKS_AT") == [("ada", "c")]


async def test_add_follows_cycles_once(session, driver):
    """Entities that hold each other are staged once each."""
    ada, bob = Person(id="ada"), Person(id="bob")
    ada.follows, bob.follows = [bob], [ada]
    session.add(ada)
    assert len(session.new) == 2
    await session.commit()
    assert await links(driver, "FOLLOWS") == [("ada", "bob"), ("bob", "ada")]


async def test_a_long_chain_is_added_without_recursion(session, driver):
    """The depth of a chain of relations is not limited by Python's stack."""
    people = [Person(id=f"p{n:04}") for n in range(3000)]
    for one, other in pairwise(people):
        one.follows = [other]
    session.add(people[0])
    await session.commit()
    assert len(await links(driver, "FOLLOWS")) == 2999


async def test_cascade_false_leaves_the_other_end_to_the_caller(session):
    """A relation with cascade=False adds nothing; the commit says what is missing."""
    ada = Person(id="ada", secret=Company(id="c"))
    session.add(ada)
    assert session.new == [ada]
    with pytest.raises((StatementError, SessionError), match="secret.*add"):
        await session.commit()
    assert state_of(ada) is State.PENDING


async def test_cascade_false_relates_what_was_added_by_itself(session, driver):
    """The relation is written once its other end is in the session."""
    ada = Person(id="ada", secret=Company(id="c"))
    session.add_all([ada, ada.secret])
    await session.commit()
    assert await links(driver, "SECRET") == [("ada", "c")]


async def test_a_deleted_entity_is_gone_after_the_commit(session, driver):
    """delete() stages; the commit deletes the node with its relationships."""
    ada = Person(id="ada", articles=[Article(id="a")])
    session.add(ada)
    await session.commit()
    session.delete(ada)
    assert (state_of(ada), session.deleted) == (State.PERSISTENT, [ada])
    await session.commit()
    assert (state_of(ada), ada in session) == (State.DELETED, False)
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["a"]]


async def test_deleting_a_pending_entity_forgets_it(session, driver):
    """What was never written needs no deletion."""
    ada = Person(id="ada")
    session.add(ada)
    session.delete(ada)
    await session.commit()
    assert state_of(ada) is State.TRANSIENT
    assert await dump(driver) == ([], [])


async def test_adding_a_doomed_entity_again_keeps_it(session, driver):
    """add() takes a staged deletion back."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    session.delete(ada)
    session.add(ada)
    await session.commit()
    assert state_of(ada) is State.PERSISTENT
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]


async def test_a_deleted_entity_can_be_added_as_a_new_one(session, driver):
    """After its deletion was written an entity may be stored again."""
    ada = Person(id="ada", name="Ada")
    session.add(ada)
    await session.commit()
    session.delete(ada)
    await session.commit()
    session.add(ada)
    await session.commit()
    assert state_of(ada) is State.PERSISTENT
    assert await cypher(driver, "MATCH (n) RETURN n.id, n.name") == [["ada", "Ada"]]


async def test_a_key_can_be_given_to_another_entity_in_the_same_commit(session, driver, unique):
    """Delete and create under one key and one unique value, in one commit."""
    unique("Person", "id")
    unique("Person", "email")
    old = Person(id="ada", name="old", email="a@x.org")
    session.add(old)
    await session.commit()
    session.delete(old)
    new = Person(id="ada", name="new", email="a@x.org")
    session.add(new)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["new"]]
    assert await session.get(Person, "ada") is new
    assert (state_of(old), state_of(new)) == (State.DELETED, State.PERSISTENT)


async def test_rollback_takes_a_replacement_back(session):
    """After a rollback the session holds the old entity under its key again."""
    old = Person(id="ada", name="old")
    session.add(old)
    await session.commit()
    session.delete(old)
    new = Person(id="ada", name="new")
    session.add(new)
    await session.rollback()
    assert await session.get(Person, "ada") is old
    assert state_of(new) is State.TRANSIENT


async def test_get_does_not_find_what_is_to_be_deleted(session):
    """A staged deletion hides the entity from get()."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    session.delete(ada)
    assert await session.get(Person, "ada") is None


async def test_get_finds_what_is_not_written_yet(session, assert_query_count):
    """A pending entity is found by its key without a query."""
    ada = Person(id="ada")
    session.add(ada)
    with assert_query_count(0):
        assert await session.get(Person, "ada") is ada


async def test_expunging_a_new_entity_makes_it_transient(session, driver):
    """A pending entity that is let go is not written."""
    ada = Person(id="ada")
    session.add(ada)
    session.expunge(ada)
    await session.commit()
    assert (state_of(ada), ada in session) == (State.TRANSIENT, False)
    assert await dump(driver) == ([], [])


async def test_expunging_a_stored_entity_detaches_it(session, driver):
    """A persistent entity that is let go is no longer followed."""
    ada = Person(id="ada", name="Ada")
    session.add(ada)
    await session.commit()
    session.expunge(ada)
    ada.name = "changed"
    await session.commit()
    assert state_of(ada) is State.DETACHED
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["Ada"]]


async def test_a_detached_entity_can_be_added_to_another_session(session, new_session, driver):
    """add() of a detached entity takes it up where it was: its changes are written."""
    ada = Person(id="ada", name="Ada")
    session.add(ada)
    await session.commit()
    await session.close()
    ada.name = "Ada L."
    async with new_session() as other:
        other.add(ada)
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["Ada L."]]


async def test_an_entity_of_another_session_is_refused(session, new_session):
    """Two sessions never share an entity."""
    ada = Person(id="ada")
    session.add(ada)
    other = new_session()
    with pytest.raises(SessionError, match="belongs to another session.*expunge"):
        other.add(ada)
    with pytest.raises(SessionError, match="not in this session"):
        other.delete(ada)


async def test_an_entity_of_another_session_is_refused_in_a_relation(session, new_session, driver):
    """A relation cannot smuggle in an entity of another session; nothing is written."""
    company = Company(id="c")
    session.add(company)
    await session.commit()
    other = new_session()
    before = await dump(driver)
    with pytest.raises(SessionError, match="belongs to another session"):
        other.add(Person(id="ada", employer=company))
        await other.commit()
    assert await dump(driver) == before


async def test_a_refused_add_stages_nothing(session, new_session):
    """When part of what would be added is refused, none of it is staged."""
    company = Company(id="c")
    session.add(company)
    other = new_session()
    ada = Person(id="ada", employer=company)
    with pytest.raises(SessionError):
        other.add(ada)
    assert (other.new, state_of(ada)) == ([], State.TRANSIENT)


async def test_a_second_object_with_the_same_key_is_refused(session):
    """One key is one object in a session."""
    session.add(Person(id="ada"))
    with pytest.raises(SessionError, match="already holds a Person with id 'ada'"):
        session.add(Person(id="ada"))


async def test_rollback_makes_new_entities_transient(session, driver):
    """What was added and not written is forgotten by a rollback."""
    ada = Person(id="ada")
    session.add(ada)
    await session.rollback()
    await session.commit()
    assert state_of(ada) is State.TRANSIENT
    assert await dump(driver) == ([], [])


async def test_rollback_restores_the_last_written_values(session, driver):
    """Field changes of every kind are taken back, in place too."""
    ada = Person(id="ada", name="Ada", tags=["x"], extra={"a": [1]})
    session.add(ada)
    await session.commit()
    ada.name = "changed"
    ada.tags.append("y")
    ada.extra["a"].append(2)
    await session.rollback()
    assert (ada.name, ada.tags, ada.extra) == ("Ada", ["x"], {"a": [1]})
    assert session.dirty == []


async def test_rollback_restores_relations(session, driver):
    """Entities put into or taken out of relations are restored."""
    ada = Person(id="ada", articles=[Article(id="a")], employer=Company(id="c"))
    session.add(ada)
    await session.commit()
    article, company = ada.articles[0], ada.employer
    ada.articles = [Article(id="b")]
    ada.employer = None
    await session.rollback()
    assert (ada.articles, ada.employer) == ([article], company)
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a")]


async def test_rollback_takes_deletions_back(session, driver):
    """A staged deletion is forgotten by a rollback."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    session.delete(ada)
    await session.rollback()
    await session.commit()
    assert (state_of(ada), session.deleted) == (State.PERSISTENT, [])
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]


async def test_nothing_expires_on_commit(session, assert_query_count):
    """Values and relations stay readable after a commit without a query."""
    ada = Person(id="ada", name="Ada", articles=[Article(id="a")])
    session.add(ada)
    await session.commit()
    with assert_query_count(0):
        assert (ada.name, ada.articles[0].id) == ("Ada", "a")


async def test_dirty_names_what_has_changed(session):
    """dirty lists stored entities with unwritten changes, those made in place included."""
    ada, bob = Person(id="ada"), Person(id="bob")
    session.add_all([ada, bob])
    await session.commit()
    assert session.dirty == []
    ada.tags.append("x")
    assert session.dirty == [ada]
    ada.tags.remove("x")
    assert session.dirty == []


async def test_the_database_gives_an_int_key(session, driver):
    """generated=True on int: None until the flush, then the node's id, stored as the property."""
    one, two = Counter(label="one"), Counter(label="two")
    session.add_all([one, two])
    assert one.id is None
    await session.commit()
    assert await cypher(driver, "MATCH (n:Counter) RETURN n.label, n.id ORDER BY n.label") == [
        ["one", one.id],
        ["two", two.id],
    ]
    assert await session.get(Counter, one.id) is one


async def test_a_rolled_back_int_key_is_none_again(session):
    """An entity that was never written keeps no key of the database."""
    one = Counter(label="one")
    session.add(one)
    await session.rollback()
    assert one.id is None


async def test_a_generated_str_key_is_there_at_construction(session):
    """generated=True on str makes a time-ordered key before anything is stored."""
    one, two = Ticket(), Ticket()
    assert one.id < two.id or one.id[:13] == two.id[:13]
    session.add_all([one, two])
    await session.commit()
    assert await session.get(Ticket, two.id) is two


async def test_the_key_of_a_stored_entity_cannot_change(session, driver):
    """A changed primary key is refused; a rollback restores it."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    ada.id = "eve"
    with pytest.raises(StatementError, match="Person.id.*'ada' to 'eve'"):
        await session.commit()
    await session.rollback()
    assert ada.id == "ada"


async def test_the_key_of_a_pending_entity_may_change(session, driver):
    """Until it is written an entity may be given another key."""
    ada = Person(id="ada")
    session.add(ada)
    ada.id = "eve"
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["eve"]]
    assert await session.get(Person, "eve") is ada
    assert await session.get(Person, "ada") is None


async def test_two_pending_entities_cannot_take_one_key_late(session, driver):
    """Two new entities that end up with one key are refused before anything is sent."""
    one, two = Person(id="ada"), Person(id="bob")
    session.add_all([one, two])
    two.id = "ada"
    with pytest.raises(SessionError, match="already holds"):
        await session.commit()
    assert await dump(driver) == ([], [])


async def test_edges_without_ends_are_refused(session):
    """An edge entity belongs between two nodes."""
    with pytest.raises(StatementError, match="source= and target="):
        session.add(Wrote())


@pytest.mark.parametrize("thing", [None, "ada", Person, [Person(id="x")], {"id": "x"}])
async def test_what_is_no_entity_cannot_be_added(session, thing):
    """add() takes entities only, and says what to do with a list."""
    with pytest.raises(StatementError, match="Node and Edge objects"):
        session.add(thing)


async def test_a_missing_primary_key_is_refused(session, driver):
    """A key of None is refused at the commit, with the ways out; nothing is sent."""
    session.add(Person.model_construct(id=None, name="x"))
    with pytest.raises(StatementError, match=r"has no id.*generated=True"):
        await session.commit()
    assert await dump(driver) == ([], [])
