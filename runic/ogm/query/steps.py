"""The steps of a statement in stages: WITH and UNWIND, between the hops of its pattern.

The pattern only grows: elements keep their places from the first stage to the last. What a step
leaves out is still there, and no longer alive: nothing may read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from runic.ogm.errors import StatementError
from runic.ogm.query.columns import column_text
from runic.ogm.query.computed import kind_of
from runic.ogm.query.expressions import Expression
from runic.ogm.query.lists import require_items
from runic.ogm.query.part import Part
from runic.ogm.query.pattern import Pattern, Place
from runic.ogm.query.tails import cut_text
from runic.ogm.query.values import RowCount, Value
from runic.ogm.query.variables import has_aggregate

if TYPE_CHECKING:
    from runic.ogm.query.statement import Item, Order
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True, eq=False)
class With:
    """Goes on with some columns only: elements, values, and aggregates that group by the rest.

    Rows are sorted and cut before that.
    """

    items: tuple[Item, ...]
    distinct: bool
    orders: tuple[Order, ...]
    skipped: RowCount | None
    maximum: RowCount | None
    # The nodes there were: fields belong to one of these.
    known: int
    glue = ""

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append its shape and its values, in the order of `write`."""
        shape.append(("with", self.distinct, len(self.orders), len(self.items)))
        for order in self.orders:
            order.outline(shape, values)
        for what, rows in (("skip", self.skipped), ("limit", self.maximum)):
            if rows is not None:
                shape.append(what)
                values.append(rows)
        for item in self.items:
            item.outline(shape, values)

    def write(self, writer: Writer) -> str:
        """Return the text."""
        cut = cut_text(writer, self, self.known)
        word = "WITH DISTINCT" if self.distinct else "WITH"
        groups = any(i.expression is not None and has_aggregate(i.expression) for i in self.items)
        text = f"{word} {', '.join(self._column(writer, item, groups) for item in self.items)}"
        return f"WITH *{cut} {text}{writer.dialect.after_cut}" if cut else text

    def _column(self, writer: Writer, item: Item, groups: bool) -> str:
        if item.place is not None:
            return writer.alias(item.place)
        assert item.expression is not None
        writer.focus(None, self.known)
        text = column_text(writer, item.expression, groups)
        if self.distinct:
            writer.dialect.require_apart(kind_of(item.expression))
        return f"{text} AS {writer.value(item.name)}"


@dataclass(frozen=True, slots=True, eq=False)
class Unwind:
    """Makes a row of each item of a list."""

    items: Part
    name: str
    known: int
    # Its filters need a clause of their own.
    glue = " WITH *"

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append its shape and its values, in the order of `write`."""
        shape.append(("unwind", self.name))
        self.items.outline(shape, values)

    def write(self, writer: Writer) -> str:
        """Return the text."""
        writer.focus(None, self.known)
        require_items(self.items, writer)
        items = writer.dialect.unwound(writer.alone(self.items))
        return f"UNWIND {items} AS {writer.value(self.name)}"


class Clause(Protocol):
    """What a step writes; `glue` goes between it and the criteria on what it made."""

    @property
    def glue(self) -> str:
        """The clause that criteria stand in."""
        ...

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append its shape and its values, in the order of `write`."""
        ...

    def write(self, writer: Writer) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PipelineStep:
    """A step after so many hops; `kept` elements and the values in `names` are there after it."""

    clause: Clause
    hops: int
    kept: frozenset[Place]
    names: Mapping[str, Expression[Any]]

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append its shape and its values."""
        shape.append(self.hops)
        self.clause.outline(shape, values)


def require_apart(names: Iterable[str], pattern: Pattern) -> None:
    """Raise StatementError if a value is called as an element of the pattern."""
    for name in names:
        if name in pattern.aliases:
            raise StatementError(
                f"{name!r} is the name of a value and of an element of the pattern ({pattern});"
                " name one of them otherwise"
            )


def is_alive(steps: tuple[PipelineStep, ...], pattern: Pattern, place: Place) -> bool:
    """Tell whether an element may be read after the steps."""
    return not steps or place in steps[-1].kept or pattern.stage(place) > steps[-1].hops


def require_alive(steps: tuple[PipelineStep, ...], pattern: Pattern, place: Place) -> None:
    """Raise StatementError if a step left an element out."""
    if not is_alive(steps, pattern, place):
        name = pattern.alias(place)
        raise StatementError(
            f"{name!r} is left out by with_(…) before this; carry it: .with_({name!r}, …)"
        )


def alive_places(steps: tuple[PipelineStep, ...], pattern: Pattern) -> frozenset[Place]:
    """Return the elements that may be read after the steps."""
    nodes = [Place(False, index) for index in range(len(pattern.nodes))]
    edges = [Place(True, index) for index in range(len(pattern.hops))]
    return frozenset(place for place in nodes + edges if is_alive(steps, pattern, place))


def names_after(steps: tuple[PipelineStep, ...]) -> Mapping[str, Expression[Any]]:
    """Return the values that have a name after the steps, with what made them."""
    return steps[-1].names if steps else {}
