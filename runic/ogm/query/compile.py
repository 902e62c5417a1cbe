"""Compile reading statements: text once for every shape (see `planned`), parameters for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from runic.ogm.errors import StatementError
from runic.ogm.query.columns import column_text, write_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.grouping import require_held
from runic.ogm.query.joined import JoinedRows
from runic.ogm.query.match import write_match
from runic.ogm.query.planned import Hidden, Wording, plan_of, sendable, written
from runic.ogm.query.related import hoisted
from runic.ogm.query.shadows import hides_order, sorted_before
from runic.ogm.query.shapes import Column, Compiled, EntityColumns, ValueColumn
from runic.ogm.query.tails import aggregates_apart, page_texts, tail_text
from runic.ogm.query.writer import Writer

if TYPE_CHECKING:
    from runic.ogm.query.statement import Statement

Ending = Callable[[Writer, "Statement"], tuple[str, tuple[Column, ...]]]


def compile_select(stmt: Statement, dialect: Dialect) -> Compiled:
    """Return the query of a statement and how to read its rows.

    Raises:
        StatementError: A value has no stored form, or cannot be sorted by.
        UnsupportedFeatureError: The dialect's database lacks what the statement asks for.
    """
    return compiled(stmt, dialect, _write_rows)


def compile_count(stmt: Statement, dialect: Dialect) -> Query:
    """Return the query of a statement's total: one row, one int.

    Its own order, skip and limit are left out; `distinct` and cuts inside of it count.
    """
    return compiled(stmt.whole(), dialect, _write_count).query


def compile_exists(stmt: Statement, dialect: Dialect) -> Query:
    """Return a query with a row if the statement has one, and without if not."""
    return compiled(stmt, dialect, _write_exists).query


def compiled(stmt: Statement, dialect: Dialect, ending: Ending) -> Compiled:
    """Return the query of a statement whose RETURN clause is what `ending` writes."""
    here, memo = (ending, dialect.variant, stmt.generation), stmt.memo
    made: Compiled | None = memo.get(here) if memo else None
    if made is None:
        shape, values = stmt.outline()
        memory, key = stmt.pattern.memory, (here, shape)
        plan = plan_of(memory, key, values, dialect)
        params, hidden = plan.encode(values, stmt.bindings)
        if hidden:
            text = written(memory, plan, key, hidden, partial(_written, stmt, dialect, ending))
        else:
            text = plan.written = plan.written or _written(stmt, dialect, ending, hidden)
        made = Compiled(Query(text.text, params, True), text.columns)
        memo[here] = made
    return made


def _written(stmt: Statement, dialect: Dialect, ending: Ending, hidden: Hidden) -> Wording:
    if stmt.imported:
        raise StatementError("a statement within(…) another runs inside of it: call(stmt, …)")
    if stmt.branches:
        return sendable(_joined(JoinedRows(stmt, dialect, hidden), ending, dialect), dialect)
    require_held(stmt)
    writer = Writer(stmt.pattern, dialect, hidden)
    match = write_match(writer, stmt.filters, stmt.steps)
    tail, columns = ending(writer, stmt)
    found = f"{match}{hoisted(writer.taken(), [])}"
    apart = aggregates_apart(dialect, found) if stmt.groups or ending is _write_count else ""
    return sendable(Wording(f"{found} {apart}{tail}", columns), dialect)


def _joined(joined: JoinedRows, ending: Ending, dialect: Dialect) -> Wording:
    if ending is _write_rows and joined.is_plain and not dialect.has("subqueries"):
        return Wording(joined.parts(), joined.columns)
    text = joined.text()
    if ending is _write_rows:
        return Wording(f"{text} {joined.rows()}", joined.columns)
    result = "RETURN count(*)" if ending is _write_count else "RETURN 1 LIMIT 1"
    return Wording(f"{text} {joined.counted()} {result}", ())


def _write_rows(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    texts, columns = write_columns(writer, stmt)
    if stmt.once and stmt.orders and not writer.dialect.sorts_distinct:
        return f"{_once(writer, stmt, texts, columns)}{tail_text(writer, stmt)}", columns
    if hides_order(writer, stmt):
        return f"{sorted_before(writer, stmt)} RETURN {', '.join(texts)}", columns
    distinct = "DISTINCT " if stmt.once else ""
    return f"RETURN {distinct}{', '.join(texts)}{tail_text(writer, stmt)}", columns


def _once(writer: Writer, stmt: Statement, texts: Sequence[str], columns: Sequence[Column]) -> str:
    """Return equal rows once by a stage of its own, after which entities can be sorted by."""
    if all(item.place is None for item in stmt.contents):
        return f"RETURN DISTINCT {', '.join(texts)}"
    kept: list[str] = []
    returned: list[str] = []
    rest = iter(texts)
    for item, column in zip(stmt.contents, columns, strict=True):
        mine = list(islice(rest, column.width))
        if item.place is not None and isinstance(column, EntityColumns):
            kept, returned = [*kept, writer.alias(item.place)], [*returned, *mine]
        else:
            names = [text.rpartition(" AS ")[2] for text in mine]
            named = isinstance(column, ValueColumn)
            kept += mine
            returned += [writer.dialect.column(item.name)] if named else names
    return f"WITH DISTINCT {', '.join(kept)} RETURN {', '.join(returned)}"


def _write_count(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    return f"{_counted(writer, stmt)}RETURN count(*)", ()


def _write_exists(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    return f"{_counted(writer, stmt)}RETURN 1 LIMIT 1", ()


def _counted(writer: Writer, stmt: Statement) -> str:
    """Return the stage whose rows are counted, where they are not simply the matches."""
    if not (stmt.once or stmt.groups or stmt.skipped is not None or stmt.maximum is not None):
        return ""
    parts = [f"WITH {'DISTINCT ' if stmt.once else ''}{', '.join(_carried(writer, stmt))}"]
    page = page_texts(writer, stmt)
    if page and stmt.groups:
        parts.append("WITH *")  # ArcadeDB pays no heed to the page of a stage that aggregates
    return " ".join([*parts, *([writer.dialect.cut("", page)] if page else [])]) + " "


def _carried(writer: Writer, stmt: Statement) -> list[str]:
    writer.focus(None, len(writer.pattern.nodes))
    carried = []
    for index, item in enumerate(stmt.contents):
        if item.place is not None:
            carried.append(writer.alias(item.place))
        elif item.expression is not None:
            text = column_text(writer, item.expression, stmt.groups)
            carried.append(f"{text} AS c{index}")
    return carried
