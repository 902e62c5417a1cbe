"""Connections that break, wait, are cancelled or outlive their loop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import falkordb
import falkordb.asyncio
import pytest

from runic.ogm.driver import create_async_driver, create_driver
from runic.ogm.driver.base import close_driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.errors import ConnectionLostError, DriverError, QueryTimeoutError, TransientError
from runic.ogm.query.compiled import Query

COUNT = Query("MATCH (n) RETURN count(n)", {}, read_only=True)
# Takes longer than any test waits.
ENDLESS = "UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS c "
ENDLESS_READ = Query(ENDLESS + "RETURN sum(a + b + c)", {}, read_only=True)
ENDLESS_WRITE = Query(ENDLESS + "WITH sum(a + b + c) AS s CREATE (:Late {s: s})")


def plus_one(number: int) -> Query:
    """Return a query whose answer only its sender knows."""
    # Not read-only: a read of the still missing graph would be empty.
    return Query("RETURN $i + 1", {"i": number})


def kill(server: EmbeddedServer) -> None:
    """Kill the server and wait for its end."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.pid is not None:
        pass


def graph_of(server: EmbeddedServer) -> Any:
    """Return a handle on a graph that exists on this server."""
    with server.handle() as database:
        graph = database.select_graph("g")
        graph.query("RETURN 1")  # a read would not create it, and end at once
        return graph


def running_on(server: EmbeddedServer) -> Callable[[], bool]:
    """Return a function that tells whether the server is at work on a query."""

    def running() -> bool:
        with server.handle() as database:
            return bool(database.connection.execute_command("GRAPH.INFO", "RunningQueries")[1])

    return running


async def until(condition: Callable[[], bool]) -> None:
    """Return once another process has come so far."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - it cannot tell us
            await asyncio.sleep(0.01)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_constructing_drivers_connects_to_nothing(
    handle: Any, connections: Callable[[], int]
) -> None:
    """No driver opens a connection before its first query."""
    FalkorDBDriver(handle)
    AsyncFalkorDBDriver(handle).blocking()
    assert connections() == 0


async def test_150_queries_share_16_connections(
    loop_driver: AsyncFalkorDBDriver, connections: Callable[[], int]
) -> None:
    """More queries than connections wait for their turn, each gets its own answer."""
    results = await asyncio.gather(*[loop_driver.run(plus_one(i)) for i in range(150)])
    assert [result.rows for result in results] == [[[i + 1]] for i in range(150)]
    assert connections() <= 16


def test_threads_share_a_sync_driver(
    sync_driver: FalkorDBDriver, connections: Callable[[], int]
) -> None:
    """Forty threads on sixteen connections get their own answers."""
    answers: dict[int, Any] = {}

    def work(number: int) -> None:
        for _ in range(10):
            answers[number] = step(sync_driver.run(plus_one(number))).rows[0][0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number + 1 for number in range(40)}
    assert connections() <= 16


async def test_waiting_for_a_connection_ends_with_advice(mortal: EmbeddedServer) -> None:
    """A pool that stays busy is a transient error that names the setting."""
    driver = AsyncFalkorDBDriver(graph_of(mortal), max_connections=1, pool_timeout=0.05)
    running = running_on(mortal)
    busy = asyncio.create_task(driver.run(ENDLESS_READ))
    await until(running)
    with pytest.raises(TransientError, match="max_connections="):
        await driver.run(COUNT)
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)
    await driver.close()


def test_waiting_threads_get_the_same_advice(mortal: EmbeddedServer) -> None:
    """The blocking pool says the same."""
    driver = FalkorDBDriver(graph_of(mortal), max_connections=1, pool_timeout=0.05)
    link, _ = driver._transport._pool.take("")  # type: ignore[attr-defined]
    with pytest.raises(TransientError, match="max_connections="):
        step(driver.run(COUNT))
    driver._transport._pool.give_back(link, reusable=True)  # type: ignore[attr-defined]
    assert step(driver.run(plus_one(1))).rows == [[2]]
    driver.close()


async def test_a_cancelled_query_leaves_nothing_in_use(
    mortal: EmbeddedServer,
) -> None:
    """Its connection is dropped, and the next query on the same driver is right."""
    driver = AsyncFalkorDBDriver(graph_of(mortal), max_connections=1, pool_timeout=10)
    running = running_on(mortal)
    task = asyncio.create_task(driver.run(ENDLESS_READ))
    await until(running)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await driver.run(plus_one(1))).rows == [[2]]
    await driver.close()


async def test_cancelled_waiters_do_not_lose_a_turn(mortal: EmbeddedServer) -> None:
    """Queries that give up waiting leave the connection to those that still wait."""
    driver = AsyncFalkorDBDriver(graph_of(mortal), max_connections=1, pool_timeout=10)
    running = running_on(mortal)
    busy = asyncio.create_task(driver.run(ENDLESS_READ))
    await until(running)
    waiters = [asyncio.create_task(driver.run(plus_one(number))) for number in range(6)]
    await asyncio.sleep(0)
    for task in (waiters[0], waiters[3], busy):
        task.cancel()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    answers = [r if isinstance(r, asyncio.CancelledError) else r.rows[0][0] for r in results]  # type: ignore[union-attr]
    assert [answers[i] for i in (1, 2, 4, 5)] == [2, 3, 5, 6]
    await asyncio.gather(busy, return_exceptions=True)
    assert (await driver.run(plus_one(9))).rows == [[10]]
    await driver.close()


async def test_a_killed_server_is_a_lost_connection(mortal: EmbeddedServer) -> None:
    """A write in flight says that its outcome is unknown; its parameters are not shown."""
    driver = AsyncFalkorDBDriver(graph_of(mortal))
    running = running_on(mortal)
    write = Query(ENDLESS_WRITE.text, {"password": "secret"})
    task = asyncio.create_task(driver.run(write))
    await until(running)
    kill(mortal)
    with pytest.raises(ConnectionLostError, match="unknown whether this write") as caught:
        await task
    assert caught.value.statement == write.text
    assert "secret" not in str(caught.value)
    await driver.close()


def test_a_killed_server_is_a_lost_connection_for_threads(mortal: EmbeddedServer) -> None:
    """The blocking driver says the same."""
    driver = FalkorDBDriver(graph_of(mortal))
    running = running_on(mortal)

    def kill_when_busy() -> None:
        asyncio.run(until(running))
        kill(mortal)

    killer = threading.Thread(target=kill_when_busy)
    killer.start()
    with pytest.raises(ConnectionLostError, match="unknown whether this write"):
        step(driver.run(ENDLESS_WRITE))
    killer.join()
    with pytest.raises(ConnectionLostError, match="nothing was run"):
        step(driver.run(COUNT))
    driver.close()


def test_a_refused_connection_names_the_address() -> None:
    """An unreachable server is named, and that nothing was run."""
    port = free_port()
    driver = create_driver("falkordb", host="127.0.0.1", port=port)
    with pytest.raises(ConnectionLostError, match=f"127.0.0.1:{port}.*nothing was run"):
        step(driver.run(COUNT))


async def test_a_refused_connection_names_the_address_on_a_loop() -> None:
    """The async driver says the same, and keeps no turn of its pool."""
    port = free_port()
    driver = create_async_driver(f"falkordb://127.0.0.1:{port}/g?max_connections=1&pool_timeout=1")
    for _ in range(2):
        with pytest.raises(ConnectionLostError, match=f"127.0.0.1:{port}.*nothing was run"):
            await driver.run(COUNT)


async def test_a_write_after_the_server_dropped_us_is_carried_out_once(
    loop_driver: AsyncFalkorDBDriver, sync_driver: FalkorDBDriver, handle: Any
) -> None:
    """A stale pooled connection is replaced before the write, on both drivers."""
    create = Query("CREATE (:Once)")
    await loop_driver.run(create)
    step(sync_driver.run(create))
    handle.client.connection.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await loop_driver.run(create)
    step(sync_driver.run(create))
    assert (await loop_driver.run(COUNT)).rows == [[4]]


def test_a_driver_works_on_one_loop_after_another(
    handle: Any, connections: Callable[[], int]
) -> None:
    """`asyncio.run` twice with one driver; each loop takes its connections with it."""
    driver = AsyncFalkorDBDriver(handle)
    for _ in range(2):
        assert asyncio.run(driver.run(plus_one(1))).rows == [[2]]
        assert connections() == 0


async def test_a_driver_works_on_two_loops_at_once(loop_driver: AsyncFalkorDBDriver) -> None:
    """A blocking face on its private loop does not disturb the loop that runs."""
    blocking = loop_driver.blocking()
    assert blocking is loop_driver.blocking()
    for number in range(3):
        assert step(blocking.run(plus_one(number))).rows == [[number + 1]]
        assert (await loop_driver.run(plus_one(number))).rows == [[number + 1]]


@pytest.mark.parametrize("close_first", ["async", "blocking"])
async def test_closing_either_face_ends_the_private_loop(handle: Any, close_first: str) -> None:
    """No thread stays, in whichever order the two are closed."""
    before = threading.active_count()
    driver = AsyncFalkorDBDriver(handle)
    blocking = driver.blocking()
    step(blocking.run(COUNT))
    await driver.run(COUNT)
    for which in (close_first, "blocking" if close_first == "async" else "async"):
        if which == "async":
            await driver.close()
        else:
            blocking.close()
    assert not [t for t in threading.enumerate() if t.name == "runic-loop"]
    assert threading.active_count() <= before + 1  # asyncio.to_thread keeps its worker


async def test_closed_drivers_refuse_work(handle: Any, connections: Callable[[], int]) -> None:
    """Closing is allowed twice, closes siblings too, and later use says so."""
    for driver in (FalkorDBDriver(handle), AsyncFalkorDBDriver(handle)):
        sibling = driver.graph("other")
        await driver.run(plus_one(1))
        await close_driver(driver)
        await close_driver(driver)
        with pytest.raises(DriverError, match="closed"):
            await sibling.run(COUNT)
    await until(lambda: connections() == 0)


def test_a_forked_child_gets_connections_of_its_own(
    sync_driver: FalkorDBDriver, connections: Callable[[], int]
) -> None:
    """Parent and child never read each other's replies."""
    step(sync_driver.run(plus_one(1)))
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write_end, str(step(sync_driver.run(plus_one(10))).rows[0][0]).encode())
        finally:
            os._exit(0)
    assert step(sync_driver.run(plus_one(20))).rows == [[21]]
    os.waitpid(child, 0)
    assert os.read(read_end, 10) == b"11"
    os.close(read_end)
    os.close(write_end)
    assert step(sync_driver.run(plus_one(30))).rows == [[31]]
    assert connections() == 1


@pytest.mark.parametrize("kind", [FalkorDBDriver, AsyncFalkorDBDriver])
@pytest.mark.parametrize("face", ["blocking handle", "asyncio handle"])
async def test_any_handle_serves_any_driver(
    server: EmbeddedServer, graph: str, kind: type[FalkorDBDriver | AsyncFalkorDBDriver], face: str
) -> None:
    """Each driver takes only the address from a handle."""
    module: Any = falkordb if face == "blocking handle" else falkordb.asyncio
    client = module.FalkorDB(unix_socket_path=server.socket)
    driver = kind(client.select_graph(graph))
    assert (await driver.run(plus_one(1))).rows == [[2]]
    await close_driver(driver)
    if face == "asyncio handle":
        await client.aclose()
    else:
        client.close()


async def test_reads_stop_at_their_timeout(mortal: EmbeddedServer) -> None:
    """The server ends a read that takes too long; the connection stays good."""
    for driver in (FalkorDBDriver(graph_of(mortal)), AsyncFalkorDBDriver(graph_of(mortal))):
        with pytest.raises(QueryTimeoutError, match="timed out"):
            await driver.run(ENDLESS_READ, timeout=0.02)
        assert (await driver.run(plus_one(1), timeout=5)).rows == [[2]]
        await close_driver(driver)


@pytest.mark.parametrize("kind", [FalkorDBDriver, AsyncFalkorDBDriver])
async def test_writes_beyond_their_timeout_say_that_they_go_on(
    mortal: EmbeddedServer, kind: type[FalkorDBDriver | AsyncFalkorDBDriver]
) -> None:
    """The server does not stop writes, so the client stops waiting and says what that means."""
    driver = kind(graph_of(mortal))
    with pytest.raises(QueryTimeoutError, match="may still be carried out"):
        await driver.run(ENDLESS_WRITE, timeout=0.02)
    assert (await driver.run(plus_one(1))).rows == [[2]]
    await close_driver(driver)
