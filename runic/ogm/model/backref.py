"""Keep the two sides of a relationship alike in memory.

`user.articles.append(article)` also sets `article.author`, where the models declare both sides:
relations of one type, in opposite directions, between the two classes. Only what is in memory is
touched; nothing is loaded. The lists in relations are `RelationList`s, which tell when they change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, SupportsIndex

from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.state import notes_of, values_of

OPPOSITE = {"OUTGOING": "INCOMING", "INCOMING": "OUTGOING", "BOTH": "BOTH"}


class RelationList(list[Any]):
    """What a to-many relation holds: a list that keeps the other side alike."""

    __slots__ = ("_mirrored", "_name", "_owner")

    def __init__(self, owner: Any, name: str, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self._owner = owner
        self._name = name
        # What came from the other side, by id; None while there is nothing.
        self._mirrored: set[int] | None = None

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # A copy belongs to nobody.
        return list, (list(self),)

    def append(self, item: Any) -> None:
        """Add an entity at the end, unless it is here already."""
        self.insert(len(self), item)

    def insert(self, index: SupportsIndex, item: Any) -> None:
        """Add an entity at a place, unless it is here already."""
        # The other side may have put it here already: one relationship shows once.
        if self._repeats() or not any(item is other for other in self):
            super().insert(index, item)
            if self._mirrored:
                self._mirrored.discard(id(item))
            joined(self._owner, self._name, item)

    def extend(self, items: Iterable[Any]) -> None:
        """Add several entities at the end."""
        for item in list(items):
            self.append(item)

    def __iadd__(self, items: Iterable[Any]) -> RelationList:  # type: ignore[misc]
        self.extend(items)
        return self

    def remove(self, item: Any) -> None:
        """Take an entity out; the relationship goes at the next flush."""
        super().remove(item)
        self._after(item)

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Take the entity at a place out and return it."""
        item = super().pop(index)
        self._after(item)
        return item

    def clear(self) -> None:
        """Take every entity out."""
        before = list(self)
        super().clear()
        compare(self._owner, self._name, before, self)

    def __imul__(self, times: SupportsIndex) -> RelationList:
        self[:] = list(self) * times
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        before = list(self)
        super().__setitem__(index, value)
        compare(self._owner, self._name, before, self)

    def __delitem__(self, index: Any) -> None:
        before = list(self)
        super().__delitem__(index)
        compare(self._owner, self._name, before, self)

    def mirror(self, item: Any) -> None:
        """Add what was related to the owner from the other side."""
        super().append(item)
        if self._mirrored is None:
            self._mirrored = set()
        self._mirrored.add(id(item))

    def succeed(self, moved: Mapping[int, Any]) -> None:
        """Hold other objects in the place of some, by their ids; they are the same entities."""
        for index, item in enumerate(self):
            if (other := moved.get(id(item))) is None:
                continue
            super().__setitem__(index, other)
            if self._mirrored and id(item) in self._mirrored:
                self._mirrored.remove(id(item))
                self._mirrored.add(id(other))

    def was_given(self, item: Any) -> bool:
        """Tell whether an entity was put in here, and not related from the other side."""
        mirrored = self._mirrored is not None and id(item) in self._mirrored
        return not mirrored and any(item is other for other in self)

    def _repeats(self) -> bool:
        return node_info(type(self._owner)).relations[self._name].options.multiple

    def _after(self, item: Any) -> None:
        if not any(item is other for other in self):
            parted(self._owner, self._name, item)


def hold(owner: Any, name: str, value: Any) -> None:
    """Put a value into a relation without telling the other side."""
    plain = isinstance(value, list | tuple)
    values_of(owner)[name] = RelationList(owner, name, value) if plain else value


def adopt(owner: Any) -> None:
    """Take what a new entity was made with for its relations, and tell the other sides."""
    for name in type(owner).__runic_relations__:
        value = values_of(owner).get(name)
        if isinstance(value, list) and not isinstance(value, RelationList):
            hold(owner, name, value)
            compare(owner, name, (), value, new=True)
        elif value is not None and not isinstance(value, list):
            joined(owner, name, value, new=True)


def assigned(owner: Any, name: str, value: Any) -> None:
    """Hold a new value in a relation, and tell the other sides."""
    before = _held_by(owner, node_info(type(owner)).relations[name])
    hold(owner, name, value)
    owner.__pydantic_fields_set__.add(name)
    compare(owner, name, _items(before), _items(value))


def compare(
    owner: Any, name: str, before: Iterable[Any], now: Iterable[Any], *, new: bool = False
) -> None:
    """Tell the other sides what has left a relation and what has come."""
    was, held = list(before), list(now)
    if not any(_answers(owner, name, cls) for cls in {*map(type, was), *map(type, held)}):
        if not new:
            _ask_back(owner, held)
        return
    left, come = Counter(map(id, was)), Counter(map(id, held))
    for item in was:
        if not come[id(item)]:
            parted(owner, name, item)
    for item in held:
        if not left[id(item)]:
            joined(owner, name, item, new=new)


def joined(owner: Any, name: str, other: Any, *, new: bool = False) -> None:
    """Let the other side of a relation know its new neighbour; `new`: just made, held nowhere."""
    if not new:
        _ask_back(owner, (other,))
    for inverse in inverses(owner, name, other):
        if inverse.many:
            _join_many(other, inverse, owner, new)
        else:
            _join_one(other, inverse, owner)


def _ask_back(owner: Any, others: Iterable[Any]) -> None:
    """Let the session of either side know that they were related: it may have let one go."""
    notes = notes_of(owner)
    if notes is not None and notes.owner is not None:
        notes.owner.readmit(others)
        return
    for other in others:
        theirs = notes_of(other) if isinstance(other, Entity) else None
        if theirs is not None and theirs.owner is not None:
            theirs.owner.readmit((owner,))


def given_by(owner: Any, name: str, other: Any) -> bool:
    """Tell whether two entities were related in this relation of the owner's, by its user.

    The other side then has it as a mirror. Where both hold one entity, and both were assigned at
    some time, neither side tells.
    """
    held = values_of(owner).get(name)
    if isinstance(held, RelationList):
        return held.was_given(other)
    sides = [
        (inverse.name, side)
        for inverse in inverses(owner, name, other)
        if isinstance(side := values_of(other).get(inverse.name), RelationList) or side is owner
    ]
    return held is other and bool(sides) and not any(_was_given(other, *s, owner) for s in sides)


def _was_given(owner: Any, name: str, held: Any, other: Any) -> bool:
    if isinstance(held, RelationList):
        return held.was_given(other)
    return name in owner.__pydantic_fields_set__


def _join_many(other: Any, inverse: RelationInfo, owner: Any, new: bool) -> None:
    held = values_of(other).get(inverse.name)
    if held is None and notes_of(other) is None:
        held = values_of(other)[inverse.name] = RelationList(other, inverse.name)
    if held is None or _holds(held, owner, new):
        return
    if isinstance(held, RelationList):
        held.mirror(owner)
    else:
        held.append(owner)


def _holds(held: list[Any], owner: Any, new: bool) -> bool:
    # Thousands of new entities with one neighbour must not each read through its whole list; a
    # second relation of the owner can only have put it at the end.
    return any(item is owner for item in (held[-1:] if new else held))


def _join_one(other: Any, inverse: RelationInfo, owner: Any) -> None:
    if values_of(other).get(inverse.name) is owner:
        return
    before = _held_by(other, inverse, owner)
    values_of(other)[inverse.name] = owner
    if before is not None and before is not owner:
        parted(other, inverse.name, before)


def _held_by(owner: Any, relation: RelationInfo, new: Any = None) -> Any:
    """Return what a relation holds, or of an unloaded one who is known to be at its other end."""
    name = relation.name
    if name in values_of(owner) or relation.many or relation.holds_edges:
        return values_of(owner).get(name)
    notes = notes_of(owner)
    if notes is None or notes.owner is None:
        return None
    return notes.owner.holder_of(owner, relation, new)


def parted(owner: Any, name: str, other: Any) -> None:
    """Let the other side of a relation forget its neighbour."""
    if isinstance(other, Edge):
        notes = notes_of(other)
        if notes is not None and notes.owner is not None:
            notes.owner.edge_left(other)
    for inverse in inverses(owner, name, other):
        held = values_of(other).get(inverse.name)
        if held is owner:
            values_of(other)[inverse.name] = None
        elif isinstance(held, list):
            _forget(held, owner)


def _forget(held: list[Any], owner: Any) -> None:
    kept = [item for item in held if item is not owner]
    list.__setitem__(held, slice(None), kept)


def _answers(owner: Any, name: str, cls: type[Any]) -> bool:
    """Tell whether entities of a class want to know that they came or left."""
    return issubclass(cls, Edge) or bool(_inverses(owner, name, cls))


def inverses(owner: Any, name: str, other: Any) -> tuple[RelationInfo, ...]:
    """Return the relations of `other` that are the other side of one of `owner`."""
    return _inverses(owner, name, type(other))


def _inverses(owner: Any, name: str, cls: Any) -> tuple[RelationInfo, ...]:
    if getattr(cls, "__runic_entity__", "") != "node":
        return ()
    there = node_info(cls)
    key = ("inverses", type(owner), name)
    found: tuple[RelationInfo, ...] | None = there.memo.get(key)
    if found is None:
        relation = node_info(type(owner)).relations[name]
        found = there.memo[key] = tuple(
            inverse for inverse in there.relations.values() if _faces(inverse, relation, owner)
        )
    return found


def _faces(inverse: RelationInfo, relation: RelationInfo, owner: Any) -> bool:
    return (
        inverse.type == relation.type
        and inverse.direction == OPPOSITE[relation.direction]
        and not (inverse.holds_edges or relation.holds_edges)
        and isinstance(owner, inverse.target)
    )


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else () if value is None else (value,)
