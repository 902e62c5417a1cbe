"""FalkorDB through redis-py alone: a driver for runic, found by its entry point.

    create_driver("redisgraph://localhost:6379/social")

It blocks, so it is for `Session`. What to say to FalkorDB is runic's own `FalkorDBDialect`; this
file says it over redis-py: text with parameters out, records in, errors by their names.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar, NoReturn, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runic.ogm import (
    AsyncNotSupportedError,
    AuthenticationError,
    Capabilities,
    ConnectionLostError,
    ConstraintViolationError,
    DriverError,
    EdgeRecord,
    FieldValidationError,
    NodeRecord,
    PathRecord,
    Query,
    QuerySyntaxError,
    QueryTimeoutError,
    Result,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.driver import DriverRequest
from runic.ogm.driver.blocks import ClosedAtEnd
from runic.ogm.driver.falkordb import FalkorDBDialect
from runic.ogm.query.definitions import Constraint, UniqueConstraint

_NO_GRAPH = "Invalid graph operation on empty key"

# The server gives text without codes.
_MEANINGS: tuple[tuple[str, type[DriverError]], ...] = (
    ("unique constraint violation", UniqueViolationError),
    ("mandatory constraint violation", ConstraintViolationError),
    ("Query timed out", QueryTimeoutError),
    ("errMsg: ", QuerySyntaxError),
    ("Missing parameters", QuerySyntaxError),
    ("not defined", QuerySyntaxError),
    ("Unknown function", QuerySyntaxError),
    ("NOAUTH", AuthenticationError),
    ("WRONGPASS", AuthenticationError),
    ("NOPERM", AuthenticationError),
)


class RedisDialect(FalkorDBDialect):
    """FalkorDB's own language, offered to sessions that block."""

    name: ClassVar[str] = "redisgraph"
    capabilities: ClassVar[Capabilities] = FalkorDBDialect.capabilities.without("async")


class RedisDriver(ClosedAtEnd):
    """One graph of one server; threads may share it.

    `options` are those of `redis.Redis`: `host`, `port`, `username`, `password`, `ssl`,
    `unix_socket_path`, …
    """

    blocks = True
    dialect = RedisDialect()

    def __init__(self, graph: str = "runic", **options: Any) -> None:
        # redis-py would send a write again after a connection broke, when it may have been done.
        never = Retry(NoBackoff(), 0)
        self._client: Any = redis.Redis(decode_responses=True, protocol=2, retry=never, **options)
        self._graph = graph
        self._closed = [False]

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query and return its result; `timeout` in seconds, which stops reads."""
        verb = "GRAPH.RO_QUERY" if query.read_only else "GRAPH.QUERY"
        text = _parameters(query.params) + query.text
        with self._translated(query.text):
            try:
                reply = self._send(verb, self._graph, text, "--compact", *_limit(timeout))
            except redis.ResponseError as error:
                if query.read_only and _NO_GRAPH in str(error):
                    return Result()
                raise
            return _result(reply, _Reader(self))

    async def begin(self, *, read_only: bool = False, timeout: float | None = None) -> NoReturn:
        """Refuse: a commit is one statement on FalkorDB."""
        self.dialect.refuse("transactions")

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Begin to make a constraint, or drop it."""
        verb = "DROP" if drop else "CREATE"
        kind = "UNIQUE" if isinstance(constraint, UniqueConstraint) else "MANDATORY"
        host = ["NODE" if constraint.on == "node" else "RELATIONSHIP", constraint.label]
        names = ["PROPERTIES", len(constraint.properties), *constraint.properties]
        with self._translated(f"{verb} {constraint}"):
            self._send("GRAPH.CONSTRAINT", verb, self._graph, kind, *host, *names)

    async def explain(self, query: Query, *, timeout: float | None = None) -> str:
        """Return the server's plan of a query; nothing is run."""
        with self._translated(query.text):
            text = _parameters(query.params) + query.text
            return "\n".join(self._send("GRAPH.EXPLAIN", self._graph, text))

    async def pause(self, seconds: float) -> None:
        """Keep the calling thread waiting."""
        time.sleep(seconds)  # noqa: ASYNC251 (never awaited on a loop)

    def graph(self, name: str) -> Self:
        """Return a driver for another graph, on the same connections."""
        sibling = copy.copy(self)
        sibling._graph = name
        return sibling

    def close(self) -> None:
        """Close every connection, those of siblings too."""
        self._closed[0] = True
        self._client.close()

    def names(self, procedure: str) -> list[str]:
        """Return the texts that replies stand for by number."""
        reply = self._send("GRAPH.RO_QUERY", self._graph, f"CALL db.{procedure}()", "--compact")
        return [row[0][1] for row in reply[1]]

    def _send(self, *command: Any) -> Any:
        if self._closed[0]:
            raise DriverError("this driver is closed; create a new one")
        return self._client.execute_command(*command)

    @contextmanager
    def _translated(self, statement: str) -> Iterator[None]:
        """Raise the errors of redis-py as runic's."""
        try:
            yield
        except redis.AuthenticationError as error:
            raise AuthenticationError(f"{error}; check username= and password=") from error
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise ConnectionLostError(
                f"{error}; if this was a write, it is unknown whether it was carried out",
                statement=statement,
            ) from error
        except redis.RedisError as error:
            text = str(error)
            kind = next((kind for words, kind in _MEANINGS if words in text), DriverError)
            raise kind(text, statement=statement) from error


class _Reader:
    """Makes Python values of one reply, whose cells are [type number, value]."""

    def __init__(self, driver: RedisDriver) -> None:
        self._driver = driver

    # Asked after the reply came, and only if it needs them: they have every name that it has.
    @cached_property
    def _labels(self) -> list[str]:
        return self._driver.names("labels")

    @cached_property
    def _types(self) -> list[str]:
        return self._driver.names("relationshipTypes")

    @cached_property
    def _keys(self) -> list[str]:
        return self._driver.names("propertyKeys")

    def value(self, cell: list[Any]) -> Any:
        number, value = cell
        convert = self._CONVERTERS.get(number)
        return convert(self, value) if convert else value

    def _properties(self, cells: Iterable[list[Any]]) -> dict[str, Any]:
        return {self._keys[key]: self.value(cell) for key, *cell in cells}

    def _node(self, value: list[Any]) -> NodeRecord:
        number, labels, cells = value
        return NodeRecord(number, [self._labels[i] for i in labels], self._properties(cells))

    def _edge(self, value: list[Any]) -> EdgeRecord:
        number, kind, source, target, cells = value
        return EdgeRecord(number, self._types[kind], source, target, self._properties(cells))

    def _path(self, value: list[Any]) -> PathRecord:
        nodes, edges = value
        return PathRecord(self.value(nodes), self.value(edges))

    def _list(self, value: list[Any]) -> list[Any]:
        return [self.value(cell) for cell in value]

    def _map(self, value: list[Any]) -> dict[str, Any]:
        return {key: self.value(cell) for key, cell in zip(value[::2], value[1::2], strict=True)}

    _CONVERTERS: ClassVar[Mapping[int, Any]] = {
        4: lambda _, value: value == "true",
        5: lambda _, value: float(value),
        6: _list,
        7: _edge,
        8: _node,
        9: _path,
        10: _map,
        11: lambda _, value: {"latitude": float(value[0]), "longitude": float(value[1])},
        12: lambda _, value: [float(number) for number in value],
    }


def _result(reply: list[Any], reader: _Reader) -> Result:
    stats = dict(line.partition(": ")[::2] for line in reply[-1])
    if len(reply) == 1:
        return Result(stats=stats)
    columns = [name for _, name in reply[0]]
    return Result(columns, [[reader.value(cell) for cell in row] for row in reply[1]], stats)


def _limit(timeout: float | None) -> tuple[str | int, ...]:
    if timeout is None:
        return ()
    if not timeout > 0:
        raise StatementError(f"timeout must be a positive number of seconds, not {timeout!r}")
    return ("timeout", max(1, round(timeout * 1000)))


def _parameters(values: Mapping[str, Any]) -> str:
    """Return what gives a query its parameters: FalkorDB reads them as text before it."""
    if not values:
        return ""
    return "CYPHER " + " ".join(f"{_name(k)}={_literal(v)}" for k, v in values.items()) + " "


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return _whole(value)
        case float():
            return _real(value)
        case str():
            return "'" + _text(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
        case list() | tuple():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{_name(k)}: {_literal(v)}' for k, v in value.items())}}}"
    raise StatementError(f"{type(value).__name__} cannot be sent; give str, int, float, list, dict")


def _whole(value: int) -> str:
    if not -(2**63) <= value < 2**63:
        raise FieldValidationError(f"{value} has more than 64 bits")
    return str(int(value))


def _real(value: float) -> str:
    if not math.isfinite(value):
        raise FieldValidationError(f"{value} cannot be stored by FalkorDB")
    return repr(float(value))


def _text(value: str) -> str:
    if "\x00" in value:
        raise FieldValidationError("FalkorDB cuts texts at NUL (\\x00); remove it")
    return value


def _name(value: str) -> str:
    if "`" in value:
        raise StatementError(f"{value!r} cannot be a name: FalkorDB has no escape for `")
    return f"`{_text(value)}`"


def create(request: DriverRequest) -> RedisDriver:
    """Return a driver for the options of a URL or a call, without any I/O."""
    if request.asynchronous:
        raise AsyncNotSupportedError(
            f"{request.name} has only a driver that blocks; use create_driver(…) with a Session,"
            " in FastAPI in `def` endpoints, which run in threads; or falkordb://, which is async"
        )
    return RedisDriver(**request.options)
