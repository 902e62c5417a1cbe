"""A transaction of a Bolt server: one session of the client, on one connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import neo4j
import neo4j.exceptions as client

from runic.ogm.driver.base import Result
from runic.ogm.driver.bolt.interrupts import given_up
from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.query.compiled import Query

if TYPE_CHECKING:
    from runic.ogm.driver.bolt.driver import BoltDriver


class BoltTransaction:
    """Queries that the server keeps all together, or not at all; get it with `driver.begin()`."""

    def __init__(
        self,
        driver: BoltDriver,
        session: neo4j.Session,
        transaction: neo4j.Transaction,
        timeout: float | None,
    ) -> None:
        self._driver = driver
        self._session = session
        self._transaction = transaction
        self._timeout = timeout

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result; never sent twice.

        The server limits a transaction as a whole: raises `UnsupportedFeatureError` for a `timeout`
        that is shorter than the transaction's.
        """
        self._driver.check(query, timeout)
        self._check_covered(timeout)
        with self._translated(query.text), given_up(self._session):
            return self._driver.read(self._transaction.run(query.text, dict(query.params)), query)

    def _check_covered(self, timeout: float | None) -> None:
        if timeout is not None and (self._timeout is None or timeout < self._timeout):
            raise UnsupportedFeatureError(
                "over Bolt a transaction has one time limit, given when it begins; give timeout= to"
                " the session instead of the call"
            )

    async def commit(self) -> None:
        """Keep everything. Raises a `DriverError`: nothing was kept, unless it says otherwise."""
        try:
            with self._driver.translated("COMMIT", "commit"), given_up(self._session):
                self._transaction.commit()
        finally:
            self._release()

    async def rollback(self) -> None:
        """Undo everything. Rolling back what has ended is allowed."""
        try:
            with given_up(self._session), suppress(client.DriverError, client.Neo4jError, OSError):
                # A connection that broke took the transaction with it: there is nothing to undo.
                self._transaction.close()
        finally:
            self._release()

    def _release(self) -> None:
        with suppress(client.DriverError, client.Neo4jError, OSError):
            self._session.close()

    async def savepoint(self, name: str) -> None:
        """Refuse: no Bolt server has savepoints."""
        self._driver.dialect.refuse("savepoints", ["age"])

    async def rollback_to(self, name: str) -> None:
        """Refuse: no Bolt server has savepoints."""
        self._driver.dialect.refuse("savepoints", ["age"])

    @contextmanager
    def _translated(self, statement: str) -> Iterator[None]:
        with self._driver.translated(statement, "in transaction"):
            yield
