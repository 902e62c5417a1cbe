"""A transaction of a Bolt server: one session of the client, on one connection."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import neo4j
import neo4j.exceptions as client

from runic.ogm.driver.base import Result
from runic.ogm.driver.bolt.encode import literal
from runic.ogm.driver.bolt.failures import is_unreachable
from runic.ogm.driver.bolt.interrupts import given_up
from runic.ogm.errors import ConnectionLostError, DriverError, UnsupportedFeatureError
from runic.ogm.query.capabilities import backends_with
from runic.ogm.query.compiled import Query

if TYPE_CHECKING:
    from runic.ogm.driver.bolt.driver import BoltDriver


class BoltTransaction:
    """Queries that the server keeps all together, or not at all; get it with `driver.begin()`.

    It begins with its first query, because only then the server can be told a time limit. That is
    for the whole transaction: the one given to `begin`, or else to the first query.
    """

    def __init__(self, driver: BoltDriver, *, read_only: bool, timeout: float | None) -> None:
        self._driver = driver
        self._read_only = read_only
        self._timeout = timeout
        self._session: neo4j.Session | None = None
        self._transaction: neo4j.Transaction | None = None
        self._ended = False

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result; never sent twice.

        Raises `UnsupportedFeatureError` for a `timeout` shorter than the transaction's.
        """
        reads = query.read_only or self._read_only
        self._driver.check(replace(query, read_only=reads), timeout)
        session, transaction = self._begun(query, timeout)
        with self._driver.translated(query.text, "in transaction"), given_up(session):
            if query.read_only and not self._read_only:
                self._driver.check_reading(query, transaction)
            return self._driver.read(transaction.run(literal(query.text), dict(query.params)))

    def _begun(
        self, query: Query, timeout: float | None
    ) -> tuple[neo4j.Session, neo4j.Transaction]:
        if self._ended:
            raise DriverError("this transaction is over; begin another one", statement=query.text)
        if self._session is None or self._transaction is None:
            self._timeout = timeout if self._timeout is None else self._timeout
            return self._begin()
        if timeout is not None and (self._timeout is None or timeout < self._timeout):
            raise UnsupportedFeatureError(
                f"over Bolt a transaction has one time limit, here {self._timeout}: give timeout="
                " to the session, or to the first query, instead of this one"
            )
        return self._session, self._transaction

    def _begin(self) -> tuple[neo4j.Session, neo4j.Transaction]:
        try:
            return self._begin_once()
        except ConnectionLostError as lost:
            if is_unreachable(lost.__cause__ or lost):
                raise
            # A pooled connection was broken; nothing was asked of the server yet.
            return self._begin_once()

    def _begin_once(self) -> tuple[neo4j.Session, neo4j.Transaction]:
        with self._driver.translated("BEGIN", "in transaction"):
            session = self._driver.session("BEGIN", read_only=self._read_only)
            try:
                with given_up(session):
                    begun = session.begin_transaction(timeout=self._timeout)
            except BaseException:
                session.close()
                raise
        self._session, self._transaction = session, begun
        return session, begun

    async def commit(self) -> None:
        """Keep everything. Raises a `DriverError`: nothing was kept, unless it says otherwise."""
        if self._ended:
            raise DriverError("this transaction is over; begin another one", statement="COMMIT")
        try:
            if self._session is not None and self._transaction is not None:
                with self._driver.translated("COMMIT", "commit"), given_up(self._session):
                    self._transaction.commit()
        finally:
            self._release()

    async def rollback(self) -> None:
        """Undo everything. Rolling back what has ended is allowed."""
        try:
            if self._session is not None and self._transaction is not None:
                # A connection that broke took the transaction with it: there is nothing to undo.
                with given_up(self._session), suppress(*_FAILED):
                    self._transaction.close()
        finally:
            self._release()

    def _release(self) -> None:
        self._ended = True
        if self._session is not None:
            with suppress(*_FAILED):
                self._session.close()

    async def savepoint(self, name: str) -> None:
        """Refuse: no Bolt server has savepoints."""
        self._driver.dialect.refuse("savepoints", backends_with("savepoints"))

    async def rollback_to(self, name: str) -> None:
        """Refuse: no Bolt server has savepoints."""
        self._driver.dialect.refuse("savepoints", backends_with("savepoints"))


_FAILED = (client.DriverError, client.Neo4jError, OSError)
