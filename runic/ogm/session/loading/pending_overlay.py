"""Show unwritten changes in relations that have just been loaded. No I/O.

`ada.follows.remove(bob)` also takes ada out of `bob.followers`, unless that is not loaded. When it
is loaded before the flush, the database still has the relationship: the new list must not show it,
and must show what was added meanwhile. Called by `relation_loader`; what was read stays noted as
stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runic.ogm.model.backref import inverses
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, notes_of, values_of
from runic.ogm.session.state.cascade import as_tuple
from runic.ogm.session.state.relation_sync import take
from runic.ogm.session.state.relationships import difference

# A node whose other side was changed, that side, and whether what it held before is known.
Change = tuple[Any, RelationInfo, bool]


def catch_up(
    relation: RelationInfo, owners: Sequence[Node], nodes: Sequence[Node], *, whole: bool
) -> None:
    """Bring relations that were read up to what their other sides, among `nodes`, will write.

    `whole` says that all was read: else what was added may not belong to the part that was.
    """
    if relation.holds_edges or not owners:
        return
    waiting = {id(owner): owner for owner in owners}
    for node, inverse, known in _changes(relation, owners[0], nodes):
        notes = notes_of(node)
        now = as_tuple(values_of(node)[inverse.name])
        before = as_tuple(notes.relations.get(inverse.name)) if notes is not None else ()
        lost = difference(before, now) if known else [o for o in owners if o not in now]
        for owner in lost:
            if id(owner) in waiting and _holds(owner, relation, node):
                take(owner, relation, node)
        for owner in difference(now, before) if whole else ():
            if id(owner) in waiting:
                _put(owner, relation, node)


def _changes(relation: RelationInfo, owner: Node, nodes: Sequence[Node]) -> Iterator[Change]:
    one_of = {type(node): node for node in nodes}
    found = {cls: inverses(owner, relation.name, node) for cls, node in one_of.items()}
    sides = {cls: there for cls, there in found.items() if there}
    for node in nodes if sides else ():
        for inverse in sides.get(type(node), ()):
            if inverse.name in values_of(node) and (change := _change(node, inverse)) is not None:
                yield change


def _change(node: Node, inverse: RelationInfo) -> Change | None:
    notes = notes_of(node)
    if notes is None or notes.deleting:
        return None
    if inverse.name not in notes.relations:
        # Of a new node everything is known; one that was assigned unloaded leaves all others.
        return node, inverse, notes.status is State.PENDING
    now, before = values_of(node)[inverse.name], notes.relations[inverse.name]
    return None if as_tuple(now) == as_tuple(before) else (node, inverse, True)


def _holds(owner: Node, relation: RelationInfo, node: Node) -> bool:
    return any(one is node for one in as_tuple(values_of(owner)[relation.name]))


def _put(owner: Node, relation: RelationInfo, node: Node) -> None:
    if not relation.many:
        values_of(owner)[relation.name] = node
    elif relation.options.multiple or not _holds(owner, relation, node):
        list.append(values_of(owner)[relation.name], node)
