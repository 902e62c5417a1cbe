"""Keep Python's garbage collector from looking at a large result while it is being made.

Ten thousand entities are a hundred thousand objects, and every one of them is in use. The collector
starts after each few hundred new ones and looks at all of them again and again: a third of the
time of a large read. Used around code that computes and never waits, by the driver that decodes a
reply and the session that makes entities of it.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Below this a result starts the collector once at most.
ENOUGH = 200


class _Pauses:
    """How many blocks want the collector to rest, over all threads."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._was_enabled = False

    def begin(self) -> None:
        with self._lock:
            if not self._count:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if not self._count and self._was_enabled:
                gc.enable()

    def start_over(self) -> None:
        """Forget, in a forked child, the blocks of threads that it does not have."""
        paused, enable = self._count > 0, self._was_enabled
        self._reset()
        if paused and enable:
            gc.enable()


_pauses = _Pauses()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_pauses.start_over)


@contextmanager
def collector_paused(size: int) -> Iterator[None]:
    """Pause the collector of this process in a block that makes `size` things, if they are many.

    It runs again when the last of all blocks ends, on whatever thread, unless the program had
    disabled it before the first began.
    """
    if size < ENOUGH:
        yield
        return
    _pauses.begin()
    try:
        yield
    finally:
        _pauses.end()
