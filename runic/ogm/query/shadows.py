"""Columns that are called like something else the statement knows: an element, a stage's value.

After a RETURN such a name means the column. What rows are sorted by means the other one, so that
they are sorted in a stage before.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from runic.ogm.errors import StatementError
from runic.ogm.query.computed import walk
from runic.ogm.query.element import Element
from runic.ogm.query.steps import names_after
from runic.ogm.query.tails import order_text, page_texts
from runic.ogm.query.variables import Variable

if TYPE_CHECKING:
    from runic.ogm.query.statement import Item, Order, Statement
    from runic.ogm.query.writer import Writer

_DOWN = " DESC"


def hides_order(writer: Writer, stmt: Statement) -> bool:
    """Return whether a column hides what rows are sorted by.

    Raises:
        StatementError: Rows are sorted by a column as well, which is not there before.
    """
    # Rows that stand for several are sorted by what they hold, which the database finds in them.
    if not stmt.orders or not stmt.items or stmt.groups or stmt.once:
        return False
    columns = [order.by for order in stmt.orders if isinstance(order.by, str)]
    if len(columns) == len(stmt.orders) or not (hiding := _hiding(writer, stmt)):
        return False
    if columns:
        raise StatementError(
            f"rows are sorted by the column {columns[0]!r} and by what the column"
            f" {hiding[0]!r} hides, which is called like a part of the statement: give"
            f" {hiding[0]!r} another name with .as_(…)"
        )
    return True


def sorted_before(writer: Writer, stmt: Statement) -> str:
    """Return the stage that sorts and cuts the rows before their columns are made.

    ArcadeDB does not sort such a stage by a property of an edge, but by a value that it makes.
    """
    pages = page_texts(writer, stmt)
    taken = _names(stmt)
    free = (name for name in map("o".__mul__, count(1)) if not _begins(name, taken))
    letter = next(free)
    texts = [order_text(writer, order) for order in stmt.orders]
    made = [f"{text.removesuffix(_DOWN)} AS {letter}{i}" for i, text in enumerate(texts)]
    sorts = [f"{letter}{i}{_DOWN * text.endswith(_DOWN)}" for i, text in enumerate(texts)]
    cut = writer.dialect.cut(f"ORDER BY {', '.join(sorts)}", pages)
    return f"WITH *, {', '.join(made)} {cut}"


def _begins(start: str, names: set[str]) -> bool:
    return any(name.startswith(start) for name in names)


def _names(stmt: Statement) -> set[str]:
    return stmt.pattern.aliases | names_after(stmt.steps).keys()


def _hiding(writer: Writer, stmt: Statement) -> list[str]:
    """Return the columns that hide something by which rows are sorted."""
    dialect, read = writer.dialect, {name for order in stmt.orders for name in _read(stmt, order)}
    named = [item.name for item in stmt.items if _is_new(item) and item.name in read]
    return [n for n in named if dialect.column(n) == dialect.quote(dialect.variable(n))]


def _is_new(item: Item) -> bool:
    """Tell whether a column is something else than what its name meant before."""
    by = item.expression
    if isinstance(by, Variable | Element):
        return by.name != item.name
    return by is not None


def _read(stmt: Statement, order: Order) -> Iterator[str]:
    """Yield the names of what an order reads: elements of the pattern, and values of stages."""
    if isinstance(order.by, str):
        return
    pattern = stmt.pattern
    for attribute in order.by.attributes:
        yield pattern.alias(pattern.place_of(attribute, order.place, len(pattern.nodes)))
    yield from (each.name for each in walk(order.by) if isinstance(each, Variable | Element))
