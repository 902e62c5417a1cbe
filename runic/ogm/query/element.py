"""A whole node or edge of the pattern as an operand: an entity in a list, a map or a column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.query.expressions import Attribute, Expression

if TYPE_CHECKING:
    from runic.ogm.query.pattern import Pattern, Place
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Element(Expression[Any]):
    """The element of a class; `place` says which one it is, once the pattern is known."""

    entity: type[Any]
    name: str = ""
    place: Place | None = None

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return ()

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append((self.entity, self.place))

    @override
    def write(self, writer: Writer) -> str:
        return writer.whole(self.place or writer.pattern.place_of_class(self.entity))

    def found(self, pattern: Pattern) -> Element:
        """Return the element with its place in a pattern.

        Raises:
            StatementError: Nothing there is of the class, or several elements are.
        """
        place = pattern.place_of_class(self.entity)
        return replace(self, place=place, name=pattern.alias(place))

    def __str__(self) -> str:
        return self.name or self.entity.__name__


def element_of(what: object) -> Element | None:
    """Return the element that a Node or Edge class stands for; None for anything else."""
    if isinstance(what, type) and getattr(what, "__runic_entity__", None) is not None:
        return Element(what)
    return None


def element_at(pattern: Pattern, alias: str) -> Element | None:
    """Return the node or edge of an alias; None if it has no class or there is no such alias."""
    if alias not in pattern.aliases:
        return None
    place = pattern.place(alias)
    entity = pattern.entity(place)
    if entity is None:
        raise StatementError(f"{alias!r} has no class to make entities of; give it edge_model=")
    return Element(entity, alias, place)
