"""Remember an entity's fields as they are stored, and tell what has changed since.

Comparing at flush sees every kind of change: assignment, `tags.append(…)`, an edit inside a nested
model. Only the kinds of value that can change in place are copied.
"""

from __future__ import annotations

import copy
from typing import Any

from runic.ogm.model.description import EntityInfo


def take_snapshot(info: EntityInfo, values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an entity as they are now, safe from later changes in place."""
    if len(values) == len(info.properties):  # no relation is loaded: a copy in C
        snapshot = values.copy()
    else:
        snapshot = {name: values[name] for name in info.properties}
    for name in info.mutable:
        snapshot[name] = copy.deepcopy(snapshot[name])
    return snapshot


def differs(values: dict[str, Any], snapshot: dict[str, Any]) -> bool:
    """Tell whether a field may have changed: the quick look, one comparison in C."""
    if len(values) == len(snapshot):
        return values != snapshot
    return not snapshot.items() <= values.items()  # a relation is loaded as well


def changed_fields(
    info: EntityInfo, values: dict[str, Any], snapshot: dict[str, Any]
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
