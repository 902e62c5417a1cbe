"""What assigning does to relations: the other sides are told, or, where it is refused, nobody.

Called by `Node.__setattr__`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.model.assignment import Before
from runic.ogm.model.backref import assigned, compare, hold
from runic.ogm.model.dump import stand_in
from runic.ogm.model.state import notes_of, values_of

if TYPE_CHECKING:
    from runic.ogm.model.node import Node

_MISSING: Any = object()


class NodeBefore(Before):
    """What a node holds, with its relations as far as they are loaded."""

    __slots__ = ("_items",)

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        values = self.values
        # Their lists can be changed in place, which tells the other sides.
        self._items = {n: _items(values[n]) for n in type(node).__runic_relations__ if n in values}

    @override
    def restore(self) -> None:
        node: Any = self._entity
        for name in type(node).__runic_relations__ & values_of(node).keys():
            self._restore_relation(node, name)
        super().restore()

    def _restore_relation(self, node: Node, name: str) -> None:
        now = _items(values_of(node)[name])
        if name not in self._items:
            self._keep_loaded(node, name, now)
            return
        was, value = self._items[name], self.values[name]
        compare(node, name, now, was)
        if isinstance(value, list):
            list.__setitem__(value, slice(None), was)  # the list's own would tell the other sides

    def _keep_loaded(self, node: Node, name: str, now: list[Any]) -> None:
        """Keep what a validator has loaded by reading it; what it assigned goes."""
        notes = notes_of(node)
        if notes is None or name not in notes.relations:
            compare(node, name, now, ())
            return
        compare(node, name, now, _items(notes.relations[name]))
        hold(node, name, notes.relations[name])
        self.values[name] = values_of(node)[name]


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def assign_relation(node: Node, name: str, value: Any) -> None:
    """Hold a new value in a relation of a node without validators of the whole model."""
    view = stand_in(node, dict(values_of(node)))
    type(node).__pydantic_validator__.validate_assignment(view, name, value)
    assigned(node, name, values_of(view)[name])


def assign_validated(node: Node, name: str, value: Any, before: Before) -> None:
    """Hold a new value in a relation of a node that is validated as a whole."""
    if any(item is node for item in _items(value)):
        # Pydantic would take the node in itself for an endless recursion.
        _assign_itself(node, name, value, before)
        return
    type(node).__pydantic_validator__.validate_assignment(node, name, value)
    values = values_of(node)
    new, was = values[name], before.values.get(name, _MISSING)
    if was is _MISSING:
        del values[name]
    else:
        values[name] = was
    assigned(node, name, new)


def _assign_itself(node: Node, name: str, value: Any, before: Before) -> None:
    view = stand_in(node, dict(values_of(node)))
    type(node).__pydantic_validator__.validate_assignment(view, name, value)
    made = values_of(view)
    for other in made.keys() - type(node).__runic_relations__:
        if made[other] is not before.values.get(other, _MISSING):
            values_of(node)[other] = made[other]
    assigned(node, name, made[name])
