"""One driver, many users: threads, tasks, and what is left when it is closed."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from runic.ogm.driver.base import Driver, close_driver
from runic.ogm.driver.bridge import step
from runic.ogm.errors import DriverError, OgmError
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.requirement import requirement, rows, things

_WRITE = "CREATE (n:Thing {name: $name}) RETURN n.name AS name"
_SLOW = Query(
    "UNWIND range(1, 300000) AS a WITH a WHERE a % 7 = 8 RETURN count(a) AS n", read_only=True
)
_USERS, _EACH = 8, 10


async def _work(driver: Driver, user: int) -> None:
    for number in range(_EACH):
        name = f"{user}-{number}"
        assert (await driver.run(Query(_WRITE, {"name": name}))).rows == [[name]]
        assert await rows(driver, "RETURN $name AS name", name=name) == [[name]]


async def _at_once(driver: Driver, jobs: list[Coroutine[Any, Any, None]]) -> None:
    """Do all jobs, each in a thread or a task of its own."""
    if driver.blocks:
        with ThreadPoolExecutor(len(jobs)) as threads:
            list(threads.map(step, jobs))
    else:
        await asyncio.gather(*jobs)


def _threads() -> set[threading.Thread]:
    # Those of an event loop for blocking calls live as long as the loop.
    return {each for each in threading.enumerate() if not each.name.startswith("asyncio_")}


def _sockets() -> set[str]:
    """Return the sockets that this process has open, where the system tells."""
    if sys.platform != "linux":
        return set()
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            # The directory's own descriptor, closed since it was listed.
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


class SharingRequirements:
    """What happens between several users of a driver."""

    @requirement()
    async def test_users_at_once_get_their_own_answers(self, driver: Driver) -> None:
        """Threads share a driver that blocks, tasks an async one: nothing is mixed up or lost."""
        await driver.run(Query("CREATE (:Thing {name: 'first'})"))
        await _at_once(driver, [_work(driver, user) for user in range(_USERS)])
        wanted = {f"{user}-{number}" for user in range(_USERS) for number in range(_EACH)}
        assert set(await things(driver)) == wanted | {"first"}

    @requirement("async")
    async def test_the_loop_goes_on_while_a_query_runs(self, driver: Driver) -> None:
        """An async driver never blocks its event loop."""
        if driver.blocks:
            pytest.skip("this driver blocks, for Session")
        task = asyncio.create_task(driver.run(_SLOW))
        turns = 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        assert (await task).rows == [[0]]
        assert turns > 1

    @requirement("async")
    async def test_a_cancelled_query_leaves_the_driver_usable(self, driver: Driver) -> None:
        """The next query gets its own answer, not that of the one that was given up."""
        if driver.blocks:
            pytest.skip("this driver blocks, for Session")
        for turns in range(20):
            task = asyncio.create_task(driver.run(_SLOW))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await rows(driver, "RETURN 'mine' AS whose") == [["mine"]]

    @requirement("async")
    async def test_an_async_driver_can_block(
        self, driver: Driver, connect: Callable[[], Driver]
    ) -> None:
        """`blocking()` is what a `Session` uses: the same driver, on a loop of its own."""
        if driver.blocks:
            pytest.skip("this driver blocks, for Session")
        other: Any = connect()
        blocked: Driver = other.blocking()
        assert blocked.blocks
        assert step(blocked.run(Query("RETURN 1 AS one", read_only=True))).rows == [[1]]
        await close_driver(other)

    @requirement()
    async def test_closing_needs_no_await_where_the_driver_blocks(
        self, driver: Driver, connect: Callable[[], Driver]
    ) -> None:
        """A blocking driver has closed when `close` returns; closing twice is allowed."""
        other = connect()
        await other.run(Query("RETURN 1 AS one", read_only=True))
        for _ in range(2):
            closing = other.close()
            assert (closing is None) is driver.blocks
            if closing is not None:
                await closing
        with pytest.raises(DriverError):
            await other.run(Query("RETURN 1 AS one", read_only=True))

    @requirement()
    async def test_a_driver_is_a_block_that_closes_it(
        self, driver: Driver, connect: Callable[[], Driver]
    ) -> None:
        """`with` for a driver that blocks, `async with` for an async one; the other is refused."""
        other: Any = connect()
        if driver.blocks:
            with other as entered:
                await entered.run(Query("RETURN 1 AS one", read_only=True))
            with pytest.raises(OgmError, match="with"):
                async with other:
                    pass
        else:
            async with other as entered:
                await entered.run(Query("RETURN 1 AS one", read_only=True))
            with pytest.raises(OgmError, match="async with"), other:
                pass
        assert entered is other
        with pytest.raises(DriverError):
            await other.run(Query("RETURN 1 AS one", read_only=True))

    @requirement()
    async def test_closing_leaves_nothing_open(
        self, driver: Driver, connect: Callable[[], Driver]
    ) -> None:
        """No socket and no thread that the driver opened is left when `close` returns."""
        threads, sockets = _threads(), _sockets()
        other = connect()
        await _at_once(other, [_work(other, user) for user in range(3)])
        await close_driver(other)
        if not driver.blocks:
            # asyncio lets go of a closed socket in the loop's next turns.
            for _ in range(5):
                await asyncio.sleep(0)
        assert _threads() <= threads
        assert _sockets() <= sockets
