"""Put a node or edge that is read anew in the place of the object that was expunged. No I/O.

Relations that are loaded go on holding an expunged object. When the session reads the same node
again, that is a new object, and the one the session knows by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakValueDictionary

from runic.ogm.model.backref import RelationList
from runic.ogm.model.entity import Entity
from runic.ogm.model.node import Node
from runic.ogm.model.state import note_relation, notes_of, values_of


class Successors:
    """What a session let go of, by its key, until something is read under that key."""

    def __init__(self) -> None:
        self._by_key: WeakValueDictionary[Any, Entity] = WeakValueDictionary()

    def note(self, entity: Entity, key: Any) -> None:
        """Remember an entity that was stored under a key."""
        if key is not None:
            self._by_key[key] = entity

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
