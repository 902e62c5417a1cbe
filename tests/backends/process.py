"""A database server as a child process of the tests: started, waited for, stopped."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """A server that writes what it says to a log file and dies with the tests."""

    def __init__(self, command: Sequence[str], directory: Path) -> None:
        self._log = directory / "server.out"
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                command,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Only calls prctl, looked up before the fork: no lock is taken in the child.
                preexec_fn=_end_with_the_tests(),  # noqa: PLW1509
            )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._child.pid

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when the server is ready.

        Raises:
            RuntimeError: It ended, or is not ready after so many seconds; has the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            ended = self._child.poll()
            if ended is not None or time.monotonic() > deadline:
                said = "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])
                state = f"ended with {ended}" if ended is not None else f"not ready in {seconds} s"
                raise RuntimeError(f"{state}:\n{said}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self._child.kill()
        self._child.wait()

    def stop(self, seconds: float = 20.0) -> None:
        """Let the server end in order; kill it if that takes longer."""
        self._child.terminate()
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def _end_with_the_tests() -> Callable[[], object] | None:
    """Return what has the kernel end the child when the tests are killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
