"""An ArcadeDB server from the wheel `arcadedb-embedded`, as a child process: loopback only.

The wheel brings a Java and the jars; nothing of it is imported.
"""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import httpx2

from tests.backends.process import JAVA_OPTIONS, LOOPBACK, JavaServer, free_port

USER = "root"
PASSWORD = "runic-tests"
_MAIN = "com.arcadedb.server.ArcadeDBServer"
_HANDSHAKE = b"\x60\x60\xb0\x17" + b"\x00\x00\x04\x04" + bytes(12)

_OPTIONS = (
    "-Xmx512m",
    # Small and quick to start: a run of the tests ends before more of the compiler pays.
    "-XX:TieredStopAtLevel=1",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-exports=java.management/sun.management=ALL-UNNAMED",
    "-Djava.awt.headless=true",
    "-Dpolyglot.engine.WarnInterpreterOnly=false",
)


def package() -> Path | None:
    """Return where the wheel is installed, if it is."""
    found = importlib.util.find_spec("arcadedb_embedded")
    return Path(found.origin).parent if found is not None and found.origin else None


def missing() -> str | None:
    """Return what keeps the server from starting here, or None."""
    if package():
        return None
    return "its server is in the wheel arcadedb-embedded, which is not installed"


class ArcadeDBServer(JavaServer):
    """ArcadeDB; it answers when both its ports do."""

    def __init__(self, directory: Path, settings: dict[str, str] | None = None) -> None:
        super().__init__(directory, settings)
        self.bolt_port = free_port()
        self.http_port = free_port()

    def create_database(self, name: str) -> None:
        """Make a database on the running server."""
        answer = httpx2.post(
            self._url("server"),
            json={"command": f"create database {name}"},
            auth=(USER, PASSWORD),
            timeout=60,
            trust_env=False,
        )
        answer.raise_for_status()

    def command(self) -> list[str]:
        home = package()
        assert home is not None
        options = (f"-D{name}={value}" for name, value in self._configuration().items())
        java = str(home / "jre" / "bin" / "java")
        jars = str(home / "jars" / "*")
        return [java, *JAVA_OPTIONS, *_OPTIONS, *options, "-cp", jars, _MAIN]

    def _configuration(self) -> dict[str, str]:
        return {
            "arcadedb.server.mode": "development",
            "arcadedb.server.rootPath": str(self._directory),
            "arcadedb.server.databaseDirectory": str(self._directory / "databases"),
            "arcadedb.server.rootPasswordPath": str(self._secret()),
            "arcadedb.server.httpIncomingHost": LOOPBACK,
            "arcadedb.server.httpIncomingPort": str(self.http_port),
            "arcadedb.server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "arcadedb.bolt.host": LOOPBACK,
            "arcadedb.bolt.port": str(self.bolt_port),
            **self._settings,
        }

    def _secret(self) -> Path:
        """Return a file with the password, which a list of processes would show."""
        secret = self._directory / "root.password"
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD)
        return secret

    def answers(self) -> bool:
        return self._http_answers() and self._bolt_answers()

    def _http_answers(self) -> bool:
        try:
            answer = httpx2.get(self._url("ready"), timeout=2, trust_env=False)
        except httpx2.TransportError:
            return False
        return answer.status_code == httpx2.codes.NO_CONTENT

    def _bolt_answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.bolt_port), timeout=2) as probe:
                probe.sendall(_HANDSHAKE)
                return probe.recv(4) == b"\x00\x00\x04\x04"
        except OSError:
            return False

    def _url(self, path: str) -> str:
        return f"http://{LOOPBACK}:{self.http_port}/api/v1/{path}"
