"""A server of its own for tests that break things; `graph` names a fresh graph for each test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A server that tests must leave running."""
    with EmbeddedServer() as running:
        yield running


@pytest.fixture
def mortal() -> Iterator[EmbeddedServer]:
    """A server of one test's own, which may be killed."""
    with EmbeddedServer() as running:
        yield running


@pytest.fixture
def graph() -> str:
    """The name of a graph that nobody else uses."""
    return f"g{uuid.uuid4().hex}"


@pytest.fixture
def handle(server: EmbeddedServer, graph: str) -> Iterator[Any]:
    """A blocking official handle on the test's graph."""
    client = server.handle()
    yield client.select_graph(graph)
    client.close()


@pytest.fixture
def sync_driver(handle: Any) -> Iterator[FalkorDBDriver]:
    """A blocking driver on the test's graph."""
    driver = FalkorDBDriver(handle)
    yield driver
    driver.close()


@pytest.fixture
async def loop_driver(handle: Any) -> AsyncIterator[AsyncFalkorDBDriver]:
    """An async driver on the test's graph."""
    driver = AsyncFalkorDBDriver(handle)
    yield driver
    await driver.close()


@pytest.fixture
def connections(handle: Any) -> Callable[[], int]:
    """Call it for the number of clients the server has, the test's own handle not counted."""
    client = handle.client.connection
    client.ping()
    before = len(client.client_list())
    return lambda: len(client.client_list()) - before
