"""The driver that every Bolt backend is a kind of.

It blocks: the client is used synchronously, and a session steps through it. What differs between
servers is a dialect, what their errors mean, how ids read, and how large a message may be.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Self

import neo4j

from runic.ogm.driver.base import NodeId, Result
from runic.ogm.driver.blocks import ClosedAtEnd
from runic.ogm.driver.bolt.client import BoltClient
from runic.ogm.driver.bolt.decode import RecordReader
from runic.ogm.driver.bolt.encode import checked_size, literal, text_size
from runic.ogm.driver.bolt.failures import Failures, Stage, is_unreachable
from runic.ogm.driver.bolt.interrupts import given_up
from runic.ogm.driver.bolt.settings import BoltSettings
from runic.ogm.driver.bolt.transaction import BoltTransaction
from runic.ogm.driver.timeouts import checked_timeout
from runic.ogm.errors import ConnectionLostError, StatementError
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint
from runic.ogm.query.dialect import Dialect


class BoltDriver(ClosedAtEnd):
    """One database of one Bolt server; threads may share it, and forked children."""

    blocks: ClassVar[bool] = True

    failures: ClassVar[Failures] = Failures("the database")
    # A larger message is refused before it is sent.
    max_message_bytes: ClassVar[int | None] = None
    # Makes the database's id of the text in which the client gives it.
    read_id: ClassVar[Callable[[str], NodeId]] = str

    def __init__(self, settings: BoltSettings, dialect: Dialect, graph: str | None = None) -> None:
        """Reach the server; `graph` is one of its databases, None the one it starts with."""
        self._link = BoltClient(settings)
        self._dialect = dialect
        self._reader = RecordReader(type(self).read_id)
        self._name_graph(graph)

    def _name_graph(self, name: str | None) -> None:
        if name is not None and not (name and name.isprintable()):
            raise StatementError(f"{name!r} cannot name a graph; give a non-empty, printable str")
        self._graph = name

    @property
    def dialect(self) -> Dialect:
        """How queries for this backend are worded."""
        return self._dialect

    @property
    def settings(self) -> BoltSettings:
        """Where the server is."""
        return self._link.settings

    @property
    def graph_name(self) -> str | None:
        """The database this driver reads and writes; None is the one the server starts with."""
        return self._graph

    def graph(self, name: str) -> Self:
        """Return a driver for another database of the same server, sharing its connections.

        Closing either of the two closes the connections of both.
        """
        sibling = object.__new__(type(self))
        sibling.__dict__.update(self.__dict__)
        sibling._name_graph(name)
        return sibling

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query as a transaction of its own and return its result; `timeout` in seconds.

        A read is sent again when a pooled connection turns out to be broken, a write never. Raises
        a `DriverError`, or `FieldValidationError` and `StatementError` for parameters that cannot
        be sent.
        """
        self.check(query, timeout)
        try:
            return self._run_once(query, timeout)
        except ConnectionLostError as lost:
            if not query.read_only or is_unreachable(lost.__cause__ or lost):
                raise
            return self._run_once(query, timeout)

    def _run_once(self, query: Query, timeout: float | None) -> Result:
        with self.translated(query.text, "read" if query.read_only else "write"):
            session = self.session(query.text, read_only=query.read_only)
            with session, given_up(session):
                limited = neo4j.Query(literal(query.text), timeout=timeout)
                return self.read(session.run(limited, dict(query.params)))

    def session(self, statement: str, *, read_only: bool) -> neo4j.Session:
        """Return a session of the client; nothing is sent yet."""
        return self._link.session(self._graph, read_only=read_only, statement=statement)

    def check(self, query: Query, timeout: float | None) -> None:
        """Raise unless the query can be sent."""
        self._check_timeout(timeout)
        size = checked_size(query.params) + text_size(query.text)
        limit = self.max_message_bytes
        if limit is not None and size > limit:
            raise self.failures.too_large(size, limit, query.text)

    def check_reading(self, query: Query, transaction: neo4j.Transaction) -> None:
        """Raise if a query that is said to read would write in a transaction that may.

        For servers that hold whole transactions to it, and no single query.
        """

    def _check_timeout(self, timeout: float | None) -> None:
        if checked_timeout(timeout) is not None:
            self._dialect.require("timeouts")

    def read(self, result: neo4j.Result) -> Result:
        """Return the whole of what the client is about to receive."""
        rows = self._reader.rows(result)
        return Result(list(result.keys()), rows, _counted(result.consume()))

    def translated(self, statement: str, stage: Stage) -> AbstractContextManager[None]:
        """Raise the errors of the client as runic's."""
        return self.failures.translated(self.settings.address, statement, stage)

    async def begin(
        self, *, read_only: bool = False, timeout: float | None = None
    ) -> BoltTransaction:
        """Return a transaction, which begins with its first query.

        `timeout` is in seconds and for all of it; without one, that of the first query is.
        """
        self._check_timeout(timeout)
        return BoltTransaction(self, read_only=read_only, timeout=timeout)

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Make a constraint, or drop it. Raises a `DriverError`."""
        for query in self.constraint_queries(constraint, drop=drop):
            await self.run(query)

    def constraint_queries(self, constraint: Constraint, *, drop: bool) -> list[Query]:
        """Return what makes or drops a constraint."""
        self._dialect.refuse(constraint.kind)

    async def explain(self, query: Query, *, timeout: float | None = None) -> str:
        """Return the server's plan of a query as text; nothing is run. Raises a `DriverError`."""
        asked = Query(f"EXPLAIN {query.text}", query.params)
        self.check(asked, timeout)
        with self.translated(query.text, "read"):
            session = self.session(query.text, read_only=True)
            with session, given_up(session):
                limited = neo4j.Query(literal(asked.text), timeout=timeout)
                return _plan_text(session.run(limited, dict(asked.params)))

    async def pause(self, seconds: float) -> None:
        """Keep the calling thread waiting."""
        time.sleep(seconds)  # noqa: ASYNC251 (stepped by sync code, never awaited on a loop)

    def close(self) -> None:
        """Close every connection the driver opened, its siblings' too. Closing twice is allowed."""
        self._link.close()


def _counted(summary: neo4j.ResultSummary) -> dict[str, str]:
    counters = vars(summary.counters)
    return {name: str(count) for name, count in counters.items() if not name.startswith("_")}


def _plan_text(result: neo4j.Result) -> str:
    """Return the plan, which some servers send as rows and others beside them."""
    rows = [str(row[0]) for row in result]
    plan: dict[str, Any] | None = result.consume().plan
    if plan is None:
        return "\n".join(rows)
    drawn = plan.get("args", {}).get("string-representation")
    return drawn.strip() if drawn else "\n".join(_drawn(plan, 0))


def _drawn(plan: dict[str, Any], depth: int) -> list[str]:
    details = plan.get("args", {}).get("Details")
    line = "    " * depth + plan["operatorType"] + (f" | {details}" if details else "")
    return [
        line,
        *(text for child in plan.get("children", ()) for text in _drawn(child, depth + 1)),
    ]
