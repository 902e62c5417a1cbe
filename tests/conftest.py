"""Fixtures of runic's own suite: every behaviour test runs on the async and on the sync face.

A test is written once, as a coroutine, and takes what it needs:

    async def test_get_returns_the_same_object(session, new_session):
        ...

`session`      a session of the face under test, on an empty graph of its own; see tests/faces.py
`new_session`  call it for another session on the same graph
`driver`       the driver below them: `await driver.run(Query(...))` works on both faces
`face`         "async" or "sync", for the few behaviours that differ
`call`         `await call(session.rollback)`: awaits where the face has something to await

The graphs come from the pytest plugin (`runic.ogm.testing.plugin`). A test that takes none of
these runs once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from tests import faces


@pytest.fixture(params=["async", "sync"])
def face(request: pytest.FixtureRequest) -> str:
    """Return the session face under test."""
    return str(request.param)


@pytest.fixture
def driver(
    request: pytest.FixtureRequest, face: str, driver: Driver, async_driver: Driver
) -> Driver:
    """Return the driver for the face under test, on a graph that only this test has."""
    chosen = async_driver if face == "async" else driver
    skip_unless_capable(request.node, chosen)
    return chosen


def skip_unless_capable(test: pytest.Item, driver: Driver) -> None:
    """Skip a test marked `requires("feature")` where the backend lacks one of its features."""
    needed = {feature for mark in test.iter_markers("requires") for feature in mark.args}
    missing = sorted(f for f in needed if f not in driver.dialect.capabilities)
    if missing:
        pytest.skip(f"{driver.dialect.name} has no {', '.join(missing)}")


@pytest.fixture
def new_session(face: str, driver: Driver) -> Callable[..., Any]:
    """Return a function that opens another session of this face on the test's graph."""
    # Imported here so that tests below the session run while the session room is being changed.
    from runic.ogm.session import AsyncSession, Session  # noqa: PLC0415

    def open_session(**options: Any) -> Any:
        if face == "async":
            return AsyncSession(driver, **options)
        return faces.awaitable_face(Session(driver, **options))

    return open_session


@pytest.fixture
def session(new_session: Callable[..., Any]) -> Any:
    """Return a session of the face under test on an empty graph."""
    return new_session()


@pytest.fixture
def call() -> Callable[..., Any]:
    """Return `call`, which awaits the result of a method where its face has one to await."""
    return faces.call
