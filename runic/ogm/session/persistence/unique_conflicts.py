"""Find the unique value that keeps a commit from being written, or kept it.

`flush_plan` asks for what no database may let through. `flush` asks when a commit was undone
although all that it changes is as it was loaded: FalkorDB 4.22 then reports the guard of the
statement, which failed after the constraint did, and says nothing of the constraint.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import UniqueViolationError
from runic.ogm.model.description import EdgeInfo, NodeInfo, PropertyInfo
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info
from runic.ogm.model.state import notes_of, values_of
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Host, UniqueConstraint
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    DeleteEdges,
    DeleteNodes,
    Step,
    Unlink,
    UnlinkOthers,
    UpdateEdges,
    UpdateNodes,
    VacateEdges,
    VacateNodes,
)
from runic.ogm.query.writes import compile_taken
from runic.ogm.session.state.codecs import entity_codec
from runic.ogm.session.state.relationships import Link
from runic.ogm.session.state.unit_of_work import describe

Run = Callable[[Query], Awaitable[Result]]

# An entity of a plan and the values that it would have.
Member = tuple[Entity, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Unique:
    """What must be unique: properties, by their stored names, of a label or type."""

    on: Host
    label: str
    stored: tuple[str, ...]

    def of(self, cls: type[Any]) -> list[PropertyInfo] | None:
        """Return the fields of a class that it is about, or None."""
        info = entity_info(cls)
        labels = info.labels if isinstance(info, NodeInfo) else (info.type,)
        fields = {prop.stored: prop for prop in info.properties.values()}
        if self.label not in labels or not fields.keys() >= set(self.stored):
            return None
        return [fields[name] for name in self.stored]


def refuse_twins(steps: Sequence[Step], dialect: Dialect) -> None:
    """Raise where two entities of these steps would have one value of a unique field.

    ArcadeDB lets both have it when somebody else gives it up in the same transaction.

    Raises:
        UniqueViolationError: Names the field and both entities.
    """
    if all(isinstance(step, CreateNodes | CreateEdges) for step in steps):
        return  # nothing is given up
    for unique in _declared(steps):
        mine = [member for step in steps for member in _members(step, unique, dialect)]
        if (found := _twice(mine, unique)) is not None:
            raise found


async def taken_value(
    steps: Sequence[Step], dialect: Dialect, run: Run
) -> UniqueViolationError | None:
    """Return the error for the first unique value that two entities would have."""
    for unique in [*await _stored(dialect, run), *_declared(steps)]:
        mine = [member for step in steps for member in _members(step, unique, dialect)]
        if mine:
            found = _twice(mine, unique) or await _held(mine, unique, steps, dialect, run)
            if found is not None:
                return found
    return None


def _declared(steps: Sequence[Step]) -> dict[_Unique, None]:
    """Return what the models of the steps say; no constraint need be there for a key."""
    found: dict[_Unique, None] = {}
    for cls in {type(entity): None for step in steps for entity in _entities(step)}:
        info = entity_info(cls)
        for prop in info.properties.values():
            if prop.unique or prop.primary_key:
                found[_place(info, prop.stored)] = None
    return found


def _place(info: NodeInfo | EdgeInfo, stored: str) -> _Unique:
    if isinstance(info, EdgeInfo):
        return _Unique("edge", info.type, (stored,))
    # The label of the family: a constraint may stand on any label of it.
    return _Unique("node", info.labels[0], (stored,))


async def _stored(dialect: Dialect, run: Run) -> list[_Unique]:
    """Return the constraints of the database: some no model declares."""
    if "atomic_plan" not in dialect.capabilities:
        return []  # they say what they refuse
    replies = []
    for query in dialect.inventory():
        result = await run(query)
        replies.append([dict(zip(result.columns, row, strict=True)) for row in result.rows])
    found = [stored.definition for stored in dialect.read_inventory(replies)]
    return [
        _Unique(each.on, each.label, each.properties)
        for each in found
        if isinstance(each, UniqueConstraint)
    ]


def _entities(step: Step) -> list[Entity]:
    """Return the entities that a step gives values to, to keep."""
    kept = isinstance(step, CreateNodes | CreateEdges | UpdateNodes | UpdateEdges)
    if not kept or isinstance(step, VacateNodes | VacateEdges):
        return []
    subjects = [s.edge if isinstance(s, Link) else s for s in step.subjects]
    return [entity for entity in subjects if entity is not None]


def _members(step: Step, unique: _Unique, dialect: Dialect) -> Iterator[Member]:
    entities = _entities(step)
    fields = unique.of(type(entities[0])) if entities else None
    if fields is None:
        return
    codec = entity_codec(type(entities[0]), dialect)
    rows = codec.rows(list(map(values_of, entities)), [prop.name for prop in fields])
    for entity, row in zip(entities, rows, strict=True):
        if None not in row:
            yield entity, tuple(row)


def _twice(mine: Sequence[Member], unique: _Unique) -> UniqueViolationError | None:
    owners: dict[Any, Entity] = {}
    for entity, values in mine:
        other = owners.setdefault(values, entity)
        if other is not entity:
            return _violation(entity, unique, describe(other))
    return None


async def _held(
    mine: Sequence[Member], unique: _Unique, steps: Sequence[Step], dialect: Dialect, run: Run
) -> UniqueViolationError | None:
    leaving = _leaving(steps, unique)
    if leaving is None:
        return None
    rows = [list(values) for _, values in mine]
    query = compile_taken(unique.on, unique.label, unique.stored, rows, dialect)
    held = {tuple(row[:-1]): row[-1] for row in (await run(query)).rows if row[-1] not in leaving}
    for entity, values in mine:
        if held.get(values, _id_of(entity)) != _id_of(entity):
            return _violation(entity, unique, "another one in the database")
    return None


def _leaving(steps: Sequence[Step], unique: _Unique) -> set[Any] | None:
    """Return the ids of those that these steps delete or give other values; None: not known."""
    nodes = unique.on == "node"
    if not nodes and any(isinstance(s, Unlink | UnlinkOthers | DeleteNodes) for s in steps):
        return None
    found: set[Any] = set()
    for step in steps:
        if isinstance(step, UpdateNodes if nodes else UpdateEdges):
            changes = any(column.stored in unique.stored for column in step.columns)
        else:
            changes = isinstance(step, DeleteNodes if nodes else DeleteEdges)
        if changes:
            found.update(row[0 if nodes else 1] for row in step.rows)
    return found


def _id_of(entity: Entity) -> Any:
    notes = notes_of(entity)
    return None if notes is None else notes.id


def _violation(entity: Entity, unique: _Unique, other: str) -> UniqueViolationError:
    fields = unique.of(type(entity)) or []
    names = ", ".join(f"{prop.owner}.{prop.name}" for prop in fields)
    return UniqueViolationError(
        f"unique constraint violation: {names} of {describe(entity)} is also that of {other};"
        " nothing was written"
    )
