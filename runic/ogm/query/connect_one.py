"""What `connect` does where a relation holds one: a new edge takes the place of the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runic.ogm.model.description import RelationInfo
from runic.ogm.model.to_one import NarrowSides, narrow_sides
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.pattern import Pattern


def sides_of(pattern: Pattern) -> NarrowSides:
    """Return the relations to one entity that show an edge; true for those of where it starts."""
    relation, (source, target) = pattern.hops[0].relation, (n.entity for n in pattern.nodes)
    if relation.direction == "INCOMING":
        source, target = target, source
    return narrow_sides(source, relation.type, target)


def others_cut(pattern: Pattern, dialect: Dialect) -> str:
    """Return the clauses that delete the edges whose place a new one takes."""
    start, end = _start_and_end(pattern)
    cuts = [
        _cut(relation, *((start, end) if near else (end, start)), dialect)
        for relation, near in sides_of(pattern)
    ]
    return " WITH DISTINCT source, target, edge".join(["", *cuts, ""]) if cuts else ""


def _cut(relation: RelationInfo, node: str, kept: str, dialect: Dialect) -> str:
    cls = relation.target
    other = "(other)" if cls.__runic_abstract__ else node_text("other", cls, dialect)
    return (
        f" OPTIONAL MATCH ({node}){arrow_text('old', relation, dialect)}{other}"
        f" WHERE {dialect.node_id('other')} <> {dialect.node_id(kept)} DELETE old"
    )


def _start_and_end(pattern: Pattern) -> tuple[str, str]:
    incoming = pattern.hops[0].relation.direction == "INCOMING"
    return ("target", "source") if incoming else ("source", "target")


def given_several(pattern: Pattern, pairs: Iterable[Sequence[Any]]) -> RelationInfo | None:
    """Return a relation to one entity that is given several by pairs of source and target ids."""
    found: dict[Any, Any] = {}
    incoming = pattern.hops[0].relation.direction == "INCOMING"
    for pair in pairs:
        start, end = pair[::-1] if incoming else pair
        for relation, near in sides_of(pattern):
            node, other = (start, end) if near else (end, start)
            key = node, relation.direction, relation.target
            if found.setdefault(key, other) != other:
                return relation
    return None
