"""Say in runic's errors what went wrong between the driver and PostgreSQL.

The server gives each error a code (SQLSTATE); where AGE gives one code to different errors, or an
internal one to what others would retry, its words decide. No error of asyncpg leaves the driver
except as the `__cause__` of one of these, and what values a message of the server's details holds
is left out.
"""

from __future__ import annotations

import re
from typing import Any

import asyncpg

from runic.ogm.errors import (
    AuthenticationError,
    ConnectionLostError,
    ConstraintViolationError,
    DriverError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    StatementError,
    TransientError,
    UniqueViolationError,
)

# What a lost connection looks like; asyncpg says some of it with errors of its own.
BROKEN = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_MISSING_GRAPH = re.compile(r'graph "[^"]*" does not exist')
_AGAIN = "nothing of it was kept; make the change again, or use session.run_in_transaction(…)"

_GIVEN = (
    "mandatory constraint violation: nothing of the statement was kept; give the property a value"
)

# What the server says, of which code (a beginning of it), is which error. The first fits.
_MEANINGS: tuple[tuple[str, str, type[DriverError], str], ...] = (
    ("", r"Entity failed to be updated|could not be locked for updating", TransientError, _AGAIN),
    ("40", "", TransientError, _AGAIN),
    ("42P07", "", TransientError, "another session made the same label meanwhile; try again"),
    ("57014", "", QueryTimeoutError, "give the call a longer timeout="),
    ("53300", "", TransientError, "lower max_connections=, or raise the server's"),
    ("53", "", TransientError, "the server is out of a resource"),
    ("57P03", "", TransientError, "the server is starting; try again"),
    ("57P", "", ConnectionLostError, "the server shut down; nothing of this was kept"),
    ("28", "", AuthenticationError, "check username= and password="),
    ("42501", "", AuthenticationError, "grant the role what the statement needs"),
    ("3D000", "", DriverError, "create the database, or correct database="),
    (
        "25006",
        "",
        DriverError,
        "this text writes, or names a label that is not there, and nothing was kept: leave out"
        " read_only=True",
    ),
    ("25P02", "", DriverError, "an earlier error ended this transaction; roll it back"),
    ("23514", "", ConstraintViolationError, _GIVEN),
    ("XX000", r"invalid perminfoindex", ConstraintViolationError, _GIVEN),
    ("23", "", ConstraintViolationError, "nothing of the statement was kept"),
    (
        "XX000",
        r"has edge\(s\)",
        ConstraintViolationError,
        "nothing was kept; use DETACH DELETE, or delete its relationships first",
    ),
    ("54000", "index row", DriverError, "an indexed text is too long: 2,700 bytes is the most"),
    ("54", "", QueryTooLargeError, "nothing was kept; split the work into smaller statements"),
    ("22P05", "", DriverError, "remove the NUL character from the text"),
    ("22003", "", DriverError, "the number does not fit into 64 bits; send it as text"),
    ("", r"label name is invalid", QuerySyntaxError, "use letters, digits and _ in labels"),
    ("", r"is for (edges|vertices)", QuerySyntaxError, "a name is a label or a type, not both"),
    ("0A000", "", QuerySyntaxError, "AGE has no such construct"),
    ("42P22", "", QuerySyntaxError, "set letters in another case with update(…)"),
    ("42", "", QuerySyntaxError, ""),
    ("22023", "", QuerySyntaxError, ""),
    ("08P01", "", QuerySyntaxError, ""),
)
_KNOWN = [(code, re.compile(words), kind, hint) for code, words, kind, hint in _MEANINGS]


def failed(
    error: Exception, where: str, statement: str, *, read: bool, timeout: float | None
) -> DriverError:
    """Return the error for whatever asyncpg raised while a query was on its way."""
    if isinstance(error, TimeoutError):
        return timed_out(timeout, statement)
    if isinstance(error, BROKEN):
        return connection_lost(error, where, statement, read=read)
    assert isinstance(error, asyncpg.PostgresError)
    return refused(error, statement)


def refused(error: Any, statement: str) -> DriverError:
    """Return the error that a server's answer, an `asyncpg.PostgresError`, means."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return _not_unique(error, statement)
    text, sqlstate = str(error.args[0]), error.sqlstate or ""
    for code, words, kind, hint in _KNOWN:
        if sqlstate.startswith(code) and words.search(text):
            return kind(f"{text} ({hint})" if hint else text, statement=statement)
    return DriverError(f"{text} (SQLSTATE {sqlstate})", statement=statement)


def _not_unique(error: Any, statement: str) -> DriverError:
    if error.schema_name == "pg_catalog":
        return TransientError(
            "another session made the same label or graph meanwhile; try again", statement=statement
        )
    name = str(error.constraint_name).removeprefix("runic_unique_")
    return UniqueViolationError(
        f"unique constraint violation: {name} of {error.table_name} (nothing of"
        " the statement was kept: change the value that is taken, or write over what has it with"
        " session.merge(…))",
        statement=statement,
    )


def graph_is_missing(error: Exception) -> bool:
    """Tell whether the graph of a statement does not exist."""
    refused = isinstance(error, asyncpg.InvalidSchemaNameError)
    return refused and _MISSING_GRAPH.search(str(error)) is not None


def made_meanwhile(error: Exception) -> bool:
    """Tell whether a graph or label that was to be made is there, or another session made it."""
    if isinstance(error, asyncpg.InvalidSchemaNameError):
        return "already exists" in str(error)
    if isinstance(error, asyncpg.UniqueViolationError):
        return getattr(error, "schema_name", None) == "pg_catalog"
    return isinstance(error, asyncpg.DuplicateTableError | asyncpg.DuplicateSchemaError)


def unreachable(error: Exception, where: str, statement: str) -> DriverError:
    """Return the error for a connection that could not be opened."""
    # What asyncpg says when the server goes away meanwhile has a code as well.
    cut_off = isinstance(error, asyncpg.PostgresConnectionError)
    if isinstance(error, asyncpg.PostgresError) and not cut_off:
        return refused(error, statement)
    return ConnectionLostError(
        f"cannot reach PostgreSQL at {where}: {error or type(error).__name__}; nothing was run."
        " Start the server or correct the address",
        statement=statement,
    )


def connection_lost(error: Exception, where: str, statement: str, *, read: bool) -> DriverError:
    """Return the error for a connection that broke while a query was on its way."""
    unknown = "; it is unknown whether this write was carried out, so look before repeating it"
    return ConnectionLostError(
        f"the connection to PostgreSQL at {where} broke: {error}{'' if read else unknown}",
        statement=statement,
    )


def timed_out(seconds: float | None, statement: str) -> QueryTimeoutError:
    """Return the error for an answer that did not come in time; the server was told to stop."""
    shown = "the time" if seconds is None else f"{seconds:g} seconds"
    return QueryTimeoutError(
        f"no answer from PostgreSQL within {shown} and the query was cancelled; give the call a"
        " longer timeout=, or end the transaction of another session that it may be waiting for",
        statement=statement,
    )


def all_busy(size: int, seconds: float, statement: str) -> TransientError:
    """Return the error for a pool whose connections are all in use."""
    return TransientError(
        f"all {size} connections were in use for {seconds:g} seconds; nothing was run. Raise"
        " max_connections= of the driver, or close sessions whose transaction is open",
        statement=statement,
    )


def not_sent(error: Exception, statement: str) -> StatementError:
    """Return the error for parameters that asyncpg cannot send."""
    reason = "not valid Unicode" if isinstance(error, UnicodeError) else "of no type that it has"
    return StatementError(
        f"age cannot take a parameter that is {reason}; convert it first (in: {statement})"
    )


def too_long(name: str, statement: str) -> QuerySyntaxError:
    """Return the error for a label that PostgreSQL would cut off."""
    return QuerySyntaxError(
        f"{name!r} is longer than 63 bytes, which is the most a label or type may have",
        statement=statement,
    )


def missing_parameters(names: list[str], statement: str) -> QuerySyntaxError:
    """Return the error for parameters without a value, which AGE would take for null."""
    return QuerySyntaxError(
        f"Missing parameters: {', '.join(names)} (give every $name of the text a value in params)",
        statement=statement,
    )


def merged_by_null(names: list[str]) -> StatementError:
    """Return the error for a MERGE by null, for which AGE would make another node each time."""
    return StatementError(
        "MERGE finds nothing by null, and age would make another node each time: give"
        f" {', '.join('$' + name for name in names)} a value"
    )


def writes_in_read(statement: str) -> DriverError:
    """Return the error for a text that writes although it was promised that it does not."""
    return DriverError(
        "this text writes, and nothing was run: leave out read_only=True", statement=statement
    )


def check_timeout(timeout: float | None) -> None:
    """Raise StatementError for a timeout that is not a positive number of seconds."""
    # Not `<= 0`, which NaN would pass.
    if timeout is not None and not timeout > 0:
        raise StatementError(
            f"timeout must be a positive number of seconds or None, not {timeout!r}"
        )


def unplanned(graph: str, statement: str) -> DriverError:
    """Return the error for a plan that was asked of a graph that is not there."""
    return DriverError(
        f"the graph {graph!r} does not exist, so the server makes no plan for it; write something"
        " to it first",
        statement=statement,
    )


def lost_work(statement: str) -> DriverError:
    """Return the error for the commit of a transaction in which a query failed."""
    return DriverError(
        "a query of this transaction failed, so PostgreSQL keeps nothing of it; roll it back and"
        " begin again",
        statement=statement,
    )


def ended(statement: str) -> DriverError:
    """Return the error for a transaction that is used after its end."""
    return DriverError("this transaction has ended; begin another", statement=statement)


def closed(statement: str) -> DriverError:
    """Return the error for a driver that is used after `close()`."""
    return DriverError("this driver is closed; create a new one", statement=statement)
