"""The server a test run works on: an embedded one, or one that is already running.

Started by the plugin's fixture `runic_server`, once a run (once a worker under pytest-xdist).
"""

from __future__ import annotations

import uuid
from typing import Any

from falkordb import FalkorDB
from redis.exceptions import RedisError, ResponseError

from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.errors import ConnectionLostError, StatementError

# Our schemes, as the client library spells them.
_SCHEMES = {"falkordb": "falkor", "falkordbs": "falkors", "unix": "unix"}
_MISSING_GRAPH = "empty key"


class RunServer:
    """The server of one test run: graphs that nobody else has, and drivers for them."""

    def __init__(self, url: str | None = None) -> None:
        """Use the server at `url`, or start an embedded one.

        Raises `StatementError` for a URL of another kind, `ConnectionLostError` when nobody
        answers there, and `UnsupportedFeatureError` when there is no server to embed.
        """
        self._embedded: EmbeddedServer | None = None
        if url:
            self.client = _running(url)
        else:
            self._embedded = EmbeddedServer()
            self.client = self._embedded.handle()

    def new_graph(self) -> str:
        """Return a graph name that no other test, worker or run uses."""
        return f"runic-test-{uuid.uuid4().hex}"

    def driver(self, graph: str) -> FalkorDBDriver:
        """Return a blocking driver with connections of its own."""
        return FalkorDBDriver(self.client.select_graph(graph))

    def async_driver(self, graph: str) -> AsyncFalkorDBDriver:
        """Return an asyncio driver with connections of its own, for any event loop."""
        return AsyncFalkorDBDriver(self.client.select_graph(graph))

    def delete_graph(self, graph: str) -> None:
        """Delete the graph if a test created it."""
        try:
            self.client.select_graph(graph).delete()
        except ResponseError as error:
            if _MISSING_GRAPH not in str(error):
                raise

    def stop(self) -> None:
        """Close the connections of this object, and stop the server if it was started for it."""
        # Closing the client would leave the connections of its pool open.
        connection: Any = self.client.connection
        connection.connection_pool.disconnect()
        if self._embedded is not None:
            self._embedded.stop()


def _running(url: str) -> FalkorDB:
    try:
        return FalkorDB.from_url(_client_url(url))
    except RedisError as error:
        # Without the credentials that may stand before the @.
        address = url.rpartition("@")[2]
        raise ConnectionLostError(
            f"no FalkorDB server for the tests at {address} ({error}); start it, or leave out "
            "--runic-url and RUNIC_FALKORDB_URL for an embedded one"
        ) from error


def _client_url(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SCHEMES:
        raise StatementError(
            f"--runic-url takes falkordb://, falkordbs:// or unix://, not {url!r}; "
            "leave it out for an embedded server"
        )
    return f"{_SCHEMES[scheme]}://{rest}"
