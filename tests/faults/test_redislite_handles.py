"""Handles that users make with redislite keep their manners with our drivers on them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

if not os.environ.get("RUNIC_REQUIRE_FALKORDBLITE"):
    pytest.importorskip(
        "redislite.falkordb_client",
        reason="falkordblite is not installed: pip install '.[falkordblite]', on Python 3.12",
    )

ROOT = Path(__file__).parents[2]
# Ends without closing anything, with idle connections of both drivers and of a private loop.
PROGRAM = """
    import asyncio
    from redislite import FalkorDB
    from runic.ogm.driver.bridge import step
    from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
    from runic.ogm.query.compiled import Query
    graph = FalkorDB().select_graph("g")
    sync, looped = FalkorDBDriver(graph), AsyncFalkorDBDriver(graph)
    loop = asyncio.new_event_loop()
    query = Query("CREATE (:N) RETURN 1")
    results = [step(sync.run(query)), loop.run_until_complete(looped.run(query))]
    results.append(step(looped.blocking().run(query)))
    assert [result.rows for result in results] == [[[1]]] * 3
    print(graph.client.pid)
"""


def test_the_server_stops_when_the_program_ends() -> None:
    """redislite stops its server only if nobody else is connected: our sockets go first."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert not Path(f"/proc/{done.stdout.strip()}/exe").exists()
