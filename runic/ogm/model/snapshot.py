"""Remember an entity's fields as they are stored, and tell what has changed since.

Comparing at flush sees every kind of change: assignment, `tags.append(…)`, an edit inside a nested
model. Only the kinds of value that can change in place are copied.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import attrgetter, ne
from typing import TYPE_CHECKING, Any, TypeVar

from runic.ogm.model.description import EntityInfo
from runic.ogm.model.meta import entity_info

if TYPE_CHECKING:
    from runic.ogm.model.entity import Entity

E = TypeVar("E", bound="Entity")


def take_snapshot(info: EntityInfo, values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an entity as they are now, safe from later changes in place."""
    if len(values) == len(info.properties):  # no relation is loaded: a copy in C
        snapshot = values.copy()
    else:
        snapshot = {name: values[name] for name in info.properties}
    for name in info.mutable:
        snapshot[name] = copy.deepcopy(snapshot[name])
    return snapshot


def take_snapshots(info: EntityInfo, values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the same of many entities of one class."""
    if info.mutable or set(map(len, values)) != {len(info.properties)}:
        return [take_snapshot(info, each) for each in values]
    return list(map(dict.copy, values))


def differing(entities: Iterable[E]) -> Iterator[E]:
    """Yield those of a session's entities that may have changed: the quick look, mostly in C."""
    listed = list(entities)
    for entity in compress(listed, map(ne, map(vars, listed), map(_snapshot_of, listed))):
        # Where a relation is loaded there is more to compare than the snapshot has.
        values, snapshot = vars(entity), _snapshot_of(entity)
        if len(values) == len(snapshot) or differs(entity_info(type(entity)), values, snapshot):
            yield entity


_snapshot_of = attrgetter("__runic_notes__.snapshot")


def differs(info: EntityInfo, values: Mapping[str, Any], snapshot: Mapping[str, Any]) -> bool:
    """Tell whether a field may have changed, in one comparison."""
    return bool(info.picked(values) != info.picked(snapshot))


def changed_fields(
    info: EntityInfo, values: dict[str, Any], snapshot: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields that differ from the snapshot, with their values of now."""
    if snapshot and not differs(info, values, snapshot):  # a new entity has none
        return {}
    return {name: values[name] for name in changed_names(info, values, snapshot)}


def changed_names(
    info: EntityInfo, values: Mapping[str, Any], snapshot: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the names of the fields that differ from the snapshot, looking at each."""
    return tuple(
        [
            name
            for name in info.properties
            if (now := values[name]) is not (then := snapshot.get(name, _MISSING))
            and not _same(now, then)
        ]
    )


_MISSING = object()


def _same(now: Any, then: Any) -> bool:
    # True == 1 and 1 == 1.0, but they are different values once stored.
    return type(now) is type(then) and bool(now == then)


def copied(info: EntityInfo, name: str, value: Any) -> Any:
    """Return a value of the snapshot for use outside of it."""
    return copy.deepcopy(value) if name in info.mutable else value
