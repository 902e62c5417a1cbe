"""One requirement of the suite: a coroutine that pytest runs as the driver under test waits.

A driver that blocks is stepped, without an event loop: a coroutine that suspends fails its
requirement. An async driver gets one loop for all of a test, its fixtures included. Neither needs
an async plugin of pytest.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.query.capabilities import Feature
from runic.ogm.query.compiled import Query
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from runic.ogm.session import AsyncSession, Session

Body = Callable[..., Coroutine[Any, Any, None]]

_WAIT = inspect.Parameter("wait", inspect.Parameter.POSITIONAL_OR_KEYWORD)


def requirement(*features: Feature) -> Callable[[Body], Callable[..., None]]:
    """Make a test of a coroutine that takes `driver`; skipped where it lacks one of the features.

    The coroutine may take other fixtures, too.
    """

    def made(body: Body) -> Callable[..., None]:
        @wraps(body)
        def test(self: Any, wait: Callable[..., None], **fixtures: Any) -> None:
            driver: Driver = fixtures["driver"]
            skip_without(driver, features)
            proof = body(self, **fixtures)
            step(proof) if driver.blocks else wait(proof)

        asked = inspect.signature(body)
        test.__signature__ = asked.replace(  # type: ignore[attr-defined]
            parameters=[*asked.parameters.values(), _WAIT]
        )
        test.__runic_requirement__ = features  # type: ignore[attr-defined]
        return test

    return made


def skip_without(driver: Driver, features: Iterable[Feature]) -> None:
    """Skip the test if the backend lacks one of the features, and say which."""
    missing = [feature for feature in features if feature not in driver.dialect.capabilities]
    if missing:
        pytest.skip(f"{driver.dialect.name} has no {', '.join(missing)}")


async def done(result: Any) -> Any:
    """Return what a method of a session gave, awaited where the driver is an async one."""
    return await result if inspect.isawaitable(result) else result


@asynccontextmanager
async def opened(driver: Driver, **options: Any) -> AsyncIterator[Any]:
    """Yield a session of the driver's kind, whose calls are for `done`; it commits nothing."""
    session = Session(driver, **options) if driver.blocks else AsyncSession(driver, **options)
    try:
        yield session
    finally:
        await done(session.close())


@asynccontextmanager
async def defined(driver: Driver, *models: type[Any]) -> AsyncIterator[Any]:
    """Yield a schema manager while the database has the indexes and constraints of the models."""
    manager = SchemaManager(driver) if driver.blocks else AsyncSchemaManager(driver)
    try:
        await done(manager.create_all(*models))
        yield manager
    finally:
        await done(manager.drop_all(*models))


async def stored(driver: Driver, *entities: Any) -> None:
    """Commit entities in a session of their own."""
    async with opened(driver) as session:
        session.add_all(entities)
        await done(session.commit())


async def rows(driver: Driver, text: str, **params: Any) -> Sequence[Sequence[Any]]:
    """Return the rows of a reading query."""
    return (await driver.run(Query(text, params, read_only=True))).rows


async def write(driver: Driver, text: str, **params: Any) -> None:
    """Run a writing query."""
    await driver.run(Query(text, params))


async def things(driver: Driver) -> list[Any]:
    """Return the names of the nodes that the requirements write by hand, sorted."""
    return [
        row[0] for row in await rows(driver, "MATCH (n:Thing) RETURN n.name AS name ORDER BY name")
    ]
