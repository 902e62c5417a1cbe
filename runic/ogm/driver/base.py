"""What a driver is: text out, records in.

The session talks to a database only through these types. A driver knows nothing of entities.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint
from runic.ogm.query.dialect import Dialect

NodeId = int | str


class NodeRecord(NamedTuple):
    """A node as the database returned it."""

    id: NodeId
    labels: list[str]
    properties: dict[str, Any]


class EdgeRecord(NamedTuple):
    """A relationship as the database returned it; source and target are ids."""

    id: NodeId
    type: str
    source: NodeId
    target: NodeId
    properties: dict[str, Any]


class PathRecord(NamedTuple):
    """A path: one node more than edges, in order."""

    nodes: list[NodeRecord]
    edges: list[EdgeRecord]


@dataclass(slots=True)
class Result:
    """The rows a query returned, and what it changed (`stats`, by the server's own names)."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    stats: Mapping[str, str] = field(default_factory=dict)


class Transaction(Protocol):
    """Queries that the database keeps all together at `commit`, or not at all.

    It holds one connection, which `commit` and `rollback` give back whatever they raise. After a
    query failed the database keeps nothing of it any more: only `rollback` is left.
    """

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result, as `Driver.run` does; never sent twice."""
        ...

    async def commit(self) -> None:
        """Keep everything.

        Raises a `DriverError`: nothing was kept, save after a `ConnectionLostError`, where it is
        not known.
        """
        ...

    async def rollback(self) -> None:
        """Undo everything. Rolling back what has ended is allowed."""
        ...

    async def savepoint(self, name: str) -> None:
        """Mark this point (feature "savepoints"); `name` is an identifier."""
        ...

    async def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint, and go on; a failed query is undone too."""
        ...


@runtime_checkable
class Driver(Protocol):
    """A way to one graph of one database.

    `blocks` tells how `run` waits: True means that it never gives control to an event loop, so
    a sync session may step it; False means that it must be awaited on a running loop.
    """

    @property
    def blocks(self) -> bool:
        """Tell whether `run` never suspends."""
        ...

    @property
    def dialect(self) -> Dialect:
        """How queries for this backend are worded."""
        ...

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result; `timeout` in seconds.

        Raises a `DriverError`; no error of the client library passes.
        """
        ...

    async def begin(self, *, read_only: bool = False, timeout: float | None = None) -> Transaction:
        """Begin a transaction (feature "transactions"); `timeout` in seconds, for all of it.

        Raises a `DriverError`, or `UnsupportedFeatureError` where the database has none.
        """
        ...

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Make a constraint, or drop the one it has; the database may go on building it afterwards.

        Not a query: some databases have a command of its own for it. Raises a `DriverError`.
        """
        ...

    async def explain(self, query: Query, *, timeout: float | None = None) -> str:
        """Return the server's plan of a query as readable text; nothing is run.

        Only asked where the dialect has the capability "explain". Raises a `DriverError`.
        """
        ...

    async def pause(self, seconds: float) -> None:
        """Wait, as `run` waits: without keeping an event loop from other work."""
        ...

    def graph(self, name: str) -> Self:
        """Return a driver for another graph of the same server, sharing its connections."""
        ...

    def close(self) -> Awaitable[None] | None:
        """Give back every connection the driver opened. Closing twice is allowed.

        A driver that blocks has closed when this returns; with an async one it is awaited.
        """
        ...


async def close_driver(driver: Driver) -> None:
    """Close a driver of either kind."""
    closing = driver.close()
    if closing is not None:
        await closing


class SyncDriver(Driver, Protocol):
    """A driver that blocks: what `create_driver` returns, for `Session`; a `with` block."""

    def close(self) -> None:
        """Give back every connection the driver opened. Closing twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class AsyncDriver(Driver, Protocol):
    """A driver for event loops: what `create_async_driver` returns; an `async with` block."""

    def blocking(self) -> SyncDriver:
        """Return this driver as one that blocks, always the same object."""
        ...

    async def close(self) -> None:
        """Give back every connection the driver opened. Closing twice is allowed."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
