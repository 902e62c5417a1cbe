"""Drivers: text out, records in."""

from __future__ import annotations

from runic.ogm.driver.base import (
    AsyncDriver,
    Driver,
    EdgeRecord,
    NodeRecord,
    PathRecord,
    Result,
    SyncDriver,
    Transaction,
)
from runic.ogm.driver.capabilities import CAPABILITIES
from runic.ogm.driver.registry import (
    DriverRequest,
    create_async_driver,
    create_driver,
    register_driver,
)

__all__ = [
    "AsyncDriver",
    "CAPABILITIES",
    "Driver",
    "DriverRequest",
    "EdgeRecord",
    "NodeRecord",
    "PathRecord",
    "Result",
    "SyncDriver",
    "Transaction",
    "create_async_driver",
    "create_driver",
    "register_driver",
]
