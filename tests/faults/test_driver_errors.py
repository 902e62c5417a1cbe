"""What the server refuses becomes one of runic's errors; nothing of the client library passes."""

from __future__ import annotations

from typing import Any

import falkordb
import pytest

from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer
from runic.ogm.errors import (
    AuthenticationError,
    ConstraintViolationError,
    DriverError,
    FieldValidationError,
    QuerySyntaxError,
    QueryTooLargeError,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.query.compiled import Query


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("RETRUN 1", QuerySyntaxError),
        ("", QuerySyntaxError),
        ("RETURN x", QuerySyntaxError),
        ("RETURN nosuch(1)", QuerySyntaxError),
        ("RETURN $missing", QuerySyntaxError),
        ("RETURN 1; RETURN 2", QuerySyntaxError),
        ("UNWIND [1, 0] AS x RETURN 1 / x", DriverError),
    ],
)
async def test_refused_statements(
    loop_driver: AsyncFalkorDBDriver, text: str, error: type[DriverError]
) -> None:
    """The error has the statement and the server's own words."""
    with pytest.raises(error) as caught:
        await loop_driver.run(Query(text))
    assert caught.value.statement == text
    assert str(caught.value)


async def test_division_by_zero_keeps_its_words(loop_driver: AsyncFalkorDBDriver) -> None:
    """A guard in a statement is recognised by the server's text."""
    with pytest.raises(DriverError, match="Division by zero"):
        await loop_driver.run(Query("UNWIND [1, 0] AS x CREATE (:X {v: 1 / x})"))
    assert (await loop_driver.run(Query("MATCH (n) RETURN n", {}, True))).rows == []


async def test_constraint_violations(loop_driver: AsyncFalkorDBDriver, handle: Any) -> None:
    """Unique and mandatory violations are told apart; both keep nothing."""
    handle.create_node_unique_constraint("U", "id")
    handle.create_node_mandatory_constraint("U", "name")
    await loop_driver.run(Query("CREATE (:U {id: 1, name: 'a'})"))
    with pytest.raises(UniqueViolationError, match="unique constraint violation"):
        await loop_driver.run(Query("CREATE (:V), (:U {id: 1, name: 'b'})"))
    with pytest.raises(
        ConstraintViolationError, match="missing property name.*give the property a value"
    ):
        await loop_driver.run(Query("CREATE (:V), (:U {id: 2})"))
    assert (await loop_driver.run(Query("MATCH (n) RETURN count(n)", {}, True))).rows == [[1]]


async def test_writes_in_a_read_are_refused(loop_driver: AsyncFalkorDBDriver) -> None:
    """`read_only` is held by the server."""
    await loop_driver.run(Query("CREATE (:U)"))
    with pytest.raises(DriverError, match="leave out read_only=True"):
        await loop_driver.run(Query("CREATE (:U)", {}, read_only=True))


async def test_a_missing_graph_reads_as_empty(
    loop_driver: AsyncFalkorDBDriver, handle: Any
) -> None:
    """A read does not create the graph either."""
    result = await loop_driver.run(Query("MATCH (n) RETURN n", {}, read_only=True))
    assert (result.columns, result.rows) == ([], [])
    assert loop_driver.graph_name not in handle.client.list_graphs()


async def test_a_name_of_another_redis_value(loop_driver: AsyncFalkorDBDriver, handle: Any) -> None:
    """A key that is no graph is named as such."""
    handle.client.connection.set(loop_driver.graph_name, "text")
    with pytest.raises(DriverError, match="choose another graph name"):
        await loop_driver.run(Query("CREATE (:U)"))


async def test_statements_over_the_limit_are_not_sent(handle: Any) -> None:
    """The size is checked before anything leaves."""
    driver = AsyncFalkorDBDriver(handle, max_query_bytes=1000)
    with pytest.raises(QueryTooLargeError, match="max_query_bytes"):
        await driver.run(Query("CREATE (:U {t: $t})", {"t": "x" * 1000}))
    assert (await driver.run(Query("MATCH (n) RETURN n", {}, True))).rows == []
    await driver.close()


async def test_wrong_credentials(mortal: EmbeddedServer) -> None:
    """A refused login is not a lost connection, on either way of failing."""
    with mortal.handle() as admin:
        admin.connection.execute_command("CONFIG", "SET", "requirepass", "right")
    for password in (None, "wrong"):
        handle = falkordb_handle_without_probe(mortal, password)
        driver = AsyncFalkorDBDriver(handle)
        with pytest.raises(AuthenticationError, match="check username="):
            await driver.run(Query("RETURN 1"))
        await driver.close()
    driver = AsyncFalkorDBDriver(falkordb_handle_without_probe(mortal, "right"))
    assert (await driver.run(Query("RETURN 1"))).rows == [[1]]
    await driver.close()


def falkordb_handle_without_probe(server: EmbeddedServer, password: str | None) -> Any:
    """Return a graph handle whose client was not asked whether it can log in."""
    import redis  # noqa: PLC0415 - only this test needs the client below

    client = redis.Redis(unix_socket_path=server.socket, password=password)
    return falkordb.Graph(client, "g")


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
async def test_timeouts_are_positive(loop_driver: AsyncFalkorDBDriver, timeout: float) -> None:
    """A timeout that could mean two things is refused."""
    with pytest.raises(StatementError, match="positive number of seconds"):
        await loop_driver.run(Query("RETURN 1"), timeout=timeout)


@pytest.mark.parametrize(
    ("text", "error"),
    [("RETURN '\x00'", StatementError), ("RETURN '\ud800'", FieldValidationError)],
)
async def test_texts_the_server_would_cut(
    loop_driver: AsyncFalkorDBDriver, text: str, error: type[Exception]
) -> None:
    """What cannot arrive whole is not sent."""
    with pytest.raises(error):
        await loop_driver.run(Query(text))


@pytest.mark.parametrize("name", ["", "a\x00b", "a\nb"])
def test_graph_names_are_checked(loop_driver: AsyncFalkorDBDriver, name: str) -> None:
    """A graph's name is text that can be shown."""
    with pytest.raises(StatementError, match="cannot name a graph"):
        loop_driver.graph(name)


def test_things_that_are_no_handle() -> None:
    """Giving the client instead of a graph says what to give."""
    with pytest.raises(StatementError, match=r'select_graph\("name"\)'):
        AsyncFalkorDBDriver(object())
