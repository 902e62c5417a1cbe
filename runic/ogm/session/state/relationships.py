"""Relationships as a session sees them before they are written, as values. No I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.meta import edge_info, node_info
from runic.ogm.model.node import Node

# An alias, because a link has a field called `type`.
_EdgeClass = type[Edge]
_NodeClass = type[Any]


# Not frozen: thousands are made at a time, and a frozen one takes three times as long.
@dataclass(slots=True, eq=False)
class Link:
    """A relationship to make or to cut."""

    type: str
    source: Node
    target: Node
    directed: bool = True
    merge: bool = True
    edge: Edge | None = None
    # The relation that was found to hold the link, where that is how it was found.
    held_by: RelationInfo | None = None
    # The class of its edge, which takes the defaults where there is no edge entity.
    model: _EdgeClass | None = None
    # Later edge entities for the same relationship: of each field the last that gives it counts.
    twins: tuple[Edge, ...] = ()

    @property
    def edge_class(self) -> _EdgeClass | None:
        """The class of the link's edge entity, if it has one."""
        return None if self.edge is None else type(self.edge)

    @property
    def key(self) -> Any:
        """What makes two links the same relationship."""
        if not self.merge:
            return id(self)
        ends = (id(self.source), id(self.target))
        return (self.type, ends if self.directed else frozenset(ends))


@dataclass(frozen=True, slots=True, eq=False)
class Replaced:
    """A to-one relation that was assigned without being loaded: its other links must go."""

    type: str
    node: Node
    now: Any
    kept: Node | None
    outgoing: bool
    directed: bool
    # The class of what the relation holds: others may be at relationships of its type as well.
    target: _NodeClass

    def cuts_off(self, other: Any) -> bool:
        """Tell whether a neighbour has to go."""
        return other is not self.now and isinstance(other, self.target)

    def cuts(self, type_: str, source: Any, target: Any) -> bool:
        """Tell whether a relationship of this type between these two has to go."""
        leaves = source is self.node and self.cuts_off(target)
        enters = target is self.node and self.cuts_off(source)
        if self.directed:
            leaves, enters = leaves and self.outgoing, enters and not self.outgoing
        return type_ == self.type and (leaves or enters)


def replacement(node: Node, relation: RelationInfo, now: Any, kept: Node | None) -> Replaced:
    """Return that a to-one relation leads to `now`; `kept` is the neighbour it may keep."""
    outgoing, directed = relation.direction != "INCOMING", relation.direction != "BOTH"
    return Replaced(relation.type, node, now, kept, outgoing, directed, relation.target)


def link_between(
    node: Node, relation: RelationInfo, other: Node, *, merge: bool | None = None
) -> Link:
    """Return the link that a relation of `node` means by holding `other`."""
    source, target = (other, node) if relation.direction == "INCOMING" else (node, other)
    merge = not relation.options.multiple if merge is None else merge
    return Link(relation.type, source, target, relation.direction != "BOTH", merge)


def link_of_edge(edge: Edge) -> Link:
    """Return the link that an edge entity is."""
    source, target = ends_of(edge)
    if source is None or target is None:
        raise StatementError(f"{type(edge).__name__} has no ends: give it source= and target=")
    type_ = edge_info(type(edge)).type
    return Link(type_, source, target, *_ways_of(type_, type(source), type(target)), edge)


def known_link(edge: Edge) -> Link | None:
    """Return the same, or None where an end of the edge has not been loaded."""
    return None if None in ends_of(edge) else link_of_edge(edge)


def joined_link(known: Link | None, link: Link) -> Link:
    """Return the one link for two that mean the same relationship; the second came later."""
    if known is None or known.edge is None:
        return link
    if link.edge is not None and link.edge is not known.edge:
        known.twins = (*known.twins, link.edge)
    return known


def difference(one: tuple[Any, ...], other: tuple[Any, ...]) -> list[Any]:
    """Return what the first holds and the second does not, as often as it is missing."""
    if not one or not other:
        return list(one)
    left = Counter(map(id, other))
    found = []
    for item in one:
        left[id(item)] -= 1
        if left[id(item)] < 0:
            found.append(item)
    return found


def _ways_of(type_: str, source: type[Node], target: type[Node]) -> tuple[bool, bool]:
    """Return whether an edge is told from one that runs the other way, and if it is one at most."""
    memo = node_info(source).memo
    known: tuple[bool, bool] | None = memo.get(("ways", type_, target))
    if known is None:
        ends = (node_info(end).relations.values() for end in (source, target))
        relations = [r for relations in ends for r in relations if r.type == type_]
        # Where nothing tells the two ways apart, an edge is found whichever way it runs.
        directed = not relations or any(r.direction != "BOTH" for r in relations)
        merge = not any(r.options.multiple for r in relations)
        known = memo["ways", type_, target] = directed, merge
    return known
