"""Carry out steps of a plan, all or nothing, in the way the database has for that.

One statement for all of them where a statement can hold a whole plan; elsewhere one statement a
step, in the session's transaction. Used by flushes, and by what the session writes at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from runic.ogm.errors import DriverError, QueryTooLargeError
from runic.ogm.model.meta import node_info
from runic.ogm.model.state import notes_of
from runic.ogm.query.alone import compile_alone, parts_of, read_alone
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    End,
    Found,
    MergeNodes,
    Plan,
    Step,
    Together,
)
from runic.ogm.query.writes import compile_merge, compile_plan, guard_failed
from runic.ogm.session.persistence.query_runner import Channel

Done = list[tuple[Step, Any]]


class Incomplete(Exception):
    """Some step of these did not carry out each of its rows, and nothing was written.

    Whoever wrote them says what that means.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__("a step came up short")
        self.steps = list(steps)


class PlanWriter:
    """Writes steps for one session."""

    def __init__(self, channel: Channel, dialect: Dialect) -> None:
        self._channel = channel
        self._dialect = dialect
        self._at_once = not channel.transactional

    async def write(self, steps: Sequence[Step]) -> Done:
        """Carry out steps; return them, perhaps in parts, each with what it promises.

        Raises:
            Incomplete: What a step was to change is not there any more.
        """
        if self._at_once:
            return list(zip(steps, await self._write_whole(steps), strict=False))
        async with self._whole():
            done = [each async for each in self.parts(steps, self._dialect.batch_rows)]
        for step, _ in done:
            self._note_born(step)
        self._channel.note_written()
        return done

    async def merge(self, steps: Sequence[MergeNodes]) -> list[list[tuple[Any, Any]]]:
        """Create or change nodes; return pairs of key and node for each step."""
        if not steps:
            return []
        if self._at_once:
            query = compile_merge(steps, self._dialect)
            return list((await self._channel.run(query)).rows[0])
        async with self._whole():
            answers = [await self._alone(step) for step in steps]
        self._channel.note_written()
        return answers

    @asynccontextmanager
    async def _whole(self) -> AsyncIterator[None]:
        """Undo the transaction when one of several steps fails, be it before it was sent."""
        try:
            yield
        except BaseException:
            await self._channel.fail()
            raise

    async def _write_whole(self, steps: Sequence[Step]) -> list[Any]:
        self._dialect.require("atomic_plan")
        query = compile_plan(Plan(list(steps)), self._dialect)
        try:
            return (await self._channel.run(query)).rows[0]
        except DriverError as error:
            if guard_failed(str(error)):
                raise Incomplete(steps) from error
            raise

    async def parts(self, steps: Sequence[Step], size: int) -> AsyncIterator[tuple[Step, Any]]:
        """Carry out steps one after the other, at most `size` rows at a time; yield each part.

        A part that is larger than the database takes is halved.
        """
        places: list[list[Any]] = []
        for step in steps:
            if isinstance(step, CreateNodes):
                places.append([])
            waiting = deque(_parts(_placed(step, places, steps), size))
            while waiting:
                part = waiting.popleft()
                try:
                    answer = await self._alone(part)
                except QueryTooLargeError:
                    if len(part.rows) == 1 or isinstance(part, Together):
                        raise
                    waiting.extendleft(reversed(list(parts_of(part, (len(part.rows) + 1) // 2))))
                    continue
                if isinstance(part, CreateNodes):
                    places[-1] += _places_of(part, answer)
                yield part, answer

    async def _alone(self, part: Step) -> Any:
        if isinstance(part, Together):
            if self._at_once:
                answers = await self._write_whole(part.steps)
                return answers[: len(part.steps)]
            return [await self._alone(step) for step in part.steps]
        if self._at_once:
            return (await self._write_whole([part]))[0]
        rows = (await self._channel.send(compile_alone(part, self._dialect))).rows
        answer = read_alone(part, rows)
        if answer is None:
            raise Incomplete([part])
        return answer

    def _note_born(self, step: Step) -> None:
        if isinstance(step, CreateNodes):
            name = node_info(type(step.subjects[0])).key.name if step.generated else None
            self._channel.note_born(step.subjects, name)
        elif isinstance(step, CreateEdges) and not step.bare:
            edges = [edge for link in step.subjects for edge in (link.edge, *link.twins)]
            self._channel.note_born(edges)


def _parts(step: Step, size: int) -> Iterable[Step]:
    return [step] if isinstance(step, Together) else parts_of(step, size)


def _places_of(step: CreateNodes, answer: Sequence[Any]) -> list[Any]:
    """Return [id, key] of each node that a step created."""
    if step.generated is not None:
        return [list(pair) for pair in answer]
    keys = [notes.key[1] for notes in map(notes_of, step.subjects) if notes is not None]
    return [[node_id, key] for node_id, key in zip(answer, keys, strict=True)]


def _placed(step: Step, places: list[list[Any]], steps: Sequence[Step]) -> Step:
    """Replace the ends of edges that these steps created by what the database knows them by."""
    if not isinstance(step, CreateEdges):
        return step
    created = [each for each in steps if isinstance(each, CreateNodes)]
    columns = list(zip(*step.rows, strict=True))
    ends: list[End] = [step.source, step.target]
    for column, end in enumerate(ends):
        if isinstance(end, int):
            ends[column] = Found.of(node_info(type(created[end].subjects[0])))
            columns[column] = tuple(places[end][row] for row in columns[column])
    rows = list(zip(*columns, strict=True))
    return replace(step, source=ends[0], target=ends[1], rows=rows)
