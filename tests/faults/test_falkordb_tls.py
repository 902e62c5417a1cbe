"""FalkorDB behind TLS and a password: `falkordbs://` on both faces."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from runic.ogm import create_async_driver, create_driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import EmbeddedServer
from runic.ogm.errors import AuthenticationError, ConnectionLostError
from runic.ogm.query import Query
from tests.faults.certificates import certificate
from tests.faults.tls_front import TLSFront

ONE = Query("RETURN 1")
PASSWORD = "p@ss:wörd/1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate that has signed itself."""
    return certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def front(authority: Path) -> Iterator[TLSFront]:
    """Return a port with TLS, on which the server knows nobody but ada."""
    with EmbeddedServer() as server:
        with server.handle() as admin:
            run = admin.connection.execute_command
            run("ACL", "SETUSER", "ada", "on", f">{PASSWORD}", "~*", "&*", "+@all")
        front = TLSFront(lambda: _connected(server.socket), authority)
        front.start()
        yield front
        front.stop()


def _connected(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.connect(path)
    return made


def url(front: TLSFront, options: str = "", password: str = PASSWORD) -> str:
    """Return the URL of a graph behind the front."""
    return f"falkordbs://ada:{quote(password, safe='')}@localhost:{front.port}/g{options}"


async def test_a_session_speaks_tls_where_its_authority_is_named(
    front: TLSFront, authority: Path
) -> None:
    """The async and the blocking driver, by the same URL."""
    trusted = url(front, f"?ssl_ca_certs={authority}")
    driver = create_async_driver(trusted)
    assert (await driver.run(ONE)).rows == [[1]]
    await driver.close()
    blocking = create_driver(trusted)
    assert step(blocking.run(ONE)).rows == [[1]]
    blocking.close()
    assert front.encrypted[-2:] == [True, True]


def test_a_certificate_that_nobody_vouches_for_is_refused(front: TLSFront) -> None:
    """The error says that it is about the certificate."""
    driver = create_driver(url(front))
    with pytest.raises(ConnectionLostError, match="(?i)certificate"):
        step(driver.run(ONE))
    driver.close()


def test_a_wrong_password_is_said_without_showing_it(front: TLSFront, authority: Path) -> None:
    """The error says which options to look at."""
    driver = create_driver(url(front, f"?ssl_ca_certs={authority}", "letmein-please"))
    with pytest.raises(AuthenticationError, match="check username=") as caught:
        step(driver.run(ONE))
    assert "letmein" not in str(caught.value)
    driver.close()
