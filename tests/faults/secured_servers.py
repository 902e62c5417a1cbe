"""Neo4j and ArcadeDB that speak Bolt with and without TLS, for test_bolt_servers.py."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from runic.ogm.driver import create_driver
from runic.ogm.driver.base import Driver
from tests.backends import arcadedb_server, neo4j_server
from tests.backends.process import LOOPBACK, free_port
from tests.faults.certificates import certificate, key_store


class Secured(ABC):
    """A server whose certificate is signed by itself, with its data in a directory."""

    # Reaches it without TLS.
    plain: ClassVar[str]
    user: ClassVar[str]
    password: ClassVar[str]
    certificate: Path
    port: int

    @staticmethod
    @abstractmethod
    def missing() -> str | None:
        """Return why the server cannot be started here, or None."""

    @abstractmethod
    def place(self, scheme: str) -> str:
        """Return the end of a URL: the port of the server, and the database."""

    @abstractmethod
    def kill(self) -> None:
        """End the server at once."""

    def reach(self, scheme: str, *, password: str = "", **options: Any) -> Driver:
        """Return a driver for the server."""
        user = f"{self.user}:{password or self.password}"
        return create_driver(f"{scheme}://{user}@{LOOPBACK}:{self.place(scheme)}", **options)


class SecuredNeo4j(Secured):
    """Neo4j Community."""

    plain = "bolt"
    user = neo4j_server.USER
    password = neo4j_server.PASSWORD

    def __init__(self, directory: Path) -> None:
        self.certificate = certificate(directory)
        settings = {
            "dbms.ssl.policy.bolt.enabled": "true",
            "dbms.ssl.policy.bolt.base_directory": str(directory),
            "server.bolt.tls_level": "OPTIONAL",
        }
        self._server = neo4j_server.Neo4jServer(directory, settings)
        self._server.start()
        self.port = self._server.port

    @staticmethod
    def missing() -> str | None:
        return neo4j_server.missing()

    def place(self, scheme: str) -> str:
        return f"{self.port}/neo4j"

    def kill(self) -> None:
        self._server.kill()


class SecuredArcadeDB(Secured):
    """ArcadeDB, whose HTTP side has a port for each way."""

    plain = "arcadedb"
    user = arcadedb_server.USER
    password = arcadedb_server.PASSWORD

    def __init__(self, directory: Path) -> None:
        self.certificate = certificate(directory)
        store = str(key_store(directory, self.password))
        self._https_port = free_port()
        settings = {
            "arcadedb.ssl.enabled": "true",
            "arcadedb.bolt.ssl": "OPTIONAL",
            "arcadedb.server.httpsIncomingPort": str(self._https_port),
        }
        for kind in ("key", "trust"):
            settings[f"arcadedb.ssl.{kind}Store"] = store
            settings[f"arcadedb.ssl.{kind}StorePassword"] = self.password
        self._server = arcadedb_server.ArcadeDBServer(directory, settings)
        self._server.start()
        self.port = self._server.bolt_port
        self._server.create_database("secured")

    @staticmethod
    def missing() -> str | None:
        return arcadedb_server.missing()

    def place(self, scheme: str) -> str:
        http = self._server.http_port if scheme == self.plain else self._https_port
        return f"{self.port}/secured?http_port={http}"

    def kill(self) -> None:
        self._server.kill()


SECURED: dict[str, type[Secured]] = {"neo4j": SecuredNeo4j, "arcadedb": SecuredArcadeDB}
