"""Corners of the unit of work: several things to one entity in one commit."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import SessionError, StaleEntityError
from runic.ogm.model import State, state_of
from runic.ogm.query import select
from tests.behaviour.graphs import cypher, links
from tests.behaviour.models import Account, Article, Company, Counter, Person, Shift, Wrote

DAY = dt.date(2026, 1, 1)


async def test_fetch_on_a_pending_entity(session, assert_query_count):
    """A new entity has nothing stored: fetch= and load() leave its relations as they are."""
    ada = Person(id="ada", articles=[Article(id="a")])
    session.add(ada)
    with assert_query_count(0):
        assert await session.get(Person, "ada", fetch=["articles", "employer"]) is ada
        await session.load(ada, "follows")
    assert [a.id for a in ada.articles] == ["a"]


async def test_load_mixes_pending_and_stored(session, new_session):
    """A load over new and stored entities asks for the stored ones."""
    async with new_session() as other:
        other.add(Person(id="old", articles=[Article(id="a")]))
    old, new = await session.get(Person, "old"), Person(id="new")
    session.add(new)
    await session.load([old, new], "articles")
    assert ([a.id for a in old.articles], new.articles) == (["a"], [])


async def test_merging_over_a_pending_twin_is_refused(session, driver):
    """merge() of a key that a new entity of the session has says to change that one."""
    ada = Person(id="ada", name="mine")
    session.add(ada)
    with pytest.raises(SessionError, match=r"Person 'ada'.*not written yet"):
        await session.merge(Person(id="ada", name="other"))
    assert (ada.name, state_of(ada)) == ("mine", State.PENDING)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["mine"]]


async def test_merging_over_a_doomed_twin_is_refused(session):
    """merge() of a key that is to be deleted is refused before anything is sent."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    session.delete(ada)
    with pytest.raises(SessionError, match="Person 'ada' is to be deleted"):
        await session.merge(Person(id="ada"))


async def test_merge_keeps_unwritten_changes_of_other_fields(session, driver):
    """Merging into a held entity with changes keeps what the merge did not touch."""
    ada = Person(id="ada", name="Ada")
    session.add(ada)
    await session.commit()
    ada.name = "changed"
    await session.merge(Person(id="ada", age=3))
    assert (ada.name, ada.age) == ("changed", 3)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name, n.age") == [["changed", 3]]


async def test_deleting_a_node_with_an_edited_edge(session, driver):
    """An edge that was edited goes with its node; the edit is not missed."""
    ada = Person(id="ada")
    edge = Wrote(source=ada, target=Article(id="a"))
    session.add(edge)
    await session.commit()
    edge.role = "editor"
    session.delete(ada)
    await session.commit()
    assert state_of(edge) is State.DELETED
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["a"]]
    await session.commit()


async def test_deleting_an_edge_and_its_node(session, driver):
    """Both may be deleted in one commit."""
    ada = Person(id="ada")
    edge = Wrote(source=ada, target=Article(id="a"))
    session.add(edge)
    await session.commit()
    session.delete(edge)
    session.delete(ada)
    await session.commit()
    assert (state_of(edge), state_of(ada)) == (State.DELETED, State.DELETED)


async def test_deleting_both_ends(session, driver):
    """Two related entities may be deleted in one commit."""
    ada = Person(id="ada", articles=[Article(id="a")], follows=[Person(id="bob")])
    session.add(ada)
    await session.commit()
    for entity in (ada, ada.articles[0], ada.follows[0]):
        session.delete(entity)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]


async def test_edges_of_a_deleted_node_leave_the_session(session, new_session, driver):
    """A later relationship that gets the same ids is another edge."""
    ada, company = Person(id="ada"), Company(id="c")
    shift = Shift(day=DAY, source=ada, target=company)
    session.add(shift)
    await session.commit()
    session.delete(ada)
    await session.commit()
    bob = Person(id="bob", shifts=[Shift(day=DAY + dt.timedelta(1), target=company)])
    session.add(bob)
    await session.commit()
    session.expire(bob)
    loaded = await session.get(Person, "bob", fetch=["shifts"])
    assert [s.day for s in loaded.shifts] == [DAY + dt.timedelta(1)]
    assert state_of(shift) is State.DELETED


async def test_a_value_given_up_can_be_taken_in_one_commit(session, driver, unique):
    """A changed entity gives up a unique value that a new one takes."""
    unique("Person", "email")
    ada = Person(id="ada", email="a@x.org")
    session.add(ada)
    await session.commit()
    ada.email = "b@x.org"
    session.add(Person(id="eve", email="a@x.org"))
    await session.commit()
    rows = await cypher(driver, "MATCH (n) RETURN n.id, n.email ORDER BY n.id")
    assert rows == [["ada", "b@x.org"], ["eve", "a@x.org"]]


async def test_a_deleted_value_can_be_taken_by_a_change(session, driver, unique):
    """A changed entity takes the unique value of a deleted one."""
    unique("Person", "email")
    ada, bob = Person(id="ada", email="a@x.org"), Person(id="bob")
    session.add_all([ada, bob])
    await session.commit()
    session.delete(ada)
    bob.email = "a@x.org"
    session.add(Person(id="new"))
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Person) RETURN n.id, n.email ORDER BY n.id")
    assert rows == [["bob", "a@x.org"], ["new", None]]


async def test_generated_keys_with_relations_in_batches(session, driver):
    """Keys made by the database are known to the edges of later batches."""
    counters = [Counter(label=str(n)) for n in range(5)]
    session.add_all(counters)
    await session.commit(atomic=False, batch_size=2)
    assert len({c.id for c in counters}) == 5
    for counter in counters:
        assert await session.get(Counter, counter.id) is counter


async def test_a_detached_entity_that_was_deleted_elsewhere(session, new_session, driver):
    """A detached entity that is gone cannot be changed: StaleEntityError."""
    ada = Person(id="ada")
    async with new_session() as other:
        other.add(ada)
    await cypher(driver, "MATCH (n) DELETE n")
    session.add(ada)
    ada.name = "changed"
    with pytest.raises(StaleEntityError, match="'ada'"):
        await session.commit()


async def test_a_detached_twin_is_refused(session, new_session):
    """add() of a detached entity whose key the session holds is refused."""
    async with new_session() as other:
        other.add(twin := Person(id="ada"))
    held = await session.get(Person, "ada")
    with pytest.raises(SessionError, match="already holds a Person"):
        session.add(twin)
    assert state_of(twin) is State.DETACHED
    assert await session.get(Person, "ada") is held


async def test_detached_relations_come_back_with_their_owner(session, new_session, driver):
    """add() of a detached entity takes its loaded relations with it, and follows them."""
    async with new_session() as other:
        other.add(ada := Person(id="ada", articles=[Article(id="a")]))
    session.add(ada)
    assert ada.articles[0] in session
    ada.articles[0].title = "changed"
    ada.articles.append(Article(id="b"))
    await session.commit()
    assert await links(driver, "WROTE") == [("ada", "a"), ("ada", "b")]
    assert await cypher(driver, "MATCH (n:Article {id: 'a'}) RETURN n.title") == [["changed"]]


@pytest.mark.backend("falkordb")
async def test_rollback_after_a_flush_keeps_what_was_flushed(session, driver):
    """rollback() restores the state of the last flush, which the database has."""
    ada = Person(id="ada", name="one")
    session.add(ada)
    await session.flush()
    ada.name = "two"
    await session.rollback()
    assert (ada.name, state_of(ada)) == ("one", State.PERSISTENT)


async def test_a_query_does_not_flush(session, driver):
    """Reading writes nothing: what is pending is not found by statements."""
    session.add(Person(id="ada"))
    assert await session.scalars(select(Person)) == []
    assert len(session.new) == 1


async def test_an_optional_traversal_without_a_target(session):
    """A row without a target is None among the entities; fetch= passes over it."""
    session.add_all([Person(id="a", employer=Company(id="c")), Person(id="b")])
    await session.commit()
    statement = select(Person).traverse(Person.employer, optional=True).return_target()
    found = await session.scalars(statement, fetch=["staff"])
    assert sorted(c.id if c else "-" for c in found) == ["-", "c"]


async def test_a_version_is_untouched_by_a_failed_commit(session, driver, unique):
    """After a failed commit the version is as before, and the next commit counts once."""
    unique("Person", "email")
    account = Account(id="a")
    session.add_all([account, Person(id="p", email="x@x.org")])
    await session.commit()
    account.balance = 1
    twin = Person(id="q", email="x@x.org")
    session.add(twin)
    with pytest.raises(Exception, match="unique"):
        await session.commit()
    assert account.revision == 0
    session.expunge(twin)
    await session.commit()
    assert account.revision == 1
    assert await cypher(driver, "MATCH (n:Account) RETURN n.revision") == [[1]]


async def test_a_deletion_is_kept_by_a_failed_commit(session, driver, unique):
    """A staged deletion survives a failure and is carried out by the next commit."""
    unique("Person", "email")
    gone, held = Person(id="gone"), Person(id="p", email="x@x.org")
    session.add_all([gone, held])
    await session.commit()
    session.delete(gone)
    session.add(twin := Person(id="q", email="x@x.org"))
    with pytest.raises(Exception, match="unique"):
        await session.commit()
    assert (state_of(gone), session.deleted) == (State.PERSISTENT, [gone])
    session.expunge(twin)
    await session.commit()
    assert state_of(gone) is State.DELETED
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["p"]]


async def test_setting_the_version_by_hand_is_of_no_effect_or_refused(session, driver):
    """The version belongs to the session: a value that was assigned is not written."""
    account = Account(id="a")
    session.add(account)
    await session.commit()
    account.revision = 50
    account.balance = 1
    await session.commit()
    assert await cypher(driver, "MATCH (n:Account) RETURN n.revision") == [[1]]
    assert account.revision == 1


async def test_one_of_the_same_result_expires_alone(session):
    """expire() touches one entity; the others of the result stay loaded."""
    session.add_all(Person(id=f"p{n}", name="x") for n in range(3))
    await session.commit()
    people = await session.scalars(select(Person).order_by(Person.id))
    people[1].name = people[2].name = "mine"
    session.expire(people[1])
    assert session.dirty == [people[2]]
