"""The pytest plugin as its users meet it: suites of their own, run by pytest inside pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from runic.ogm.testing.server import RunServer

RunSuite = Callable[..., pytest.RunResult]

# Every warning is an error. Hypothesis would import itself for the summary of every inner run.
STRICT = ["-W", "error", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]

MODES = pytest.mark.parametrize("mode", ["strict", "auto"])
SCOPES = pytest.mark.parametrize("scope", ["function", "module", "session"])

ASYNC_SUITE = """
    import pytest

    pytestmark = pytest.mark.asyncio(loop_scope={scope!r})

    async def names(session):
        result = await session.execute("MATCH (n:Person) RETURN n.name AS name ORDER BY name")
        return result.scalars()

    @pytest.mark.parametrize("name", ["ada", "bob"])
    async def test_graph_starts_empty_and_keeps_what_is_written(async_session, name):
        assert await names(async_session) == []
        await async_session.execute("CREATE (:Person {{name: $name}})", {{"name": name}})
        assert await names(async_session) == [name]

    async def test_both_faces_see_one_graph(async_session, session):
        await async_session.execute("CREATE (:Person {{name: 'ada'}})")
        assert session.execute("MATCH (n:Person) RETURN n.name").scalars() == ["ada"]

    async def test_driver_below_the_session_is_the_fixture(async_session, async_driver):
        other = type(async_session)(async_driver)
        await other.execute("CREATE (:Person {{name: 'eve'}})")
        assert await names(async_session) == ["eve"]
"""

FIXTURE_SUITE = """
    import pytest
    import pytest_asyncio

    @pytest_asyncio.fixture(loop_scope={scope!r})
    async def ada(async_session):
        await async_session.execute("CREATE (:Person {{name: 'ada'}})")
        yield "ada"
        await async_session.execute("MATCH (n:Person) DELETE n")

    @pytest.mark.asyncio(loop_scope={scope!r})
    async def test_async_fixture_and_test_share_the_session(ada, async_session):
        result = await async_session.execute("MATCH (n:Person) RETURN n.name")
        assert result.scalars() == [ada]
"""

SYNC_SUITE = """
    def test_session(session):
        session.execute("CREATE (:Person {name: 'ada'})")
        assert session.execute("MATCH (n:Person) RETURN n.name").scalars() == ["ada"]

    def test_next_test_has_another_graph(session):
        assert session.execute("MATCH (n) RETURN count(n)").scalar() in (None, 0)

    def test_driver(driver, session, runic_graph):
        assert driver.blocks
        assert driver.graph_name == runic_graph
"""


def pytest_asyncio_options(mode: str | None) -> list[str]:
    """Return the settings of a suite in this mode; None for a suite without pytest-asyncio."""
    # It warns by itself where no default loop scope is set.
    scope = "asyncio_default_fixture_loop_scope=function"
    return ["-o", f"asyncio_mode={mode}", "-o", scope] if mode else []


@pytest.fixture
def run_suite(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, runic_server: RunServer
) -> RunSuite:
    """Return a function that runs a test file on this run's server, every warning an error."""
    # The inner runs share one server: what a run leaves behind would be seen by the next.
    settings = runic_server.client.connection.connection_pool.connection_kwargs
    monkeypatch.setenv("RUNIC_FALKORDB_URL", f"unix://{settings['path']}")

    def run(text: str, *options: str, mode: str | None = "strict") -> pytest.RunResult:
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess(*STRICT, *pytest_asyncio_options(mode), *options)

    return run


@MODES
@SCOPES
def test_async_session_works_in_every_mode_and_loop_scope(
    run_suite: RunSuite, mode: str, scope: str
) -> None:
    """async_session needs neither a mode nor a loop scope of its own."""
    run_suite(ASYNC_SUITE.format(scope=scope), mode=mode).assert_outcomes(passed=4)


@MODES
@SCOPES
def test_async_fixtures_build_on_async_session(run_suite: RunSuite, mode: str, scope: str) -> None:
    """A user's async fixture may use the session before and after the test."""
    run_suite(FIXTURE_SUITE.format(scope=scope), mode=mode).assert_outcomes(passed=1)


def test_sync_fixtures_need_no_event_loop(run_suite: RunSuite) -> None:
    """session and driver work in plain tests, without any async plugin, each on its own graph."""
    result = run_suite(SYNC_SUITE, "-p", "no:asyncio", "-p", "no:anyio", mode=None)
    result.assert_outcomes(passed=3)


def test_overriding_driver_changes_the_session(run_suite: RunSuite) -> None:
    """A suite that brings its own driver fixture gets sessions on it."""
    suite = """
        import pytest

        @pytest.fixture
        def driver(driver):
            return driver.graph(driver.graph_name)

        def test_session_is_on_my_driver(driver, session, assert_query_count):
            with assert_query_count(1) as sent:
                session.execute("RETURN 1")
            assert "RETURN 1" in sent.queries[0].text
    """
    run_suite(suite).assert_outcomes(passed=1)


def test_nothing_is_left_on_the_server(run_suite: RunSuite, runic_server: RunServer) -> None:
    """After a run its graphs are deleted and its connections closed."""
    client = runic_server.client
    graphs, connections = set(client.list_graphs()), connection_ids(runic_server)
    run_suite(ASYNC_SUITE.format(scope="session")).assert_outcomes(passed=4)
    assert set(client.list_graphs()) <= graphs
    assert connection_ids(runic_server) <= connections


def connection_ids(server: RunServer) -> set[str]:
    """Return the ids of the server's open connections."""
    # The server reads the end of a closed connection no later than the ping that follows it.
    server.client.connection.ping()
    return {connection["id"] for connection in server.client.connection.client_list()}


def test_a_passing_run_says_nothing_about_queries(run_suite: RunSuite) -> None:
    """assert_query_count counts what sync and async sessions send."""
    suite = """
        import pytest

        def test_sync(session, assert_query_count):
            with assert_query_count(2):
                session.execute("RETURN 1")
                session.execute("RETURN 2")
            with assert_query_count(at_most=3), assert_query_count(0):
                pass

        @pytest.mark.asyncio
        async def test_async(async_session, assert_query_count):
            with assert_query_count(1):
                await async_session.execute("RETURN 1")
    """
    run_suite(suite).assert_outcomes(passed=2)


def test_a_wrong_count_lists_the_statements(run_suite: RunSuite) -> None:
    """The failure shows what was sent, without parameters."""
    suite = """
        def test_too_many(session, assert_query_count):
            with assert_query_count(1):
                session.execute("RETURN 1")
                session.execute("RETURN $secret", {"secret": "hunter2"})

        def test_over_the_limit(session, assert_query_count):
            with assert_query_count(at_most=0):
                session.execute("RETURN 3")
    """
    result = run_suite(suite, "--tb=line")
    result.assert_outcomes(failed=2)
    report = result.stdout.str()
    assert "expected 1 query, 2 were sent:" in report
    assert "expected at most 0 queries, 1 was sent:" in report


def test_an_error_in_the_block_is_not_hidden_by_the_count(run_suite: RunSuite) -> None:
    """The test's own failure is the one that is reported."""
    suite = """
        def test_fails(session, assert_query_count):
            with assert_query_count(5):
                raise ValueError("the real reason")
    """
    result = run_suite(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ValueError: the real reason*"])


def test_embedded_server_is_started_for_a_run_without_url(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing configured, a suite brings its own server and leaves none running."""
    monkeypatch.delenv("RUNIC_FALKORDB_URL", raising=False)
    suite = """
        def test_write_down_the_process(session, runic_server):
            session.execute("CREATE (:Person)")
            print("server", runic_server.client.connection.info("server")["process_id"], "end")
    """
    pytester.makepyfile(suite)
    result = pytester.runpytest_subprocess(*STRICT, *pytest_asyncio_options("strict"), "-s")
    result.assert_outcomes(passed=1)
    pid = int(result.stdout.str().split("server ")[1].split(" end")[0])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_async_session_works_with_anyio(run_suite: RunSuite) -> None:
    """No plugin's loop is special: AnyIO's runs the fixtures as well."""
    suite = """
        import pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_session(async_session):
            await async_session.execute("CREATE (:Person {name: 'ada'})")
            result = await async_session.execute("MATCH (n:Person) RETURN n.name")
            assert result.scalars() == ["ada"]
    """
    run_suite(suite, "-p", "no:asyncio", mode=None).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://localhost", "--runic-url takes falkordb://*not 'http://localhost'"),
        ("unix:///nowhere/socket", "no FalkorDB server for the tests at*leave out --runic-url"),
        ("falkordb://me:hunter2@127.0.0.1:1", "no FalkorDB server for the tests at 127.0.0.1:1 "),
    ],
)
def test_wrong_url_says_what_is_taken(pytester: pytest.Pytester, url: str, message: str) -> None:
    """A URL that cannot work is an error that names the way out, and no secret."""
    pytester.makepyfile("def test_it(session): pass")
    result = pytester.runpytest_inprocess(
        *STRICT, *pytest_asyncio_options("auto"), f"--runic-url={url}", "--tb=line"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}*"])
    assert "hunter2" not in result.stdout.str()


def test_plugin_imports_nothing_but_the_package() -> None:
    """A run that asks for no fixture loads the plugin's own module and nothing else."""
    code = (
        "import sys, runic.ogm; before = set(sys.modules); import runic.ogm.testing.plugin;"
        "print(sorted(m for m in set(sys.modules) - before if m.startswith('runic')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['runic.ogm.testing', 'runic.ogm.testing.plugin']"
