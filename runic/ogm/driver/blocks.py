"""Objects that are closed at the end of a block: drivers, managers, sessions.

An object belongs to one kind of block; entered by the other, it says which one it is for.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from runic.ogm.errors import StatementError


class SyncBlock:
    """What is entered with `with`."""

    # Type checkers are to refuse the wrong block themselves.
    if not TYPE_CHECKING:

        async def __aenter__(self) -> NoReturn:
            raise StatementError(
                f"{type(self).__name__} blocks: enter it with `with`, not `async with`"
            )

        async def __aexit__(self, *error: Any) -> None:
            """Python asks for this method before it calls the one above."""


class AsyncBlock:
    """What is entered with `async with`."""

    if not TYPE_CHECKING:

        def __enter__(self) -> NoReturn:
            raise StatementError(
                f"{type(self).__name__} is async: enter it with `async with`, not `with`"
            )

        def __exit__(self, *error: Any) -> None:
            """Python asks for this method before it calls the one above."""


class ClosedAtEnd(SyncBlock):
    """A `with` block that closes the object, whose `close` blocks."""

    def close(self) -> None:
        """Give back what the object holds."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClosedAtEnd(AsyncBlock):
    """An `async with` block that closes the object, whose `close` is awaited."""

    async def close(self) -> None:
        """Give back what the object holds."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
