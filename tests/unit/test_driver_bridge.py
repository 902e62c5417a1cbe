"""Sync code runs coroutines: in place where nothing waits, else on a loop in another thread."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from runic.ogm.driver.bridge import PrivateLoop, step
from runic.ogm.errors import DriverError


async def answer() -> int:
    """Never suspend."""
    return 42


async def wait_for_ever(started: threading.Event) -> None:
    """Tell that it runs, and stay."""
    started.set()
    await asyncio.Event().wait()


def test_step_returns_the_result() -> None:
    """A coroutine that never waits needs no loop."""
    assert step(answer()) == 42


async def test_step_works_under_a_running_loop() -> None:
    """Stepping does not touch the loop that runs around it."""
    assert step(answer()) == 42


def test_step_refuses_to_wait() -> None:
    """A driver that needs a loop is named as the cause."""
    with pytest.raises(DriverError, match=r"driver\.blocking\(\)"):
        step(asyncio.sleep(0))


def test_a_private_loop_starts_on_first_use_and_ends_with_close() -> None:
    """No thread exists before or after."""
    loop = PrivateLoop()
    before = threading.active_count()
    assert loop.call(answer()) == 42
    assert threading.active_count() == before + 1
    loop.close()
    loop.close()
    assert threading.active_count() == before


def test_threads_share_a_private_loop() -> None:
    """Eight threads get their own answers."""
    loop = PrivateLoop()
    results: list[int] = []

    async def double(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    def work(number: int) -> None:
        results.append(loop.call(double(number)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loop.close()
    assert sorted(results) == [0, 2, 4, 6, 8, 10, 12, 14]


def test_close_ends_what_other_threads_wait_for() -> None:
    """A thread inside a query gets an error instead of waiting for ever."""
    loop = PrivateLoop()
    started = threading.Event()
    caught: list[BaseException] = []

    def work() -> None:
        try:
            loop.call(wait_for_ever(started))
        except DriverError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    loop.close()
    thread.join()
    assert "closed while this query ran" in str(caught[0])


def test_use_after_close_is_refused() -> None:
    """A closed loop does not start again."""
    loop = PrivateLoop()
    loop.close()
    with pytest.raises(DriverError, match="closed"):
        loop.call(answer())


def test_use_on_its_own_thread_is_refused() -> None:
    """Waiting for itself would never end."""
    loop = PrivateLoop()

    async def inside() -> None:
        loop.call(answer())

    with pytest.raises(DriverError, match="own loop"):
        loop.call(inside())
    loop.close()


def test_an_interrupted_wait_cancels_the_coroutine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the waiting thread reaches the query on the loop."""
    loop = PrivateLoop()
    cancelled = threading.Event()

    async def query() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    real = asyncio.run_coroutine_threadsafe

    def interrupted(coro: object, on: object) -> object:
        future = real(coro, on)  # type: ignore[arg-type]
        # One more round, so that the query has begun when the key is pressed.
        real(asyncio.sleep(0), on).result()  # type: ignore[arg-type]
        monkeypatch.setattr(future, "result", _ctrl_c)
        return future

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loop.call(query())
    assert cancelled.wait(10)
    monkeypatch.undo()
    loop.close()


def _ctrl_c() -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_use_after_fork_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread stayed in the parent; the child is told to make its own driver."""
    loop = PrivateLoop()
    loop.call(answer())
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        with pytest.raises(DriverError, match="forked"):
            loop.call(answer())
    loop.close()
