"""Find the unique value that kept a commit from being written.

Called by `flush` when a commit was undone although all that it changes is as it was loaded.
FalkorDB 4.22 then reports the guard of the statement, which failed after the constraint did, and
says nothing of the constraint.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import UniqueViolationError
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.meta import node_info
from runic.ogm.model.state import notes_of, values_of
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import CreateNodes, DeleteNodes, Step, UpdateNodes, VacateNodes
from runic.ogm.query.writes import compile_taken
from runic.ogm.session.columns import entity_codec
from runic.ogm.session.unit_of_work import describe

Run = Callable[[Query], Awaitable[Result]]


async def taken_value(
    steps: Sequence[Step], dialect: Dialect, run: Run
) -> UniqueViolationError | None:
    """Return the error for the first unique value that two entities would have."""
    gone = {row[0] for step in steps if isinstance(step, DeleteNodes) for row in step.rows}
    owners: dict[Any, Any] = {}
    for step in steps:
        if isinstance(step, CreateNodes | UpdateNodes) and not isinstance(step, VacateNodes):
            for prop in _unique_properties(type(step.subjects[0])):
                mine = list(_values(step, prop, dialect))
                left = gone | _leaving(steps, prop.stored)
                found = _twice(mine, prop, owners) or await _held(mine, prop, left, dialect, run)
                if found is not None:
                    return found
    return None


def _leaving(steps: Sequence[Step], stored: str) -> set[Any]:
    """Return the ids of the nodes that get another value of a property in these steps."""
    return {
        row[0]
        for step in steps
        if isinstance(step, UpdateNodes) and any(c.stored == stored for c in step.columns)
        for row in step.rows
    }


def _twice(
    mine: list[tuple[Any, Any]], prop: PropertyInfo, owners: dict[Any, Any]
) -> UniqueViolationError | None:
    for node, value in mine:
        other = owners.setdefault((_label(node), prop.stored, value), node)
        if other is not node:
            return _violation(node, prop, describe(other))
    return None


async def _held(
    mine: list[tuple[Any, Any]], prop: PropertyInfo, gone: set[Any], dialect: Dialect, run: Run
) -> UniqueViolationError | None:
    if not mine:
        return None
    query = compile_taken(_label(mine[0][0]), prop.stored, [v for _, v in mine], dialect)
    held = {value: owner for value, owner in (await run(query)).rows if owner not in gone}
    for node, value in mine:
        if held.get(value, _id_of(node)) != _id_of(node):
            return _violation(node, prop, "another one in the database")
    return None


def _unique_properties(cls: type[Any]) -> list[PropertyInfo]:
    return [p for p in node_info(cls).properties.values() if p.unique or p.primary_key]


def _values(step: Step, prop: PropertyInfo, dialect: Dialect) -> Iterator[tuple[Any, Any]]:
    codec = entity_codec(type(step.subjects[0]), dialect).fields[prop.name]
    stored = codec.encode([values_of(node)[prop.name] for node in step.subjects])
    return ((n, v) for n, v in zip(step.subjects, stored, strict=True) if v is not None)


def _label(node: Any) -> str:
    # The family's: a constraint may stand on any label of it.
    return node_info(type(node)).labels[0]


def _id_of(node: Any) -> Any:
    notes = notes_of(node)
    return None if notes is None else notes.id


def _violation(node: Any, prop: PropertyInfo, other: str) -> UniqueViolationError:
    return UniqueViolationError(
        f"unique constraint violation: {prop.owner}.{prop.name} of {describe(node)} is also that of"
        f" {other}; nothing was written"
    )
