"""What criteria, expressions and values have in common: each writes itself into a query.

It does so in two passes. `outline` lists the shape, equal for parts that differ only in their
values, and the values in order; `write` returns the text and meets the values in the same order.
The compiler keeps one text per shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runic.ogm.query.expressions import Attribute
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer


class Part:
    """Base of everything that stands in a statement."""

    __slots__ = ()

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        """The attributes it reads, in order."""
        raise NotImplementedError

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text to `shape`, and the values in order to `values`."""
        raise NotImplementedError

    def write(self, writer: Writer) -> str:
        """Return the text."""
        raise NotImplementedError
