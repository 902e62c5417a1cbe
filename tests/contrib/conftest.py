"""An application on the test's graph, and a client that speaks to it without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from runic.ogm import AsyncConnectionManager, ConnectionManager
from runic.ogm.contrib.fastapi import add_exception_handlers


@pytest.fixture
def manager(async_driver: Any) -> AsyncConnectionManager:
    """Return a manager on the test's graph."""
    return AsyncConnectionManager(async_driver)


@pytest.fixture
def sync_manager(request: pytest.FixtureRequest) -> Iterator[ConnectionManager]:
    """Return a manager of blocking sessions on the test's graph."""
    # By name: this suite's own `driver` fixture would run each test on both faces.
    server, graph = (request.getfixturevalue(name) for name in ("runic_server", "runic_graph"))
    with ConnectionManager(server.driver(graph)) as manager:
        yield manager


@pytest.fixture
def app() -> FastAPI:
    """Return an application that answers runic's errors."""
    app = FastAPI()
    add_exception_handlers(app)
    return app


@pytest.fixture
def client(app: FastAPI) -> Callable[[], AbstractAsyncContextManager[httpx2.AsyncClient]]:
    """Return a function that opens a client; errors the application lets through become 500."""

    @asynccontextmanager
    async def open_client() -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client

    return open_client
