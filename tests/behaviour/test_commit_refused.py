"""A commit that the database refuses takes back what was flushed before it, in memory as well."""

from __future__ import annotations

import pytest

from runic.ogm.errors import SessionError, UniqueViolationError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Account, Person

pytestmark = pytest.mark.requires("transactions")


async def in_block(session):
    """Commit by a call."""
    await session.commit()


async def by_flush(session):
    """Have the last changes refused by their own flush, where the database asks at once."""
    await session.flush()
    await session.commit()


@pytest.mark.parametrize("commit", [in_block, by_flush])
async def test_what_was_flushed_is_taken_back(session, new_session, driver, unique, commit):
    """Values, new and deleted entities are as before; rollback() has to be called first."""
    unique("Person", "email")
    async with new_session() as other:
        other.add_all([Person(id="a", name="old"), Person(id="b"), Person(id="c", email="x")])
    changed, gone = await session.get(Person, "a"), await session.get(Person, "b")
    born = Person(id="d")
    changed.name = "flushed"
    session.add(born)
    session.delete(gone)
    await session.flush()
    culprit = Person(id="e", email="x")
    session.add(culprit)
    with pytest.raises(UniqueViolationError):
        await commit(session)
    culprit.email = "free"
    with pytest.raises(SessionError, match="rollback"):
        await session.commit()
    await session.rollback()
    assert (changed.name, state_of(gone), state_of(born)) == (
        "old",
        State.PERSISTENT,
        State.TRANSIENT,
    )
    changed.name = "next"
    await session.commit()
    names = "MATCH (p:Person) RETURN p.id, p.name ORDER BY p.id"
    assert await cypher(driver, names) == [["a", "next"], ["b", ""], ["c", ""]]


async def test_its_version_is_taken_back(session, new_session, driver, unique):
    """So that the next change is no conflict."""
    unique("Person", "email")
    async with new_session() as other:
        other.add_all([Account(id="n"), Person(id="c", email="x")])
    account = await session.get(Account, "n")
    for _ in range(2):
        account.balance += 1
        await session.flush()
        session.add(Person(id="e", email="x"))
        with pytest.raises(UniqueViolationError):
            await session.commit()
        await session.rollback()
    account.balance += 1
    await session.commit()
    assert await cypher(driver, "MATCH (n:Account) RETURN n.balance") == [[1]]


@pytest.mark.requires("savepoints")
@pytest.mark.parametrize("loaded_before", [True, False])
async def test_a_deletion_staged_in_a_block_that_is_undone_never_was(
    session, new_session, loaded_before
):
    """Also of an entity that was loaded in the block: it is found, and can be changed."""
    async with new_session() as other:
        other.add(Person(id="a", name="old"))
    if loaded_before:
        await session.get(Person, "a")
    with pytest.raises(KeyError):
        async with session.begin_nested():
            person = await session.get(Person, "a")
            session.delete(person)
            raise KeyError
    assert await session.get(Person, "a") is person
    assert (session.deleted, state_of(person)) == ([], State.PERSISTENT)
    person.name = "new"
    await session.commit()
    async with new_session() as other:
        assert (await other.get(Person, "a")).name == "new"
