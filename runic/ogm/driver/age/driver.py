"""The driver for Apache AGE: asyncpg on an event loop of its own, offered as one that blocks.

What runs on the loop is `GraphOnAGE`; `AGEDriver` is what users hold. A query is one SQL statement;
outside of a transaction it is one of its own, so that a refused one left nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Self

import asyncpg

from runic.ogm.driver.age import failures
from runic.ogm.driver.age.definitions import constraint_queries
from runic.ogm.driver.age.dialect import AGEDialect
from runic.ogm.driver.age.failures import BROKEN
from runic.ogm.driver.age.sending import Sending, sending
from runic.ogm.driver.age.server import AgeServer, address_of
from runic.ogm.driver.age.sql import SqlQuery, checked_graph, literal
from runic.ogm.driver.age.transaction import AGETransaction
from runic.ogm.driver.base import Result
from runic.ogm.driver.bridge import BlockingDriver
from runic.ogm.errors import AuthenticationError, ConnectionLostError, DriverError
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint

# So often a statement is sent that was refused, whole, for a label that others were making.
_ATTEMPTS = 3


class GraphOnAGE:
    """One graph of a server, as coroutines that wait on the driver's loop."""

    blocks = False

    def __init__(self, server: AgeServer, graph: str) -> None:
        self._server = server
        self.name = checked_graph(graph)
        self._dialect = AGEDialect()

    @property
    def dialect(self) -> AGEDialect:
        """How queries for AGE are worded."""
        return self._dialect

    def graph(self, name: str) -> Self:
        """Return another graph of the same server, on the same connections."""
        return type(self)(self._server, name)

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query; see `AGEDriver`."""
        failures.check_timeout(timeout)
        sent = sending(query, self.name)
        for left in reversed(range(_ATTEMPTS)):
            try:
                return await self._once(sent, timeout)
            except (asyncpg.PostgresError, *BROKEN) as error:
                missing = failures.graph_is_missing(error)
                if missing and sent.read_only:
                    return await self._of_nothing(sent, timeout)
                if missing:
                    self._server.forget(self.name)
                meant = sent.failed(error, self._server, timeout)
                if not left or not _may_repeat(error, meant, sent):
                    raise meant from error
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, sent: Sending, timeout: float | None) -> Result:
        await sent.make_names(self._server, self.name)
        connection = await self._server.acquire(sent.statement)
        try:
            return await sent.fetch(connection, timeout)
        finally:
            await self._server.release(connection)

    async def _of_nothing(self, sent: Sending, timeout: float | None) -> Result:
        """Read a graph that is not there: an empty one, which nobody else ever sees."""
        begun = await self._begun("BEGIN", timeout)
        try:
            await begun.command(f"SELECT create_graph({literal(self.name)})")
            return await begun.send(sent, timeout)
        except AuthenticationError:
            # A role that may not even make one for itself.
            return Result(list(sent.columns or ()))
        finally:
            await begun.rollback()

    async def begin(
        self, *, read_only: bool = False, timeout: float | None = None
    ) -> AGETransaction:
        """Begin a transaction."""
        failures.check_timeout(timeout)
        if not read_only:
            await self._server.make_labels(self.name)
            return await self._begun("BEGIN", timeout)
        there = await self._is_there()
        begun = await self._begun("BEGIN READ ONLY", timeout)
        if not there:
            begun.of_nothing = self._of_nothing
        return begun

    async def _begun(self, command: str, timeout: float | None) -> AGETransaction:
        connection = await self._server.acquire(command)
        begun = AGETransaction(self._server, self.name, connection, timeout)
        try:
            await begun.command(command)
        except DriverError:
            await begun.drop()
            raise
        return begun

    async def _is_there(self) -> bool:
        # Not AGE's own list, which an ordinary role may not read.
        text = "SELECT 1 AS there FROM pg_catalog.pg_namespace WHERE nspname = %GRAPH%"
        return bool((await self.run(SqlQuery(text, read_only=True))).rows)

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Make a constraint, or drop it."""
        for query in constraint_queries(constraint, drop=drop):
            await self.run(query)

    async def explain(self, query: Query, *, timeout: float | None = None) -> str:
        """Return the plan; in a transaction that is undone, as planning makes missing labels."""
        if not await self._is_there():
            raise failures.unplanned(self.name, query.text)
        sent = sending(query, self.name)
        begun = await self.begin(timeout=timeout)
        try:
            shown = replace(sent, sql=f"EXPLAIN {sent.sql}", columns=None)
            return "\n".join(row[0] for row in (await begun.send(shown, timeout)).rows)
        finally:
            await begun.rollback()

    async def pause(self, seconds: float) -> None:
        """Wait while the loop does other work."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """End every connection, those of other graphs too."""
        await self._server.close()


def _may_repeat(error: Exception, meant: DriverError, sent: Sending) -> bool:
    """Tell whether nothing of a statement can have been kept, and the next try may go better."""
    if isinstance(meant, ConnectionLostError):
        return sent.read_only
    return failures.made_meanwhile(error) or failures.graph_is_missing(error)


class AGEDriver(BlockingDriver):
    """One graph of an Apache AGE server, for `Session`; threads may share the driver.

    Its connections live on an event loop in a thread of its own, which starts with the first query
    and ends with `close()`. There is none for `AsyncSession`: see docs/backends.md.
    """

    _driver: GraphOnAGE

    def __init__(
        self,
        graph: str = "runic",
        *,
        max_connections: int = 10,
        pool_timeout: float = 60.0,
        **address: Any,
    ) -> None:
        """Reach a graph; nothing is connected yet.

        Args:
            graph: 3 to 63 letters, digits, _, - and `.`; made with the first write.
            max_connections: How many queries and open transactions there can be at once; one
                connection more makes labels.
            pool_timeout: Seconds that a query waits for a free connection.
            address: `host`, `port`, `username`, `password`, `database`, `ssl` (True, a mode as
                "require", or an `ssl.SSLContext`), `ssl_ca_certs` (a file), `connect_timeout` (in
                seconds).
        """
        server = AgeServer(
            address_of(address), max_connections=max_connections, pool_timeout=pool_timeout
        )
        super().__init__(GraphOnAGE(server, graph))

    @property
    def graph_name(self) -> str:
        """The graph this driver reads and writes."""
        return self._driver.name

    def graph(self, name: str) -> Self:
        """Return a driver for another graph of the same database, sharing its connections.

        Closing either of the two closes the connections of both.
        """
        sibling = object.__new__(type(self))
        sibling.__dict__.update(self.__dict__)
        sibling._driver = self._driver.graph(name)
        return sibling
