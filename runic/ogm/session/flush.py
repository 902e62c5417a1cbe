"""Carry out what a session owes the database.

One statement for the whole plan, so that it is kept whole or not at all; or, when the caller gives
that up (`atomic=False`), batch by batch with an account of how far it came.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import (
    DriverError,
    OgmError,
    PartialCommitError,
    QueryTooLargeError,
    StaleEntityError,
)
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info, node_info
from runic.ogm.model.state import notes_of
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    DeleteEdges,
    DeleteNodes,
    Found,
    Plan,
    Step,
)
from runic.ogm.query.writes import (
    compile_check,
    compile_plan,
    compile_presence,
    compile_step,
    guard_failed,
    parts_of,
)
from runic.ogm.session.conflicts import taken_value
from runic.ogm.session.links import Link
from runic.ogm.session.planner import Work, plan_work
from runic.ogm.session.settle import drop_deleted, settle_part, settle_relations, settle_step
from runic.ogm.session.unit_of_work import UnitOfWork, describe

Run = Callable[[Query], Awaitable[Result]]


class Flusher:
    """Writes the changes of one unit of work."""

    def __init__(self, unit: UnitOfWork, dialect: Dialect, run: Run) -> None:
        self._unit = unit
        self._dialect = dialect
        self._run = run

    async def flush(self) -> None:
        """Write every pending change, all or nothing."""
        work = plan_work(self._unit, self._dialect)
        if work.plan:
            self._dialect.require("atomic_plan")
            answers = await self._run_whole(work)
            for step, answer in zip(work.plan.steps, answers, strict=False):
                settle_step(step, self._unit, answer)
        self._settle(work)

    async def flush_in_batches(self, size: int) -> None:
        """Write every pending change, at most `size` rows a statement.

        Raises:
            PartialCommitError: A batch failed; those before it stay written.
        """
        work = plan_work(self._unit, self._dialect)
        done: list[Step] = []
        try:
            for step in work.plan.steps:
                for part in parts_of(step, size):
                    await self._run_part(part, done, work)
        except PartialCommitError:
            drop_deleted(self._unit)
            raise
        self._settle(work)

    def _settle(self, work: Work) -> None:
        if any(isinstance(step, DeleteNodes | DeleteEdges) for step in work.plan.steps):
            drop_deleted(self._unit)
        settle_relations(self._unit)

    async def _run_whole(self, work: Work) -> list[Any]:
        query = compile_plan(work.plan, self._dialect)
        try:
            return (await self._run(query)).rows[0]
        except QueryTooLargeError as error:
            raise QueryTooLargeError(
                f"{work.plan.rows} changes do not fit into one statement ({error}); write them in"
                " batches, giving up all-or-nothing: commit(atomic=False, batch_size=1000)",
                statement=error.statement,
            ) from error
        except DriverError as error:
            raise await self._explained(work.plan.steps, error) from error

    async def _run_part(self, part: Step, done: list[Step], work: Work) -> None:
        try:
            _resolve_places(part, work.plan.steps)
            query = compile_step(part, self._dialect)
            answer = (await self._run(query)).rows[0][0]
        except OgmError as error:
            explained = (
                await self._explained([part], error) if isinstance(error, DriverError) else error
            )
            raise PartialCommitError(
                f"{Plan(done).rows} of {work.plan.rows} changes are written, then a batch of"
                f" {len(part.rows)} failed and nothing after it was tried: {explained}",
                written=_entities_of(done),
            ) from explained
        settle_part(self._unit, part, answer)
        done.append(part)

    async def _explained(self, steps: list[Step], error: DriverError) -> OgmError:
        """Return what a failed guard means: which entity is not as it was loaded."""
        if not guard_failed(str(error)):
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


def _entities_of(steps: list[Step]) -> list[Entity]:
    subjects = [subject for step in steps for subject in step.subjects]
    found = [s.edge if isinstance(s, Link) else s for s in subjects]
    return [each for each in found if isinstance(each, Entity)]


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


def _resolve_places(part: Step, steps: list[Step]) -> None:
    """Replace the places of nodes that this flush created by what the database knows them by."""
    if not isinstance(part, CreateEdges):
        return
    created = [step for step in steps if isinstance(step, CreateNodes)]
    rows = [list(row) for row in part.rows]
    for column, end in enumerate((part.source, part.target)):
        if isinstance(end, int):
            nodes = created[end].subjects
            for row in rows:
                row[column] = _found_now(nodes[row[column]])
            found = Found.of(node_info(type(nodes[0])))
            if column:
                part.target = found
            else:
                part.source = found
    part.rows = rows


def _found_now(node: Any) -> list[Any]:
    notes = notes_of(node)
    assert notes is not None
    return [notes.id, notes.key[1]]
