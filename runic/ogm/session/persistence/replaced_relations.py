"""Forget what a relation to one entity held, after a statement put another in its place. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.meta import edge_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import values_of
from runic.ogm.model.to_one import NarrowSides
from runic.ogm.session.persistence.post_flush_edges import find_ends, settle_cut_edge
from runic.ogm.session.state.cascade import as_tuple
from runic.ogm.session.state.relation_sync import relations_of_type
from runic.ogm.session.state.relationships import Replaced, replacement
from runic.ogm.session.state.unit_of_work import UnitOfWork

Places = list[tuple[Node, Any]]


def cut_replaced(
    unit: UnitOfWork, sides: NarrowSides, made: Iterable[tuple[Node | None, Node | None]]
) -> Places:
    """Let the edge entities go whose place was taken; return the relations that may show them.

    `made` are the nodes that were related, None for those that the session does not hold.
    """
    moved: dict[int, list[Replaced]] = {}
    for one in _moved(sides, made):
        moved.setdefault(id(one.node), []).append(one)
    types = {relation.type for relation, _ in sides}
    find_ends(unit)
    for edge in list(unit.identity.edges.values()):
        if any(one.cuts(edge_info(type(edge)).type, *ends_of(edge)) for one in _at(edge, moved)):
            settle_cut_edge(unit, edge)
    return [
        (node, relation)
        for node in unit.identity.nodes.values()
        for type_ in types
        for relation in relations_of_type(node, type_)
        if _shows(node, relation.name, moved)
    ]


def _moved(
    sides: NarrowSides, made: Iterable[tuple[Node | None, Node | None]]
) -> Iterator[Replaced]:
    for pair in made:
        for relation, near in sides:
            node, other = pair if near else pair[::-1]
            if relation.direction == "BOTH" and not isinstance(node, relation.owner):
                node, other = other, node  # one that was there may run the other way
            if node is not None:
                yield replacement(node, relation, other, None)


def _at(edge: Edge, moved: dict[int, list[Replaced]]) -> Iterator[Replaced]:
    return (one for end in ends_of(edge) for one in moved.get(id(end), ()))


def _shows(node: Node, name: str, moved: dict[int, list[Replaced]]) -> bool:
    held = as_tuple(values_of(node).get(name))
    ends = (each for one in held for each in (ends_of(one) if isinstance(one, Edge) else (one,)))
    return any(id(each) in moved for each in ends)
