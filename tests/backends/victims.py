"""Servers to be killed: each keeps its data in a directory and starts again on what is left there.

Used by tests/backends/kill_mid_commit.py. The settings are those that a database is run with, not
the fast and forgetful ones of the behaviour tests.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from redis.exceptions import RedisError

from runic.ogm.driver import create_driver
from runic.ogm.driver.base import Driver
from runic.ogm.driver.falkordb import EmbeddedServer, FalkorDBDriver
from tests.backends import age_server, arcadedb_server, neo4j_server
from tests.backends.process import LOOPBACK

_GRAPH = "killed"


class Victim(ABC):
    """One server with its data in a directory."""

    # Whether what was committed is there after a crash; else only whole commits or none of them.
    durable: ClassVar[bool] = True
    # The last kill, in lengths of a commit: beyond one, some come when it has just been answered.
    spread: ClassVar[float] = 1.5

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @staticmethod
    def missing() -> str | None:
        """Return why the server cannot be started here, or None."""
        return None

    @abstractmethod
    def start(self) -> None:
        """Start the server on the data of before, if there are any."""

    @abstractmethod
    def driver(self) -> Driver:
        """Return a new blocking driver."""

    @abstractmethod
    def kill(self) -> None:
        """End the server at once, all of its processes."""

    @abstractmethod
    def stop(self) -> None:
        """End the server in order."""

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Do what the server does besides, while the block commits."""
        yield


class FalkorDB(Victim):
    """The embedded server with a file; what came after its last save is lost, as documented."""

    durable = False
    # So that some find the commit in the file: that is saved beside the commits.
    spread = 8.0

    def start(self) -> None:
        self._server = EmbeddedServer(self.directory / "data.rdb")
        self._server.start()

    def driver(self) -> Driver:
        return FalkorDBDriver(self._server.handle().select_graph(_GRAPH))

    def kill(self) -> None:
        pid = self._server.pid
        assert pid is not None
        # The process that saves is a child, which would go on writing the file.
        _kill_all(pid)
        self._server.stop()

    def stop(self) -> None:
        self._server.stop()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Save again and again: a snapshot is taken while the commit is under way."""
        client: Any = self._server.handle().connection
        stopped = threading.Event()
        saver = threading.Thread(target=_save_until, args=(client, stopped))
        saver.start()
        try:
            yield
        finally:
            stopped.set()
            saver.join()
            client.close()


class AGE(Victim):
    """PostgreSQL that waits for the disk, as it does unless told otherwise."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        settings = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "on")
        self._server = age_server.AGEServer(directory, settings)

    @staticmethod
    def missing() -> str | None:
        return age_server.missing()

    def start(self) -> None:
        self._server.start()

    def driver(self) -> Driver:
        return create_driver(self._server.url, graph=_GRAPH)

    def kill(self) -> None:
        assert self._server.process is not None
        _kill_all(self._server.process.pid)
        self._server.process.wait()

    def stop(self) -> None:
        self._server.stop()


class Neo4j(Victim):
    """Neo4j Community."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._server = neo4j_server.Neo4jServer(directory)

    @staticmethod
    def missing() -> str | None:
        return neo4j_server.missing()

    def start(self) -> None:
        self._server.start()

    def driver(self) -> Driver:
        user = f"{neo4j_server.USER}:{neo4j_server.PASSWORD}"
        return create_driver(f"neo4j://{user}@{LOOPBACK}:{self._server.port}/neo4j")

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()


class ArcadeDB(Victim):
    """ArcadeDB; its log of changes is written to the system, not forced to the disk."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._server = arcadedb_server.ArcadeDBServer(directory)

    @staticmethod
    def missing() -> str | None:
        return arcadedb_server.missing()

    def start(self) -> None:
        self._server.start()
        if not (self.directory / "databases" / _GRAPH).exists():
            self._server.create_database(_GRAPH)

    def driver(self) -> Driver:
        user = f"{arcadedb_server.USER}:{arcadedb_server.PASSWORD}"
        where = f"{LOOPBACK}:{self._server.bolt_port}/{_GRAPH}"
        return create_driver(f"arcadedb://{user}@{where}?http_port={self._server.http_port}")

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()


VICTIMS: dict[str, type[Victim]] = {
    "falkordb": FalkorDB,
    "neo4j": Neo4j,
    "arcadedb": ArcadeDB,
    "age": AGE,
}


def _save_until(client: Any, stopped: threading.Event) -> None:
    while not stopped.is_set():
        # Refused while the last one is still being written, or nobody is there any more.
        with contextlib.suppress(RedisError):
            client.execute_command("BGSAVE")
        stopped.wait(0.002)


def _kill_all(pid: int) -> None:
    """Kill a process and its children, none of which is to finish what it does."""
    with contextlib.suppress(ProcessLookupError):
        # At once: to find its children takes a while.
        os.kill(pid, signal.SIGSTOP)
    for number in (pid, *_children(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # "pid (name) state parent …", where the name may hold anything.
            number, _, rest = status.read_text().partition(" ")
            if int(rest.rpartition(")")[2].split()[1]) == pid:
                found.append(int(number))
    return found
