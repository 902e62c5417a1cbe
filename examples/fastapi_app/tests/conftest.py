"""The application on a graph that one test has for itself, filled with the sample."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from rich.console import Console

from examples.fastapi_app.api import create_app
from examples.fastapi_app.database import fill
from examples.fastapi_app.origin import find_origin
from runic.ogm import AsyncConnectionManager

SAMPLE = Path(__file__).parents[1] / "sample"


@pytest.fixture
def manager(async_driver: Any) -> AsyncConnectionManager:
    """Return a manager on the test's empty graph."""
    return AsyncConnectionManager(async_driver)


@pytest.fixture
def console() -> Console:
    """Return a console that keeps what is printed on it."""
    return Console(record=True, file=io.StringIO(), width=200)


@pytest_asyncio.fixture
async def sample(manager: AsyncConnectionManager, console: Console) -> AsyncConnectionManager:
    """Return a manager on a graph with the 21 packages of the sample."""
    await fill(manager, find_origin(str(SAMPLE)), console)
    return manager


@pytest_asyncio.fixture
async def client(sample: AsyncConnectionManager) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of the application on the sample."""
    transport = httpx2.ASGITransport(create_app(sample))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
