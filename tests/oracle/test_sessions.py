"""Everything a session can do, at random, against a plain Python graph; the same in every run.

`python -m tests.oracle --seconds 600` goes on where this stops.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.backends import FALKORDB, Target
from tests.oracle.contradiction_steps import Machine
from tests.oracle.targets import falkordb, of_server

STEPS_A_WALK = 30


@pytest.fixture
def machine(request: pytest.FixtureRequest, backend_face: Target) -> Iterator[type[Machine]]:
    """Return the state machine of one backend and face."""
    if backend_face.backend == FALKORDB:
        with falkordb(request.getfixturevalue("runic_server"), backend_face.face) as made:
            yield made
    else:
        yield of_server(request.getfixturevalue("driver"))


@pytest.mark.slow
def test_a_session_agrees_with_a_plain_graph(machine: type[Machine], backend_face: Target) -> None:
    """Whatever is done in whatever order, database and memory hold what a plain model says."""
    walks = 40 if backend_face.backend == FALKORDB else 10
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_A_WALK,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert sum(machine.counts.values()) > walks * STEPS_A_WALK / 4, "too few steps to mean anything"
