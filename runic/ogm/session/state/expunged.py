"""What a session was told to let go of: no walk brings it back. No I/O.

Relations that are loaded go on holding an expunged object. When the session reads the same node or
edge again, that is a new object, and the one the session knows by its key: it takes the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from runic.ogm.model.backref import RelationList
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.node import Node
from runic.ogm.model.state import note_relation, notes_of, values_of


class Expunged:
    """The entities that were expunged; those that were stored by their keys, too."""

    def __init__(self) -> None:
        self._entities: WeakSet[Entity] = WeakSet()
        self._by_key: WeakValueDictionary[Any, Entity] = WeakValueDictionary()

    def __contains__(self, entity: object) -> bool:
        return entity in self._entities

    def __bool__(self) -> bool:
        return bool(self._entities)

    def add(self, entity: Entity) -> None:
        """Take an entity in that the session has let go."""
        self._entities.add(entity)
        if (notes := notes_of(entity)) is not None:  # a new one has none any more
            self._by_key[notes.key] = entity

    def readmit(self, entities: Iterable[Any]) -> None:
        """Let entities out that are asked back, with the ends of edges."""
        for entity in entities:
            self._entities.discard(entity)
            if isinstance(entity, Edge):
                self._entities.difference_update(end for end in ends_of(entity) if end is not None)

    def succeed(self, fresh: Iterable[Entity], related: Callable[[], list[Node]]) -> None:
        """Have loaded relations hold what was read in the place of what was expunged before."""
        moved: dict[int, Entity] = {}
        for entity in fresh:
            notes = notes_of(entity)
            old = None if notes is None else self._by_key.pop(notes.key, None)
            if old is not None and old is not entity:
                moved[id(old)] = entity
        for node in related() if moved else ():
            _replace(node, moved)


def _replace(node: Node, moved: Mapping[int, Entity]) -> None:
    values, notes = values_of(node), notes_of(node)
    assert notes is not None
    for name in type(node).__runic_relations__ & values.keys():
        value = values[name]
        if isinstance(value, RelationList):
            value.succeed(moved)
        else:
            values[name] = moved.get(id(value), value)
    for name, stored in list(notes.relations.items()):
        if isinstance(stored, tuple):
            note_relation(notes, name, tuple(moved.get(id(one), one) for one in stored))
        else:
            note_relation(notes, name, moved.get(id(stored), stored))
