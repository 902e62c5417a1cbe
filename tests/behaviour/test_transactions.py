"""Units of work: read-only sessions, nested blocks, retries, and what a transaction takes back."""

from __future__ import annotations

import pytest

from runic.ogm import update
from runic.ogm.driver.bridge import step
from runic.ogm.errors import (
    QuerySyntaxError,
    QueryTimeoutError,
    SessionError,
    StatementError,
    TransientError,
    UniqueViolationError,
    UnsupportedFeatureError,
)
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.models import Article, Company, Counter, Person, Ticket
from tests.faces import awaitable_face

transactional = pytest.mark.requires("transactions")
savepoints = pytest.mark.requires("savepoints")


async def stored(new_session, *people):
    """Store people, and return a new session on their graph."""
    async with new_session() as session:
        session.add_all(people)
    return new_session()


async def names(driver):
    """Return the key and the name of every person."""
    return await cypher(driver, "MATCH (p:Person) RETURN p.id, p.name ORDER BY p.id")


# Read-only sessions


async def test_a_read_only_session_reads(new_session):
    """Whatever only reads works as in any session."""
    await stored(new_session, Person(id="ada"))
    reading = new_session(read_only=True)
    assert (await reading.get(Person, "ada")).id == "ada"
    assert (await reading.execute("MATCH (n:Person) RETURN n.id")).rows == [("ada",)]


@pytest.mark.parametrize("way", ["commit", "flush", "execute", "update", "merge"])
async def test_a_read_only_session_refuses_to_write(new_session, driver, way):
    """Nothing is sent, and the error says how the session was opened."""
    session = new_session(read_only=True)
    session.add(Person(id="ada"))
    calls = {
        "commit": session.commit,
        "flush": session.flush,
        "execute": lambda: session.execute(update(Person).values(name="x")),
        "update": lambda: session.execute(update(Person).where(Person.id == "b").values(name="x")),
        "merge": lambda: session.merge(Person(id="bob")),
    }
    with pytest.raises(SessionError, match="read_only=True"):
        await calls[way]()
    assert await dump(driver) == ([], [])


# Blocks


async def test_begin_gives_the_session(session):
    """`with session.begin() as s` names the session itself."""
    async with session.begin() as inside:
        inside.add(Person(id="ada"))
        assert inside is session or inside.wrapped is session.wrapped


async def test_an_inner_block_joins_the_outer_one(session, driver):
    """Only the outer block commits."""
    async with session.begin():
        async with session.begin():
            session.add(Person(id="ada"))
        assert await names(driver) == []
    assert await names(driver) == [["ada", ""]]


async def test_an_inner_block_that_fails_spoils_the_outer_one(session, driver):
    """Catching its exception does not let the rest of the outer block be written."""
    with pytest.raises(SessionError, match="begin_nested"):
        async with session.begin():
            session.add(Person(id="ada"))
            with pytest.raises(ValueError, match="inner"):
                async with session.begin():
                    raise ValueError("inner")
            session.add(Person(id="bob"))
    assert await names(driver) == []


async def test_a_block_after_a_spoilt_one_commits(session, driver):
    """The session is usable again."""
    with pytest.raises(ValueError, match="inner"):
        async with session.begin(), session.begin():
            raise ValueError("inner")
    async with session.begin():
        session.add(Person(id="ada"))
    assert await names(driver) == [["ada", ""]]


# run_in_transaction


def work_of(face, work):
    """Return a unit of work for the face under test: as it is, or one that cannot await."""
    return work if face == "async" else lambda session: step(work(awaitable_face(session)))


async def test_work_is_committed_and_its_result_returned(session, driver, face):
    """The work's result comes back after its changes were committed."""

    async def work(unit):
        unit.add(Person(id="ada"))
        return 42

    assert await session.run_in_transaction(work_of(face, work)) == 42
    assert await names(driver) == [["ada", ""]]


async def test_work_is_done_again_after_a_conflict(session, driver, face):
    """What a failed attempt added is gone before the next one."""
    attempts = []

    async def work(unit):
        attempts.append(len(attempts))
        unit.add(Person(id=f"p{len(attempts)}"))
        if len(attempts) < 3:
            raise TransientError("a conflict")

    await session.run_in_transaction(work_of(face, work), backoff=0.001)
    assert attempts == [0, 1, 2]
    assert await names(driver) == [["p3", ""]]


async def test_work_reads_anew_after_a_conflict(new_session, driver, face):
    """An entity that the session held shows what others have stored meanwhile."""
    session = await stored(new_session, Person(id="ada", age=1))
    seen = []

    async def work(unit):
        ada = await unit.get(Person, "ada")
        seen.append(ada.age)
        ada.age += 1
        if len(seen) == 1:
            raise TransientError("a conflict")

    await session.get(Person, "ada")
    await cypher(driver, "MATCH (p:Person) SET p.age = 5")
    await session.run_in_transaction(work_of(face, work), backoff=0.001)
    assert seen == [1, 5]
    assert await cypher(driver, "MATCH (p:Person) RETURN p.age") == [[6]]


async def test_work_is_given_up_after_its_attempts(session, driver, face):
    """The last conflict is raised, and nothing is written."""
    attempts = []

    async def work(unit):
        attempts.append(unit)
        unit.add(Person(id="ada"))
        raise TransientError("a conflict")

    with pytest.raises(TransientError, match="a conflict"):
        await session.run_in_transaction(work_of(face, work), attempts=2, backoff=0.001)
    assert len(attempts) == 2
    assert await names(driver) == []


async def test_attempts_are_a_positive_number(session, face):
    """Zero attempts would do nothing and say nothing."""
    with pytest.raises(StatementError, match="attempts"):
        await session.run_in_transaction(work_of(face, None), attempts=0)


# What a transaction takes back


@transactional
async def test_a_flush_is_seen_by_its_session_alone_until_the_commit(session, new_session):
    """Other sessions see it after the commit."""
    session.add(Person(id="ada"))
    await session.flush()
    assert await session.exists(session.query(Person).statement)
    other = new_session()
    assert await other.get(Person, "ada") is None
    await session.commit()
    assert (await other.get(Person, "ada")).id == "ada"


@transactional
@pytest.mark.requires("timeouts")
async def test_waiting_for_another_session_ends_with_the_timeout(new_session, driver):
    """What another session has changed is waited for, and not for ever; its change is kept."""
    first = await stored(new_session, Person(id="ada"))
    (await first.get(Person, "ada")).name = "first"
    await first.flush()
    second = new_session(timeout=0.5)
    (await second.get(Person, "ada")).name = "second"
    with pytest.raises(QueryTimeoutError):
        await second.commit()
    await second.rollback()
    await first.commit()
    assert await names(driver) == [["ada", "first"]]


@transactional
async def test_rollback_undoes_flushed_additions(session, driver):
    """Nothing is stored, and the entities are transient: they can be added again."""
    session.add(ada := Person(id="ada", articles=[Article(id="a1")]))
    await session.flush()
    await session.rollback()
    assert state_of(ada) is State.TRANSIENT
    assert await dump(driver) == ([], [])
    session.add(ada)
    await session.commit()
    assert len((await dump(driver))[1]) == 1


@transactional
async def test_rollback_undoes_additions_that_were_to_be_deleted(session, driver):
    """What was flushed and then staged for deletion is transient as well."""
    session.add(ada := Person(id="ada"))
    await session.flush()
    session.delete(ada)
    await session.rollback()
    assert state_of(ada) is State.TRANSIENT
    assert (session.deleted, await names(driver)) == ([], [])


@transactional
async def test_rollback_undoes_flushed_changes(new_session, driver):
    """The fields have the values of before again, and a later commit writes nothing."""
    session = await stored(new_session, Person(id="ada", name="Ada", tags=["a"]))
    ada = await session.get(Person, "ada")
    ada.name = "Augusta"
    ada.tags.append("b")
    await session.flush()
    await session.rollback()
    assert (ada.name, ada.tags) == ("Ada", ["a"])
    assert session.dirty == []
    assert await names(driver) == [["ada", "Ada"]]


@transactional
async def test_rollback_undoes_flushed_deletions(new_session, driver):
    """The node, its edges and its place in relations are back."""
    ada = Person(id="ada", articles=[Article(id="a1"), Article(id="a2")])
    session = await stored(new_session, ada)
    ada = await session.get(Person, "ada", fetch=["articles"])
    gone = ada.articles[0]
    session.delete(gone)
    await session.flush()
    assert len(ada.articles) == 1
    await session.rollback()
    assert state_of(gone) is State.PERSISTENT
    assert sorted(a.id for a in ada.articles) == ["a1", "a2"]
    assert await session.get(Article, gone.id) is gone
    assert len((await dump(driver))[1]) == 2


@transactional
async def test_rollback_undoes_what_was_written_at_once(new_session, driver):
    """relate, merge, set-based changes and raw Cypher belong to the transaction."""
    session = await stored(new_session, Person(id="ada", name="Ada"), Company(id="c"))
    before = await dump(driver)
    ada, company = await session.get(Person, "ada"), await session.get(Company, "c")
    await session.relate(ada, Person.employer, company)
    await session.merge(Person(id="new"))
    await session.execute(update(Person).where(Person.id == "ada").values(name="changed"))
    await session.execute("CREATE (:Person {id: 'raw'})")
    assert ada.name == "changed"
    await session.rollback()
    assert ada.name == "Ada"
    assert await dump(driver) == before
    assert await session.get(Person, "new") is None


@transactional
async def test_closing_without_a_commit_undoes_what_was_flushed(session, driver):
    """A session that ends without commit leaves nothing."""
    session.add(Person(id="ada"))
    await session.flush()
    await session.close()
    assert await dump(driver) == ([], [])


@transactional
async def test_keys_of_the_database_are_taken_back(session):
    """A key that was given in a transaction that is undone is given anew."""
    session.add(counter := Counter(label="x"))
    await session.flush()
    assert counter.id is not None
    await session.rollback()
    assert counter.id is None
    session.add(counter)
    await session.commit()
    assert counter.id is not None


@transactional
async def test_a_failing_query_after_a_flush_asks_for_rollback(session, driver):
    """The database has undone everything, so nothing may go on as if it were there."""
    session.add(ada := Person(id="ada"))
    await session.flush()
    with pytest.raises(QuerySyntaxError):
        await session.execute("THIS IS NO CYPHER")
    with pytest.raises(SessionError, match="rollback"):
        await session.commit()
    await session.rollback()
    assert state_of(ada) is State.TRANSIENT
    assert await dump(driver) == ([], [])
    session.add(ada)
    await session.commit()
    assert await names(driver) == [["ada", ""]]


@transactional
async def test_a_failing_commit_keeps_pending_changes(session, driver, unique):
    """The culprit can be corrected and committed with the rest."""
    unique("Person", "email")
    twins = [Person(id="a", email="x@x.org"), Person(id="b", email="x@x.org")]
    session.add_all([Company(id="c"), *twins])
    with pytest.raises(UniqueViolationError):
        await session.commit()
    assert await dump(driver) == ([], [])
    twins[1].email = "y@y.org"
    await session.commit()
    assert len((await dump(driver))[0]) == 3


@transactional
async def test_entities_loaded_in_an_undone_transaction_are_read_anew(new_session, driver):
    """What was read from the transaction's own writes does not stay."""
    session = await stored(new_session, Person(id="ada", name="Ada"))
    await session.execute("MATCH (p:Person) SET p.name = 'undone'")
    ada = await session.get(Person, "ada")
    assert ada.name == "undone"
    await session.rollback()
    assert (await session.get(Person, "ada")).name == "Ada"


# Savepoints


async def test_a_database_without_savepoints_says_so(session, driver):
    """begin_nested names the databases that have them."""
    if "savepoints" in driver.dialect.capabilities:
        async with session.begin_nested():
            session.add(Person(id="ada"))
        await session.commit()
        assert await names(driver) == [["ada", ""]]
        return
    with pytest.raises(UnsupportedFeatureError, match="age"):
        async with session.begin_nested():
            session.add(Person(id="ada"))


@savepoints
async def test_a_nested_block_is_undone_alone(session, driver):
    """What came before it is committed."""
    session.add(ada := Person(id="ada", name="Ada"))
    with pytest.raises(ValueError, match="mine"):
        async with session.begin_nested():
            session.add(bob := Ticket(id="t1"))
            ada.name = "changed"
            await session.flush()
            raise ValueError("mine")
    assert state_of(bob) is State.TRANSIENT
    assert ada.name == "Ada"
    await session.commit()
    assert await names(driver) == [["ada", "Ada"]]


@savepoints
async def test_a_nested_block_may_fail_in_the_database(session, driver, unique):
    """A violation inside of it leaves the transaction usable."""
    unique("Person", "email")
    session.add(Person(id="a", email="x@x.org"))
    with pytest.raises(UniqueViolationError):
        async with session.begin_nested():
            session.add(Person(id="b", email="x@x.org"))
    session.add(Person(id="c", email="y@y.org"))
    await session.commit()
    assert await names(driver) == [["a", ""], ["c", ""]]
