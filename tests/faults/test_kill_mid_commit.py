"""A server that is killed in a commit keeps all of it or nothing; see also `nox -s kill`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends import required, selected
from tests.backends.kill_mid_commit import kills
from tests.backends.victims import VICTIMS


@pytest.fixture
def directory() -> Iterator[Path]:
    """Return a directory that the users of servers can reach, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory(prefix="runic-kill-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in selected() if name in VICTIMS])
def test_a_killed_server_has_the_whole_commit_or_nothing(name: str, directory: Path) -> None:
    """The client gets an error of runic's each time, and commits of before stay as they were."""
    if reason := VICTIMS[name].missing():
        refuse = pytest.fail if name in required() else pytest.skip
        refuse(f"{name} cannot be tested here: {reason}")
    assert [kill.wrong for kill in kills(VICTIMS[name](directory), 2)] == ["", ""]
