"""Give up the connection of a session whose work was broken off, by Ctrl-C for instance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import neo4j


@contextmanager
def given_up(session: neo4j.Session) -> Iterator[None]:
    """Drop the session's connection if the block is left by what is no `Exception`.

    Closing the session would wait for the rest of the reply, and returning the connection would
    give that to the next query.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException:
        # What the client does for a task that is cancelled, here in its blocking twin.
        session.__exit__(asyncio.CancelledError, None, None)  # type: ignore[no-untyped-call]
        raise
