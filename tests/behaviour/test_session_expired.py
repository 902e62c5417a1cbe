"""Expired entities: whatever query meets them next fills them, and what is set meanwhile stays."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.model import State, state_of
from runic.ogm.query import connect, delete, insert, merge, select, update
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Account, Article, Company, Person, Shift

DAY = dt.date(2026, 1, 1)


@pytest.fixture
async def account(session):
    """A stored account, expired, with another value in the database than in memory."""
    session.add(account := Account(id="a", balance=1))
    await session.commit()
    session.expire(account)
    return account


@pytest.fixture
async def shift(session):
    """A stored edge, expired."""
    shift = Shift(day=DAY, notes=["x"], source=Person(id="ada"), target=Company(id="c"))
    session.add(shift)
    await session.commit()
    session.expire(shift)
    return shift


STATEMENTS = {
    "update": lambda: update(Account).values(balance=5),
    "update_where": lambda: update(Account).where(Account.id == "a").values(balance=5),
    "update_returning": lambda: update(Account).values(balance=5).returning(),
    "update_returning_values": lambda: update(Account).values(balance=5).returning(Account.balance),
    "merge": lambda: merge(Account).values([{"id": "a", "balance": 5}]),
    "merge_returning": lambda: merge(Account).values([{"id": "a", "balance": 5}]).returning(),
}


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_statement_that_writes_reaches_an_expired_entity(session, account, statement):
    """The new value is there at once, with the version that the statement counted up."""
    await session.execute(STATEMENTS[statement]())
    assert (account.balance, account.revision) == (5, 1)
    account.balance = 6
    await session.commit()
    assert account.revision == 2


async def test_a_statement_that_writes_fills_the_whole_expired_entity(session):
    """Fields that the statement did not write are read as well, for it meets the entity."""
    session.add(ada := Person(id="ada", name="Ada", age=1))
    await session.commit()
    session.expire(ada)
    await cypher(session, "MATCH (n:Person) SET n.name = 'theirs'")
    await session.execute(update(Person).values(age=2))
    assert (ada.name, ada.age) == ("theirs", 2)


async def test_an_update_of_edges_reaches_an_expired_one(session, shift):
    """Edges take what was written as nodes do."""
    await session.execute(update(Shift).values(notes=["y"]))
    assert (shift.notes, shift.edits) == (["y"], 1)


@pytest.mark.parametrize("what", ["node", "edge"])
async def test_a_deletion_reaches_what_is_expired(session, account, shift, what):
    """An expired entity that a statement deletes is deleted in the session, too."""
    gone, cls = (account, Account) if what == "node" else (shift, Shift)
    await session.execute(delete(cls))
    assert (state_of(gone), gone in session) == (State.DELETED, False)


async def test_connect_reaches_the_relations_of_an_expired_entity(session):
    """A relation that is loaded after the statement has what it made."""
    session.add_all([ada := Person(id="ada"), Article(id="a")])
    await session.commit()
    session.expire(ada)
    await session.execute(connect(Person.articles))
    await session.load(ada, Person.articles)
    assert [article.id for article in ada.articles] == ["a"]


QUERIES = {
    "get": lambda session: session.get(Account, "a"),
    "scalars": lambda session: session.scalars(select(Account)),
    "rows": lambda session: session.all_rows(select(Account)),
    "raw": lambda session: session.execute("MATCH (n:Account) RETURN n", returns=[Account]),
    "merge": lambda session: session.merge(Account(id="a")),
}


@pytest.mark.parametrize("query", QUERIES)
async def test_what_is_set_after_expiring_is_kept(session, account, driver, query):
    """The query that fills the entity keeps an assignment made since, and the flush writes it."""
    await cypher(session, "MATCH (n:Account) SET n.balance = 8")
    account.balance = 7
    await QUERIES[query](session)
    assert account.balance == 7
    await session.commit()
    assert await cypher(driver, "MATCH (n:Account) RETURN n.balance") == [[7]]


async def test_refresh_drops_what_is_set_after_expiring(session, account):
    """refresh() reads everything again, as for an entity that is not expired."""
    account.balance = 7
    await session.refresh(account)
    assert (account.balance, session.dirty) == (1, [])


async def test_merge_overwrites_what_it_is_given(session, account):
    """Of unwritten changes a merge overwrites the fields it was given, and keeps the others."""
    session.add(ada := Person(id="ada", name="Ada", age=1))
    await session.commit()
    ada.name, ada.age = "mine", 2
    assert await session.merge(Person(id="ada", name="merged")) is ada
    assert (ada.name, ada.age) == ("merged", 2)
    assert session.dirty == [ada]


async def test_an_expired_entity_that_is_to_be_deleted_is_not_found(session, account):
    """get() does not read what is staged for deletion."""
    session.delete(account)
    assert await session.get(Account, "a") is None


async def test_an_insert_leaves_expired_entities_to_the_next_query(session, account):
    """A statement that does not meet an entity does not fill it."""
    await cypher(session, "MATCH (n:Account) SET n.balance = 8")
    await session.execute(insert(Account).values([{"id": "b"}]))
    assert (await session.get(Account, "a")).balance == 8
