"""Random walks through everything that relations offer, against a plain Python model of the graph.

Each face takes about 2,000 steps, the same every time. `RUNIC_STATEFUL_STEPS=20000` takes more,
`RUNIC_STATEFUL_RANDOM=1` others.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.session import AsyncSession, Session
from runic.ogm.testing.server import RunServer
from tests.behaviour.relation_machine import RelationMachine

STEPS = int(os.environ.get("RUNIC_STATEFUL_STEPS", "2000"))
STEPS_A_WALK = 50


@pytest.fixture
def machine(face: str, runic_server: RunServer) -> Iterator[type[RelationMachine]]:
    """Return the state machine of one face."""
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
                runner.run(awaited(drivers.pop().close()))
            runic_server.delete_graph(graph.name)

        members = {
            "open_session": staticmethod(open_session),
            "wait": staticmethod(lambda waiting: runner.run(awaited(waiting))),
            "new_graph": staticmethod(
                lambda: runic_server.client.select_graph(runic_server.new_graph())
            ),
            "end": staticmethod(end),
        }
        yield type("Machine", (RelationMachine,), members)


@pytest.mark.backend("falkordb")
@pytest.mark.slow
def test_random_walks_agree_with_a_plain_graph(machine: type[RelationMachine]) -> None:
    """Whatever is done in whatever order, database and memory hold what a plain model says."""
    walks = STEPS // STEPS_A_WALK + STEPS // 1000  # some walks end early
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_A_WALK,
            derandomize="RUNIC_STATEFUL_RANDOM" not in os.environ,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.steps > STEPS * 0.8, "too few steps to mean anything"
