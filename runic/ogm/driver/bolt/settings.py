"""Where a Bolt server is and how to reach it, read from the options of a URL or a call; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import neo4j

from runic.ogm.errors import StatementError

Trust = Literal["system", "any"] | str


@dataclass(frozen=True, slots=True)
class BoltSettings:
    """A server and the limits of the connections to it; times are in seconds.

    `tls` encrypts, and `trust` says which certificates pass: those of the "system", "any" (also
    self-signed ones, unchecked), or those signed by one of the authorities in a PEM file, by its
    path. `routing` asks the server for the members of its cluster. A query waits up to
    `pool_timeout` for one of `max_connections`; a connection that was idle for `idle_check` is
    tried before it is used.
    """

    host: str = "localhost"
    port: int = 7687
    username: str = ""
    password: str = ""
    tls: bool = False
    trust: Trust = "system"
    routing: bool = False
    max_connections: int = 16
    pool_timeout: float = 60.0
    connect_timeout: float = 10.0
    idle_check: float = 30.0

    @property
    def address(self) -> str:
        """The server as messages name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def uri(self) -> str:
        """The server as the client takes it."""
        return f"{'neo4j' if self.routing else 'bolt'}://{self.address}"

    def client_options(self) -> dict[str, Any]:
        """Return the rest as the client takes it."""
        encryption: dict[str, Any] = {"encrypted": self.tls}
        if self.tls:
            encryption["trusted_certificates"] = self._trusted()
        return {
            **encryption,
            "auth": (self.username, self.password) if self.username else None,
            "max_connection_pool_size": self.max_connections,
            "connection_acquisition_timeout": self.pool_timeout,
            "connection_timeout": self.connect_timeout,
            "liveness_check_timeout": self.idle_check,
            # Nobody reads them, and the client would log each as a warning.
            "notifications_min_severity": "OFF",
            "telemetry_disabled": True,
            "user_agent": "runic",
        }

    def _trusted(self) -> Any:
        if self.trust == "any":
            return neo4j.TrustAll()
        if self.trust == "system":
            return neo4j.TrustSystemCAs()
        return neo4j.TrustCustomCAs(self.trust)


_NAMES = frozenset(each.name for each in fields(BoltSettings))


def read_settings(
    name: str, options: Mapping[str, Any], others: frozenset[str] = frozenset(), **defaults: Any
) -> tuple[BoltSettings, dict[str, Any]]:
    """Return the settings among a factory's options, and those in `others` that it reads itself.

    `defaults` are settings that hold unless the options say otherwise. Raises `StatementError` for
    an option that is neither.
    """
    unknown = sorted(set(options) - _NAMES - others)
    if unknown:
        raise StatementError(
            f"{name!r} has no option {', '.join(unknown)}; it takes"
            f" {', '.join(sorted(_NAMES | others))}"
        )
    ours = {key: value for key, value in options.items() if key in _NAMES}
    rest = {key: value for key, value in options.items() if key in others}
    return BoltSettings(**{**defaults, **ours}), rest
