"""Apache AGE for the behaviour tests: one server a run, a graph a test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from pathlib import Path

from runic.ogm.driver import create_driver
from runic.ogm.driver.age.sql import SqlQuery
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from tests.backends import url_of
from tests.backends.age_server import AGEServer, missing

# Dropping a graph takes a hundredth of the time that deleting its nodes takes.
_DROP = "SELECT drop_graph(%GRAPH%, true) FROM ag_catalog.ag_graph WHERE name = %GRAPH%"


class AgeBackend:
    """A server of the run's own, or the one at RUNIC_AGE_URL."""

    name = "age"

    def __init__(self) -> None:
        self._url = url_of(self.name)
        self._directory: Path | None = None
        self._server: AGEServer | None = None
        self._numbers = itertools.count()

    def available(self) -> str | None:
        """Return why no server can be started here, or None."""
        return None if self._url else missing()

    def start(self) -> None:
        """Start a server, unless one is given."""
        if self._url is None:
            self._directory = Path(tempfile.mkdtemp(prefix="runic-age-"))
            self._server = AGEServer(self._directory)
            self._server.start()
            self._url = self._server.url

    def fresh_driver(self) -> Driver:
        """Return a driver of its own, on a graph that no test had before."""
        assert self._url is not None
        graph = f"runic-test-{os.getpid()}-{next(self._numbers)}"
        return create_driver(self._url, graph=graph)

    def reset(self, driver: Driver) -> None:
        """Drop the graph of the driver, if the test made it."""
        # First, as sessions that a test left open keep locks in their transactions.
        driver.close()
        assert self._url is not None
        graph = getattr(driver, "graph_name")  # noqa: B009 (a Driver in general has none)
        apart = create_driver(self._url, graph=graph)
        step(apart.run(SqlQuery(_DROP)))
        apart.close()

    def stop(self) -> None:
        """Stop the server of this run."""
        if self._server is not None:
            self._server.stop()
        if self._directory is not None:
            shutil.rmtree(self._directory)
