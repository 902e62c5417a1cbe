"""Apache AGE with TLS, passwords and an ordinary role, on a server of its own."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from runic.ogm import Field, Node, Registry, Relation, Session, create_driver
from runic.ogm.driver.age.sql import SqlQuery
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from runic.ogm.errors import AuthenticationError, ConnectionLostError
from runic.ogm.query import Query, select
from runic.ogm.schema import SchemaManager
from tests.backends import required, selected
from tests.backends.age_server import AGEServer, missing
from tests.faults.certificates import certificate
from tests.faults.tls_front import PostgresTLSFront, TLSFront

pytestmark = pytest.mark.skipif("age" not in selected(), reason="this run leaves out age")

Reach = Callable[..., Driver]

ONE = Query("RETURN 1", read_only=True)
PASSWORD = "p@ss:wörd/1"
# The tests arrange things as postgres; everybody else has to give a password.
_ENTRY = """
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""
_ROLE = f"""
DO $$ BEGIN
    CREATE ROLE ada LOGIN PASSWORD '{PASSWORD}';
    GRANT CREATE ON DATABASE postgres TO ada;
    GRANT USAGE ON SCHEMA ag_catalog TO ada;
END $$
"""


class Note(Node, registry=Registry()):
    """Something to write."""

    id: str
    text: str = Field("", index=True, fulltext=True)
    after: list[Note] = Relation("AFTER")


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Return a directory that the user of the server can reach, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory(prefix="runic-age-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[AGEServer]:
    """Return a server that asks ada for her password."""
    if reason := missing():
        refuse = pytest.fail if "age" in required() else pytest.skip
        refuse(f"age cannot be tested here: {reason}")
    entry = directory / "entry.conf"
    entry.write_text(_ENTRY)
    server = AGEServer(directory, {"hba_file": str(entry)})
    server.start()
    owner = create_driver(server.url)
    step(owner.run(SqlQuery(_ROLE)))
    owner.close()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def front(server: AGEServer, directory: Path) -> Iterator[TLSFront]:
    """Return a port with TLS on which the server answers; its certificate is signed by itself."""
    address = ("127.0.0.1", server.port)
    front = PostgresTLSFront(lambda: socket.create_connection(address), certificate(directory))
    front.start()
    yield front
    front.stop()


@pytest.fixture
def reach(server: AGEServer) -> Iterator[Reach]:
    """Return a function that makes a driver for ada, of a password and what her URL ends in."""
    made: list[Driver] = []

    def make(options: str = "", password: str = PASSWORD, port: int = server.port) -> Driver:
        place = f"ada:{quote(password, safe='')}@127.0.0.1:{port}"
        made.append(create_driver(f"age://{place}/hers?database=postgres{options}"))
        return made[-1]

    yield make
    for driver in made:
        driver.close()


@pytest.mark.parametrize(
    ("options", "encrypted"), [("", True), ("&ssl=require", True), ("&ssl=disable", False)]
)
def test_connections_are_encrypted_unless_told_otherwise(
    reach: Reach, front: TLSFront, options: str, encrypted: bool
) -> None:
    """TLS is used where the server has it, except if the URL says that it shall not be."""
    assert step(reach(options, port=front.port).run(ONE)).rows == [[1]]
    assert front.encrypted[-1] is encrypted


def test_a_certificate_of_ones_own_is_checked(
    reach: Reach, front: TLSFront, directory: Path
) -> None:
    """With ssl=true it passes where its authority is named, and nowhere else."""
    authority = f"&ssl_ca_certs={directory / 'public.crt'}"
    assert step(reach(f"&ssl=true{authority}", port=front.port).run(ONE)).rows == [[1]]
    assert front.encrypted[-1]
    with pytest.raises(ConnectionLostError, match="certificate"):
        step(reach("&ssl=true", port=front.port).run(ONE))


def test_a_server_without_tls_is_an_error_where_it_is_required(reach: Reach) -> None:
    """Nothing is sent in the clear, neither the password nor the query."""
    with pytest.raises(ConnectionLostError, match="SSL"):
        step(reach("&ssl=require").run(ONE))


@pytest.mark.parametrize("query", [ONE, Query("CREATE (:Note)")], ids=["read", "write"])
@pytest.mark.parametrize("password", ["letmein-please", ""], ids=["wrong", "none"])
def test_a_wrong_password_is_said_without_showing_it(
    reach: Reach, password: str, query: Query
) -> None:
    """The error says which options to look at."""
    with pytest.raises(AuthenticationError, match="username= and password=") as caught:
        step(reach(password=password).run(query))
    assert "letmein" not in str(caught.value)


def test_an_ordinary_role_needs_no_more_than_the_documentation_says(reach: Reach) -> None:
    """Its graph, labels, indexes and entities are made with what it was granted, and found."""
    driver = reach()
    SchemaManager(driver).create_all(Note)
    with Session(driver) as session:
        session.add(Note(id="a", text="something of hers"))
    with Session(driver, read_only=True) as session:
        [note] = session.scalars(select(Note).repeat(Note.after, min_hops=0).return_target())
        assert session.fulltext_search(Note, query="something").all() == [note]
        assert "Scan" in session.explain(select(Note))


def test_what_a_role_may_not_do_is_said(server: AGEServer, reach: Reach) -> None:
    """The graph of somebody else, who granted nothing."""
    owner = create_driver(server.url, graph="theirs")
    step(owner.run(Query("CREATE (:Note)")))
    owner.close()
    with pytest.raises(AuthenticationError, match="grant the role"):
        step(reach().graph("theirs").run(Query("MATCH (n:Note) RETURN n", read_only=True)))
