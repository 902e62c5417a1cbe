"""What behaviour tests arrange in the database itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.query.definitions import UniqueConstraint
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from tests.backends import FALKORDB, Target
from tests.behaviour.graphs import cypher
from tests.faces import awaitable_face


@pytest.fixture
def unique(request: pytest.FixtureRequest, backend_face: Target) -> Callable[[str, str], None]:
    """Return a function that has the database refuse a second node with the same value."""
    if backend_face.backend == FALKORDB:
        server = request.getfixturevalue("runic_server")
        graph = server.client.select_graph(request.getfixturevalue("runic_graph"))
        create: Callable[[str, str], None] = graph.create_node_unique_constraint
        return create
    driver: Driver = request.getfixturevalue("driver")
    return lambda label, name: step(driver.constrain(UniqueConstraint("node", label, (name,))))


@pytest.fixture
def schema(face: str, driver: Driver) -> Any:
    """Return a schema manager of the face under test."""
    if face == "async":
        return AsyncSchemaManager(driver)
    return awaitable_face(SchemaManager(driver))


@pytest.fixture
async def guarded(session: Any, driver: Any) -> Any:
    """Return a session beside whose work three canaries have to stay as they are."""
    await cypher(
        driver,
        "CREATE (a:Canary {name: 'a'})-[:SINGS {loud: true}]->(b:Canary {name: 'b'}), (:Canary)",
    )
    yield session
    found = await cypher(driver, "MATCH (n:Canary) RETURN n.name ORDER BY n.name")
    assert [name for (name,) in found] == ["a", "b", None]
    sung = await cypher(driver, "MATCH (:Canary {name: 'a'})-[e:SINGS]->(b) RETURN e.loud, b.name")
    assert sung == [[True, "b"]]
