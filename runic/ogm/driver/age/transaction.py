"""A transaction on a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg

from runic.ogm.driver.age import failures
from runic.ogm.driver.age.failures import BROKEN
from runic.ogm.driver.age.sending import Sending, sending
from runic.ogm.driver.age.server import AgeServer, Connection
from runic.ogm.driver.age.sql import identifier
from runic.ogm.driver.base import Result
from runic.ogm.errors import DriverError
from runic.ogm.query.compiled import Query

_LEAST_TIMEOUT = 0.001


class AGETransaction:
    """See `Transaction`."""

    def __init__(
        self, server: AgeServer, graph: str, connection: Connection, timeout: float | None
    ) -> None:
        self._server = server
        self._graph = graph
        self._connection: Connection | None = connection
        self._ends = None if timeout is None else asyncio.get_running_loop().time() + timeout
        self._failed = False
        # Set where there is no graph: what reads then, outside of the transaction.
        self.of_nothing: Callable[[Sending, float | None], Awaitable[Result]] | None = None

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result."""
        failures.check_timeout(timeout)
        sent = sending(query, self._graph)
        if self.of_nothing is not None:
            self._open(query.text)
            if not sent.read_only:
                raise failures.writes_in_read(query.text)
            return await self.of_nothing(sent, timeout)
        try:
            await sent.make_names(self._server, self._graph)
        except asyncpg.PostgresError as error:
            raise sent.failed(error, self._server, timeout) from error
        return await self.send(sent, timeout)

    async def send(self, sent: Sending, timeout: float | None) -> Result:
        """Run SQL that stands for a query."""
        limit = self._left(timeout)
        connection = self._open(sent.statement)
        try:
            return await sent.fetch(connection, limit)
        except (asyncpg.PostgresError, *BROKEN) as error:
            self._failed = True
            raise sent.failed(error, self._server, limit) from error
        except asyncio.CancelledError:
            self._failed = True
            raise

    async def commit(self) -> None:
        """Keep everything."""
        if self._failed:
            await self.rollback()
            # PostgreSQL would say nothing, and roll back.
            raise failures.lost_work("COMMIT")
        await self._end("COMMIT")

    async def rollback(self) -> None:
        """Undo everything."""
        if self._connection is not None:
            await self._end("ROLLBACK")

    async def savepoint(self, name: str) -> None:
        """Mark this point."""
        await self.command(f"SAVEPOINT {identifier(name)}")

    async def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint."""
        await self.command(f"ROLLBACK TO SAVEPOINT {identifier(name)}")
        self._failed = False

    async def _end(self, command: str) -> None:
        try:
            await self.command(command)
        except DriverError:
            # Whether it is still in the transaction is not known; the server undoes what is cut.
            with suppress(asyncpg.InterfaceError):
                self._open(command).terminate()
            raise
        finally:
            await self.drop()

    async def drop(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._server.release(connection)

    async def command(self, command: str) -> None:
        """Run SQL that returns nothing."""
        # Undoing has time, also where a query had none left.
        rollback = command == "ROLLBACK"
        limit = self._server.address.connect_timeout if rollback else self._left(None)
        try:
            await self._open(command).execute(command, timeout=limit)
        except (asyncpg.PostgresError, *BROKEN) as error:
            self._failed = True
            where = str(self._server.address)
            read = command != "COMMIT"
            raise failures.failed(error, where, command, read=read, timeout=limit) from error

    def _open(self, statement: str) -> Connection:
        if self._connection is None:
            raise failures.ended(statement)
        return self._connection

    def _left(self, timeout: float | None) -> float | None:
        """Return the seconds that a query may take: its own, or what the transaction has left."""
        if self._ends is None:
            return timeout
        left = max(self._ends - asyncio.get_running_loop().time(), _LEAST_TIMEOUT)
        return left if timeout is None else min(left, timeout)
