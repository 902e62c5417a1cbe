"""Carry out what a session owes the database.

One statement for the whole plan, so that it is kept whole or not at all; or, when the caller gives
that up (`atomic=False`), batch by batch with an account of how far it came.
"""

from __future__ import annotations

from typing import Any

from runic.ogm.errors import (
    OgmError,
    PartialCommitError,
    QueryTooLargeError,
    StaleEntityError,
    UniqueViolationError,
)
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info
from runic.ogm.model.state import notes_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    CreateEdges,
    DeleteEdges,
    DeleteNodes,
    Found,
    Plan,
    Step,
    single_steps,
)
from runic.ogm.query.writes import (
    compile_check,
    compile_presence,
)
from runic.ogm.session.persistence.flush_plan import Work, plan_work
from runic.ogm.session.persistence.plan_executor import Done, Incomplete, PlanWriter
from runic.ogm.session.persistence.post_flush import (
    drop_deleted,
    settle_part,
    settle_relations,
    settle_step,
)
from runic.ogm.session.persistence.query_runner import Channel
from runic.ogm.session.persistence.unique_conflicts import taken_value
from runic.ogm.session.state.relationships import Link
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe


class Flusher:
    """Writes the changes of one unit of work."""

    def __init__(self, unit: UnitOfWork, dialect: Dialect, channel: Channel) -> None:
        self._unit = unit
        self._dialect = dialect
        self._channel = channel
        self._writer = PlanWriter(channel, dialect)
        self._run = channel.run

    async def flush(self) -> None:
        """Write every pending change, all or nothing."""
        work = self._planned()
        self._settle(work, await self._write(work))

    async def commit(self) -> None:
        """Write every pending change, and keep it with what the transaction wrote before."""
        work = self._planned()
        with self._channel.ending():
            done = await self._write(work)
            await self._channel.commit()
        self._settle(work, done)

    async def commit_in_batches(self, size: int) -> None:
        """Write every pending change, and keep it at most `size` rows at a time.

        Raises:
            PartialCommitError: A batch failed; those before it stay written.
        """
        work = plan_work(self._unit, self._dialect, in_batches=True)
        done: list[Step] = []
        total = work.plan.rows
        try:
            with self._channel.ending():
                try:
                    await self._write_parts(work, size, done)
                except (UniqueViolationError, Incomplete):
                    freeing = await self._freeing_rest()
                    if freeing is None:
                        raise
                    work = freeing
                    await self._write_parts(work, size, done)
        except (OgmError, Incomplete) as error:
            await self._channel.fail()
            drop_deleted(self._unit)
            explained = await self._explained(single_steps(work.plan.steps), error)
            raise PartialCommitError(
                f"{Plan(done).rows} of {total} changes are written, then a batch failed"
                f" and nothing after it was tried: {explained}",
                written=_entities_of(done),
            ) from explained
        await self._channel.commit()
        self._settle(work, [])

    async def _write_parts(self, work: Work, size: int, done: list[Step]) -> None:
        async for part, answer in self._writer.parts(work.plan.steps, size):
            await self._channel.commit()
            settle_part(self._unit, part, answer)
            done.append(part)

    async def _freeing_rest(self) -> Work | None:
        """Do the same as `_freeing` for what is left to be written in batches."""
        await self._channel.fail()
        drop_deleted(self._unit)
        left, freeing = (
            plan_work(self._unit, self._dialect, any_field=any_field, in_batches=True)
            for any_field in (False, True)
        )
        return freeing if _care(freeing) > _care(left) else None

    def _settle(self, work: Work, done: Done) -> None:
        for step, answer in done:
            settle_step(step, self._unit, answer)
        if any(isinstance(step, DeleteNodes | DeleteEdges) for step in work.plan.steps):
            drop_deleted(self._unit)
        if work.plan or work.moved:
            settle_relations(self._unit)
        self._unit.settled()

    def _planned(self) -> Work:
        # Where a refused value costs the whole transaction, everything that may be one is freed.
        careful = self._dialect.checks_unique_at_once and not self._channel.starts_over
        return plan_work(self._unit, self._dialect, any_field=careful)

    async def _write(self, work: Work) -> Done:
        if not work.plan:
            return []
        starts_over = self._channel.starts_over
        try:
            return await self._carried_out(work)
        except (UniqueViolationError, StaleEntityError):
            # FalkorDB 4.22 says of many refused values only that a step came up short.
            freeing = self._freeing(work) if starts_over else None
            if freeing is None:
                raise
        return await self._carried_out(freeing)

    def _freeing(self, work: Work) -> Work | None:
        """Return the same work with more values freed: constraints may be there that no model has.

        None: there are no more, so that something else has the value.
        """
        if not self._dialect.checks_unique_at_once:
            return None
        freeing = plan_work(self._unit, self._dialect, any_field=True)
        return freeing if freeing.plan.vacates > work.plan.vacates else None

    async def _carried_out(self, work: Work) -> Done:
        try:
            return await self._writer.write(work.plan.steps)
        except QueryTooLargeError as error:
            raise QueryTooLargeError(
                f"{work.plan.rows} changes do not fit into one statement ({error}); write them in"
                " batches, giving up all-or-nothing: commit(atomic=False, batch_size=1000)",
                statement=error.statement,
            ) from error
        except Incomplete as error:
            raise await self._explained(error.steps, error) from error

    async def _explained(self, steps: list[Step], error: OgmError | Incomplete) -> OgmError:
        """Return what a step that came up short means: which entity is not as it was loaded."""
        if not isinstance(error, Incomplete):
            return error
        for step in steps:
            stale = await self._stale_in(step)
            if stale is not None:
                return stale
        taken = await taken_value(steps, self._dialect, self._run)
        return taken or StaleEntityError(
            "something this commit changes was changed or deleted meanwhile and has come back"
            " since, or a constraint refused a value; nothing was written, try again"
        )

    async def _stale_in(self, step: Step) -> StaleEntityError | None:
        if isinstance(step, CreateEdges):
            return await self._missing_end(step)
        check = compile_check(step, self._dialect)
        if check is None:
            return None
        stored = {(row[0], row[1]): row[2] for row in (await self._run(check)).rows}
        for row, entity in zip(step.rows, step.subjects, strict=True):
            if (row[0], row[1]) not in stored:
                if isinstance(entity, Link):
                    return _unlinked(entity)
                return StaleEntityError(
                    f"{describe(entity)} is no longer in the database: somebody deleted it. Nothing"
                    " was written; session.expunge(…) it, or rollback()"
                )
            if (stale := _moved(entity, stored[row[0], row[1]])) is not None:
                return stale
        return None

    async def _missing_end(self, step: CreateEdges) -> StaleEntityError | None:
        for column, end in enumerate((step.source, step.target)):
            if not isinstance(end, Found):
                continue
            rows = [row[column] for row in step.rows]
            presence = compile_presence(end, rows, self._dialect)
            there = {row[0] for row in (await self._run(presence)).rows}
            for row, link in zip(step.rows, step.subjects, strict=True):
                if row[column][0] not in there:
                    node = link.target if column else link.source
                    return StaleEntityError(
                        f"{describe(node)} is no longer in the database and cannot be related to."
                        " Nothing was written; take it out of the relation, or rollback()"
                    )
        return None


def _care(work: Work) -> int:
    """Return how much a plan in batches does for values that change hands."""
    return work.plan.handed + work.plan.vacates


def _entities_of(steps: list[Step]) -> list[Entity]:
    subjects = [subject for step in steps for subject in step.subjects]
    found = [s.edge if isinstance(s, Link) else s for s in subjects]
    return [each for each in found if isinstance(each, Entity)]


def _unlinked(link: Link) -> StaleEntityError:
    source, target = describe(link.source), describe(link.target)
    return StaleEntityError(
        f"{link.type} no longer leads from {source} to {target}: somebody else took it away, or"
        f" deleted one of them. Nothing was written; session.refresh(…) {source} or {target},"
        " whose relation was changed, or rollback()"
    )


def _moved(entity: Entity, stored: Any) -> StaleEntityError | None:
    notes, version = notes_of(entity), entity_info(type(entity)).version
    assert notes is not None
    if version is None or notes.snapshot[version.name] == (stored or 0):
        return None
    return StaleEntityError(
        f"{describe(entity)} was changed by somebody else: it was loaded at version"
        f" {notes.snapshot[version.name]} and is at {stored or 0} now. Nothing was written;"
        " session.refresh(…) it and make the change again"
    )
