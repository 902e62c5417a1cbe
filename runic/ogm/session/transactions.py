"""Blocks of a session that are kept whole or undone: `begin`, savepoints, units of work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self, TypeVar

from runic.ogm.errors import SessionError, StatementError, TransientError
from runic.ogm.model.state import notes_of
from runic.ogm.session.loading.refresh import forget_loaded
from runic.ogm.session.persistence.flush import Flusher
from runic.ogm.session.persistence.query_runner import Channel
from runic.ogm.session.state.guard import Guard, exclusive
from runic.ogm.session.state.unit_of_work import UnitOfWork

T = TypeVar("T")


class Transacting:
    """The part of a session that begins and ends transactions; see `AsyncSession`."""

    _guard: Guard
    _unit: UnitOfWork
    _channel: Channel
    _flusher: Flusher

    # The session calls its own `flush`, `commit` and `rollback` wherever it ends something, never
    # the flusher: a subclass that overrides one of them is to hear of every such end.

    @exclusive
    async def flush(self) -> None:
        """Write every pending change, all or nothing, and go on tracking.

        FalkorDB has no transactions: there, what was flushed stays, whatever happens later.
        """
        await self._flusher.flush()

    @exclusive
    async def commit(self, *, atomic: bool = True, batch_size: int = 1000) -> None:
        """Write every pending change: all of them or, when one fails, none.

        Nothing expires: entities keep their values. After an error they keep their unwritten
        changes too, so the culprit can be corrected and committed again.

        Args:
            atomic: False gives up all-or-nothing for changes too many for one statement.
            batch_size: Rows a statement, when `atomic` is False.

        Raises:
            FieldValidationError: A value cannot be stored; nothing was sent.
            UniqueViolationError: A unique value is taken; nothing was written.
            StaleEntityError: Somebody else changed or deleted an entity; nothing was written.
            QueryTooLargeError: The changes do not fit into one statement; nothing was sent.
            PartialCommitError: With `atomic=False`: a batch failed; `.written` is what is stored.
        """
        if atomic:
            await self._flusher.commit()
        elif type(batch_size) is not int or batch_size < 1:
            raise StatementError(f"batch_size is a whole number ≥ 1, not {batch_size!r}")
        else:
            await self._flusher.commit_in_batches(batch_size)

    async def rollback(self) -> None:
        """Drop every unwritten change: new entities are transient again, others as last loaded.

        On a database with transactions, what was flushed or written at once since the last commit
        is undone as well, and the session's entities are as they were before it.
        """
        self._guard.check(interrupted_too=False)
        self._guard.interrupted = self._guard.undone = False
        await self._channel.rollback()
        self._unit.rollback()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Self]:
        """Return a block that commits on success and rolls back on any exception.

        On a database with transactions the reads in it belong to the transaction, too. A block
        inside of another joins it: the outer one commits. If the inner one fails, everything is
        rolled back and the outer one cannot commit any more.

        Raises:
            SessionError: A block inside of this one failed, and its exception was caught.
        """
        self._guard.check()
        if self._channel.held:
            async with self._joined():
                yield self
            return
        self._channel.held, self._channel.spoilt = True, False
        try:
            yield self
        except BaseException as error:
            await self._end(error)
            raise
        else:
            await self._end_unspoilt()
        finally:
            self._channel.held = False

    async def _end_unspoilt(self) -> None:
        try:
            self._refuse_spoilt()
        except SessionError as error:
            await self._end(error)  # what came after the inner block failed goes, too
            raise
        await self._end(None)

    @asynccontextmanager
    async def _joined(self) -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            self._channel.spoilt = True
            await self.rollback()
            raise

    def _refuse_spoilt(self) -> None:
        if self._channel.spoilt:
            raise SessionError(
                "a begin() block inside of this one failed and everything was rolled back; let its"
                " exception pass, or use begin_nested() for a part that may fail by itself"
            )

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[Self]:
        """Return a block that is undone alone when it fails: a savepoint.

        What is pending is flushed when the block begins and when it ends well.

        Raises:
            UnsupportedFeatureError: The database has no savepoints.
        """
        self._channel.driver.dialect.require("savepoints")
        await self.flush()
        await self._mark()
        try:
            yield self
            await self.flush()
        except BaseException:
            await self._leave(undo=True)
            raise
        await self._leave(undo=False)

    @exclusive
    async def _mark(self) -> None:
        await self._channel.begin_nested()

    async def _leave(self, *, undo: bool) -> None:
        self._guard.check(interrupted_too=False)
        await self._channel.end_nested(undo=undo)
        if undo:
            self._unit.rollback()

    async def run_in_transaction(
        self, work: Callable[[Self], Awaitable[T]], *, attempts: int = 5, backoff: float = 0.05
    ) -> T:
        """Call `work(session)` in a `begin` block, again when the database asks for that.

        A conflict with another transaction is a `TransientError`: everything is rolled back, the
        session's entities are read anew when they are next met, and `work` is called again.

        Args:
            work: Does the reads and the writes; it may be called several times.
            attempts: How often it is called at most.
            backoff: Seconds before the second call; each further pause is twice as long.

        Raises:
            TransientError: The last call failed like those before.
        """
        if type(attempts) is not int or attempts < 1:
            raise StatementError(f"attempts is a whole number ≥ 1, not {attempts!r}")
        for number in range(1, attempts):
            try:
                return await self._once(work)
            except TransientError:
                self._expire_all()
                await self._channel.driver.pause(backoff * 2 ** (number - 1))
        return await self._once(work)

    async def _once(self, work: Callable[[Self], Awaitable[T]]) -> T:
        async with self.begin():
            return await work(self)

    def _expire_all(self) -> None:
        for entity in self._unit.identity:
            notes = notes_of(entity)
            assert notes is not None
            forget_loaded(entity, notes)

    async def _end(self, error: BaseException | None) -> None:
        if error is None:
            try:
                await self.commit()
            except BaseException:
                await self.rollback()
                raise
        else:
            await self.rollback()
