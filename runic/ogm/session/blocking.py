"""Make the sync twin of an async method.

Every method of `Session` is made here from the one of `AsyncSession`: same signature, same
docstring, no logic of its own. The coroutine runs to its end in one step because only the driver
may wait, and a sync session's driver blocks instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from runic.ogm.driver.bridge import step

P = ParamSpec("P")
# What the method is of. Were it Any, pyright would take what a generic class holds for Any, too.
S = TypeVar("S")
T = TypeVar("T")


def blocking(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Any, P], T]:
    """Make the sync twin of a coroutine method; it runs on `self._core`."""

    @wraps(method)
    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return step(method(self._core, *args, **kwargs))

    return call


def passing(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[Any, P], T]:
    """Make the twin of a method that is not a coroutine."""

    @wraps(method)
    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return method(self._core, *args, **kwargs)

    return call


def blocking_iter(
    method: Callable[Concatenate[S, P], AsyncIterator[T]],
) -> Callable[Concatenate[Any, P], Iterator[T]]:
    """Make the sync twin of an async generator method."""

    @wraps(method)
    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        items: Any = method(self._core, *args, **kwargs)
        try:
            while True:
                try:
                    item = step(items.__anext__())
                except StopAsyncIteration:
                    return
                yield item
        finally:
            # No loop runs, so nobody else would finalise a half-read generator.
            step(items.aclose())

    return call


def blocking_context(
    method: Callable[[Any], AbstractAsyncContextManager[Any]],
) -> Callable[[S], AbstractContextManager[S]]:
    """Make the sync twin of a method that returns an async context manager of its own object."""

    @wraps(method)
    @contextmanager
    def call(self: Any, /) -> Iterator[Any]:
        manager = method(self._core)
        step(_enter(manager))
        try:
            yield self
        except BaseException as error:
            if not step(_exit(manager, error)):
                raise
        else:
            step(_exit(manager, None))

    return call


async def _enter(manager: AbstractAsyncContextManager[T]) -> T:
    return await manager.__aenter__()


async def _exit(
    manager: AbstractAsyncContextManager[Any], error: BaseException | None
) -> bool | None:
    kind = None if error is None else type(error)
    return await manager.__aexit__(kind, error, error.__traceback__ if error else None)
