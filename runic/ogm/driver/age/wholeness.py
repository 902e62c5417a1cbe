"""Refuse texts that AGE would not carry out whole, without a word; no I/O.

AGE writes row by row, as rows are read from it. What reads fewer of them, as LIMIT does, or lets
PostgreSQL work out that there are none to read, keeps what stands before it from being written. And
an OPTIONAL MATCH that comes first has no row to keep where it finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from runic.ogm.driver.age.clauses import WRITES, TextClause, clauses_of
from runic.ogm.driver.cypher_text.tokens import Token
from runic.ogm.errors import UnsupportedFeatureError

_AGGREGATES = frozenset({
    "COUNT", "SUM", "AVG", "MIN", "MAX", "COLLECT", "STDEV", "STDEVP", "PERCENTILECONT",
    "PERCENTILEDISC",
})  # fmt: skip
_VALUES = frozenset({"TRUE", "FALSE", "NULL", "DISTINCT"})


@dataclass(slots=True)
class _Reading:
    """How far a text has been read: whether it wrote, and what it made of the rows since."""

    written: bool = False
    last: str = "UNION"
    rows: Sequence[Token] = field(default_factory=list)
    sorted: bool = False


def check_whole(tokens: Sequence[Token]) -> None:
    """Raise `UnsupportedFeatureError` for a text of which AGE would leave out a part."""
    reading = _Reading()
    for clause in clauses_of(tokens):
        _check(clause, reading)
        _go_on(clause, reading)


def _go_on(clause: TextClause, reading: _Reading) -> None:
    if clause.keyword in WRITES:
        reading.written = True
    elif clause.keyword == "UNION":
        reading.written = False
    elif clause.keyword in ("WITH", "RETURN"):
        reading.rows, reading.sorted = clause.body, False
    elif clause.keyword == "ORDER":
        reading.sorted = _depends_on_rows(clause.body[1:])
    reading.last = clause.keyword


def _check(clause: TextClause, reading: _Reading) -> None:
    if clause.keyword == "OPTIONAL" and reading.last == "UNION":
        raise UnsupportedFeatureError(
            "age returns no row for an OPTIONAL MATCH that comes first and finds nothing, where"
            " there should be one; put WITH 1 AS one before it"
        )
    if reading.written and (fewer := _fewer_rows(clause, reading)):
        raise UnsupportedFeatureError(
            f"age writes only for the rows that are read afterwards, so {fewer} would keep some"
            " from being written; put it before the write, or send it as a query of its own"
        )


def _fewer_rows(clause: TextClause, reading: _Reading) -> str | None:
    """Return what of a clause behind a write may leave rows of it unread."""
    match clause.keyword:
        case "LIMIT" if not _reads_all(clause, reading):
            return "LIMIT after it, without ORDER BY,"
        case "WHERE" if reading.last == "WITH" and not _aggregates(reading.rows):
            return "WITH … WHERE after it"
        case "MATCH" if reading.last != "OPTIONAL":
            return "MATCH after it"
        case "WITH" | "RETURN" if _is_one_row(clause.body):
            return "DISTINCT of a constant after it"
    return None


def _reads_all(limit: TextClause, reading: _Reading) -> bool:
    none = [token.text for token in limit.body] == ["0"]
    return not none and (reading.sorted or _aggregates(reading.rows))


def _aggregates(items: Sequence[Token]) -> bool:
    return any(token.keyword in _AGGREGATES for token in items)


def _is_one_row(items: Sequence[Token]) -> bool:
    return bool(items) and items[0].keyword == "DISTINCT" and not _depends_on_rows(items)


def _depends_on_rows(items: Sequence[Token]) -> bool:
    """Tell whether anything is named, other than an alias."""
    aliases = {i + 1 for i, token in enumerate(items) if token.keyword == "AS"}
    return any(
        token.kind in ("word", "name")
        and i not in aliases
        and i + 1 not in aliases
        and token.keyword not in _VALUES
        for i, token in enumerate(items)
    )
