"""One way to write a behaviour test for both session faces.

A behaviour test awaits its session: `await session.get(User, "ada")`. On the async face that is an
AsyncSession; on the sync face it is an `AwaitableFace` around a Session, whose methods can be
awaited but run the synchronous method in place. Which methods those are is read from the async
twin (`Session` has `AsyncSession`, `Repository` has `AsyncRepository`), so nothing is listed here.

Used by the fixtures `session` and `new_session` of tests/conftest.py.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import runic.ogm


async def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function of either face and return its result, awaited where it must be."""
    result = function(*args, **kwargs)
    return await result if inspect.isawaitable(result) else result


def async_twin(value: object) -> type | None:
    """Return the async class that `value`'s class is the synchronous face of, or None."""
    for cls in type(value).__mro__:
        name = f"Async{cls.__name__}"
        for module in (sys.modules[cls.__module__], runic.ogm):
            if isinstance(twin := getattr(module, name, None), type):
                return twin
    return None


def awaitable_face(value: Any) -> Any:
    """Return `value` as a behaviour test uses it: awaitable where its async twin is."""
    # Blocks first: contextlib's classes have an async twin too, which is not meant here.
    if isinstance(value, AbstractContextManager) and type(value).__module__ == "contextlib":
        return AwaitableBlock(value)
    if (twin := async_twin(value)) is not None:
        return AwaitableFace(value, twin)
    if isinstance(value, Iterator):
        return AwaitableIterator(value)
    return value


def sync_face(value: Any) -> Any:
    """Return what `value` wraps: arguments reach the synchronous method as they are."""
    return value.wrapped if isinstance(value, AwaitableFace) else value


class AwaitableFace:
    """A synchronous object that is used like its async twin."""

    def __init__(self, wrapped: Any, twin: type) -> None:
        self.wrapped = wrapped
        self._twin = twin

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.wrapped, name)
        if not callable(value):
            return value
        twin = getattr(self._twin, name, None)
        if callable(twin) and inspect.iscoroutinefunction(inspect.unwrap(twin)):
            return _awaited(value)
        return _adapted(value)

    def __repr__(self) -> str:
        return repr(self.wrapped)

    def __contains__(self, item: object) -> bool:
        return item in self.wrapped

    async def __aenter__(self) -> AwaitableFace:
        self.wrapped.__enter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self.wrapped.__exit__(kind, error, trace)

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self.wrapped:
            yield item


class AwaitableIterator:
    """An iterator that is used with `async for`; closing it closes the iterator."""

    def __init__(self, wrapped: Iterator[Any]) -> None:
        self._wrapped = wrapped

    def __aiter__(self) -> AwaitableIterator:
        return self

    async def __anext__(self) -> Any:
        try:
            return next(self._wrapped)
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        """Close the iterator that is wrapped."""
        self._wrapped.close()  # type: ignore[attr-defined]


class AwaitableBlock:
    """A `with` block that is entered with `async with`."""

    def __init__(self, wrapped: AbstractContextManager[Any]) -> None:
        self._wrapped = wrapped

    async def __aenter__(self) -> Any:
        return awaitable_face(self._wrapped.__enter__())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self._wrapped.__exit__(kind, error, trace)


def _awaited(method: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def run(*args: Any, **kwargs: Any) -> Any:
        return _adapted(method)(*args, **kwargs)

    return run


def _adapted(method: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        result = method(*map(sync_face, args), **{k: sync_face(v) for k, v in kwargs.items()})
        return awaitable_face(result)

    return run
