"""Where the oracle walks: a backend and a face, with one graph that each walk empties."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.query import Query
from runic.ogm.schema import SchemaManager
from runic.ogm.session import AsyncSession, Session
from runic.ogm.testing.server import RunServer
from tests.backends import FALKORDB
from tests.behaviour.graphs import worded
from tests.oracle.contradiction_steps import Machine
from tests.oracle.models import EDGES, GENERATED, NODES
from tests.oracle.servers import driver_of

# Fields that a backend cannot store, which says so when the class is used.
LEFT_OUT: dict[str, frozenset[str]] = {}


@contextmanager
def falkordb(server: RunServer, face: str) -> Iterator[type[Machine]]:
    """Give the machine of FalkorDB; the raw reads are the official client's."""
    name = server.new_graph()
    graph = server.client.select_graph(name)
    plain = FalkorDBDriver(graph)
    SchemaManager(plain).create_all(*NODES.values(), *EDGES.values(), *GENERATED)
    driver: Any = AsyncFalkorDBDriver(graph) if face == "async" else plain

    async def awaited(waiting: Any) -> Any:
        return await waiting

    with asyncio.Runner() as runner:
        members = {
            "backend": FALKORDB,
            "counts": type(Machine.counts)(),
            "calls": type(Machine.calls)(),
            "open_session": staticmethod(
                lambda **options: (AsyncSession if face == "async" else Session)(driver, **options)
            ),
            "worded": staticmethod(lambda text: text),
            "features": plain.dialect.capabilities,
            "wait": staticmethod(lambda waiting: runner.run(awaited(waiting))),
            "empty": staticmethod(lambda: graph.query("MATCH (n) DETACH DELETE n")),
            "read": staticmethod(lambda session, text: graph.query(text).result_set),
        }
        yield type("Machine", (Machine,), members)
        if face == "async":
            runner.run(driver.close())
    plain.close()
    server.delete_graph(name)


def of_server(driver: Driver) -> type[Machine]:
    """Return the machine of another database; the raw reads are the session's."""
    SchemaManager(driver).create_all(*NODES.values(), *EDGES.values(), *GENERATED)

    def read(session: Session, text: str) -> list[Any]:
        rows = session.execute(worded(text, driver.dialect), read_only=True).rows
        return [list(row) for row in rows]

    members = {
        "backend": driver.dialect.name,
        "counts": type(Machine.counts)(),
        "calls": type(Machine.calls)(),
        "open_session": staticmethod(lambda **options: Session(driver, **options)),
        "worded": staticmethod(lambda text: worded(text, driver.dialect)),
        "features": driver.dialect.capabilities,
        "wait": staticmethod(lambda waiting: waiting),
        "empty": staticmethod(lambda: step(driver.run(Query("MATCH (n) DETACH DELETE n")))),
        "read": staticmethod(read),
        "left_out": LEFT_OUT.get(driver.dialect.name, frozenset()),
    }
    return type("Machine", (Machine,), members)


@contextmanager
def started(backend: str, face: str) -> Iterator[type[Machine]]:
    """Start a backend and give its machine."""
    if backend == FALKORDB:
        server = RunServer()
        try:
            with falkordb(server, face) as machine:
                yield machine
        finally:
            server.stop()
        return
    with driver_of(backend) as driver:
        yield of_server(driver)
