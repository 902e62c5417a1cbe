"""Write what sorts and cuts rows: ORDER BY, SKIP and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from runic.ogm.query.computed import like_of
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.writer import Writer

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect
    from runic.ogm.query.statement import Order, Statement


class Paged(Protocol):
    """What has an order and a page: how many rows to leave out, and how many to return at most."""

    @property
    def orders(self) -> Sequence[Order]:
        """What rows are sorted by."""
        ...

    @property
    def skipped(self) -> object:
        """The rows to leave out."""
        ...

    @property
    def maximum(self) -> object:
        """The most rows to return."""
        ...


def page_texts(writer: Writer, paged: Paged) -> list[str]:
    """Return SKIP and LIMIT, where they are asked for."""
    texts = [] if paged.skipped is None else [f"SKIP {writer.next_name()}"]
    return texts if paged.maximum is None else [*texts, f"LIMIT {writer.next_name()}"]


def order_text(
    writer: Writer, order: Order, known: int | None = None, *, hoists: bool = True
) -> str:
    """Return one item of an ORDER BY, whose fields belong to one of the `known` nodes, or any.

    `hoists` tells that a stage before it may make a column of what is computed.
    """
    if isinstance(order.by, str):
        text = writer.dialect.column(order.by)
    elif isinstance(order.by, Attribute):
        writer.focus(order.place, len(writer.pattern.nodes) if known is None else known)
        text = writer.ordered(order.by)
    else:
        writer.focus(order.place, len(writer.pattern.nodes) if known is None else known)
        like = like_of(order.by)
        if like is not None:
            writer.require_order(like)
        text = writer.alone(order.by)
        text = writer.apart(text) if hoists else text
    return text + (" DESC" if order.descending else "")


def cut_text(writer: Writer, stage: Paged, known: int) -> str:
    """Return what sorts and cuts the rows of a stage, with a space before it.

    Its fields belong to one of the `known` nodes.
    """
    # The order first, as in the outline of a stage.
    orders = [order_text(writer, order, known) for order in stage.orders]
    return _cut(writer, orders, page_texts(writer, stage))


def tail_text(writer: Writer, stmt: Statement, *, final: bool = True) -> str:
    """Return what sorts and cuts the rows of a statement, with a space before it.

    `final` tells that nothing follows: that the statement is no part of another.
    """
    # The page first, as in the outline: a count knows its parameters without the order's.
    pages = page_texts(writer, stmt)
    page = f" {' '.join(pages)}" if pages else ""
    if not stmt.orders:
        return page if final else _cut(writer, [], pages)
    # A stage before would come before groups are made, and before rows are left out.
    plain = not (stmt.groups or stmt.once)
    orders = [order_text(writer, order, hoists=plain) for order in stmt.orders]
    return f" ORDER BY {', '.join(orders)}{page}" if final else _cut(writer, orders, pages)


def aggregates_apart(dialect: Dialect, found: str) -> str:
    """Return what stands between clauses and aggregates of all rows that they find."""
    return dialect.before_aggregates if "WITH " in found else ""


def _cut(writer: Writer, orders: Sequence[str], pages: Sequence[str]) -> str:
    if not (orders or pages):
        return ""
    order = f"ORDER BY {', '.join(orders)}" if orders else ""
    return f" {writer.dialect.cut(order, pages)}"
