"""One query for a page of entities and the number of all of them.

The page comes as one list, so that there is a row with the total even where the page is empty.
"""

from __future__ import annotations

from runic.ogm.query.columns import write_columns
from runic.ogm.query.compile import compile_count, compiled
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.select import Select
from runic.ogm.query.shapes import Column, Compiled
from runic.ogm.query.statement import Statement
from runic.ogm.query.tails import tail_text
from runic.ogm.query.writer import Writer


def counts_along(stmt: Statement, dialect: Dialect) -> bool:
    """Tell whether a statement's page and total can be one query: each row is one node."""
    # A plan of writes is made of the same blocks.
    if not isinstance(stmt, Select) or "atomic_plan" not in dialect.capabilities:
        return False
    returned = stmt.contents[0].place
    if len(stmt.contents) > 1 or returned is None or returned.is_edge:
        return False
    return all(isinstance(order.by, Attribute) for order in stmt.orders)


def compile_with_total(stmt: Statement, dialect: Dialect) -> Compiled:
    """Return the query of one row: the total without skip and limit, and the rows of the page.

    The columns say how to read the rows of the page.
    """
    whole = compile_count(stmt, dialect)
    page = compiled(stmt, dialect, _write_page)
    # The filters' values come first in both, under the same names.
    text = f"CALL {{ {whole.text} AS total }} CALL {{ {page.query.text} }} RETURN total, page"
    return Compiled(Query(text, page.query.params, read_only=True), page.columns)


def _write_page(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    texts, columns = write_columns(writer, stmt)
    tail = tail_text(writer, stmt)
    rows = f"DISTINCT {writer.alias(stmt.returned)}" if stmt.once else "*"
    return f"WITH {rows}{tail} RETURN collect([{', '.join(texts)}]) AS page", columns
