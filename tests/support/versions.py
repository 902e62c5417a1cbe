"""Which server the tests run on, in its own words."""

from __future__ import annotations

from collections.abc import Callable

import httpx2

from runic.ogm.driver.age.sql import SqlQuery
from runic.ogm.driver.arcadedb import ArcadeDBDriver
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.query import Query
from runic.ogm.testing.server import RunServer
from tests.backends import FALKORDB, create


def version_of(backend: str) -> str:
    """Return the name and version of the server that a run of the tests starts or is given."""
    if backend == FALKORDB:
        return _falkordb()
    server = create(backend)
    server.start()
    try:
        driver = server.fresh_driver()
        found = _ASK[backend](driver)
        server.reset(driver)
        driver.close()
    finally:
        server.stop()
    return found


def _falkordb() -> str:
    server = RunServer()
    modules = server.client.connection.execute_command("MODULE LIST")
    server.stop()
    number = next(module["ver"] for module in map(_as_map, modules) if module["name"] == "graph")
    return f"FalkorDB {number // 10000}.{number // 100 % 100}.{number % 100}"


def _as_map(module: list[object] | dict[str, object]) -> dict[str, object]:
    if isinstance(module, dict):
        return module
    return dict(zip(module[::2], module[1::2], strict=True))


def _components(driver: Driver) -> str:
    text = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0], edition"
    name, version, edition = step(driver.run(Query(text, read_only=True))).rows[0]
    return f"{name.removesuffix(' Kernel')} {version} {edition}"


def _arcadedb(driver: Driver) -> str:
    assert isinstance(driver, ArcadeDBDriver)
    account = (driver.settings.username, driver.settings.password)
    asked = f"{driver.http_url}/api/v1/server?mode=basic"
    version = httpx2.get(asked, auth=account, trust_env=False).json()["version"]
    return f"ArcadeDB {version.partition(' ')[0]}"


def _age(driver: Driver) -> str:
    # The graph is made with the first write.
    step(driver.run(Query("CREATE (:Version)")))
    text = "SELECT extversion, current_setting('server_version') FROM pg_extension"
    asked = SqlQuery(f"{text} WHERE extname = 'age'", read_only=True)
    age, postgresql = step(driver.run(asked)).rows[0]
    return f"Apache AGE {age} on PostgreSQL {postgresql}"


_ASK: dict[str, Callable[[Driver], str]] = {
    "neo4j": _components,
    "memgraph": _components,
    "arcadedb": _arcadedb,
    "age": _age,
}
