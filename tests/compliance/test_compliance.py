"""runic's own drivers meet every requirement that it has of the drivers of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runic.ogm.driver import create_async_driver, create_driver
from runic.ogm.driver.base import Driver, close_driver
from runic.ogm.testing.suite import DriverCompliance, requirements
from tests.backends import FALKORDB, Target

_MAKERS = {"async": create_async_driver, "sync": create_driver}


class TestOurDrivers(DriverCompliance):
    """Every driver of the backends that this run has."""

    @pytest.fixture
    def connect(self, backend_face: Target, request: pytest.FixtureRequest) -> Callable[[], Driver]:
        """Return a function that makes drivers of the face under test."""
        if backend_face.backend != FALKORDB:
            running = request.getfixturevalue("running_backends")
            fresh: Callable[[], Driver] = running.get(backend_face.backend).fresh_driver
            return fresh
        server, graph = (request.getfixturevalue(f"runic_{name}") for name in ("server", "graph"))
        make = server.async_driver if backend_face.face == "async" else server.driver
        return lambda: make(graph)

    @pytest.fixture
    def driver(
        self,
        connect: Callable[[], Driver],
        wait: Callable[..., Any],
        backend_face: Target,
        request: pytest.FixtureRequest,
    ) -> Iterator[Driver]:
        """Return a driver on an empty graph, which its server removes in its own way."""
        driver = connect()
        wait(self.empty(driver))
        yield driver
        if backend_face.backend != FALKORDB:
            running = request.getfixturevalue("running_backends")
            running.get(backend_face.backend).reset(driver)
        wait(close_driver(driver))

    @pytest.fixture
    def unreachable(self, backend_face: Target) -> Driver:
        """Return a driver to nowhere."""
        return _MAKERS[backend_face.face](f"{backend_face.backend}://127.0.0.1:1")


def test_requirements_say_what_they_are() -> None:
    """Each has a name and a sentence, for the list in the docs."""
    assert len(requirements()) > 60
    assert all(sentence.endswith((".", ":", ";")) for sentence in requirements().values())
