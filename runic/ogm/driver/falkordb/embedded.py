"""A FalkorDB server inside your program, in memory or kept in a file.

`create_driver("falkordb+embedded://")` uses it; tests and notebooks may use it directly.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import falkordb

from runic.ogm.driver.falkordb.endpoint import unix_endpoint
from runic.ogm.driver.falkordb.server_process import ServerProcess
from runic.ogm.errors import ConnectionLostError, StatementError

# A server whose owner was killed saves before it lets go of its file.
_TAKEOVER_SECONDS = 60.0

# Reentrant: a garbage collection inside may stop another server.
_lock = threading.RLock()
_shared: dict[Path, _Shared] = {}


class EmbeddedServer:
    """A FalkorDB server that starts on first use and ends with this process.

    Without `path` its data is in memory and gone after `stop()`. With a path it loads that file and
    saves to it: at every normal end, when this process is killed (Linux), and meanwhile half a
    minute after a write (five seconds after a hundred). Only if the server itself is killed or
    the machine fails, what came after the last save is lost. Several objects with one path
    share one server in a process; a second process gets a `ConnectionLostError`.

    `module_args` are FalkorDB's load-time settings, for example `["CACHE_SIZE", 200]`.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, module_args: Sequence[str | int] = ()
    ) -> None:
        self._path = None if path is None else Path(path).expanduser().resolve()
        self._module_args = tuple(str(argument) for argument in module_args)
        self._server: ServerProcess | None = None
        self._finalizer: weakref.finalize[..., EmbeddedServer] | None = None
        self._owner = os.getpid()

    @property
    def socket(self) -> str:
        """The unix socket of the server, which is started if it does not run."""
        return self.start()

    @property
    def pid(self) -> int | None:
        """The server's process id, None while it does not run."""
        return self._server.pid if self._server else None

    @property
    def started(self) -> bool:
        """Tell whether `start()` was called and `stop()` not."""
        return self._server is not None

    def start(self) -> str:
        """Start the server unless it runs, and return its unix socket.

        Raises `ConnectionLostError` if it does not come up or its file is in use elsewhere,
        `UnsupportedFeatureError` if no server is installed.
        """
        if self._server is not None:
            return self._server.socket
        if os.getpid() != self._owner:
            raise ConnectionLostError(
                "this EmbeddedServer was made before the process was forked; start it before the "
                "fork, or make one in the child"
            )
        with _lock:
            if self._server is None:
                self._server = _acquire(self._path, self._module_args)
                self._finalizer = weakref.finalize(self, _release, self._path, self._server)
        return self._server.socket

    def stop(self) -> None:
        """End the server; with a path, when its last user stops, after saving. Idempotent."""
        if self._finalizer is not None:
            self._finalizer()
        self._server = self._finalizer = None

    def handle(self) -> Any:
        """Return a blocking `falkordb.FalkorDB` client of this server."""
        return falkordb.FalkorDB(unix_socket_path=self.start())

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


class EmbeddedEndpoint:
    """Where an embedded server is; it starts when the first connection is wanted."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server

    @property
    def where(self) -> str:
        """The address in words."""
        return "the embedded server"

    @property
    def prepared(self) -> bool:
        """Tell whether the server was started."""
        return self._server.started

    def prepare(self) -> None:
        """Start the server unless it runs."""
        self._server.start()

    def release(self) -> None:
        """Stop the server, after saving if it has a file."""
        self._server.stop()

    def sync_connection(self) -> Any:
        """Return a blocking redis-py connection, not yet open."""
        return unix_endpoint(self._server.start()).sync_connection()

    def async_connection(self) -> Any:
        """Return an asyncio redis-py connection, not yet open."""
        return unix_endpoint(self._server.start()).async_connection()


class _Shared:
    """A server with a file, and how many use it."""

    def __init__(self, server: ServerProcess, module_args: tuple[str, ...]) -> None:
        self.server = server
        self.module_args = module_args
        self.users = 0


def _acquire(path: Path | None, module_args: tuple[str, ...]) -> ServerProcess:
    if path is None:
        server = ServerProcess(None, module_args)
        server.start(None)
        return server
    shared = _shared.get(path)
    if shared is None:
        shared = _shared[path] = _Shared(_start_on_file(path, module_args), module_args)
    elif shared.module_args != module_args:
        raise StatementError(
            f"the embedded server of {path} already runs with other module_args; use the same ones"
        )
    shared.users += 1
    return shared.server


def _release(path: Path | None, server: ServerProcess) -> None:
    with _lock:
        shared = _shared.get(path) if path else None
        if shared is not None:
            shared.users -= 1
            if shared.users:
                return
            del _shared[path]  # type: ignore[arg-type]
        server.stop()


def _start_on_file(path: Path, module_args: tuple[str, ...]) -> ServerProcess:
    if not path.parent.is_dir():
        raise ConnectionLostError(f"{path.parent} is not a directory; create it first")
    lock = _locked(path)
    try:
        server = ServerProcess(path, module_args)
        server.start(lock)
        return server
    finally:
        # The server holds it now: it is free when that process is gone, not when we are.
        os.close(lock)


def _locked(path: Path) -> int:
    """Return the open, locked lock file; wait for a server that only finishes saving."""
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _TAKEOVER_SECONDS
    while not _try_lock(lock):
        owner = _owner(lock)
        if (owner is not None and _alive(owner)) or time.monotonic() > deadline:
            os.close(lock)
            raise ConnectionLostError(
                f"{path} is in use by process {owner}; close it there, or connect both processes "
                "to one server"
            )
        time.sleep(0.02)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(lock: int) -> int | None:
    text = os.pread(lock, 32, 0)
    return int(text) if text.isdigit() else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
