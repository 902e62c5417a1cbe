"""Clients that route each command by themselves are used as they are."""

from __future__ import annotations

from typing import Any

import pytest
import redis
import redis.asyncio
from falkordb import Graph

from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.errors import DriverError, UnsupportedFeatureError
from runic.ogm.query.compiled import Query


class Routed:
    """What a cluster client shows of itself: commands, and no pool of one server."""

    def __init__(self, client: redis.Redis) -> None:
        self.connection = self
        self.execute_command = client.execute_command


@pytest.fixture
def routed(server: EmbeddedServer, graph: str) -> Any:
    """A graph handle on such a client."""
    with redis.Redis(unix_socket_path=server.socket, decode_responses=True, protocol=2) as client:
        yield Graph(Routed(client), graph)


def test_commands_go_through_the_given_client(routed: Any) -> None:
    """Queries, new names and refusals work without a connection of our own."""
    driver = FalkorDBDriver(routed)
    result = step(driver.run(Query("CREATE (n:A {x: $x}) RETURN n", {"x": 1})))
    assert result.rows[0][0].properties == {"x": 1}
    with pytest.raises(DriverError, match="Division by zero"):
        step(driver.run(Query("UNWIND [0] AS x RETURN 1 / x")))
    driver.close()
    with pytest.raises(DriverError, match="closed"):
        step(driver.run(Query("RETURN 1")))


def test_the_other_face_is_refused(routed: Any) -> None:
    """A blocking cluster client cannot serve an event loop; the error says what to give."""
    with pytest.raises(UnsupportedFeatureError, match=r"falkordb\.asyncio\.FalkorDB"):
        AsyncFalkorDBDriver(routed)
