"""What runic costs besides time: its import, and the memory of what it loads."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

from benchmarks import by_hand
from benchmarks.arena import Arena
from benchmarks.models import User
from runic.ogm import Session, select

_IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def import_seconds(module: str = "runic.ogm", repeats: int = 5) -> float:
    """Return the least time a fresh interpreter takes to import a module."""
    command = [sys.executable, "-c", _IMPORT.format(module)]
    runs = [subprocess.run(command, capture_output=True, check=True) for _ in range(repeats)]
    return min(float(run.stdout) for run in runs)


def memory(arena: Arena) -> tuple[int, int]:
    """Return the bytes of all users as dataclasses, and as entities in an open session."""
    arena.with_users()
    kept: list[Session] = []

    def entities() -> list[User]:
        kept.append(Session(arena.driver))
        return kept[-1].scalars(select(User))

    return _held(lambda: by_hand.load_users(arena, None)), _held(entities)


def _held(load: Callable[[], list[Any]]) -> int:
    load()  # what is made once only does not count
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = load()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before if kept else 0
    finally:
        tracemalloc.stop()
