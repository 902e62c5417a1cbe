"""Sessions among threads, loops, graphs and failing servers."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from runic.ogm.driver import create_async_driver
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.errors import ConnectionLostError
from runic.ogm.model import State, state_of
from runic.ogm.query import select
from runic.ogm.session import AsyncSession, Session
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Article, Person


async def test_a_shared_statement_does_not_bleed(async_driver, runic_server, runic_graph):
    """100 gathered runs of one statement in two sessions' worth of graphs keep to their graph."""
    other_graph = f"{runic_graph}-other"
    drivers = {"here": async_driver, "there": async_driver.graph(other_graph)}
    for name, driver in drivers.items():
        async with AsyncSession(driver) as session:
            session.add_all(Person(id=f"{name}{n}", name=name) for n in range(5))
    statement = select(Person).where(Person.age.is_null()).order_by(Person.id)

    async def run(name):
        async with AsyncSession(drivers[name]) as session:
            return {p.name for p in await session.scalars(statement)}

    names = ["here", "there"] * 50
    try:
        assert await asyncio.gather(*map(run, names)) == [{name} for name in names]
    finally:
        runic_server.delete_graph(other_graph)


async def test_two_sessions_take_turns_with_one_statement(async_driver, runic_server, runic_graph):
    """Two long-lived sessions on two graphs share a statement, each read after the other's."""
    other_graph = f"{runic_graph}-other"
    sessions = [AsyncSession(async_driver), AsyncSession(async_driver.graph(other_graph))]
    statement = select(Person).order_by(Person.id)
    try:
        for number, session in enumerate(sessions):
            session.add(Person(id=f"p{number}"))
            await session.commit()

        async def fifty(session):
            return [p.id for _ in range(50) for p in await session.scalars(statement)]

        assert await asyncio.gather(*map(fifty, sessions)) == [["p0"] * 50, ["p1"] * 50]
    finally:
        runic_server.delete_graph(other_graph)


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_eight_threads_share_one_driver(driver, async_driver, kind):
    """Each thread with a session of its own reads and writes without seeing another's entities."""
    shared = driver if kind == "blocking" else async_driver
    start = threading.Barrier(8)

    def work(thread):
        start.wait(10)
        for turn in range(5):
            with Session(shared) as session:
                session.add(Person(id=f"{thread}/{turn}", articles=[Article(id=f"{thread}{turn}")]))
            with Session(shared) as session:
                person = session.get(Person, f"{thread}/{turn}", fetch=["articles"])
                person.name = person.articles[0].id
        return thread

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == list(range(8))
    with Session(shared) as session:
        people = session.scalars(select(Person))
        assert len(people) == 40
        assert all(p.name == p.id.replace("/", "") for p in people)


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("kind", ["blocking", "async"])
async def test_a_session_works_inside_a_running_loop(driver, async_driver, kind):
    """Session blocks where a loop runs, as in a notebook, with either kind of driver."""
    with Session(driver if kind == "blocking" else async_driver) as session:
        session.add(Person(id="ada", articles=[Article(id="a")]))
    with Session(driver if kind == "blocking" else async_driver) as session:
        assert [a.id for a in session.get(Person, "ada").articles] == ["a"]


async def test_a_session_works_in_a_worker_thread(async_driver):
    """A Session over the async driver runs in a thread beside the loop that uses the driver."""

    def work():
        with Session(async_driver) as session:
            session.add(Person(id="ada"))
            session.flush()
            return session.count(select(Person))

    assert await asyncio.to_thread(work) == 1
    async with AsyncSession(async_driver) as session:
        assert (await session.get(Person, "ada")).id == "ada"


def test_sessions_work_in_one_loop_after_another(async_driver):
    """A driver outlives the event loop it was first used on."""

    async def work(key):
        async with AsyncSession(async_driver) as session:
            session.add(Person(id=key))
        async with AsyncSession(async_driver) as session:
            return await session.count(select(Person))

    assert [asyncio.run(work(key)) for key in ("a", "b", "c")] == [1, 2, 3]


@pytest.fixture
def doomed_server():
    """A server of the test's own, to be killed."""
    server = EmbeddedServer()
    yield server
    server.stop()


class Watched(AsyncFalkorDBDriver):
    """Tells when a query is on its way."""

    started = asyncio.Event()

    async def run(self, query, *, timeout=None):
        self.started.set()
        return await super().run(query, timeout=timeout)


async def test_a_server_killed_in_mid_commit_async(doomed_server):
    """A commit whose server dies is ConnectionLostError; pending changes are kept."""
    handle = doomed_server.handle().select_graph("g")
    driver = Watched(handle)
    session = AsyncSession(driver)
    session.add(Person(id="first"))
    await session.commit()
    driver.started.clear()
    pid = handle.client.connection.info("server")["process_id"]
    people = [Person(id=f"p{n}", name="x" * 100) for n in range(5_000)]
    session.add_all(people)
    task = asyncio.create_task(session.commit())
    await driver.started.wait()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ConnectionLostError):
        await task
    assert state_of(people[0]) is State.PENDING
    await session.rollback()
    assert state_of(people[0]) is State.TRANSIENT
    await session.close()
    handle.client.connection.close()
    await driver.close()


def test_a_server_killed_before_a_commit_sync(doomed_server):
    """The same for the blocking face: the error says what is unknown, nothing hangs."""
    handle = doomed_server.handle().select_graph("g")
    driver = FalkorDBDriver(handle)
    session = Session(driver)
    session.add(ada := Person(id="ada"))
    session.commit()
    pid = handle.client.connection.info("server")["process_id"]
    handle.client.connection.close()
    ada.name = "changed"
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ConnectionLostError):
        session.commit()
    assert session.dirty == [ada]
    session.rollback()
    assert ada.name == ""
    session.close()


async def test_an_unreachable_server():
    """A server that is not there is an error that says where it was looked for."""
    driver = create_async_driver("falkordb://127.0.0.1:1/nowhere")
    session = AsyncSession(driver)
    session.add(Person(id="ada"))
    with pytest.raises(ConnectionLostError, match=r"127\.0\.0\.1:1.*nothing was run"):
        await session.commit()
    assert len(session.new) == 1
    await driver.close()


async def test_writes_of_one_session_are_seen_by_the_next(new_session, driver):
    """A commit is in the database when it returns."""
    async with new_session() as one:
        one.add(Person(id="ada"))
        await one.commit()
        assert await cypher(driver, "MATCH (n) RETURN n.id") == [["ada"]]
