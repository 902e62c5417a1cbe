"""Find what contradicts a staged deletion or an expunge, before anything is written. No I/O.

A deletion wins over what the deleted node itself was given since: its new relationships go with it.
But where an entity that stays was given one that is to be deleted, or one that the session was told
to let go, one of the two is a mistake, and only the caller knows which. What a relation has held
since it was loaded or written contradicts nothing.

Called by `flush_plan` between the cascade, which brings in what may come, and
`relation_changes`; by `relate` for its ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.backref import given_by, inverses
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, are_held_by, notes_of, values_of
from runic.ogm.session.state.cascade import NOT_LOADED, RelationChange, as_tuple
from runic.ogm.session.state.relationships import difference
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe


def agreed(unit: UnitOfWork, changes: Iterable[RelationChange]) -> list[RelationChange]:
    """Return the changes of relations without what goes with a deleted node.

    Raises:
        StatementError: An entity that stays is related to one that goes.
    """
    staying = (change for change in changes if not change.notes.deleting)
    found = [_agreed(unit, _with_stand_ins(unit, change)) for change in staying]
    _check_edges(unit)
    return found


def _with_stand_ins(unit: UnitOfWork, change: RelationChange) -> RelationChange:
    """Return the change with the objects that the session holds for what it has expunged.

    An entity that was expunged and read again is two objects and one relationship: to put the one
    in the place of the other is no change.
    """
    if not unit.has_expunged:
        return change
    now = [unit.stand_in(other) for other in change.now]
    if not change.relation.options.multiple:
        now = list({id(other): other for other in now}.values())
    known = change.before is not NOT_LOADED
    before = tuple(map(unit.stand_in, change.before)) if known else change.before
    return change._replace(now=tuple(now), before=before)


def refuse_doomed(unit: UnitOfWork, ends: Iterable[Node]) -> None:
    """Raise where a relationship that is written at once has an end that is to be deleted."""
    for end in ends if unit.doomed else ():
        if id(end) in unit.doomed:
            raise StatementError(
                f"{describe(end)} is being deleted and cannot be related to; keep it with"
                " session.add(…), or relate another one"
            )


def _agreed(unit: UnitOfWork, change: RelationChange) -> RelationChange:
    if not unit.doomed and are_held_by(unit, change.now):
        return change
    gained = difference(change.now, change.stored)
    going = {id(other) for other in gained if _goes(unit, change, other)}
    if not going:
        return change
    return change._replace(now=tuple(other for other in change.now if id(other) not in going))


def _goes(unit: UnitOfWork, change: RelationChange, other: Entity) -> bool:
    """Tell whether a relationship that was gained goes with the deleted node at its other end."""
    node, _, relation, *_ = change
    if other not in unit:
        if relation.options.cascade:  # else `relation_changes` says that it has to be added
            raise StatementError(_not_here(other, f"{describe(node)} was given it in {relation}"))
        return False
    if not _is_doomed(other):
        return False
    if isinstance(other, Node) and _gave(other, change):
        return True
    raise StatementError(
        f"{describe(other)} is being deleted, and {describe(node)} was given it in {relation}: take"
        " it out of the relation, or keep it with session.add(…); nothing was written"
    )


def _gave(doomed: Node, change: RelationChange) -> bool:
    sides = inverses(change.node, change.relation.name, doomed)
    return any(given_by(doomed, inverse.name, change.node) for inverse in sides)


def _check_edges(unit: UnitOfWork) -> None:
    edges = unit.pending_edges()
    ends: Iterable[Any] = chain.from_iterable(map(ends_of, edges))
    if not unit.doomed and are_held_by(unit, ends):
        return
    for edge in edges:
        for end in ends_of(edge):
            _check_end(unit, edge, end)


def _check_end(unit: UnitOfWork, edge: Edge, end: Any) -> None:
    what = f"a new {type(edge).__name__} starts or ends at it"
    if end not in unit:
        raise StatementError(_not_here(end, what))
    if _is_doomed(end) and not _is_given_up(edge):
        raise StatementError(
            f"{describe(end)} is being deleted, and {what}, {_between(edge)}: take the edge out of"
            " its relation or session.expunge(…) it, or keep the node with session.add(…); nothing"
            " was written"
        )


def _is_given_up(edge: Edge) -> bool:
    """Tell whether only nodes that are to be deleted hold an edge in a relation."""
    holders = [end for end in ends_of(edge) if end is not None and _holds(end, edge)]
    return bool(holders) and all(map(_is_doomed, holders))


def _holds(node: Node, edge: Edge) -> bool:
    relations = node_info(type(node)).relations.values()
    held = (as_tuple(values_of(node).get(r.name)) for r in relations if r.holds_edges)
    return any(one is edge for each in held for one in each)


def _is_doomed(entity: Entity) -> bool:
    notes = notes_of(entity)
    return notes is not None and notes.deleting


def _between(edge: Edge) -> str:
    source, target = (describe(end) if end is not None else "nothing" for end in ends_of(edge))
    return f"from {source} to {target}"


def _not_here(entity: Entity, related: str) -> str:
    notes = notes_of(entity)
    deleted = notes is not None and notes.status is State.DELETED
    why = (
        "was deleted"
        if deleted
        else "was expunged from this session, or deleted before it was written"
    )
    return (
        f"{describe(entity)} {why}, and {related}: session.add(…) it back, or take it out of the"
        " relation; nothing was written"
    )
