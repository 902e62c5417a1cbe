"""The two sides of the benchmarks do the same work; how long they take is not tested."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.arena import Arena
from benchmarks.compiling import SHAPES, compiled, cost
from benchmarks.footprint import memory
from benchmarks.measure import counted, measured, outcome
from benchmarks.workloads import WORKLOADS, Workload
from runic.ogm.driver.falkordb import EmbeddedServer

SIZE = 200


@pytest.fixture(scope="module")
def arenas() -> Iterator[tuple[Arena, Arena]]:
    """Return the graphs of the two sides."""
    with EmbeddedServer() as server:
        both = Arena(server, "hand", SIZE), Arena(server, "runic", SIZE)
        yield both
        for arena in both:
            arena.close()


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_both_sides_return_and_store_the_same(
    workload: Workload, arenas: tuple[Arena, Arena]
) -> None:
    """What comes back and what the graph holds afterwards is equal."""
    hand, runic = arenas
    expected, stored = outcome(workload, workload.hand, workload.given_hand, hand)
    found, kept = outcome(workload, workload.runic, workload.given_runic, runic)
    assert found == expected
    assert kept == stored


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_a_workload_sends_no_more_queries_than_it_may(
    workload: Workload, arenas: tuple[Arena, Arena]
) -> None:
    """The number of queries is part of the budget."""
    runic = arenas[1]
    assert counted(workload, runic) <= workload.queries(runic)


def test_a_measurement_names_its_workload_and_both_times(arenas: tuple[Arena, Arena]) -> None:
    """What the table shows of a workload."""
    row = measured(WORKLOADS[1], *arenas, repeats=1)
    assert row.workload is WORKLOADS[1]
    assert row.hand > 0
    assert row.ratio == row.runic / row.hand


def test_memory_is_counted_on_both_sides(arenas: tuple[Arena, Arena]) -> None:
    """Neither side counts as nothing."""
    assert all(memory(arenas[1]))


@pytest.mark.parametrize("name", SHAPES)
def test_the_statements_that_are_timed_are_of_one_shape_each(name: str) -> None:
    """What is measured as compiled again has the text of the first, and other values."""
    first, other = (compiled(SHAPES[name](number)).query for number in (1, 2))
    assert first.text == other.text
    assert first.params != other.params


def test_the_costs_of_compiling_are_measured() -> None:
    """Each row has its three times."""
    row = cost("select, typical", repeats=1)
    assert min(row.build, row.first, row.again) > 0
