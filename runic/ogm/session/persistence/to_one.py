"""Find what has to go so that a relation to one entity holds one. No I/O.

Whatever writes a relationship asks here: a flush, for relations and for edge entities, and what is
related at once. The relation may be that of either end, hold nodes or edges, and not be loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.node import Node
from runic.ogm.model.state import notes_of
from runic.ogm.model.to_one import NarrowSides, narrow_sides
from runic.ogm.session.state.cascade import RelationChange
from runic.ogm.session.state.relationships import Link, Replaced, replacement
from runic.ogm.session.state.unit_of_work import describe

# A node, and what its relations to one entity run over.
End = tuple[int, str, str, Any]


def replaced_by(links: Iterable[Link], known: Collection[End] = ()) -> list[Replaced]:
    """Return the stored nodes of which only the new relationship may stay.

    Args:
        links: What is written.
        known: The ends that have been looked after already.

    Raises:
        StatementError: A relation to one entity is given several.
    """
    found: dict[End, tuple[Node, RelationInfo, Link]] = {}
    last: Any = None
    sides: NarrowSides = ()
    for link in links:
        kind = link.source.__class__, link.type, link.target.__class__
        if kind != last:  # most are like the one before
            last, sides = kind, narrow_sides(*kind)
        for relation, near in sides:
            node = link.source if near else link.target
            first = found.setdefault(_end(node, relation), (node, relation, link))[2]
            if first is not link and not _is_same(first, link):
                raise StatementError(
                    f"{relation} holds one entity, and {describe(node)} is given two"
                )
    return [
        _replaced(node, relation, link)
        for end, (node, relation, link) in found.items()
        if end not in known and _is_stored(node)
    ]


def ends_of_changes(changes: Iterable[RelationChange]) -> set[End]:
    """Return the ends whose old relationships go as what their own relations have lost.

    Not those where nothing was when they were loaded: somebody else may have related them since.
    """
    lost = (each for each in changes if not each.relation.many and each.before != ())
    return {_end(each.node, each.relation) for each in lost}


def _end(node: Node, relation: RelationInfo) -> End:
    return id(node), relation.type, relation.direction, relation.target


def _is_same(one: Link, other: Link) -> bool:
    ends = [{id(link.source), id(link.target)} for link in (one, other)]
    return one.merge and ends[0] == ends[1]


def _replaced(node: Node, relation: RelationInfo, link: Link) -> Replaced:
    if not link.merge:
        return replacement(node, relation, None, None)  # one that runs parallel goes, too
    other = link.target if node is link.source else link.source
    return replacement(node, relation, other, other if _is_stored(other) else None)


def _is_stored(node: Node) -> bool:
    notes = notes_of(node)
    return notes is not None and notes.id is not None
