"""The application on a graph that one test has for itself, filled with the sample.

Every test runs on each database that tests/backends chooses: FalkorDB with the endpoints that
await, the others with those that run in threads.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from rich.console import Console

from examples.fastapi_app.api import create_app
from examples.fastapi_app.database import Manager, fill
from examples.fastapi_app.origin import find_origin
from runic.ogm import AsyncConnectionManager, ConnectionManager, Session
from runic.ogm.testing.recorder import QueryLog, recorded
from tests.backends import FALKORDB, selected
from tests.backends.running import RunningBackends

SAMPLE = Path(__file__).parents[1] / "sample"


@pytest.fixture(scope="session")
def running_backends() -> Iterator[RunningBackends]:
    """Return the servers of this run."""
    running = RunningBackends()
    yield running
    running.stop()


@pytest.fixture(params=selected())
def manager(request: pytest.FixtureRequest) -> Iterator[Manager]:
    """Return a manager on the test's empty graph."""
    if request.param == FALKORDB:
        yield AsyncConnectionManager(request.getfixturevalue("async_driver"))
        return
    backend = request.getfixturevalue("running_backends").get(request.param)
    log: QueryLog = request.getfixturevalue("query_log")
    driver = recorded(backend.fresh_driver(), log)
    yield ConnectionManager(driver)
    backend.reset(driver)
    driver.close()


@pytest.fixture
def store(manager: Manager) -> Iterator[Session]:
    """Return a session on the same graph, to look at what is in it."""
    with Session(manager.driver) as session:
        yield session


@pytest.fixture
def console() -> Console:
    """Return a console that keeps what is printed on it."""
    return Console(record=True, file=io.StringIO(), width=200)


@pytest.fixture
def sample(manager: Manager, console: Console) -> Manager:
    """Return a manager on a graph with the 21 packages of the sample."""
    fill(manager.driver, find_origin(str(SAMPLE)), console)
    return manager


@pytest_asyncio.fixture
async def client(sample: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of the application on the sample."""
    transport = httpx2.ASGITransport(create_app(sample))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
