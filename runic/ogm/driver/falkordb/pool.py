"""At most so many connections, handed out last in, first out.

A query waits for its turn instead of failing when all are busy. A connection that was left in an
unknown state (cancelled, timed out, interrupted) is closed, never reused; one that the server
closed while it was idle is noticed before anything is written to it, so no write is lost on it
or sent twice.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from redis.exceptions import RedisError

from runic.ogm.driver.falkordb import failures
from runic.ogm.driver.falkordb.endpoint import Server
from runic.ogm.driver.falkordb.link import AsyncLink, BlockingLink


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections there may be, and how long a query waits for one (seconds)."""

    max_connections: int = 16
    wait: float = 60.0


class ThreadPool:
    """Blocking connections, shared by the threads of one process."""

    def __init__(self, endpoint: Server, limits: PoolLimits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._closed = False
        self._reset()

    def _reset(self) -> None:
        self._idle: list[BlockingLink] = []
        self._open: set[BlockingLink] = set()
        self._connections = 0
        self._waiting = 0
        self._changed = threading.Condition(threading.Lock())
        self._pid = os.getpid()

    def take(self, statement: str) -> tuple[BlockingLink, bool]:
        """Return a connection, and whether it was used before."""
        if self._pid != os.getpid():
            self._leave_to_parent()
        link = self._idle_link() or self._wait_for_turn(statement)
        if link is not None:
            if link.usable():
                return link, True
            self._open.discard(link)
            link.close()
        return self._connect(statement), False

    def _idle_link(self) -> BlockingLink | None:
        # No lock: taking the last item of a list is one step for threads.
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _wait_for_turn(self, statement: str) -> BlockingLink | None:
        """Return an idle connection, or None when the caller may open one."""
        limits = self._limits
        with self._changed:
            # Counted before the look at the idle ones, so who gives back after it will notify.
            self._waiting += 1
            try:
                claim = self._changed.wait_for(self._claim, limits.wait)
            finally:
                self._waiting -= 1
        if not claim:
            raise failures.all_busy(limits.max_connections, limits.wait, statement)
        return claim if isinstance(claim, BlockingLink) else None

    def _claim(self) -> BlockingLink | bool:
        """Take an idle connection or room for a new one; True stands for the room."""
        link = self._idle_link()
        if link is not None:
            return link
        room = self._connections < self._limits.max_connections
        self._connections += room
        return room

    def _connect(self, statement: str) -> BlockingLink:
        try:
            if self._closed:
                raise failures.closed(statement)
            self._endpoint.prepare()
            link = BlockingLink(self._endpoint)
        except BaseException as error:
            self._one_less()
            if isinstance(error, RedisError | OSError):
                where = self._endpoint.where
                raise failures.unreachable(error, where, statement) from error
            raise
        self._open.add(link)
        return link

    def give_back(self, link: BlockingLink, *, reusable: bool) -> None:
        """Take the connection back; one that is not reusable is closed."""
        if not reusable or link not in self._open:
            self._open.discard(link)
            link.close()
            self._one_less()
            return
        self._idle.append(link)
        if self._waiting:
            with self._changed:
                self._changed.notify()

    def _one_less(self) -> None:
        with self._changed:
            self._connections -= 1
            self._changed.notify()

    def _leave_to_parent(self) -> None:
        for link in self._open:
            link.forget()
        self._reset()

    def close(self) -> None:
        """Close every connection; a query still running on another thread fails."""
        self._closed = True
        if self._pid != os.getpid():
            self._leave_to_parent()
            return
        with self._changed:
            links, self._open = self._open, set()
            self._connections -= len(self._idle)
            self._idle.clear()
        for link in links:
            link.close()


class LoopPool:
    """Asyncio connections of one event loop."""

    def __init__(self, endpoint: Server, limits: PoolLimits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._idle: list[AsyncLink] = []
        self._open: set[AsyncLink] = set()
        self._connections = 0
        # Each gets a connection that was given back, or None: room to open one.
        self._waiting: deque[asyncio.Future[AsyncLink | None]] = deque()
        self._at_loop_end: AsyncGenerator[None, None] | None = None
        self._closed = False

    async def take(self, statement: str) -> tuple[AsyncLink, bool]:
        """Return a connection, and whether it was used before."""
        link = None
        if self._idle:
            link = self._idle.pop()
        elif self._connections < self._limits.max_connections:
            self._connections += 1
        else:
            link = await self._wait_for_turn(statement)
        if link is not None:
            if link.usable():
                return link, True
            self._discard(link)
        try:
            return await self._connect(statement), False
        except BaseException:
            self._pass_on(None)
            raise

    async def _wait_for_turn(self, statement: str) -> AsyncLink | None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[AsyncLink | None] = loop.create_future()
        self._waiting.append(turn)
        # A bare timer: `asyncio.timeout` costs several times as much, on a path that is hot.
        timer = loop.call_later(self._limits.wait, _expire, turn)
        try:
            return await turn
        except TimeoutError:
            limits = self._limits
            raise failures.all_busy(limits.max_connections, limits.wait, statement) from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on(turn.result())  # given to us in the moment we were cancelled
            raise
        finally:
            timer.cancel()

    def _pass_on(self, link: AsyncLink | None) -> None:
        """Give the connection, or the room for one, to who waits longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(link)
                return
        if link is None:
            self._connections -= 1
        else:
            self._idle.append(link)

    async def _connect(self, statement: str) -> AsyncLink:
        if self._closed:
            raise failures.closed(statement)
        await self._end_with_loop()
        try:
            if not self._endpoint.prepared:
                await asyncio.to_thread(self._endpoint.prepare)
            link = await AsyncLink.open(self._endpoint)
        except (RedisError, OSError) as error:
            raise failures.unreachable(error, self._endpoint.where, statement) from error
        self._open.add(link)
        return link

    async def _end_with_loop(self) -> None:
        # A loop that shuts down closes its open async generators, `asyncio.run` and pytest's
        # loops included: the only notice a loop gives. Sockets left over would outlive it.
        if self._at_loop_end is None:
            self._at_loop_end = self._closing()
            await anext(self._at_loop_end)

    async def _closing(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self.close_links()
            # The transports close their sockets in the loop's next round.
            await asyncio.sleep(0)

    def give_back(self, link: AsyncLink, *, reusable: bool) -> None:
        """Take the connection back; one that is not reusable is closed."""
        if reusable and link in self._open:
            self._pass_on(link)
        else:
            self._discard(link)
            self._pass_on(None)

    def _discard(self, link: AsyncLink) -> None:
        self._open.discard(link)
        link.close()

    def close_links(self) -> None:
        """Close every connection, on the thread of their loop; later use is refused."""
        self._closed = True
        for link in self._open:
            link.close()
        self._forget_links()

    def _forget_links(self) -> None:
        self._connections -= len(self._idle)
        self._open.clear()
        self._idle.clear()

    async def close(self) -> None:
        """Close every connection, from the loop they belong to; later use is refused."""
        self._closed = True
        if self._at_loop_end is not None:
            await self._at_loop_end.aclose()
            self._at_loop_end = None

    def hang_up(self) -> None:
        """Tell the server that the connections are done, when their loop is gone."""
        for link in self._open:
            link.hang_up()
        self._forget_links()


def _expire(turn: asyncio.Future[AsyncLink | None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
