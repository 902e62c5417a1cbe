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
    """Yield those of a session's entities that may have changed: the quick look, in C.

    Entities whose relations are loaded are always among them.
    """
    listed = list(entities)
    return compress(listed, map(ne, map(vars, listed), map(_snapshot_of, listed)))


_snapshot_of = attrgetter("__runic_notes__.snapshot")


def differs(values: dict[str, Any], snapshot: Mapping[str, Any]) -> bool:
    """Tell whether a field may have changed: the quick look, one comparison in C."""
    if len(values) == len(snapshot):
        return values != snapshot
    return not snapshot.items() <= values.items()  # a relation is loaded as well


def changed_fields(
    info: EntityInfo, values: dict[str, Any], snapshot: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields that differ from the snapshot, with their values of now."""
    if not differs(values, snapshot):
        return {}
    return {
        name: values[name]
        for name in info.properties
        if not _same(values[name], snapshot.get(name, _MISSING))
    }


_MISSING = object()


def _same(now: Any, then: Any) -> bool:
    # True == 1 and 1 == 1.0, but they are different values once stored.
    return now is then or (type(now) is type(then) and bool(now == then))


def copied(info: EntityInfo, name: str, value: Any) -> Any:
    """Return a value of the snapshot for use outside of it."""
    return copy.deepcopy(value) if name in info.mutable else value
