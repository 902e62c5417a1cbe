"""Blocks: `async with session` and `session.begin()`."""

from __future__ import annotations

import pytest

from runic.ogm.errors import SessionClosedError, UniqueViolationError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.models import Person


async def test_a_block_commits_on_success_and_closes(session, driver):
    """Leaving the block writes what is pending; the session is closed afterwards."""
    async with session:
        session.add(ada := Person(id="ada"))
    assert state_of(ada) is State.DETACHED
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]
    with pytest.raises(SessionClosedError):
        await session.commit()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
async def test_a_block_rolls_back_on_an_exception(session, driver, error):
    """Any exception passes unchanged and nothing is written."""
    ada = Person(id="ada")
    raised = error("mine")
    with pytest.raises(error) as caught:
        async with session:
            session.add(ada)
            raise raised
    assert caught.value is raised
    assert state_of(ada) is State.TRANSIENT
    assert await dump(driver) == ([], [])


async def test_a_failing_commit_at_the_end_of_a_block_closes_too(session, driver, unique):
    """An error of the last commit passes, and the session is closed."""
    unique("Person", "email")
    with pytest.raises(UniqueViolationError):
        async with session:
            session.add_all([Person(id="a", email="x@x.org"), Person(id="b", email="x@x.org")])
    assert await dump(driver) == ([], [])
    with pytest.raises(SessionClosedError):
        await session.flush()


async def test_closing_inside_a_block_is_allowed(session, driver):
    """A session that was closed inside its block is left alone at the end."""
    async with session:
        session.add(Person(id="ada"))
        await session.close()
    assert await dump(driver) == ([], [])


async def test_begin_commits_and_keeps_the_session_open(session, driver):
    """begin() commits on success; more blocks may follow."""
    async with session.begin():
        session.add(ada := Person(id="ada"))
    assert state_of(ada) is State.PERSISTENT
    async with session.begin() as same:
        (await same.get(Person, "ada")).name = "Ada"
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["Ada"]]


async def test_begin_rolls_back_on_an_exception(session, driver):
    """An exception takes the block's changes back; the session goes on."""
    async with session.begin():
        session.add(ada := Person(id="ada", name="Ada"))
    with pytest.raises(ValueError, match="mine"):
        async with session.begin():
            ada.name = "changed"
            raise ValueError("mine")
    assert ada.name == "Ada"
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["Ada"]]


async def test_begin_rolls_back_when_its_commit_fails(session, driver, unique):
    """After a failing commit of a block the session is as before the block."""
    unique("Person", "email")
    session.add(Person(id="a", email="x@x.org"))
    await session.commit()
    with pytest.raises(UniqueViolationError):
        async with session.begin():
            session.add(Person(id="b", email="x@x.org"))
    assert session.new == []
    session.add(Person(id="c"))
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id ORDER BY n.id") == [["a"], ["c"]]
