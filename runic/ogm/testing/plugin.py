"""pytest fixtures for code that uses runic: an embedded server per run, a graph per test.

pytest loads this module by its entry point whenever runic is installed, before coverage starts and
also in runs that never ask for a graph. So it imports nothing of runic: each fixture imports what
it returns when it is first used.

Every fixture is a plain synchronous one, the async ones too: making a driver or a session does no
I/O, so none of them needs an event loop or belongs to one. That is what makes them work with
pytest-asyncio in strict and in auto mode, with any loop scope, and with other async plugins.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
    from runic.ogm.session import AsyncSession, Session
    from runic.ogm.testing.recorder import QueryLog
    from runic.ogm.testing.server import RunServer

URL_VARIABLE = "RUNIC_FALKORDB_URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --runic-url."""
    parser.getgroup("runic").addoption(
        "--runic-url",
        metavar="URL",
        default=os.environ.get(URL_VARIABLE),
        help="test on this FalkorDB server (falkordb://host:port) instead of an embedded one; "
        f"default: ${URL_VARIABLE}",
    )


@pytest.fixture(scope="session")
def runic_server(request: pytest.FixtureRequest) -> Iterator[RunServer]:
    """Return the server of this run; it is started by the first query and stopped at the end."""
    from runic.ogm.testing.server import RunServer

    server = RunServer(request.config.getoption("--runic-url"))
    yield server
    server.stop()


@pytest.fixture
def runic_graph(runic_server: RunServer) -> Iterator[str]:
    """Return the name of this test's graph, which is deleted after the test."""
    name = runic_server.new_graph()
    yield name
    runic_server.delete_graph(name)


@pytest.fixture
def query_log() -> QueryLog:
    """Return the log of every query that this test's drivers send."""
    from runic.ogm.testing.recorder import QueryLog

    return QueryLog()


@pytest.fixture
def driver(
    runic_server: RunServer, runic_graph: str, query_log: QueryLog
) -> Iterator[FalkorDBDriver]:
    """Return a blocking driver for this test's graph."""
    from runic.ogm.testing.recorder import recorded

    with recorded(runic_server.driver(runic_graph), query_log) as driver:
        yield driver


@pytest.fixture
def async_driver(
    runic_server: RunServer, runic_graph: str, query_log: QueryLog
) -> Iterator[AsyncFalkorDBDriver]:
    """Return an asyncio driver for this test's graph, for whichever loop uses it."""
    from runic.ogm.testing.lifetime import finish
    from runic.ogm.testing.recorder import recorded

    driver = recorded(runic_server.async_driver(runic_graph), query_log)
    yield driver
    finish(driver.close())


@pytest.fixture
def session(driver: FalkorDBDriver) -> Iterator[Session]:
    """Return a Session on this test's graph; closed after the test, committing nothing."""
    from runic.ogm.session import Session

    session = Session(driver)
    yield session
    session.close()


@pytest.fixture
def async_session(async_driver: AsyncFalkorDBDriver) -> Iterator[AsyncSession]:
    """Return an AsyncSession on this test's graph; closed after the test, committing nothing."""
    from runic.ogm.session import AsyncSession
    from runic.ogm.testing.lifetime import finish

    session = AsyncSession(async_driver)
    yield session
    finish(session.close())


@pytest.fixture
def assert_query_count(
    query_log: QueryLog,
) -> Callable[..., AbstractContextManager[QueryLog]]:
    """Return a block that fails when it sends another number of queries.

    `with assert_query_count(2):` wants exactly two, `assert_query_count(at_most=5)` no more than
    five. Counted are the queries of this test's drivers and of everything made from them; the
    failure lists the statements. `with ... as sent` gives the log of the block.
    """
    from runic.ogm.testing.recorder import expect_queries

    return partial(expect_queries, query_log)
