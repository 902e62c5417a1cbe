"""The one way from a session to its database, with the transaction that is open on it.

On a database without transactions every query goes straight to the driver. On the others the first
write begins a transaction, which lasts until the session commits or rolls back; reads before it run
by themselves, reads after it see what was written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from runic.ogm.driver.base import Driver, Result, Transaction
from runic.ogm.errors import (
    DriverError,
    FieldValidationError,
    QueryTooLargeError,
    SessionError,
    StatementError,
    UnsupportedFeatureError,
)
from runic.ogm.model.entity import Entity
from runic.ogm.query.compiled import Query
from runic.ogm.session.persistence.checkpoint import Memento
from runic.ogm.session.state.guard import Guard
from runic.ogm.session.state.unit_of_work import UnitOfWork

_logger = logging.getLogger("runic.ogm")

# What a driver refuses before it sends anything: the transaction is as it was.
_NOT_SENT = (FieldValidationError, QueryTooLargeError, StatementError, UnsupportedFeatureError)


class Channel:
    """Sends the queries of one session."""

    def __init__(
        self,
        driver: Driver,
        unit: UnitOfWork,
        guard: Guard,
        *,
        echo: bool = False,
        timeout: float | None = None,
        read_only: bool = False,
    ) -> None:
        self.driver = driver
        self.read_only = read_only
        self.transactional = "transactions" in driver.dialect.capabilities
        # Inside of begin(): reads belong to the transaction as well.
        self.held = False
        # A block inside of begin() failed: the block must not commit.
        self.spoilt = False
        self._unit = unit
        self._guard = guard
        self._echo = echo
        self._timeout = timeout
        self._open: Transaction | None = None
        self._memento: Memento | None = None
        self._savepoints: list[tuple[str, Memento]] = []
        self._ending = False
        # Something was written in the transaction that the session takes for stored.
        self._wrote = False

    @property
    def timeout(self) -> float | None:
        """Seconds that a query may take which says nothing of it."""
        return self._timeout

    @property
    def starts_over(self) -> bool:
        """Whether a write that fails undoes nothing else, so that it can be tried another way."""
        return not self.transactional or not (self._wrote or self._savepoints)

    async def run(self, query: Query, timeout: float | None = None) -> Result:
        """Send one query, in the transaction where there is one or has to be.

        Raises:
            SessionError: It writes, and the session is for reading.
            DriverError: It failed. A transaction is undone with it.
        """
        result = await self.send(query, timeout)
        if not query.read_only:
            self.note_written()
        return result

    async def send(self, query: Query, timeout: float | None = None) -> Result:
        """Do the same for one of several queries that write; `note_written` follows the last."""
        if self.read_only and not query.read_only:
            raise SessionError(
                "this session was opened with read_only=True and this would write; open another one"
                f" for it: {query.text}"
            )
        if self._echo:
            _logger.info("%s", query.text)
        limit = self._timeout if timeout is None else timeout
        if not self.transactional or (query.read_only and not self.held and self._open is None):
            return await self.driver.run(query, timeout=limit)
        return await self._run_inside(query, limit)

    async def _run_inside(self, query: Query, timeout: float | None) -> Result:
        if self._open is None:
            self._open = await self.driver.begin(read_only=self.read_only)
        if self._memento is None and not query.read_only and not self._ending:
            self._memento = Memento(self._unit)
        try:
            return await self._open.run(query, timeout=timeout)
        except _NOT_SENT:
            raise
        except BaseException:
            await self.fail()
            raise

    async def fail(self) -> None:
        """Undo a transaction in which something failed: the database keeps nothing of it."""
        if self._savepoints:
            return  # its block goes back to where it began
        await self._end_by_rollback()
        if self._wrote:
            self._guard.undone = True
        else:
            self._forget()

    async def _end_by_rollback(self) -> None:
        transaction, self._open = self._open, None
        if transaction is not None:
            # What went wrong before is what the caller has to know.
            with suppress(DriverError):
                await transaction.rollback()

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Let the writes of this block be followed by `commit`, so that nothing need be recalled.

        Nothing may be noted as written before that.
        """
        self._ending = True
        try:
            yield
        finally:
            self._ending = False

    def note_written(self) -> None:
        """Remember that the session now takes for stored what is not committed."""
        # What was flushed before stays to be recalled, should the commit itself be refused.
        if self._open is not None and not self._ending:
            self._wrote = True

    def note_born(self, entities: Iterable[Entity], generated: str | None = None) -> None:
        """Remember what is new to the database until the transaction ends."""
        for memento in self._mementos():
            memento.note_born(entities, generated)

    def let_all_go(self) -> None:
        """Bring nothing back, when the transaction is undone, of what the session held till now."""
        for memento in self._mementos():
            memento.let_all_go()

    def _mementos(self) -> list[Memento]:
        first = [] if self._memento is None else [self._memento]
        return [*first, *(memento for _, memento in self._savepoints)]

    async def commit(self) -> None:
        """Keep what the transaction wrote; without one there is nothing to do.

        Raises:
            DriverError: Nothing was kept, save where it says that this is not known.
        """
        if self._open is None:
            return
        try:
            await self._open.commit()
        except BaseException:
            await self.fail()
            raise
        self._open = None
        self._forget()
        self._wrote = False

    async def rollback(self) -> None:
        """Undo the transaction, and let the session's entities be as they were before it."""
        self._savepoints.clear()
        await self._end_by_rollback()
        memento, self._wrote = self._memento, False
        if memento is not None:
            memento.restore()
        self._forget()

    def _forget(self) -> None:
        """Let go of what was held before the transaction: it is over."""
        self._memento = self._unit.buried = None

    async def begin_nested(self) -> None:
        """Mark a point in the transaction to go back to; see `end_nested`."""
        if self._open is None:
            self._open = await self.driver.begin(read_only=self.read_only)
        if self._memento is None:
            self._memento = Memento(self._unit)
        name = f"runic_{len(self._savepoints)}"
        await self._open.savepoint(name)
        self._savepoints.append((name, Memento(self._unit)))

    async def end_nested(self, *, undo: bool) -> None:
        """Leave the innermost point; with `undo` go back to it, in the session as well."""
        if not self._savepoints or self._open is None:
            return  # the whole transaction was rolled back meanwhile
        name, memento = self._savepoints[-1]
        if undo:
            await self._open.rollback_to(name)
            memento.restore()
        self._savepoints.pop()
