"""`SchemaManager`: the sync face of `AsyncSchemaManager`. No logic of its own."""

from __future__ import annotations

from runic.ogm.driver.base import Driver
from runic.ogm.driver.handles import blocking_driver
from runic.ogm.schema.async_manager import AsyncSchemaManager
from runic.ogm.session.blocking import blocking


class SchemaManager:
    """Creates, compares and drops the indexes and constraints that models ask for.

    Every method takes the classes it is about; without any it is about all classes of `registry`,
    which is the one that models share unless they name another. A node class brings the classes
    above it, whose labels its nodes carry.

    Args:
        driver: Any driver; an async one is used on an event loop of its own, in another thread.
    """

    def __init__(self, driver: Driver) -> None:
        self._core = AsyncSchemaManager._blocking(blocking_driver(driver))

    create_all = blocking(AsyncSchemaManager.create_all)
    missing = blocking(AsyncSchemaManager.missing)
    drop_all = blocking(AsyncSchemaManager.drop_all)
