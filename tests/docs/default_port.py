"""A FalkorDB server on localhost:6379, where programs look for one unless told otherwise."""

from __future__ import annotations

import fcntl
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from runic.ogm.driver.falkordb.server_process import binaries

PORT = 6379


@contextmanager
def server() -> Iterator[None]:
    """Have a FalkorDB server there for the block: the one that runs already, or a new one.

    Skips the test when something else has the port. Other runs of the tests wait for their turn.
    """
    with _alone():
        if _is_free():
            with _started():
                yield
        else:
            _require_falkordb()
            yield


@contextmanager
def _alone() -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / "runic-default-port.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextmanager
def _started() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as directory:
        process = subprocess.Popen(_command(directory), stdout=subprocess.DEVNULL)
        try:
            _await_answer(process)
            yield
        finally:
            process.kill()
            process.wait()


def _is_free() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) != 0


def _require_falkordb() -> None:
    try:
        modules = Redis(port=PORT, protocol=2).execute_command("MODULE", "LIST")
    except RedisError as error:
        pytest.skip(f"port {PORT} is taken by something else: {error}")
    if b"graph" not in str(modules).encode():
        pytest.skip(f"port {PORT} is taken by a Redis server without FalkorDB")


def _command(directory: str) -> list[str]:
    executable, module = binaries()
    command = [executable, "--port", str(PORT), "--bind", "127.0.0.1", "-::1", "--save", ""]
    return [*command, "--dir", directory, "--loadmodule", module]


def _await_answer(process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with Redis(port=PORT) as client:
                client.ping()
                return
        except RedisError:
            continue
    pytest.skip(f"no server starts on port {PORT} here (exit code {process.returncode})")
