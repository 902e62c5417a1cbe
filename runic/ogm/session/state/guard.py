"""One task at a time per session, and no use after it was closed or interrupted."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from runic.ogm.errors import ConcurrentSessionError, SessionClosedError, SessionError

P = ParamSpec("P")
T = TypeVar("T")


class Guard:
    """Knows whether a session may be used now."""

    __slots__ = ("busy", "closed", "interrupted", "undone")

    def __init__(self) -> None:
        self.busy = False
        self.closed = False
        self.interrupted = False
        self.undone = False

    def check(self, *, interrupted_too: bool = True) -> None:
        """Raise unless the session is free.

        Raises:
            SessionClosedError: It is closed.
            ConcurrentSessionError: Another task is in the middle of a call.
            SessionError: A call was cancelled halfway, or the transaction failed, and nobody has
                rolled back since.
        """
        if self.closed:
            raise SessionClosedError("this session is closed; open a new one: Session(driver)")
        if self.busy:
            raise ConcurrentSessionError(
                "this session is in the middle of another call; give each task or thread a session"
                " of its own"
            )
        if self.interrupted and interrupted_too:
            raise SessionError(
                "a call of this session was cancelled halfway, so what reached the database is not"
                " known; call rollback() before going on"
            )
        if self.undone and interrupted_too:
            raise SessionError(
                "a query failed, and the database undid the whole transaction with what was"
                " flushed or written at once in it; call rollback() before going on"
            )


class Guarded(Protocol):
    """What has a guard."""

    _guard: Guard


S = TypeVar("S", bound=Guarded)


def exclusive(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Let a method run only while no other does; remember when it is cancelled halfway."""

    @wraps(method)
    async def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        guard = self._guard
        guard.check()
        guard.busy = True
        try:
            return await method(self, *args, **kwargs)
        except Exception:
            raise
        except BaseException:
            guard.interrupted = True
            raise
        finally:
            guard.busy = False

    return guarded
