"""Neo4j with TLS and passwords, with full pools and closed drivers, on servers of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runic.ogm.driver import create_driver
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.errors import AuthenticationError, ConnectionLostError, TransientError
from runic.ogm.query import Query
from tests.backends import selected
from tests.backends.neo4j_server import PASSWORD, USER, Neo4jServer, missing
from tests.faults.tls_front import certificate

pytestmark = pytest.mark.skipif("neo4j" not in selected(), reason="this run leaves out neo4j")

ONE = Query("RETURN 1", read_only=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """Return a server that speaks with and without TLS, its certificate signed by itself."""
    if reason := missing():
        pytest.skip(f"neo4j cannot be tested here: {reason}")
    directory = tmp_path_factory.mktemp("neo4j")
    keys = directory / "certificates" / "bolt"
    keys.mkdir(parents=True)
    certificate(keys)
    settings = {
        "dbms.ssl.policy.bolt.enabled": "true",
        "dbms.ssl.policy.bolt.base_directory": str(keys),
        "server.bolt.tls_level": "OPTIONAL",
    }
    server = Neo4jServer(directory, settings)
    server.start()
    yield server
    server.kill()


def reach(server: Neo4jServer, scheme: str, password: str = PASSWORD, **options: object) -> Driver:
    """Return a driver for the server."""
    return create_driver(f"{scheme}://{USER}:{password}@127.0.0.1:{server.port}/neo4j", **options)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "bolt+ssc", "neo4j+ssc"])
def test_every_scheme_reaches_the_server(server: Neo4jServer, scheme: str) -> None:
    """Directly or by routing, plain or with any certificate."""
    driver = reach(server, scheme)
    assert step(driver.run(ONE)).rows == [[1]]
    step(driver.close())


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
def test_a_certificate_of_ones_own_is_checked(server: Neo4jServer, scheme: str) -> None:
    """It passes where its authority is named, and nowhere else."""
    authority = server.directory / "certificates" / "bolt" / "public.crt"
    trusting = reach(server, scheme, trust=str(authority))
    assert step(trusting.run(ONE)).rows == [[1]]
    step(trusting.close())
    strict = reach(server, scheme)
    with pytest.raises(ConnectionLostError, match="cannot reach Neo4j"):
        step(strict.run(ONE))
    step(strict.close())


def test_a_wrong_password_is_said_without_showing_it(server: Neo4jServer) -> None:
    """The error says which options to look at."""
    driver = reach(server, "bolt", "letmein-please")
    with pytest.raises(AuthenticationError, match="username= and password=") as caught:
        step(driver.run(ONE))
    assert "letmein" not in str(caught.value)
    step(driver.close())


def test_a_full_pool_is_an_error_that_says_so(server: Neo4jServer) -> None:
    """While a transaction has the only connection a query waits, and not for ever."""
    driver = reach(server, "bolt", max_connections=1, pool_timeout=0.2)
    holder = step(driver.begin())
    step(holder.run(Query("RETURN 1")))
    with pytest.raises(TransientError, match="max_connections="):
        step(driver.run(ONE))
    step(holder.rollback())
    assert step(driver.run(ONE)).rows == [[1]]
    step(driver.close())


def _sockets(server: Neo4jServer) -> int:
    """Return how many connections of this process to the server are open."""
    wanted = f"{server.port:04X}"
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    cells = [line.split() for line in lines]
    return sum(1 for c in cells if c[2].endswith(f":{wanted}") and c[3] == "01")


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="counts sockets in /proc")
def test_close_leaves_no_socket_and_no_thread(server: Neo4jServer) -> None:
    """Whatever the pool held is gone when close() returns."""
    threads = threading.active_count()
    driver = reach(server, "neo4j")
    step(driver.run(ONE))
    assert _sockets(server) > 0
    step(driver.close())
    assert _sockets(server) == 0
    assert threading.active_count() == threads
