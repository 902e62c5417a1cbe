"""What rows that stand for several can be sorted by: what they hold, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runic.ogm.errors import StatementError
from runic.ogm.query.expressions import Attribute, Expression

if TYPE_CHECKING:
    from runic.ogm.query.statement import Order, Statement
    from runic.ogm.query.values import Value


def require_held(stmt: Statement) -> None:
    """Raise StatementError if groups, or distinct rows, are sorted by what they do not hold.

    Several values of it may belong to one row, and most databases refuse to choose.
    """
    if (stmt.groups or stmt.once) and not stmt.branches:
        for order in stmt.orders:
            if isinstance(order.by, Expression) and not _is_held(stmt, order, order.by):
                raise _not_held(stmt, order)


def _is_held(stmt: Statement, order: Order, by: Expression[Any]) -> bool:
    columns = [item.expression for item in stmt.items if item.expression is not None]
    if _outline(by) in [_outline(column) for column in columns]:
        return True
    whole = {item.place for item in stmt.contents if item.place is not None}
    named = {column.shape for column in columns if isinstance(column, Attribute)}
    known = len(stmt.pattern.nodes)
    return all(
        attribute.shape in named or stmt.pattern.place_of(attribute, order.place, known) in whole
        for attribute in by.attributes
    )


def _outline(expression: Expression[Any]) -> list[Any]:
    shape: list[Any] = []
    values: list[Value] = []
    expression.outline(shape, values)
    return [*shape, *(value.raw for value in values)]


def _not_held(stmt: Statement, order: Order) -> StatementError:
    names = ", ".join(item.name for item in stmt.contents)
    made = "distinct rows" if stmt.once else "groups"
    return StatementError(
        f"{made} cannot be sorted by {order.by}, of which one of them may have several values;"
        f" sort by what they hold ({names}), or add it to that"
    )
