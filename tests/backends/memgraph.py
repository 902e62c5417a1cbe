"""Memgraph for the behaviour tests: no package has the server, so it is one that runs already."""

from __future__ import annotations

from runic.ogm.driver import create_driver
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.query import Query
from tests.backends import url_of


class MemgraphBackend:
    """The Memgraph server at RUNIC_MEMGRAPH_URL."""

    name = "memgraph"

    def __init__(self) -> None:
        self._url = url_of(self.name)

    def available(self) -> str | None:
        """Return why there is no server to test on, or None."""
        if self._url:
            return None
        return (
            "no package has the server; start one (docker-compose.yml) and set RUNIC_MEMGRAPH_URL"
        )

    def start(self) -> None:
        """Empty the server."""
        driver = self.fresh_driver()
        self.reset(driver)
        driver.close()

    def fresh_driver(self) -> Driver:
        """Return a driver of its own on the emptied database."""
        assert self._url is not None
        return create_driver(self._url)

    def reset(self, driver: Driver) -> None:
        """Remove every node, index and constraint."""
        for text in ("MATCH (n) DETACH DELETE n", "DROP ALL CONSTRAINTS", "DROP ALL INDEXES"):
            step(driver.run(Query(text)))

    def stop(self) -> None:
        """Leave the server running: the tests did not start it."""
