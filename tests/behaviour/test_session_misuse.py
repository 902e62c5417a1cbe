"""Sessions used against their rules: a clear error each, and nothing lost."""

from __future__ import annotations

import asyncio
import threading

import pytest

from runic.ogm.errors import (
    AsyncNotSupportedError,
    ConcurrentSessionError,
    FieldValidationError,
    SessionClosedError,
    SessionError,
    StatementError,
)
from runic.ogm.model import State, state_of
from runic.ogm.query import count, select
from runic.ogm.session import AsyncSession, Session
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.models import Company, Counter, Person

USES = {
    "add": lambda s: s.add(Person(id="x")),
    "add_all": lambda s: s.add_all([Person(id="x")]),
    "delete": lambda s: s.delete(Person(id="x")),
    "get": lambda s: s.get(Person, "x"),
    "scalars": lambda s: s.scalars(select(Person)),
    "first": lambda s: s.first(select(Person)),
    "one": lambda s: s.one(select(Person)),
    "count": lambda s: s.count(select(Person)),
    "exists": lambda s: s.exists(select(Person)),
    "execute": lambda s: s.execute("RETURN 1"),
    "flush": lambda s: s.flush(),
    "commit": lambda s: s.commit(),
    "rollback": lambda s: s.rollback(),
    "merge": lambda s: s.merge(Person(id="x")),
    "relate": lambda s: s.relate(Person(id="x"), "follows", Person(id="y")),
    "refresh": lambda s: s.refresh(Person(id="x")),
    "load": lambda s: s.load(Person(id="x"), "follows"),
    "expunge": lambda s: s.expunge(Person(id="x")),
    "expire": lambda s: s.expire(Person(id="x")),
    "bound query": lambda s: s.query(Person).all(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
async def test_use_after_close_is_refused(session, call, use):
    """Every method of a closed session says that it is closed."""
    await session.close()
    with pytest.raises(SessionClosedError, match="is closed; open a new one"):
        await call(use, session)


async def test_closing_twice_is_allowed(session):
    """close() of a closed session does nothing."""
    await session.close()
    await session.close()


async def test_closing_drops_what_is_unwritten(session, driver):
    """close() writes nothing."""
    ada = Person(id="ada")
    session.add(ada)
    await session.close()
    assert state_of(ada) is State.TRANSIENT
    assert await dump(driver) == ([], [])


async def test_a_closed_session_cannot_be_entered(session):
    """`async with` on a closed session is refused."""
    await session.close()
    with pytest.raises(SessionClosedError):
        async with session:
            pytest.fail("entered")


async def test_gathered_use_of_one_session_is_refused(async_driver):
    """One task at a time: the others get ConcurrentSessionError, and the first its answer."""
    session = AsyncSession(async_driver)
    session.add(Person(id="ada"))
    await session.commit()
    answers = await asyncio.gather(
        *(session.scalars(select(Person)) for _ in range(3)), return_exceptions=True
    )
    assert [type(a) for a in answers] == [list, ConcurrentSessionError, ConcurrentSessionError]
    assert len(await session.scalars(select(Person))) == 1


async def test_adding_during_a_commit_is_refused(async_driver):
    """Even staging is refused while another task is in the middle of a call."""
    session = AsyncSession(async_driver)
    session.add_all(Person(id=f"p{n}") for n in range(100))
    task = asyncio.create_task(session.commit())
    await asyncio.sleep(0)
    with pytest.raises(ConcurrentSessionError, match="a session of its own"):
        session.add(Person(id="late"))
    await task


def test_threads_cannot_share_a_session(driver, monkeypatch):
    """A session that is busy in one thread refuses another one."""
    session = Session(driver)
    reached, go_on = threading.Event(), threading.Event()
    run = type(driver).run

    async def slow(self, query, **options):
        reached.set()
        go_on.wait(10)
        return await run(self, query, **options)

    monkeypatch.setattr(type(driver), "run", slow)
    thread = threading.Thread(target=session.count, args=(select(Person),))
    thread.start()
    assert reached.wait(10)
    with pytest.raises(ConcurrentSessionError):
        session.count(select(Person))
    go_on.set()
    thread.join()


async def test_scalars_of_rows_is_refused(session):
    """scalars() returns entities; for rows the error names all_rows()."""
    rows = select(Person).aggregate(count("*").as_("total"))
    for method in (session.scalars, session.first, session.one):
        with pytest.raises(StatementError, match=r"rows, not entities; use session\.all_rows"):
            await method(rows)


@pytest.mark.parametrize("thing", [Person, "MATCH (n) RETURN n", None])
async def test_what_is_no_statement_is_refused(session, thing):
    """Reading methods take statements, and say what to write for what was given."""
    for method in (session.scalars, session.count, session.exists, session.all_rows):
        with pytest.raises(
            StatementError, match=r"write (select\((User|Person)\)|session.execute)"
        ):
            await method(thing)


@pytest.mark.parametrize("key", [1.5, None, ["ada"], Person])
async def test_a_key_of_another_type_is_refused(session, key):
    """get() validates the key against the model before anything is sent."""
    with pytest.raises(FieldValidationError, match="no primary key of Person"):
        await session.get(Person, key)


async def test_an_int_key_takes_what_pydantic_takes_for_int(session):
    """The key is validated as the field would be."""
    one = Counter(label="one")
    session.add(one)
    await session.commit()
    assert await session.get(Counter, str(one.id)) is one
    with pytest.raises(FieldValidationError):
        await session.get(Counter, "one")


async def test_get_of_what_is_no_node_class_is_refused(session):
    """get() takes a Node class."""
    with pytest.raises((StatementError, Exception), match="expected a Node class"):
        await session.get(str, "x")


async def test_refresh_and_expire_need_a_stored_entity(session):
    """What was never written cannot be read again."""
    ada = Person(id="ada")
    session.add(ada)
    with pytest.raises(SessionError, match=r"not in the database yet; flush"):
        await session.refresh(ada)
    with pytest.raises(SessionError, match="not in this session"):
        await session.refresh(Person(id="eve"))


@pytest.mark.face("sync")
async def test_an_async_session_refuses_a_blocking_driver(driver):
    """A driver that would block the loop is refused at construction, with the way out."""
    with pytest.raises(AsyncNotSupportedError, match="AsyncFalkorDBDriver, or Session"):
        AsyncSession(driver)


class Stuck:
    """Holds the next query of a driver back until it is cancelled."""

    def __init__(self, driver, monkeypatch, *, after: bool):
        self.reached = asyncio.Event()
        run = type(driver).run

        async def held(other, query, **options):
            result = await run(other, query, **options) if after else None
            self.reached.set()
            await asyncio.Event().wait()
            return result

        self._undo = lambda: monkeypatch.setattr(type(driver), "run", run)
        monkeypatch.setattr(type(driver), "run", held)

    async def cancel(self, work):
        """Run until the query is held, then cancel."""
        task = asyncio.create_task(work)
        await self.reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        self._undo()


async def test_a_cancelled_commit_blocks_the_session_until_rollback(async_driver, monkeypatch):
    """After a cancellation nothing goes until rollback(), which makes the session usable."""
    session = AsyncSession(async_driver)
    ada = Person(id="ada")
    session.add(ada)
    await Stuck(async_driver, monkeypatch, after=False).cancel(session.commit())
    with pytest.raises(SessionError, match=r"cancelled halfway.*rollback\(\)"):
        await session.commit()
    with pytest.raises(SessionError, match="cancelled halfway"):
        await session.get(Person, "ada")
    await session.rollback()
    assert state_of(ada) is State.TRANSIENT
    assert await session.get(Person, "ada") is None


async def test_a_commit_cancelled_after_the_write_is_found_by_reading(async_driver, monkeypatch):
    """What the server had already carried out is there when the session looks again."""
    session = AsyncSession(async_driver)
    session.add(Person(id="ada", name="Ada"))
    await Stuck(async_driver, monkeypatch, after=True).cancel(session.commit())
    await session.rollback()
    assert (await session.get(Person, "ada")).name == "Ada"


async def test_a_cancelled_session_can_be_closed(async_driver, monkeypatch):
    """close() works after a cancellation, and other sessions of the driver go on."""
    session = AsyncSession(async_driver)
    session.add(Person(id="ada"))
    await Stuck(async_driver, monkeypatch, after=False).cancel(session.commit())
    await session.close()
    async with AsyncSession(async_driver) as other:
        other.add(Company(id="c"))
    assert await cypher(async_driver, "MATCH (n) RETURN n.id") == [["c"]]


async def test_cancellation_in_a_block_rolls_back_and_closes(async_driver, monkeypatch):
    """`async with` closes on cancellation too; nothing is written."""
    ada = Person(id="ada")
    session = AsyncSession(async_driver)

    async def work():
        async with session:
            session.add(ada)
            await session.scalars(select(Person))

    await Stuck(async_driver, monkeypatch, after=False).cancel(work())
    assert state_of(ada) is State.TRANSIENT
    with pytest.raises(SessionClosedError):
        await session.commit()
    assert await dump(async_driver) == ([], [])


async def test_real_cancellations_leave_no_connection_in_use(async_driver):
    """Commits cancelled at any moment leave a driver that serves as before."""
    for turns in range(12):
        session = AsyncSession(async_driver)
        session.add_all(Person(id=f"{turns}/{n}") for n in range(50))
        task = asyncio.create_task(session.commit())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await session.close()
    sessions = [AsyncSession(async_driver) for _ in range(20)]
    counts = await asyncio.gather(*(s.count(select(Person)) for s in sessions))
    # A commit is kept whole or not at all, wherever it was cut.
    assert {number % 50 for number in counts} == {0}
