"""Let code that cannot await use coroutines.

A session is written once, as coroutines, and waits only inside `Driver.run`. If that call never
suspends, a coroutine runs to its end in one `send`: `step` does that, without any event loop, so
it works under a running one and nests. A driver that must be awaited becomes one that blocks
through `BlockingDriver`, which waits on an event loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

from runic.ogm.driver.base import Driver, Result, Transaction, close_driver
from runic.ogm.driver.blocks import ClosedAtEnd
from runic.ogm.errors import DriverError
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint
from runic.ogm.query.dialect import Dialect

T = TypeVar("T")


def step(coro: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, and return its result.

    Raises `DriverError` if it does suspend: the driver below it needs an event loop.
    """
    try:
        coro.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coro.close()
    raise DriverError("this driver needs an event loop; give a Session driver.blocking() instead")


class PrivateLoop:
    """An event loop in a thread of its own, started on first use, shared with nobody."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._pid = os.getpid()

    def call(self, coro: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine on the loop while this thread waits.

        Interrupting the wait (Ctrl-C) cancels the coroutine. Raises `DriverError` after
        `close()`, in a forked child, and on the loop's own thread, which would wait for itself.
        """
        try:
            future = self._submit(coro)
        except BaseException:
            coro.close()
            raise
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise DriverError("the driver was closed while this query ran") from None
        except BaseException:
            # Ctrl-C here must not leave the query running over there.
            future.cancel()
            raise

    def _submit(self, coro: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        if os.getpid() != self._pid:
            raise DriverError(
                "this driver was used before the process was forked and its thread stayed in the "
                "parent; create the driver in the child"
            )
        with self._lock:
            if self._closed:
                raise DriverError("this driver is closed; create a new one")
            loop = self._loop or self._start()
            if self.is_current():
                raise DriverError("a blocking driver cannot be used on its own loop; await instead")
            return asyncio.run_coroutine_threadsafe(coro, loop)

    def _start(self) -> asyncio.AbstractEventLoop:
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="runic-loop", daemon=True)
        self._thread.start()
        return loop

    def is_current(self) -> bool:
        """Tell whether the caller runs on this loop's thread."""
        return self._thread is threading.current_thread()

    def close(self) -> None:
        """Cancel what runs, stop the loop and wait for its thread. Closing twice is allowed."""
        with self._lock:
            self._closed = True
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None or os.getpid() != self._pid:
            return
        asyncio.run_coroutine_threadsafe(_finish(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _finish() -> None:
    """Do for a loop what `asyncio.run` does at its end."""
    loop = asyncio.get_running_loop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


class BlockingDriver(ClosedAtEnd):
    """An async driver that a sync session can use; threads may share it.

    Get it with `driver.blocking()`. Closing it closes the async driver too.
    """

    blocks = True

    def __init__(self, driver: Driver, loop: PrivateLoop | None = None) -> None:
        self._driver = driver
        self._loop = loop or PrivateLoop()

    @property
    def dialect(self) -> Dialect:
        """How queries for this backend are worded."""
        return self._driver.dialect

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result, without suspending; `timeout` in seconds."""
        return self._loop.call(self._driver.run(query, timeout=timeout))

    async def begin(
        self, *, read_only: bool = False, timeout: float | None = None
    ) -> BlockingTransaction:
        """Begin a transaction, without suspending."""
        begun = self._loop.call(self._driver.begin(read_only=read_only, timeout=timeout))
        return BlockingTransaction(begun, self._loop)

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Make a constraint, or drop it, without suspending."""
        self._loop.call(self._driver.constrain(constraint, drop=drop))

    async def explain(self, query: Query, *, timeout: float | None = None) -> str:
        """Return the server's plan of a query, without suspending."""
        return self._loop.call(self._driver.explain(query, timeout=timeout))

    async def pause(self, seconds: float) -> None:
        """Keep the calling thread waiting."""
        self._loop.call(self._driver.pause(seconds))

    def graph(self, name: str) -> Self:
        """Return a driver for another graph of the same server, on the same connections."""
        return type(self)(self._driver.graph(name), self._loop)

    def close(self) -> None:
        """Close the connections and end the thread. Closing twice is allowed."""
        with suppress(DriverError):  # the loop is closed already
            self._loop.call(close_driver(self._driver))
        self._loop.close()


class BlockingTransaction:
    """A transaction of an async driver, for a sync session."""

    def __init__(self, transaction: Transaction, loop: PrivateLoop) -> None:
        self._transaction = transaction
        self._loop = loop

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result, without suspending."""
        return self._loop.call(self._transaction.run(query, timeout=timeout))

    async def commit(self) -> None:
        """Keep everything."""
        self._loop.call(self._transaction.commit())

    async def rollback(self) -> None:
        """Undo everything."""
        self._loop.call(self._transaction.rollback())

    async def savepoint(self, name: str) -> None:
        """Mark this point."""
        self._loop.call(self._transaction.savepoint(name))

    async def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint."""
        self._loop.call(self._transaction.rollback_to(name))
