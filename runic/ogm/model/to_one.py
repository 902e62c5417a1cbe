"""Which relations to one entity show a relationship between nodes of two classes. No I/O."""

from __future__ import annotations

from typing import Any

from runic.ogm.model.description import RelationInfo
from runic.ogm.model.meta import node_info

NarrowSides = tuple[tuple[RelationInfo, bool], ...]


def narrow_sides(source: type[Any], type_: str, target: type[Any]) -> NarrowSides:
    """Return the relations to one entity that show it; true for those of its source."""
    memo, key = node_info(source).memo, ("to one", type_, target)
    found: NarrowSides | None = memo.get(key)
    if found is None:
        near = _narrow(source, type_, target, "INCOMING")
        far = _narrow(target, type_, source, "OUTGOING")
        found = memo[key] = (*((r, True) for r in near), *((r, False) for r in far))
    return found


def _narrow(cls: type[Any], type_: str, other: type[Any], unseen: str) -> list[RelationInfo]:
    shows = [
        relation
        for relation in node_info(cls).relations.values()
        if relation.type == type_
        and relation.direction != unseen
        and issubclass(other, relation.target)
    ]
    # A list beside it says that there may be many: nothing of it may go.
    return [] if any(relation.many for relation in shows) else shows
