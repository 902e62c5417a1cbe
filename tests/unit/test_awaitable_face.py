"""The adapter that lets one behaviour test run on the sync face as well (tests/faces.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests import faces


class AsyncShelf:
    """What the test is written for."""

    async def get(self, key: str) -> Any: ...

    def stream(self) -> AsyncIterator[str]: ...

    def add(self, item: object) -> None: ...


class Shelf:
    """What it runs on."""

    def __init__(self) -> None:
        self.items: list[object] = []
        self.entered = False

    def __contains__(self, item: object) -> bool:
        return item in self.items

    def __enter__(self) -> Shelf:
        self.entered = True
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.entered = False

    def get(self, key: str) -> str:
        return key.upper()

    def stream(self) -> Iterator[str]:
        yield from ["a", "b"]

    def add(self, item: object) -> None:
        self.items.append(item)

    def sub(self) -> Shelf:
        return Shelf()

    @contextmanager
    def begin(self) -> Iterator[Shelf]:
        yield self


@pytest.fixture
def shelf() -> Any:
    """Return a Shelf to be used like an AsyncShelf."""
    return faces.awaitable_face(Shelf())


async def test_coroutine_of_the_twin_is_awaited(shelf: Any) -> None:
    """A method that is a coroutine on the async face can be awaited."""
    assert await shelf.get("ada") == "ADA"
    assert await faces.call(shelf.get, "bob") == "BOB"


async def test_plain_method_of_the_twin_stays_plain(shelf: Any) -> None:
    """A method that only stages is called without await, on both faces."""
    assert shelf.add("x") is None
    assert "x" in shelf


async def test_iterator_is_read_with_async_for(shelf: Any) -> None:
    """What the async face streams is streamed."""
    assert [item async for item in shelf.stream()] == ["a", "b"]


async def test_results_of_a_known_face_are_adapted(shelf: Any) -> None:
    """A builder or a repository that a session hands out is awaitable too."""
    assert await shelf.sub().get("x") == "X"


async def test_blocks_are_entered_with_async_with(shelf: Any) -> None:
    """Both the object and the blocks it hands out work with `async with`."""
    async with shelf as inside, inside.begin() as begun:
        assert inside.wrapped.entered
        assert await begun.get("x") == "X"
    assert not shelf.wrapped.entered


async def test_the_original_reaches_sync_code(shelf: Any) -> None:
    """An adapted object given as an argument arrives unwrapped."""
    other = faces.awaitable_face(Shelf())
    shelf.add(other)
    assert shelf.wrapped.items == [other.wrapped]


def test_other_values_are_left_alone() -> None:
    """Entities, lists and numbers come as they are."""
    rows = [1, 2]
    assert faces.awaitable_face(rows) is rows
