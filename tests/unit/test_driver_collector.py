"""Pausing the garbage collector while a large result is made."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

import pytest

from runic.ogm.driver.collector import ENOUGH, collector_paused


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if enabled else gc.disable)()


def test_the_collector_rests_in_the_block_and_runs_after_it() -> None:
    """A block that ends in an error enables it as well."""
    with pytest.raises(KeyError), collector_paused(ENOUGH):
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()


def test_a_small_result_does_not_touch_the_collector() -> None:
    """Most queries return a few rows."""
    with collector_paused(ENOUGH - 1):
        assert gc.isenabled()


def test_a_program_that_disabled_the_collector_keeps_it_so() -> None:
    """The setting belongs to the program."""
    gc.disable()
    with collector_paused(ENOUGH):
        pass
    assert not gc.isenabled()


def test_the_last_block_of_all_threads_ends_the_pause() -> None:
    """One thread's end does not cut another's pause short."""
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with collector_paused(ENOUGH):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait(10)
    with collector_paused(ENOUGH):
        pass
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_forked_in_a_pause_collects() -> None:
    """The thread that would end the pause is not in the child."""
    with collector_paused(ENOUGH):
        child = os.fork()
        if not child:
            os._exit(0 if gc.isenabled() else 1)
    assert os.waitpid(child, 0)[1] == 0
