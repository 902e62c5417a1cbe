"""Compile statements: text once for every shape, parameters for every statement.

A statement's outline (see `Statement.outline`) is looked up among the plans of its class. A plan
holds the text and the columns; what is left to do for a statement of a known shape is to encode
its values. Encoding comes first: whether an index would hide a value is part of the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runic.ogm.errors import StatementError
from runic.ogm.query.columns import generation, write_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.joined import JoinedRows
from runic.ogm.query.match import write_match
from runic.ogm.query.memory import memory_of
from runic.ogm.query.params import bound
from runic.ogm.query.related import hoisted
from runic.ogm.query.shapes import Column, Compiled
from runic.ogm.query.tails import page_texts, tail_text
from runic.ogm.query.writer import Writer, parameter_name

if TYPE_CHECKING:
    from runic.ogm.query.statement import Statement

NAMES = tuple(parameter_name(index) for index in range(64))


@dataclass(frozen=True, slots=True)
class Plan:
    """The text of every statement of one shape, and what its rows hold."""

    text: str
    columns: tuple[Column, ...]


Ending = Callable[[Writer, "Statement"], tuple[str, tuple[Column, ...]]]


def compile_select(stmt: Statement, dialect: Dialect) -> Compiled:
    """Return the query of a statement and how to read its rows.

    Raises:
        StatementError: A value has no stored form, or cannot be sorted by.
        UnsupportedFeatureError: The dialect's database lacks what the statement asks for.
    """
    return _compiled(stmt, dialect, _write_rows)


def compile_count(stmt: Statement, dialect: Dialect) -> Query:
    """Return the query that counts the rows of a statement: one row, one int.

    `distinct`, `skip` and `limit` count.
    """
    return _compiled(stmt, dialect, _write_count).query


def compile_exists(stmt: Statement, dialect: Dialect) -> Query:
    """Return a query with a row if the statement has one, and without if not."""
    return _compiled(stmt, dialect, _write_exists).query


def _compiled(stmt: Statement, dialect: Dialect, ending: Ending) -> Compiled:
    memory = memory_of(stmt.entity)
    versions = generation([n.entity for s in stmt.branches or (stmt,) for n in s.pattern.nodes])
    here = (ending, dialect.variant, versions)
    made: Compiled | None = stmt.memo.get(here)
    if made is None:
        shape, values = stmt.outline()
        encoded = [value.encode(dialect) for value in bound(values, stmt.bindings)]
        hidden = tuple([hides for _, hides in encoded])
        key = (here, hidden, shape)
        plan = memory.plans.get(key)
        if plan is None:
            plan = _plan(stmt, dialect, ending, hidden)
            memory.plans.put(key, plan)
        params = {
            name: value for name, (value, _) in zip(_names(len(encoded)), encoded, strict=False)
        }
        made = Compiled(Query(plan.text, params, read_only=True), plan.columns)
        stmt.memo[here] = made
    return made


def _names(count: int) -> Sequence[str]:
    return NAMES if count <= len(NAMES) else [parameter_name(index) for index in range(count)]


def _plan(stmt: Statement, dialect: Dialect, ending: Ending, hidden: tuple[bool, ...]) -> Plan:
    if stmt.imported:
        raise StatementError("a statement within(…) another runs inside of it: call(stmt, …)")
    if stmt.branches:
        return _joined_plan(JoinedRows(stmt, dialect, hidden), ending)
    writer = Writer(stmt.pattern, dialect, hidden)
    match = write_match(writer, stmt.filters, stmt.steps)
    tail, columns = ending(writer, stmt)
    return Plan(f"{match}{hoisted(writer.counts.taken(), [])} {tail}", columns)


def _joined_plan(joined: JoinedRows, ending: Ending) -> Plan:
    text = joined.text()
    if ending is _write_rows:
        return Plan(f"{text} {joined.rows()}", joined.columns)
    result = "RETURN count(*)" if ending is _write_count else "RETURN 1 LIMIT 1"
    return Plan(f"{text} {joined.counted()} {result}", ())


def _write_rows(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    texts, columns = write_columns(writer, stmt)
    distinct = "DISTINCT " if stmt.unique else ""
    return f"RETURN {distinct}{', '.join(texts)}{tail_text(writer, stmt)}", columns


def _write_count(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    return f"{_counted(writer, stmt)}RETURN count(*)", ()


def _write_exists(writer: Writer, stmt: Statement) -> tuple[str, tuple[Column, ...]]:
    return f"{_counted(writer, stmt)}RETURN 1 LIMIT 1", ()


def _counted(writer: Writer, stmt: Statement) -> str:
    """Return the stage whose rows are counted, where they are not simply the matches."""
    if not (stmt.unique or stmt.groups or stmt.offset is not None or stmt.maximum is not None):
        return ""
    parts = [f"WITH {'DISTINCT ' if stmt.unique else ''}{', '.join(_carried(writer, stmt))}"]
    return " ".join([*parts, *page_texts(writer, stmt)]) + " "


def _carried(writer: Writer, stmt: Statement) -> list[str]:
    writer.focus(None, len(writer.pattern.nodes))
    carried = []
    for index, item in enumerate(stmt.contents):
        if item.place is not None:
            carried.append(writer.alias(item.place))
        elif item.expression is not None:
            carried.append(f"{item.expression.write(writer)} AS c{index}")
    return carried
