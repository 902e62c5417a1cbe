"""Random walks through everything that relations offer, against a plain Python model of the graph.

Each face takes about 2,000 steps on FalkorDB and 400 on a server, the same every time.
`RUNIC_STATEFUL_STEPS=20000` takes more, `RUNIC_STATEFUL_RANDOM=1` others.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.query import Query
from runic.ogm.session import AsyncSession, Session
from runic.ogm.testing.server import RunServer
from tests.backends import FALKORDB, Target
from tests.behaviour.graphs import worded
from tests.behaviour.relation_machine import RelationMachine

STEPS_A_WALK = 50


def steps_on(backend: str) -> int:
    """Return how many steps are taken: a server is asked over a connection."""
    return int(os.environ.get("RUNIC_STATEFUL_STEPS", "2000" if backend == FALKORDB else "400"))


@pytest.fixture
def machine(request: pytest.FixtureRequest, backend_face: Target) -> type[RelationMachine]:
    """Return the state machine of one backend and face."""
    kind = "falkordb" if backend_face.backend == FALKORDB else "server"
    members = request.getfixturevalue(f"{kind}_members")
    return type("Machine", (RelationMachine,), members)


@pytest.fixture
def falkordb_members(face: str, runic_server: RunServer) -> Iterator[dict[str, Any]]:
    """Return what the walk needs of FalkorDB: a graph and drivers for each, on one event loop."""
    with asyncio.Runner() as runner:
        drivers: list[Any] = []

        def open_session(graph: Any) -> Any:
            driver = (AsyncFalkorDBDriver if face == "async" else FalkorDBDriver)(graph)
            drivers.append(driver)
            return AsyncSession(driver) if face == "async" else Session(driver)

        async def awaited(waiting: Any) -> Any:
            return await waiting

        def end(graph: Any) -> None:
            while drivers:
                closing = drivers.pop().close()
                if face == "async":
                    runner.run(awaited(closing))
            runic_server.delete_graph(graph.name)

        yield {
            "open_session": staticmethod(open_session),
            "wait": staticmethod(lambda waiting: runner.run(awaited(waiting))),
            "new_graph": staticmethod(
                lambda: runic_server.client.select_graph(runic_server.new_graph())
            ),
            # With the official client: runic has no part in it.
            "read": staticmethod(lambda session, graph, text: graph.query(text).result_set),
            "end": staticmethod(end),
        }


@pytest.fixture
def server_members(driver: Driver) -> dict[str, Any]:
    """Return what the walk needs of another database: the test's graph, emptied for each walk."""

    def emptied() -> Driver:
        step(driver.run(Query("MATCH (n) DETACH DELETE n")))
        return driver

    def read(session: Session, graph: Driver, text: str) -> list[Any]:
        return session.execute(worded(text, graph.dialect)).rows

    return {
        "open_session": staticmethod(Session),
        "new_graph": staticmethod(emptied),
        "read": staticmethod(read),
        "end": staticmethod(lambda graph: None),
        "transactional": "transactions" in driver.dialect.capabilities,
    }


@pytest.mark.slow
def test_random_walks_agree_with_a_plain_graph(
    machine: type[RelationMachine], backend_face: Target
) -> None:
    """Whatever is done in whatever order, database and memory hold what a plain model says."""
    steps = steps_on(backend_face.backend)
    walks = steps // STEPS_A_WALK + steps // 1000  # some walks end early
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_A_WALK,
            derandomize="RUNIC_STATEFUL_RANDOM" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.steps > steps * 0.8, "too few steps to mean anything"
