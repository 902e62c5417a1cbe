"""The servers that the oracle starts for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from runic.ogm.driver.base import Driver
from tests.backends import create


@contextmanager
def driver_of(backend: str) -> Iterator[Driver]:
    """Start a backend other than FalkorDB and give a driver on an empty graph."""
    running = create(backend)
    if reason := running.available():
        raise SystemExit(f"{backend} cannot be started here: {reason}")
    running.start()
    try:
        driver = running.fresh_driver()
        yield driver
        running.reset(driver)
        driver.close()
    finally:
        running.stop()
