"""Neo4j for the behaviour tests: one server a run, emptied after each test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from runic.ogm.driver import create_driver
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.query import Query
from tests.backends import url_of
from tests.backends.neo4j_server import PASSWORD, USER, Neo4jServer, missing

# Lookup indexes are the database's own.
_INDEXES = "SHOW INDEXES YIELD name, type, owningConstraint WHERE type <> 'LOOKUP' RETURN name"


class Neo4jBackend:
    """A Neo4j Community server of the run's own, or the one at RUNIC_NEO4J_URL."""

    name = "neo4j"

    def __init__(self) -> None:
        self._url = url_of(self.name)
        self._directory: Path | None = None
        self._server: Neo4jServer | None = None

    def available(self) -> str | None:
        """Return why no server can be started here, or None."""
        return None if self._url else missing()

    def start(self) -> None:
        """Start a server, unless one is given, and empty it."""
        if self._url is None:
            self._directory = Path(tempfile.mkdtemp(prefix="runic-neo4j-"))
            self._server = Neo4jServer(self._directory)
            self._server.start()
            # Not neo4j://, which asks for the members of the cluster with each driver.
            self._url = f"bolt://{USER}:{PASSWORD}@127.0.0.1:{self._server.port}/neo4j"
        driver = self.fresh_driver()
        self.reset(driver)
        driver.close()

    def fresh_driver(self) -> Driver:
        """Return a driver of its own on the emptied database."""
        assert self._url is not None
        return create_driver(self._url)

    def reset(self, driver: Driver) -> None:
        """Remove every node, index and constraint: Community has one database, not one a test."""
        step(driver.run(Query("MATCH (n) DETACH DELETE n")))
        for kind in ("CONSTRAINT", "INDEX"):
            for name in self._names(driver, kind):
                step(driver.run(Query(f"DROP {kind} `{name}` IF EXISTS")))

    def _names(self, driver: Driver, kind: str) -> list[str]:
        text = _INDEXES if kind == "INDEX" else "SHOW CONSTRAINTS YIELD name RETURN name"
        return [row[0] for row in step(driver.run(Query(text, read_only=True))).rows]

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self._server is not None:
            # Nobody wants its data any more: it need not write them.
            self._server.kill()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
