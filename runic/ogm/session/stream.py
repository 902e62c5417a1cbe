"""Cut a statement into the pages that `stream` reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.meta import node_info
from runic.ogm.query import Select, Statement
from runic.ogm.session.loading.argument_errors import shown


def chunks(statement: Select[Any], size: int) -> Iterator[Select[Any]]:
    """Yield statements whose rows, one after the other, are those of the statement.

    Without an order of its own the statement is read in the order of the primary key: the pages of
    an unordered query may overlap.

    Raises:
        StatementError: `size` is not a positive number of rows.
    """
    if type(size) is not int or size < 1:
        raise StatementError(f"chunk_size is a whole number ≥ 1, not {size!r}")
    _require_streamed(statement)
    offset, left = statement.page()
    start = offset or 0
    ordered = _ordered(statement)
    while left is None or left > 0:
        rows = size if left is None else min(size, left)
        yield ordered.skip(start).limit(rows)
        start += rows
        left = None if left is None else left - rows


def _require_streamed(statement: object) -> None:
    if not isinstance(statement, Statement):
        raise StatementError(f"expected a statement to stream, got {shown(statement)}")
    if not isinstance(statement, Select) or not statement.node_classes:
        raise StatementError(
            "stream yields the nodes of a select; for rows and unions use all_rows(…) or"
            f" scalars(…): {statement!r}"
        )


def _ordered(statement: Select[Any]) -> Select[Any]:
    node = statement.pattern.nodes[statement.returned.number]
    return statement.order_by(f"{node.alias}.{node_info(node.entity).key.name}")
