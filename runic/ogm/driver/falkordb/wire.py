"""What is said to FalkorDB, byte by byte, and what its answers mean; no I/O.

The drivers send a `Request` over any connection and hand the raw replies back. The command carries
the version of the name tables, so one round trip is enough unless the graph has new names.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from runic.ogm.driver.base import Result
from runic.ogm.driver.falkordb.decode import RowReader
from runic.ogm.driver.falkordb.encode import encode_params
from runic.ogm.driver.falkordb.schema_names import SchemaNames, names_from_replies
from runic.ogm.errors import FieldValidationError, QueryTooLargeError, StatementError
from runic.ogm.query.compiled import Query

# Never a version of a real graph, so the server answers with the true one.
_UNKNOWN_VERSION = b"1"
_MISMATCH = "version mismatch"
# In one row each: of many rows the server may cut some, see `result_limit`.
_TABLES = (
    b"CALL db.labels() YIELD label RETURN collect(label)",
    b"CALL db.propertyKeys() YIELD propertyKey RETURN collect(propertyKey)",
    b"CALL db.relationshipTypes() YIELD relationshipType RETURN collect(relationshipType)",
)

Command = tuple[bytes, ...]


class Request(NamedTuple):
    """Commands for one connection, as such and as the bytes to send.

    Several commands are run at one moment, as a transaction, and its reply is the last of
    `replies`. `repeatable` tells that sending it twice does no harm.
    """

    commands: tuple[Command, ...]
    payload: bytes
    replies: int
    repeatable: bool


class VersionMismatch(Exception):
    """The graph has other names than the client knew; nothing was run."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class UnknownNames(Exception):
    """The query ran and its reply uses names that are newer than the tables."""

    def __init__(self, reply: list[Any]) -> None:
        super().__init__()
        self.reply = reply


def packed(command: Command) -> bytes:
    """Return one command as the bytes of the Redis protocol."""
    pattern = b"*%d\r\n" + b"$%d\r\n%b\r\n" * len(command)
    sized = [part for argument in command for part in (len(argument), argument)]
    return pattern % (len(command), *sized)


def query_text(query: Query, max_bytes: int) -> bytes:
    """Return parameters and text as the server reads them.

    Raises `QueryTooLargeError` above `max_bytes`, and what `encode_params` raises.
    """
    if "\x00" in query.text:
        raise StatementError(
            "the statement's text holds NUL (\\x00), which would cut it; remove it"
        )
    text = _utf8(encode_params(query.params) + query.text)
    if len(text) > max_bytes:
        raise QueryTooLargeError(
            f"the statement takes {len(text):,} bytes and at most {max_bytes:,} are sent at once; "
            "split it into batches, or raise max_query_bytes= of the driver (the server "
            "itself refuses 512 MB)",
            statement=query.text,
        )
    return text


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise FieldValidationError(
            "the statement's text holds a lone surrogate, which is not valid Unicode"
        ) from None


def query_request(
    graph: bytes, query: Query, text: bytes, names: SchemaNames, timeout_ms: int | None
) -> Request:
    """Return the command that runs the text if the graph's names are still these."""
    verb = b"GRAPH.RO_QUERY" if query.read_only else b"GRAPH.QUERY"
    command: Command = (verb, graph, text, b"--compact", b"version", b"%d" % names.version)
    if timeout_ms is not None:
        command += (b"timeout", b"%d" % timeout_ms)
    return Request((command,), packed(command), 1, query.read_only)


def plan_request(graph: bytes, text: bytes) -> Request:
    """Return the command that shows how the server would run the text, and runs nothing."""
    command: Command = (b"GRAPH.EXPLAIN", graph, text)
    return Request((command,), packed(command), 1, repeatable=True)


def names_request(graph: bytes) -> Request:
    """Return the commands that read the three name tables and their version at one moment."""
    tables = [(b"GRAPH.RO_QUERY", graph, table, b"--compact") for table in _TABLES]
    version = (b"GRAPH.RO_QUERY", graph, b"RETURN 1", b"--compact", b"version", _UNKNOWN_VERSION)
    commands = (*tables, version)
    wrapped = ((b"MULTI",), *commands, (b"EXEC",))
    payload = b"".join([packed(command) for command in wrapped])
    return Request(commands, payload, len(wrapped), True)


def read_result(reply: list[Any], reader: RowReader) -> Result:
    """Return the result of a query from its reply.

    Raises `VersionMismatch` when nothing was run, `UnknownNames` when the names must be read again,
    and the server's own `ResponseError` when the query failed while it ran.
    """
    first, last = reply[0], reply[-1]
    if isinstance(first, ResponseError):
        raise VersionMismatch(last) if str(first) == _MISMATCH else first
    if isinstance(last, ResponseError):
        raise last
    if len(reply) == 1:
        return Result(stats=_stats(last))
    try:
        rows = reader.rows(reply[1])
    except IndexError:
        raise UnknownNames(reply) from None
    return Result([column[1] for column in first], rows, _stats(last))


def _stats(lines: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def read_names(replies: list[Any]) -> SchemaNames:
    """Return the tables that a `names_request` brought; empty when there is no such graph."""
    *tables, version = replies
    if any(isinstance(table, ResponseError) for table in tables):
        return SchemaNames()
    return names_from_replies(tables, version[1])
