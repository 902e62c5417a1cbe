"""A driver learns from a handle where the server is, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import redis
import redis.asyncio
from falkordb import Graph
from redis.asyncio.connection import SSLConnection as AsyncSSLConnection
from redis.connection import SSLConnection, UnixDomainSocketConnection
from redis.retry import Retry

from runic.ogm.driver.falkordb.endpoint import Endpoint, client_of, endpoint_of, network_endpoint
from runic.ogm.errors import StatementError, UnsupportedFeatureError


def endpoint(client: Any) -> Endpoint:
    """Return the endpoint of a graph on this client."""
    graph = Graph(client, "g")
    found = endpoint_of(client_of(graph)[0], graph)
    assert found is not None
    return found


def test_address_credentials_and_tls_are_the_handles() -> None:
    """What it takes to reach the server and to trust it is kept, on both faces."""
    client = redis.Redis(
        host="db.example", port=7000, username="ada", password="pw", db=3, ssl=True,
        ssl_ca_certs="/ca.pem", ssl_check_hostname=True,
    )  # fmt: skip
    found = endpoint(client)
    assert found.where == "db.example:7000"
    blocking, waiting = found.sync_connection(), found.async_connection()
    assert isinstance(blocking, SSLConnection)
    assert isinstance(waiting, AsyncSSLConnection)
    for connection in (blocking, waiting):
        assert (connection.host, connection.port, connection.db) == ("db.example", 7000, 3)
        assert (connection.username, connection.password) == ("ada", "pw")
    assert blocking.ca_certs == waiting.ca_certs == "/ca.pem"
    assert blocking.check_hostname
    assert waiting.check_hostname


def test_timeouts_and_retries_are_ours() -> None:
    """A handle whose client re-sends slow writes does not make the driver do so."""
    client = redis.Redis(
        unix_socket_path="/s",
        socket_timeout=5,
        retry=Retry(None, 10),
        protocol=3,  # type: ignore[arg-type]
    )
    for connection in (endpoint(client).sync_connection(), endpoint(client).async_connection()):
        assert connection.socket_timeout is None
        assert connection.retry.get_retries() == 0
        assert connection.protocol == 2
        assert connection.encoder.decode_responses


def test_an_async_handle_serves_the_blocking_driver() -> None:
    """The face of the handle does not matter."""
    connection = endpoint(redis.asyncio.Redis(unix_socket_path="/s")).sync_connection()
    assert isinstance(connection, UnixDomainSocketConnection)
    assert connection.path == "/s"


def test_protection_is_never_dropped() -> None:
    """A TLS setting that the asyncio client does not have is refused, not ignored."""
    client = redis.Redis(ssl=True, ssl_validate_ocsp=True)
    assert endpoint(client).sync_connection().ssl_validate_ocsp
    with pytest.raises(UnsupportedFeatureError, match="ssl_validate_ocsp"):
        endpoint(client).async_connection()


def test_the_password_is_not_shown() -> None:
    """An endpoint can be logged by its address."""
    assert "secret" not in network_endpoint("h", 1, password="secret").where


def test_unknown_settings_are_refused() -> None:
    """A misspelled setting is named."""
    with pytest.raises(StatementError, match="sockettimeout"):
        network_endpoint("h", 1, sockettimeout=1)
