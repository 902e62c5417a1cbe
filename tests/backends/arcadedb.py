"""ArcadeDB for the behaviour tests: one server a run, a database for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

import httpx2

from runic.ogm.driver import create_driver
from runic.ogm.driver.arcadedb import ArcadeDBDriver
from runic.ogm.driver.base import Driver
from tests.backends import url_of
from tests.backends.arcadedb_server import PASSWORD, USER, ArcadeDBServer, missing
from tests.backends.process import LOOPBACK


class ArcadeDBBackend:
    """A server of the run's own, or the one at RUNIC_ARCADEDB_URL, where databases are made."""

    name = "arcadedb"

    def __init__(self) -> None:
        self._url = url_of(self.name)
        self._directory: Path | None = None
        self._server: ArcadeDBServer | None = None
        self._numbers = count()

    def available(self) -> str | None:
        """Return why no server can be started here, or None."""
        return None if self._url else missing()

    def start(self) -> None:
        """Start a server, unless one is given."""
        if self._url is None:
            self._directory = Path(tempfile.mkdtemp(prefix="runic-arcadedb-"))
            server = self._server = ArcadeDBServer(self._directory)
            server.start()
            where = f"{USER}:{PASSWORD}@{LOOPBACK}:{server.bolt_port}"
            self._url = f"arcadedb://{where}/?http_port={server.http_port}"

    def fresh_driver(self) -> Driver:
        """Return a driver of its own on a new database: making one is faster than emptying one."""
        assert self._url is not None
        driver = create_driver(self._url, graph=f"runic_{os.getpid()}_{next(self._numbers)}")
        _command(driver, "create")
        return driver

    def reset(self, driver: Driver) -> None:
        """Drop the database of a test, and with it types and indexes, which outlive their data."""
        _command(driver, "drop")

    def stop(self) -> None:
        """Stop the server and remove its files, if the run started it."""
        if self._server is not None:
            self._server.stop()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)


def _command(driver: Driver, verb: str) -> None:
    assert isinstance(driver, ArcadeDBDriver)
    answer = httpx2.post(
        f"{driver.http_url}/api/v1/server",
        json={"command": f"{verb} database {driver.graph_name}"},
        auth=(driver.settings.username, driver.settings.password),
        timeout=60,
        trust_env=False,
    )
    answer.raise_for_status()
