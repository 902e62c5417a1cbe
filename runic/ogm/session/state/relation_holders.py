"""Find who holds an entity, where the entity's own side of the relation is not loaded. No I/O.

`b.items.append(item)` takes the item out of `a.items`: an item has one box. Where `item.box` is
loaded it names `a`; where it is not, `a.items` was loaded, or was shown the item after a write.
Each time that happens is noted here and looked through when somebody asks, once. So is whom an item
named as its box when its own side is forgotten, by `expire` or by a statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runic.ogm.model.backref import OPPOSITE, inverses
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.entity import Entity
from runic.ogm.model.node import Node
from runic.ogm.model.state import values_of
from runic.ogm.session.state.cascade import as_tuple

# The type of a relationship, and the direction in which a relation runs over it.
_Way = tuple[str, str]


class Holders:
    """The loaded relations of one session, from the entities that are in them."""

    __slots__ = ("_filled", "_holders")

    def __init__(self) -> None:
        self._filled: dict[_Way, list[tuple[str, Sequence[Any]]]] = {}
        self._holders: dict[_Way, dict[int, list[tuple[str, Any]]]] = {}

    def note(self, relation: RelationInfo, owners: Sequence[Any]) -> None:
        """Remember that a relation of these entities was filled with what is stored."""
        if not relation.holds_edges:
            way = relation.type, relation.direction
            self._filled.setdefault(way, []).append((relation.name, owners))

    def note_named(self, entity: Entity) -> None:
        """Remember whom an entity names in its relations to one, before they are forgotten."""
        for name in type(entity).__runic_relations__:
            other = values_of(entity).get(name)
            for inverse in inverses(entity, name, other) if isinstance(other, Node) else ():
                self.note(inverse, (other,))

    def of(self, entity: Entity, relation: RelationInfo, new: Any = None) -> Any:
        """Return the entity that leads to this one where `relation` leads to that; None if none.

        The `new` one, which has just been given the entity, is not looked for.
        """
        way = relation.type, OPPOSITE[relation.direction]
        if way in self._filled:
            self._look_through(way, self._filled.pop(way))
        for name, holder in self._holders.get(way, {}).get(id(entity), ()):
            if holder is not new and any(
                held is entity for held in as_tuple(values_of(holder).get(name))
            ):
                return holder
        return None

    def _look_through(self, way: _Way, filled: Iterable[tuple[str, Sequence[Any]]]) -> None:
        found = self._holders.setdefault(way, {})
        for name, owners in filled:
            for owner in owners:
                for held in as_tuple(values_of(owner).get(name)):
                    found.setdefault(id(held), []).append((name, owner))

    def clear(self) -> None:
        """Forget all of them."""
        self._filled.clear()
        self._holders.clear()
