"""Make ArcadeDB drivers from names and URLs, for the registry; does no I/O."""

from __future__ import annotations

from runic.ogm.driver.arcadedb.driver import ArcadeDBDriver
from runic.ogm.driver.bolt import read_settings
from runic.ogm.driver.registry import DriverRequest

_OURS = frozenset({"graph", "http_port"})


def create(request: DriverRequest) -> ArcadeDBDriver:
    """Return a driver for `BoltSettings`' options, `graph` and `http_port`; it always blocks."""
    settings, ours = read_settings(request.name, request.options, _OURS)
    return ArcadeDBDriver(settings, ours.get("graph"), http_port=ours.get("http_port"))


def create_with_tls(request: DriverRequest) -> ArcadeDBDriver:
    """Return a driver that speaks TLS; `trust` says which certificates pass."""
    settings, ours = read_settings(request.name, request.options, _OURS, tls=True)
    return ArcadeDBDriver(settings, ours.get("graph"), http_port=ours.get("http_port"))
