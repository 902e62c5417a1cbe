"""A database server in Java as a child process of the tests: started, waited for, stopped."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

LOOPBACK = "127.0.0.1"
JAVA_OPTIONS = ("-XX:+UseSerialGC", "-Dfile.encoding=UTF-8")
_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class JavaServer(ABC):
    """A server with its data in a directory; `start` again after `kill` finds them.

    It writes what it says to a log file and dies with the tests.
    """

    def __init__(self, directory: Path, settings: dict[str, str] | None = None) -> None:
        self._directory = directory
        self._settings = settings or {}
        self._log = directory / "server.out"
        self._child: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Write the files that the server reads first, and return what starts it."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether the server does what it is there for."""

    def start(self, seconds: float = 120.0) -> None:
        """Start the server and wait until it answers.

        Raises:
            RuntimeError: It ended, or is not ready after so many seconds; has the end of its log.
        """
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                self.command(),
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Only calls prctl, looked up before the fork: no lock is taken in the child.
                preexec_fn=_end_with_the_tests(),  # noqa: PLW1509
            )
        try:
            self._wait(self._child, seconds)
        except BaseException:
            self.stop()
            raise

    def _wait(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.answers():
            ended = child.poll()
            if ended is not None or time.monotonic() > deadline:
                said = "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])
                state = f"ended with {ended}" if ended is not None else f"not ready in {seconds} s"
                raise RuntimeError(f"{state}:\n{said}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, as a crash would, if it runs."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def stop(self, seconds: float = 20.0) -> None:
        """Let the server end in order if it runs; kill it if that takes longer."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
            self._child = None


def _end_with_the_tests() -> Callable[[], object] | None:
    """Return what has the kernel end the child when the tests are killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
