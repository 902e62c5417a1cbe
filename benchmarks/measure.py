"""Run a workload on both sides in turn, and time them."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.arena import Arena
from benchmarks.workloads import Given, Work, Workload
from runic.ogm.model.entity import Entity


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of the table; times in milliseconds, the least of all repeats."""

    workload: Workload
    hand: float
    runic: float
    queries: int

    @property
    def ratio(self) -> float:
        """Return runic's time by that of the hand-written code."""
        return self.runic / self.hand


def measured(workload: Workload, hand: Arena, runic: Arena, repeats: int) -> Measured:
    """Return the times of both sides, which take turns so that a busy machine hits both."""
    queries = counted(workload, runic)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(repeats):
        turns = [
            (times[0], workload.hand, workload.given_hand, hand),
            (times[1], workload.runic, workload.given_runic, runic),
        ]
        for found, work, given, arena in turns if number % 2 else reversed(turns):
            found.append(timed(workload, work, given, arena))
    return Measured(workload, min(times[0]), min(times[1]), queries)


def timed(workload: Workload, work: Work, given: Given, arena: Arena) -> float:
    """Return the milliseconds of one run; the collector has nothing left over from others."""
    workload.setting(arena)
    start_with = given(arena)
    gc.collect()
    started = time.perf_counter()
    result = done(work, arena, start_with)
    taken = time.perf_counter() - started
    del result
    if workload.writes:
        arena.changed()
    return taken * 1000


def done(work: Work, arena: Arena, given: Any) -> Any:
    """Return the result of a piece of work, awaited on the arena's loop where it must be."""
    result = work(arena, given)
    return arena.loop.run_until_complete(result) if asyncio.iscoroutine(result) else result


def counted(workload: Workload, arena: Arena) -> int:
    """Return how many queries runic sends for a workload."""
    plain = arena.driver, arena.async_driver
    log = arena.counted()
    workload.setting(arena)
    given = workload.given_runic(arena)
    before = len(log)
    done(workload.runic, arena, given)
    if workload.writes:
        arena.changed()
    arena.loop.run_until_complete(arena.async_driver.close())
    arena.driver.close()
    arena.driver, arena.async_driver = plain
    return len(log) - before


def outcome(workload: Workload, work: Work, given: Given, arena: Arena) -> Any:
    """Return what one run gives back and what is in the graph afterwards, to compare sides."""
    workload.setting(arena)
    result = plain_form(done(work, arena, given(arena)))
    contents = arena.contents()
    if workload.writes:
        arena.changed()
    return result, contents


def plain_form(value: Any) -> Any:
    """Return entities and dataclasses as dicts of their stored values and loaded relations."""
    if isinstance(value, list):
        return [plain_form(item) for item in value]
    if isinstance(value, Entity):
        return {name: plain_form(held) for name, held in vars(value).items() if held != []}
    if dataclasses.is_dataclass(value):
        held = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {n: plain_form(v) for n, v in held.items() if n != "node" and v != []}
    return value
