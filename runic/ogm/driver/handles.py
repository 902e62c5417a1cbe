"""Take what users have in their hands for a driver.

A session, a manager and whatever else has a `driver` stands for it; a client's graph handle becomes
one where a connection manager takes it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from runic.ogm.driver.base import AsyncDriver, Driver
from runic.ogm.errors import AsyncNotSupportedError, StatementError


def checked_driver(value: Any, maker: str = "create_driver") -> Driver:
    """Return the driver that was given, or that of the session or manager that was.

    Raises:
        StatementError: It is neither; `maker` is the function that makes a driver of a URL here.
    """
    if _is_driver(value):
        return cast("Driver", value)
    if _is_driver(inner := getattr(value, "driver", None)):
        return cast("Driver", inner)
    raise _refused(value, maker)


def blocking_driver(value: Any) -> Driver:
    """Return what `checked_driver` does as a driver that blocks.

    An async driver has a twin that waits on an event loop of the driver's own.
    """
    driver = checked_driver(value)
    return driver if driver.blocks else cast("AsyncDriver", driver).blocking()


def async_driver_for(handle: Any) -> AsyncDriver:
    """Return a driver as it is, or an `AsyncFalkorDBDriver` for a FalkorDB graph handle.

    Raises:
        AsyncNotSupportedError: The driver blocks.
    """
    if _is_graph(handle):
        return cast("AsyncDriver", _made("AsyncFalkorDBDriver", handle))
    driver = checked_driver(handle, "create_async_driver")
    if driver.blocks:
        raise AsyncNotSupportedError(
            f"{type(driver).__name__} blocks: use ConnectionManager, whose sessions belong into"
            " threads"
        )
    return cast("AsyncDriver", driver)


def driver_for(handle: Any) -> Driver:
    """Return a driver as it is, or a `FalkorDBDriver` for a FalkorDB graph handle."""
    return _made("FalkorDBDriver", handle) if _is_graph(handle) else checked_driver(handle)


def _is_driver(value: Any) -> bool:
    # Not isinstance: a session is made for every request, and that looks each method up.
    return isinstance(getattr(value, "blocks", None), bool) and not isinstance(value, type)


def _is_graph(handle: Any) -> bool:
    return callable(getattr(handle, "ro_query", None)) and not isinstance(handle, type)


def _made(name: str, handle: Any) -> Driver:
    # Imported here because its client library takes longer to import than all of runic.
    made: Driver = getattr(import_module("runic.ogm.driver.falkordb"), name)(handle)
    return made


def _refused(value: Any, maker: str) -> StatementError:
    if isinstance(value, str):
        # The text is not shown: a URL may hold a password.
        return StatementError(
            f"expected a driver, got text; make the driver of a URL or a name with {maker}(…), and"
            " close it at the end"
        )
    if _is_graph(value):
        return StatementError(
            f"{type(value).__name__} is a graph handle, not a driver; wrap it in"
            " FalkorDBDriver(graph) or AsyncFalkorDBDriver(graph) of runic.ogm.driver.falkordb, or"
            " in a connection manager"
        )
    return StatementError(
        f"expected a driver, got {value!r:.100}; make one with {maker}(…). A connection manager"
        " also takes falkordb.FalkorDB(…).select_graph(name)"
    )
