"""Where statements are asked: a backend and a face, with one graph that a world is stored in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.query import Query
from runic.ogm.schema import SchemaManager
from runic.ogm.session import AsyncSession, Session
from runic.ogm.testing.server import RunServer
from tests import faces
from tests.backends import FALKORDB
from tests.oracle.servers import driver_of
from tests.oracle.statements.models import Being, Item, Likes, Note, Robot
from tests.oracle.statements.world import World

INDEXED = (Being, Robot, Item)


@dataclass
class Place:
    """A database, the face that it is asked through, and what waits for answers."""

    backend: str
    blocking: Driver
    asked: Driver
    runner: asyncio.Runner
    # What is stored.
    world: World | None = None

    def run(self, waiting: Coroutine[Any, Any, Any]) -> Any:
        """Wait for an answer."""
        return self.runner.run(waiting)

    def session(self) -> Any:
        """Return a session that is awaited on either face."""
        if self.asked is self.blocking:
            return faces.awaitable_face(Session(self.blocking))
        return AsyncSession(self.asked)

    def store(self, world: World) -> None:
        """Have the database hold a world, and nothing else."""
        if self.world is world:
            return
        self.world = world
        step(self.blocking.run(Query("MATCH (n) DETACH DELETE n")))
        with Session(self.blocking) as session:
            session.add_all(world.entities())
            session.commit()

    def indexed(self, wanted: bool) -> None:
        """Have the indexes of the models, or have none of them."""
        schema = SchemaManager(self.blocking)
        if wanted:
            schema.create_all(*INDEXED, Likes)
        else:
            schema.drop_all(*INDEXED, Likes)
        schema.create_all(Note)


@contextmanager
def started(backend: str, face: str) -> Iterator[Place]:
    """Start a backend."""
    with asyncio.Runner() as runner:
        if backend == FALKORDB:
            with _falkordb(face, runner) as place:
                yield place
            return
        with driver_of(backend) as driver:
            yield Place(backend, driver, driver, runner)


@contextmanager
def _falkordb(face: str, runner: asyncio.Runner) -> Iterator[Place]:
    server = RunServer()
    try:
        graph = server.client.select_graph(server.new_graph())
        blocking = FalkorDBDriver(graph)
        if face != "async":
            yield Place(FALKORDB, blocking, blocking, runner)
        else:
            driver = AsyncFalkorDBDriver(graph)
            yield Place(FALKORDB, blocking, driver, runner)
            runner.run(_closed(driver))
        blocking.close()
    finally:
        server.stop()


async def _closed(driver: Any) -> None:
    await driver.close()
