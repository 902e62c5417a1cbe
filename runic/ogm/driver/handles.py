"""Take what users have in their hands, a client's graph handle or a driver, for a driver."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.errors import StatementError


def async_driver_for(handle: Any) -> Driver:
    """Return a driver as it is, or an `AsyncFalkorDBDriver` for a FalkorDB graph handle."""
    return handle if isinstance(handle, Driver) else _made("AsyncFalkorDBDriver", handle)


def driver_for(handle: Any) -> Driver:
    """Return a driver as it is, or a `FalkorDBDriver` for a FalkorDB graph handle."""
    return handle if isinstance(handle, Driver) else _made("FalkorDBDriver", handle)


def _made(name: str, handle: Any) -> Driver:
    # Imported here because its client library takes longer to import than all of runic.
    made: Driver = getattr(import_module("runic.ogm.driver.falkordb"), name)(_graph(handle))
    return made


def _graph(handle: Any) -> Any:
    if callable(getattr(handle, "ro_query", None)):
        return handle
    raise StatementError(
        f"{type(handle).__name__} is neither a driver nor a FalkorDB graph; give create_driver(…),"
        " or falkordb.FalkorDB(…).select_graph(name)"
    )
