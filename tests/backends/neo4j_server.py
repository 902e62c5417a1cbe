"""Neo4j Community from Maven Central, as a child process: loopback only, authentication on.

The jars are fetched once with Maven into ~/.cache/runic (or $XDG_CACHE_HOME/runic) and run with
the Java that is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from tests.backends.process import JAVA_OPTIONS, LOOPBACK, JavaServer, free_port

VERSION = "5.26.30"
USER = "neo4j"
PASSWORD = "runic-tests"
_FIRST_PASSWORD = "neo4j"
_MAIN = "org.neo4j.server.CommunityEntryPoint"
_FETCH_SECONDS = 300

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>runic.tests</groupId><artifactId>neo4j</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>{dependencies}</dependencies>
</project>
"""
# The server, and the database with the class that starts both.
_ARTIFACTS = ("org.neo4j.app:neo4j-server", "org.neo4j:neo4j")

_CONFIG = {
    "server.default_listen_address": LOOPBACK,
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.pagecache.size": "64m",
    "dbms.security.auth_enabled": "true",
    # Plans are kept though the graph grows: each test begins with an empty one.
    "dbms.cypher.min_replan_interval": "1h",
    # A transaction that a test left open is an error in the next one, and no endless wait.
    "db.lock.acquisition.timeout": "10s",
    "dbms.usage_report.enabled": "false",
}

# Most of its work here is to plan queries that it has not met: that makes much garbage.
_OPTIONS = (
    "-Xmx768m",
    "-Xmn300m",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


def jars() -> Path:
    """Return where the jars of the server are, or will be."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "runic" / f"neo4j-{VERSION}"


def missing() -> str | None:
    """Return what keeps the server from starting here, or None; fetches its jars if need be."""
    if shutil.which("java") is None:
        return "no java on PATH (Neo4j wants 17 or 21)"
    if jars().is_dir():
        return None
    if shutil.which("mvn") is None:
        return f"its jars are not in {jars()}, and there is no mvn on PATH to fetch them"
    return _fetch()


def _fetch() -> str | None:
    jars().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars().parent) as directory:
        work = Path(directory)
        (work / "pom.xml").write_text(_POM.format(dependencies="".join(map(_wanted, _ARTIFACTS))))
        try:
            done = subprocess.run(
                ["mvn", "-B", "-q", "dependency:copy-dependencies", "-DoutputDirectory=lib"],
                cwd=work,
                capture_output=True,
                text=True,
                timeout=_FETCH_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"Maven Central did not give its jars in {_FETCH_SECONDS} seconds"
        if done.returncode:
            return f"Maven Central does not give its jars: {done.stdout.strip()[-300:]}"
        # In one step: a run that is cut short here leaves no half of a server.
        (work / "lib").rename(jars())
    return None


def _wanted(artifact: str) -> str:
    group, _, name = artifact.partition(":")
    inner = f"<groupId>{group}</groupId><artifactId>{name}</artifactId><version>{VERSION}</version>"
    return f"<dependency>{inner}</dependency>"


class Neo4jServer(JavaServer):
    """Neo4j Community; it answers when it takes the password."""

    def __init__(self, directory: Path, settings: dict[str, str] | None = None) -> None:
        super().__init__(directory, settings)
        self.port = free_port()

    @property
    def uri(self) -> str:
        """The address for the official client."""
        return f"bolt://{LOOPBACK}:{self.port}"

    def command(self) -> list[str]:
        config = self._directory / "conf"
        self._configure(config)
        places = (f"--home-dir={self._directory}", f"--config-dir={config}")
        return ["java", *JAVA_OPTIONS, *_OPTIONS, "-cp", f"{jars()}/*", _MAIN, *places]

    def _configure(self, directory: Path) -> None:
        address = f"{LOOPBACK}:{self.port}"
        bolt = {f"server.bolt.{kind}_address": address for kind in ("listen", "advertised")}
        config = {**_CONFIG, **bolt, **self._settings}
        directory.mkdir(parents=True, exist_ok=True)
        lines = [f"{name}={value}\n" for name, value in config.items()]
        (directory / "neo4j.conf").write_text("".join(lines))

    def answers(self) -> bool:
        try:
            self._connect()
        except AuthError:
            return self._set_password()
        except (DriverError, Neo4jError):
            return False
        return True

    def _set_password(self) -> bool:
        """Change the password that the server was born with, as it wants before anything else."""
        change = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"
        values = {"old": _FIRST_PASSWORD, "new": PASSWORD}
        try:
            with (
                neo4j.GraphDatabase.driver(self.uri, auth=(USER, _FIRST_PASSWORD)) as driver,
                driver.session(database="system") as session,
            ):
                session.run(change, values).consume()
        except (DriverError, Neo4jError):
            return False
        return True

    def _connect(self) -> None:
        with (
            neo4j.GraphDatabase.driver(self.uri, auth=(USER, PASSWORD)) as driver,
            driver.session(database="neo4j") as session,
        ):
            # Not execute_query, which would go on trying by itself.
            session.run("RETURN 1").consume()
