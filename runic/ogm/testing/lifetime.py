"""Finish coroutines from synchronous fixtures, after the test's event loop may be gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end on a loop that lives for this call only."""
    # With a factory the Runner leaves the thread's current loop alone: a session-scoped loop of
    # pytest-asyncio is current between two tests.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(coroutine)
