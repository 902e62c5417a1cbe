"""What comes into a session with an entity, and which relations differ from what is stored. No I/O.

`UnitOfWork.add` and each flush follow relations and the ends of edges from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of, set_ends
from runic.ogm.model.edge_ends import require_type_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, notes_of_all, values_of

NOT_LOADED: Any = object()
"""Stands for what a relation has in the database where nobody knows it."""


class RelationChange(NamedTuple):
    """A relation that does not hold what was last loaded or written, both as tuples."""

    node: Node
    notes: EntityState
    relation: RelationInfo
    now: tuple[Any, ...]
    before: Any

    @property
    def stored(self) -> tuple[Any, ...]:
        """What is known to be stored; nothing where it was never loaded."""
        known: tuple[Any, ...] = () if self.before is NOT_LOADED else self.before
        return known


def changed_relations(nodes: Sequence[Node]) -> list[RelationChange]:
    """Return the relations of a session's nodes that differ, or were assigned without loading."""
    relations = {cls: tuple(node_info(cls).relations.items()) for cls in set(map(type, nodes))}
    found = []
    for node, notes in zip(nodes, notes_of_all(nodes), strict=True):
        values, stored = values_of(node), notes.relations
        for name, relation in relations[type(node)]:
            if name not in values:
                continue
            value, before = values[name], stored.get(name, NOT_LOADED)
            now = tuple(value) if isinstance(value, list) else value
            if now is not before and now != before:
                both = as_tuple(now), as_tuple(before)
                found.append(RelationChange(node, notes, relation, *both))
    return found


def as_tuple(value: Any) -> Any:
    """Return what a relation holds as a tuple; the marker of an unloaded one as it is."""
    if value is NOT_LOADED or isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, list) else () if value is None else (value,)


def is_unchanged(node: Node, notes: EntityState, name: str) -> bool:
    """Tell whether a relation is loaded and holds what is stored."""
    if name not in notes.relations or name not in values_of(node):
        return False
    now, then = as_tuple(values_of(node)[name]), as_tuple(notes.relations[name])
    return list(map(id, now)) == list(map(id, then))


def cascaded(entity: Entity) -> Iterator[Entity]:
    """Yield the entities that come into a session with this one."""
    if isinstance(entity, Edge):
        yield from (end for end in ends_of(entity) if end is not None)
        return
    for name, relation in node_info(type(entity)).relations.items():
        if name in values_of(entity) and relation.options.cascade:
            yield from taken_in(entity, relation)


def taken_in(entity: Entity, relation: RelationInfo) -> Iterable[Entity]:
    """Return what a relation holds; its edges start or end at the entity from now on."""
    others = _held(values_of(entity)[relation.name], relation)
    if relation.holds_edges:
        for other in others:
            _adopt_ends(entity, relation, other)
    return others


def _held(value: Any, relation: Any) -> Iterable[Any]:
    """Return what a relation holds, one or many, checked to be of its kind.

    Raises:
        StatementError: Something else was put into it.
    """
    many = value if isinstance(value, list | tuple) else () if value is None else (value,)
    wanted = relation.edge if relation.holds_edges else relation.target
    classes = set(map(type, many))
    if not all(issubclass(cls, wanted) for cls in classes):
        other = next(one for one in many if not isinstance(one, wanted))
        raise StatementError(f"{relation} holds {wanted.__name__} objects, not {other!r}")
    if relation.holds_edges:
        require_type_of(relation, classes)
    return many


def _adopt_ends(owner: Any, relation: Any, edge: Any) -> None:
    """Let an edge in a relation start (or, INCOMING, end) at the relation's owner.

    An edge whose other end is the owner, too, is a loop: the end that is missing still is missing.
    """
    source, target = ends_of(edge)
    ends = _completed(owner, relation.direction, source, target)
    if None in ends:
        missing = "source" if relation.direction == "INCOMING" else "target"
        raise StatementError(
            f"the {type(edge).__name__} in {relation} leads nowhere: give it {missing}="
        )
    if owner not in ends:
        raise StatementError(
            f"the {type(edge).__name__} in {relation} runs between other entities; an edge stays"
            " where it is: make a new one and delete this one"
        )
    if ends != (source, target):
        set_ends(edge, *ends)


def _completed(owner: Any, direction: str, source: Any, target: Any) -> tuple[Any, Any]:
    """Return the ends of an edge with the owner of its relation as the one that is missing."""
    if direction != "INCOMING" and source is None:
        return owner, target
    if target is None and (
        direction == "INCOMING" or (direction == "BOTH" and source is not owner)
    ):
        return source, owner
    return source, target
