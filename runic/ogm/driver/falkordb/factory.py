"""Make FalkorDB drivers from names and URLs, for the registry; does no I/O."""

from __future__ import annotations

from typing import Any

from runic.ogm.driver.falkordb.driver import (
    MAX_QUERY_BYTES,
    AsyncFalkorDBDriver,
    FalkorDBDriver,
)
from runic.ogm.driver.falkordb.embedded import EmbeddedEndpoint, EmbeddedServer
from runic.ogm.driver.falkordb.endpoint import Endpoint, network_endpoint
from runic.ogm.driver.falkordb.pool import PoolLimits
from runic.ogm.driver.registry import DriverRequest
from runic.ogm.errors import StatementError

DEFAULT_GRAPH = "runic"

AnyDriver = FalkorDBDriver | AsyncFalkorDBDriver


def create_on_network(request: DriverRequest) -> AnyDriver:
    """Return a driver for `host`, `port`, `username`, `password`, `ssl` and redis-py's settings."""
    return _from_network(request, dict(request.options))


def create_with_tls(request: DriverRequest) -> AnyDriver:
    """Return a driver that speaks TLS; the server's certificate and host name are checked."""
    return _from_network(request, {**request.options, "ssl": True})


def create_embedded(request: DriverRequest) -> AnyDriver:
    """Return a driver with a server of its own; `path` is its file, None keeps it in memory.

    The server starts with the first query and ends when the driver is closed.
    """
    options = dict(request.options)
    server = EmbeddedServer(
        options.pop("path", None) or None, module_args=options.pop("module_args", ())
    )
    return _create(request, EmbeddedEndpoint(server), options)


def _from_network(request: DriverRequest, options: dict[str, Any]) -> AnyDriver:
    ours = {name: options.pop(name) for name in _OURS if name in options}
    if options.get("ssl"):
        options.setdefault("ssl_check_hostname", True)
    options.setdefault("host", "localhost")
    options.setdefault("port", 6379)
    return _create(request, network_endpoint(**options), ours)


_OURS = ("graph", "max_connections", "max_query_bytes", "pool_timeout")


def _create(
    request: DriverRequest, endpoint: Endpoint | EmbeddedEndpoint, options: dict[str, Any]
) -> AnyDriver:
    unknown = sorted(set(options) - set(_OURS))
    if unknown:
        raise StatementError(f"{request.name!r} has no option {', '.join(unknown)}")
    limits = PoolLimits(options.get("max_connections", 16), options.get("pool_timeout", 60.0))
    kind = AsyncFalkorDBDriver if request.asynchronous else FalkorDBDriver
    graph = options.get("graph", DEFAULT_GRAPH)
    return kind.at(endpoint, graph, limits, options.get("max_query_bytes", MAX_QUERY_BYTES))
