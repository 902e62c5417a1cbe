"""An ArcadeDB server from the wheel `arcadedb-embedded`, as a child process: loopback only.

The wheel brings a Java and the jars; nothing of it is imported.
"""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import httpx2

from tests.backends.process import LOOPBACK, ServerProcess, free_port

USER = "root"
PASSWORD = "runic-tests"
_MAIN = "com.arcadedb.server.ArcadeDBServer"
_HANDSHAKE = b"\x60\x60\xb0\x17" + b"\x00\x00\x04\x04" + bytes(12)

_JAVA_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-exports=java.management/sun.management=ALL-UNNAMED",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF8",
    "-Dpolyglot.engine.WarnInterpreterOnly=false",
)


def package() -> Path | None:
    """Return where the wheel is installed, if it is."""
    found = importlib.util.find_spec("arcadedb_embedded")
    return Path(found.origin).parent if found is not None and found.origin else None


class ArcadeDBServer:
    """A server with its data in a directory; `start` again after `kill` finds them."""

    def __init__(self, directory: Path, settings: dict[str, str] | None = None) -> None:
        self._directory = directory
        self.bolt_port = free_port()
        self.http_port = free_port()
        self._settings = settings or {}
        self._process: ServerProcess | None = None

    def start(self, seconds: float = 90.0) -> None:
        """Start the server and wait until both its ports answer."""
        secret = self._directory / "root.password"
        # In a file, so that a list of processes does not show it.
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD)
        self._process = ServerProcess(self._command(), self._directory)
        try:
            self._process.wait_until(self._answers, seconds)
        except BaseException:
            self.stop()
            raise

    def kill(self) -> None:
        """End the server as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def stop(self) -> None:
        """Stop the server if it runs."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _command(self) -> list[str]:
        home = package()
        assert home is not None
        settings = {
            "arcadedb.server.mode": "development",
            "arcadedb.server.rootPath": str(self._directory),
            "arcadedb.server.databaseDirectory": str(self._directory / "databases"),
            "arcadedb.server.rootPasswordPath": str(self._directory / "root.password"),
            "arcadedb.server.httpIncomingHost": LOOPBACK,
            "arcadedb.server.httpIncomingPort": str(self.http_port),
            "arcadedb.server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "arcadedb.bolt.host": LOOPBACK,
            "arcadedb.bolt.port": str(self.bolt_port),
            **self._settings,
        }
        options = (f"-D{name}={value}" for name, value in settings.items())
        java = str(home / "jre" / "bin" / "java")
        return [java, *_JAVA_OPTIONS, *options, "-cp", str(home / "jars" / "*"), _MAIN]

    def _answers(self) -> bool:
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
