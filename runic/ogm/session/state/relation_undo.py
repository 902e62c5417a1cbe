"""Take a node's unwritten changes of relations back at the other sides, too. No I/O.

`a.likes.append(c)` puts `a` into `c.liked` as well. Where the change is dropped at `a`, by
`expire`, `refresh` or `expunge`, nothing of it may be left at `c`: the next flush would write it
from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from runic.ogm.model.backref import RelationList, compare, given_by, inverses, joined, parted
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.node import Node
from runic.ogm.model.state import State, notes_of, values_of
from runic.ogm.session.state.cascade import RelationChange, as_tuple, changed_relations
from runic.ogm.session.state.relationships import difference

Related = Callable[[], list[Node]]


def take_back(node: Node, related: Related, *, given_only: bool = False) -> None:
    """Have the other sides of a node's relations hold what they held before it was changed.

    Args:
        node: Its own relations stay as they are.
        related: Returns the nodes of the session that hold a relation.
        given_only: What was related from the other side stays there.
    """
    for change in changed_relations([node]):
        name, gained = change.relation.name, difference(change.now, change.stored)
        if given_only:
            gained = [other for other in gained if given_by(node, name, other)]
        for other in gained:
            parted(node, name, other)
        _give_back(change, gained, related)
        for other in difference(change.stored, change.now):
            if (theirs := notes_of(other)) is not None and theirs.owner is change.notes.owner:
                joined(node, name, other)
                _names_one(node, name, other)


def tell_again(node: Node) -> None:
    """Have the other sides take notice of a node's changes: it has come back with them."""
    notes, values = notes_of(node), values_of(node)
    stored = {} if notes is None else notes.relations
    for name in type(node).__runic_relations__ & values.keys():
        compare(node, name, as_tuple(stored.get(name)), as_tuple(values[name]))


def _give_back(undone: RelationChange, gained: Iterable[Any], related: Related) -> None:
    """Leave what a relation had taken from other nodes' with these again."""
    node, relation = undone.node, undone.relation
    moved = {id(other) for other in gained if _names_one(node, relation.name, other)}
    if not moved:
        return
    for change in changed_relations(related()):
        if change.node is not node and _is_alike(change.relation, relation):
            for other in difference(change.stored, change.now):
                if id(other) in moved:
                    _put_back(change.node, change.relation, other)


def _names_one(node: Node, name: str, other: Any) -> bool:
    """Give an entity's own relation to one what it held; tell whether it has such a relation."""
    narrow = [inverse.name for inverse in inverses(node, name, other) if not inverse.many]
    notes, values = notes_of(other), values_of(other)
    if notes is not None and notes.status is not State.PENDING:
        for each in narrow:
            values.pop(each, None)
            if each in notes.relations:
                values[each] = notes.relations[each]
    return bool(narrow)


def _put_back(owner: Node, relation: RelationInfo, other: Any) -> None:
    held = values_of(owner)[relation.name]
    if isinstance(held, RelationList):
        held.mirror(other)
    elif held is None:
        values_of(owner)[relation.name] = other


def _is_alike(one: RelationInfo, other: RelationInfo) -> bool:
    return (one.type, one.direction) == (other.type, other.direction)
