"""Neo4j and ArcadeDB with TLS and passwords, with full pools and closed drivers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runic.ogm import Field, Node, Registry, SchemaManager
from runic.ogm.driver.bridge import step
from runic.ogm.errors import AuthenticationError, ConnectionLostError, TransientError
from runic.ogm.query import Query
from tests.backends import required, selected
from tests.faults.secured_servers import SECURED, Secured

ONE = Query("RETURN 1 AS one", read_only=True)
NAMES = [name for name in selected() if name in SECURED]
ANY: dict[str, Any] = {"trust": "any"}
OPEN: list[tuple[str, str, dict[str, Any]]] = [
    ("neo4j", "bolt", {}),
    ("neo4j", "neo4j", {}),
    ("neo4j", "bolt+ssc", {}),
    ("neo4j", "neo4j+ssc", {}),
    ("arcadedb", "arcadedb", {}),
    ("arcadedb", "arcadedb+s", ANY),
]
CHECKED = [("neo4j", "bolt+s"), ("neo4j", "neo4j+s"), ("arcadedb", "arcadedb+s")]

each_server = pytest.mark.parametrize("server", NAMES, indirect=True)


class Thing(Node, registry=Registry()):
    """Something that is looked up."""

    id: str
    name: str = Field("", index=True)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Secured]]:
    """Return a function that gives the server of a name, started when it is first asked for."""

    @cache
    def started(name: str) -> Secured:
        running.append(SECURED[name](tmp_path_factory.mktemp(name)))
        return running[-1]

    running: list[Secured] = []
    yield started
    for each in running:
        each.kill()


@pytest.fixture
def server(request: pytest.FixtureRequest, servers: Callable[[str], Secured]) -> Secured:
    """Return a server that speaks with and without TLS, its certificate signed by itself."""
    name = request.param
    if reason := SECURED[name].missing():
        refuse = pytest.fail if name in required() else pytest.skip
        refuse(f"{name} cannot be tested here: {reason}")
    return servers(name)


@pytest.mark.parametrize(
    ("server", "scheme", "options"), [w for w in OPEN if w[0] in NAMES], indirect=["server"]
)
def test_every_scheme_reaches_the_server(
    server: Secured, scheme: str, options: dict[str, Any]
) -> None:
    """Directly or by routing, plain or with any certificate; the schema as well."""
    driver = server.reach(scheme, **options)
    assert step(driver.run(ONE)).rows == [[1]]
    SchemaManager(driver).create_all(Thing)
    assert SchemaManager(driver).missing(Thing) == []
    driver.close()


@pytest.mark.parametrize(
    ("server", "scheme"), [w for w in CHECKED if w[0] in NAMES], indirect=["server"]
)
def test_a_certificate_of_ones_own_is_checked(server: Secured, scheme: str) -> None:
    """It passes where its authority is named, and nowhere else; for the schema as well."""
    trusting = server.reach(scheme, trust=str(server.certificate))
    assert step(trusting.run(ONE)).rows == [[1]]
    SchemaManager(trusting).missing(Thing)
    trusting.close()
    strict = server.reach(scheme)
    for asked in (lambda: step(strict.run(ONE)), lambda: SchemaManager(strict).missing(Thing)):
        with pytest.raises(ConnectionLostError, match="cannot reach"):
            asked()
    strict.close()


@each_server
def test_a_wrong_password_is_said_without_showing_it(server: Secured) -> None:
    """The error says which options to look at; of the schema, too."""
    driver = server.reach(server.plain, password="letmein-please")
    for asked in (lambda: step(driver.run(ONE)), lambda: SchemaManager(driver).missing(Thing)):
        with pytest.raises(AuthenticationError, match="username= and password=") as caught:
            asked()
        assert "letmein" not in str(caught.value)
    driver.close()


@each_server
def test_a_full_pool_is_an_error_that_says_so(server: Secured) -> None:
    """While a transaction has the only connection a query waits, and not for ever."""
    driver = server.reach(server.plain, max_connections=1, pool_timeout=0.2)
    holder = step(driver.begin())
    step(holder.run(ONE))
    with pytest.raises(TransientError, match="max_connections="):
        step(driver.run(ONE))
    step(holder.rollback())
    assert step(driver.run(ONE)).rows == [[1]]
    driver.close()


def _sockets(port: int) -> int:
    """Return how many connections of this process to a port are open."""
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    cells = [line.split() for line in lines]
    return sum(1 for c in cells if c[2].endswith(f":{port:04X}") and c[3] == "01")


@each_server
@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="counts sockets in /proc")
def test_close_leaves_no_socket_and_no_thread(server: Secured) -> None:
    """Whatever the pool held is gone when close() returns."""
    threads = threading.active_count()
    driver = server.reach(server.plain)
    step(driver.run(ONE))
    assert _sockets(server.port) > 0
    driver.close()
    assert _sockets(server.port) == 0
    assert threading.active_count() == threads
