"""The driver is what runic needs of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runic.ogm import Driver, create_driver
from runic.ogm.driver.falkordb import EmbeddedServer
from runic.ogm.testing.suite import DriverCompliance


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """Return a FalkorDB server of this run."""
    with EmbeddedServer() as running:
        yield running


class TestRedisDriver(DriverCompliance):
    """runic's requirements, met by what the entry point leads to."""

    @pytest.fixture
    def connect(self, server: EmbeddedServer) -> Callable[[], Driver]:
        """Return a function that makes drivers."""
        return lambda: create_driver("redisgraph://", unix_socket_path=server.socket)

    @pytest.fixture
    def unreachable(self) -> Driver:
        """Return a driver to nowhere."""
        return create_driver("redisgraph://127.0.0.1:1")
