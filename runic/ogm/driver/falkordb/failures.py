"""Say in runic's errors what went wrong between the driver and FalkorDB.

The server gives plain text without codes, so a failure is known by its words. The text itself
stays in the message: what it says is often the only hint. No error of the client library leaves
the driver except as the `__cause__` of one of these.
"""

from __future__ import annotations

import re

import redis.exceptions as client

from runic.ogm.errors import (
    AuthenticationError,
    ConnectionLostError,
    ConstraintViolationError,
    DriverError,
    QuerySyntaxError,
    QueryTimeoutError,
    TransientError,
    UniqueViolationError,
)

MISSING_GRAPH = "Invalid graph operation on empty key"

_SYNTAX = (
    r"errMsg: |Invalid input|Failed to parse|not defined|Unknown function"
    r"|query with more than one statement|Error: empty query"
)
_MEANINGS: tuple[tuple[str, type[DriverError], str], ...] = (
    (
        r"unique constraint violation",
        UniqueViolationError,
        "nothing of the statement was kept: change the value that is taken, or write over what"
        " has it with session.merge(…)",
    ),
    (
        r"mandatory constraint violation",
        ConstraintViolationError,
        "nothing of the statement was kept: give the property a value",
    ),
    (
        r"executed only on read-only queries",
        DriverError,
        "this text writes, and nothing was run: leave out read_only=True",
    ),
    (r"Missing parameters", QuerySyntaxError, "give every $name of the text a value in params"),
    (r"Query timed out", QueryTimeoutError, "give the call a longer timeout="),
    (
        r"cannot exceed the TIMEOUT_MAX",
        QueryTimeoutError,
        "nothing was run; give a timeout= within the server's TIMEOUT_MAX",
    ),
    (r"Max pending queries exceeded", TransientError, "the server is overloaded; try again"),
    (
        r"mem consumption exceeded capacity",
        DriverError,
        "nothing was kept; split the work into smaller statements or raise QUERY_MEM_CAPACITY",
    ),
    (r"OOM command not allowed", TransientError, "the server is out of memory"),
    (
        r"max number of clients reached",
        TransientError,
        "raise maxclients or lower max_connections=",
    ),
    (r"loading the dataset", TransientError, "the server is starting; try again"),
    (
        r"NOAUTH|WRONGPASS|NOPERM|invalid username-password|Authentication required"
        r"|without any password configured|no permissions",
        AuthenticationError,
        "check username= and password= and the user's permissions on the server",
    ),
    (
        r"Operation against a key holding the wrong kind of value|WRONGTYPE",
        DriverError,
        "the name belongs to a Redis value that is not a graph; choose another graph name",
    ),
    (
        r"unknown command",
        DriverError,
        "this is a Redis server without the FalkorDB module; connect to FalkorDB",
    ),
    (_SYNTAX, QuerySyntaxError, ""),
)
_KNOWN = [(re.compile(pattern), kind, hint) for pattern, kind, hint in _MEANINGS]


def refused(error: client.RedisError, statement: str) -> DriverError:
    """Return the error that a server's answer means."""
    text = str(error)
    for pattern, kind, hint in _KNOWN:
        if pattern.search(text):
            return kind(f"{text} ({hint})" if hint else text, statement=statement)
    return DriverError(text, statement=statement)


def unreachable(error: Exception, where: str, statement: str) -> DriverError:
    """Return the error for a connection that could not be opened."""
    return _said(error, statement) or ConnectionLostError(
        f"cannot reach FalkorDB at {where}: {error}; nothing was run. Start the server or correct "
        "the address",
        statement=statement,
    )


def connection_lost(error: Exception, where: str, statement: str, *, read: bool) -> DriverError:
    """Return the error for a connection that broke while a query was on its way."""
    unknown = "; it is unknown whether this write was carried out, so look before repeating it"
    return _said(error, statement) or ConnectionLostError(
        f"the connection to FalkorDB at {where} broke: {error}{'' if read else unknown}",
        statement=statement,
    )


def _said(error: Exception, statement: str) -> DriverError | None:
    """Return what the server said before it hung up; redis-py calls that a connection error too."""
    if not isinstance(error, client.RedisError):
        return None
    meant = refused(error, statement)
    return meant if isinstance(meant, AuthenticationError | TransientError) else None


def timed_out(seconds: float, statement: str, *, read: bool) -> QueryTimeoutError:
    """Return the error for an answer that did not come in time."""
    outcome = "" if read else "; the server does not stop writes, so it may still be carried out"
    return QueryTimeoutError(
        f"no answer from FalkorDB within {seconds:g} seconds{outcome}", statement=statement
    )


def no_text(error: UnicodeDecodeError, statement: str, *, read: bool) -> DriverError:
    """Return the error for an answer with bytes in it that are no text."""
    outcome = "" if read else "; if it writes, it was carried out"
    return DriverError(
        f"FalkorDB answered with bytes that are no UTF-8 text ({error.reason}){outcome}. Leave the"
        " value that has them out of what is returned",
        statement=statement,
    )


def all_busy(size: int, seconds: float, statement: str) -> TransientError:
    """Return the error for a pool whose connections are all in use."""
    return TransientError(
        f"all {size} connections were in use for {seconds:g} seconds; nothing was run. Raise "
        "max_connections= of the driver, or run fewer queries at once",
        statement=statement,
    )


def closed(statement: str) -> DriverError:
    """Return the error for a driver that is used after `close()`."""
    return DriverError("this driver is closed; create a new one", statement=statement)


def unplanned(graph: str, statement: str) -> DriverError:
    """Return the error for a plan that was asked of a graph that is not there."""
    return DriverError(
        f"the graph {graph!r} does not exist, so the server makes no plan for it; write something"
        " to it first",
        statement=statement,
    )
