"""The server a test run works on: an embedded one, or one that is already running.

Started by the plugin's fixture `runic_server`, once a run (once a worker under pytest-xdist).
"""

from __future__ import annotations

import uuid
from typing import Any, Protocol

from falkordb import FalkorDB
from redis.exceptions import ResponseError

from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.errors import StatementError

# Our schemes, as the client library spells them.
_SCHEMES = {"falkordb": "falkor", "falkordbs": "falkors", "unix": "unix"}
_MISSING_GRAPH = "empty key"


class GraphServer(Protocol):
    """A server that hands out graph handles of the official client."""

    def handle(self, graph: str) -> Any: ...

    def stop(self) -> None: ...


class RunningServer:
    """A server somebody else started, by URL: `falkordb://user:password@host:port`."""

    def __init__(self, url: str) -> None:
        self._client = FalkorDB.from_url(_client_url(url))

    def handle(self, graph: str) -> Any:
        """Return the client's handle for one graph."""
        return self._client.select_graph(graph)

    def stop(self) -> None:
        """Close the connections to the server, which goes on running."""
        self._client.connection.close()


class RunServer:
    """What a test run needs of its server: graphs that nobody else has, and drivers for them."""

    def __init__(self, url: str | None = None) -> None:
        self.server: GraphServer = RunningServer(url) if url else EmbeddedServer()

    def new_graph(self) -> str:
        """Return a graph name that no other test, worker or run uses."""
        return f"runic-test-{uuid.uuid4().hex}"

    def driver(self, graph: str) -> FalkorDBDriver:
        """Return a blocking driver with connections of its own."""
        return FalkorDBDriver(self.server.handle(graph))

    def async_driver(self, graph: str) -> AsyncFalkorDBDriver:
        """Return an asyncio driver with connections of its own, for any event loop."""
        return AsyncFalkorDBDriver(self.server.handle(graph))

    def delete_graph(self, graph: str) -> None:
        """Delete the graph if a test created it."""
        try:
            self.server.handle(graph).delete()
        except ResponseError as error:
            if _MISSING_GRAPH not in str(error):
                raise

    def stop(self) -> None:
        """Stop the server if it was started for this run."""
        self.server.stop()


def _client_url(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SCHEMES:
        raise StatementError(
            f"--runic-url takes falkordb://, falkordbs:// or unix://, not {url!r}; "
            "leave it out for an embedded server"
        )
    return f"{_SCHEMES[scheme]}://{rest}"
