"""Write a union: its parts in a subquery, so that its rows are sorted, cut and counted as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from runic.ogm.query.columns import write_columns
from runic.ogm.query.computed import kind_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.match import write_match
from runic.ogm.query.planned import Hidden
from runic.ogm.query.related import hoisted
from runic.ogm.query.shapes import Column, EntityColumns, ValueColumn
from runic.ogm.query.tails import aggregates_apart, page_texts, tail_text
from runic.ogm.query.writer import Writer

if TYPE_CHECKING:
    from runic.ogm.query.statement import Order, Statement


class JoinedRows:
    """The text of a union's parts, and what its columns are called and hold."""

    def __init__(self, stmt: Statement, dialect: Dialect, hidden: Hidden) -> None:
        self._stmt = stmt
        self._dialect = dialect
        self._hidden = hidden
        self._written = 0
        self.names: list[str] = []
        self.columns: tuple[Column, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True when the rows are returned as the parts give them."""
        stmt = self._stmt
        cut = stmt.skipped is not None or stmt.maximum is not None
        return not (stmt.orders or stmt.once or cut)

    def text(self) -> str:
        """Return the parts as one subquery."""
        self._dialect.require("subqueries")
        return f"CALL {{ {self.parts()} }}"

    def parts(self) -> str:
        """Return the parts one after the other."""
        word = " UNION ALL " if self._stmt.everything else " UNION "
        return word.join([self._part(part) for part in self._stmt.branches])

    def rows(self) -> str:
        """Return what sorts, cuts and returns the rows."""
        writer = self._writer(self._stmt)
        distinct = "DISTINCT " if self._stmt.once else ""
        page = page_texts(writer, self._stmt)
        if self._stmt.orders:
            page.insert(0, f"ORDER BY {', '.join(self._orders(writer))}")
        return " ".join([f"RETURN {distinct}{', '.join(self.names)}", *page])

    def counted(self) -> str:
        """Return the stage whose rows are counted."""
        page = page_texts(self._writer(self._stmt), self._stmt)
        distinct = "DISTINCT " if self._stmt.once else ""
        cut = f" {self._dialect.cut('', page)}" if page else ""
        return f"WITH {distinct}{', '.join(self.names)}{cut}"

    def _writer(self, stmt: Statement) -> Writer:
        return Writer(stmt.pattern, self._dialect, self._hidden, self._written)

    def _part(self, part: Statement) -> str:
        # The columns of all parts must have the same names, which those of entities have not.
        items = tuple(replace(item, name=f"c{i}") for i, item in enumerate(part.contents))
        called = {item.name: f"c{i}" for i, item in enumerate(part.contents)}
        orders = tuple(_renamed(order, called) for order in part.orders)
        renamed = part.restated(items=items, orders=orders)
        writer = self._writer(part)
        match = write_match(writer, part.filters, part.steps)
        for item in () if self._stmt.everything else part.contents:
            if item.expression is not None:
                self._dialect.require_apart(kind_of(item.expression))
        texts, columns = write_columns(writer, renamed)
        tail = tail_text(writer, renamed, final=False)
        made = hoisted(writer.taken(), [])
        apart = aggregates_apart(self._dialect, f"{match}{made}") if part.groups else ""
        self._written = writer.written
        values = {column.index for column in columns if isinstance(column, ValueColumn)}
        named = [text if i in values else f"{text} AS x{i}" for i, text in enumerate(texts)]
        self._keep_first(part, named, columns)
        distinct = "DISTINCT " if part.once else ""
        return f"{match}{made} {apart}RETURN {distinct}{', '.join(named)}{tail}"

    def _keep_first(self, part: Statement, texts: list[str], columns: tuple[Column, ...]) -> None:
        if self.columns:
            return
        # Not quoted: FalkorDB takes a quoted name for another one when rows are sorted twice by it.
        self.names = [text.rpartition(" AS ")[2].strip("`") for text in texts]
        self.columns = tuple(
            replace(column, name=item.name) if isinstance(column, ValueColumn) else column
            for column, item in zip(columns, part.contents, strict=True)
        )

    def _orders(self, writer: Writer) -> Iterator[str]:
        places = {item.name: i for i, item in enumerate(self._stmt.contents)}
        for order in self._stmt.orders:
            down = " DESC" if order.descending else ""
            if isinstance(order.by, str):
                column = self.columns[places[order.by]]
                assert isinstance(column, ValueColumn)
                yield self.names[column.index] + down
            elif isinstance(order.by, Attribute):
                writer.require_order(order.by)
                yield self._field(order.by) + down

    def _field(self, by: Attribute[object]) -> str:
        column = self.columns[0]
        if isinstance(column, EntityColumns):
            return self.names[column.start + 1 + column.fields.index(by.name)]
        return self._dialect.stored(self.names[0], by.info)


def _renamed(order: Order, called: dict[str, str]) -> Order:
    return replace(order, by=called[order.by]) if isinstance(order.by, str) else order
