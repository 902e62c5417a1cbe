"""Subclasses of sessions: a session calls their `commit`, `flush`, `rollback` and `close`."""

from __future__ import annotations

import pytest

from runic.ogm.errors import UniqueViolationError
from runic.ogm.session import AsyncSession, Session
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Article, Person
from tests.faces import awaitable_face


class HeardAsync(AsyncSession):
    """Remembers which of its overrides were called."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.heard = []

    async def commit(self, **options):
        self.heard.append("commit")
        await super().commit(**options)

    async def flush(self):
        self.heard.append("flush")
        await super().flush()

    async def rollback(self):
        self.heard.append("rollback")
        await super().rollback()

    async def close(self):
        self.heard.append("close")
        await super().close()


class HeardSync(Session):
    """The same of the sync face."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.heard = []

    def commit(self, **options):
        self.heard.append("commit")
        super().commit(**options)

    def flush(self):
        self.heard.append("flush")
        super().flush()

    def rollback(self):
        self.heard.append("rollback")
        super().rollback()

    def close(self):
        self.heard.append("close")
        super().close()


@pytest.fixture
def heard_session(face, driver):
    """A session of a subclass with overrides."""
    if face == "async":
        yield HeardAsync(driver)
        return
    session = HeardSync(driver)
    yield awaitable_face(session)
    session.close()


async def test_the_end_of_a_block_calls_commit_and_close(heard_session, driver):
    """Leaving a session's block commits and closes by its own methods."""
    async with heard_session:
        heard_session.add(Person(id="ada"))
    assert heard_session.heard == ["commit", "close"]
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]


async def test_a_failed_block_calls_rollback_and_close(heard_session):
    """Leaving it by an exception rolls back by its own method."""
    with pytest.raises(ValueError, match="mine"):
        async with heard_session:
            raise ValueError("mine")
    assert heard_session.heard == ["rollback", "close"]


async def test_begin_calls_commit(heard_session, driver):
    """A begin() block commits by the session's method, an inner one leaves that to the outer."""
    async with heard_session.begin():
        async with heard_session.begin():
            heard_session.add(Person(id="ada"))
        assert heard_session.heard == []
    assert heard_session.heard == ["commit"]
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]


async def test_a_failed_begin_calls_rollback(heard_session):
    """A begin() block that fails rolls back by the session's method."""
    with pytest.raises(ValueError, match="mine"):
        async with heard_session.begin():
            raise ValueError("mine")
    assert heard_session.heard == ["rollback"]


async def test_a_commit_that_fails_calls_rollback(heard_session, unique):
    """The commit at the end of a block may fail; then the rollback is the session's, too."""
    unique("Person", "email")
    with pytest.raises(UniqueViolationError):
        async with heard_session.begin():
            heard_session.add_all([Person(id=key, email="x@x.org") for key in "ab"])
    assert heard_session.heard == ["commit", "rollback"]


async def test_run_in_transaction_calls_commit(heard_session, face, driver):
    """run_in_transaction ends in the session's commit."""

    def stage(session):
        session.add(Person(id="ada"))

    async def stage_async(session):
        stage(session)

    await heard_session.run_in_transaction(stage_async if face == "async" else stage)
    assert heard_session.heard == ["commit"]
    assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]


@pytest.mark.parametrize("way", ["relate", "relate_many"])
async def test_writing_pending_ends_calls_flush(heard_session, way):
    """What relate() has to write first is written by the session's flush."""
    ada, article = Person(id="ada"), Article(id="a")
    heard_session.add_all([ada, article])
    row = (ada, Person.articles, article)
    await (heard_session.relate(*row) if way == "relate" else heard_session.relate_many([row]))
    assert heard_session.heard == ["flush"]


@pytest.mark.requires("savepoints")
async def test_a_savepoint_calls_flush(heard_session):
    """begin_nested() flushes by the session's method when it begins and when it ends."""
    async with heard_session.begin(), heard_session.begin_nested():
        heard_session.add(Person(id="ada"))
    assert heard_session.heard == ["flush", "flush", "commit"]


async def test_an_override_may_refuse(driver, face):
    """A commit that an override refuses is not carried out behind its back."""

    class Refusing(AsyncSession):
        async def commit(self):
            raise RuntimeError("not today")

    class RefusingSync(Session):
        def commit(self):
            raise RuntimeError("not today")

    made = Refusing(driver) if face == "async" else awaitable_face(RefusingSync(driver))
    with pytest.raises(RuntimeError, match="not today"):
        async with made:
            made.add(Person(id="ada"))
    assert await cypher(driver, "MATCH (n) RETURN n.id") == []
