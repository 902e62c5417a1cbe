"""Fixtures of runic's own suite: every behaviour test runs on each chosen backend and face.

A test is written once, as a coroutine, and takes what it needs:

    async def test_get_returns_the_same_object(session, new_session):
        ...

`session`      a session of the face under test, on an empty graph of its own; see tests/faces.py
`new_session`  call it for another session on the same graph
`driver`       the driver below them: `await driver.run(Query(...))` works on both faces
`face`         "async" or "sync", for the few behaviours that differ
`call`         `await call(session.rollback)`: awaits where the face has something to await

The graphs of FalkorDB come from the pytest plugin (`runic.ogm.testing.plugin`), those of the other
databases from tests/backends, which says how a run chooses them. A test that takes none of these
runs once. Marks say what a test cannot do without: `requires("feature")` for a capability,
`backend("falkordb")` for tests about one database, `face("sync")` for tests about one face.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.testing.recorder import QueryLog, recorded
from tests import faces
from tests.backends import FALKORDB, Target, faces_of, selected
from tests.backends.running import RunningBackends


def pytest_report_header() -> str:
    """Say which databases the behaviour tests run on."""
    return f"backends: {', '.join(selected())}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes a `backend_face` on every chosen backend and face."""
    if "backend_face" in metafunc.fixturenames:
        targets = [Target(name, face) for name in selected() for face in faces_of(name)]
        metafunc.parametrize("backend_face", targets, indirect=True, ids=str)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a mark, of a test or of one of its cases, says is about another target."""
    left_out = [item for item in items if not _is_about_its_target(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_about_its_target(item: pytest.Item) -> bool:
    target = getattr(item, "callspec", None) and item.callspec.params.get("backend_face")
    if target is None:
        return True
    backends, only = (_marked(item, name) for name in ("backend", "face"))
    return (not backends or target.backend in backends) and (not only or target.face in only)


@pytest.fixture
def backend_face(request: pytest.FixtureRequest) -> Target:
    """Return the backend and face under test."""
    chosen: Target = request.param
    return chosen


@pytest.fixture
def face(backend_face: Target) -> str:
    """Return the session face under test."""
    return backend_face.face


@pytest.fixture(scope="session")
def running_backends() -> Iterator[RunningBackends]:
    """Return the servers of this run."""
    running = RunningBackends()
    yield running
    running.stop()


@pytest.fixture
def driver(request: pytest.FixtureRequest, backend_face: Target) -> Driver:
    """Return the driver under test, on an empty graph that only this test has."""
    if backend_face.backend == FALKORDB:
        name = "async_driver" if backend_face.face == "async" else "driver"
    else:
        name = "server_driver"
    chosen: Driver = request.getfixturevalue(name)
    skip_unless_capable(request.node, chosen)
    return chosen


@pytest.fixture
def server_driver(
    backend_face: Target, running_backends: RunningBackends, query_log: QueryLog
) -> Iterator[Driver]:
    """Return a blocking driver on an emptied graph of the server under test."""
    backend = running_backends.get(backend_face.backend)
    driver = backend.fresh_driver()
    yield recorded(driver, query_log)
    backend.reset(driver)
    driver.close()


def _marked(test: pytest.Item, name: str) -> set[str]:
    return {value for mark in test.iter_markers(name) for value in mark.args}


def skip_unless_capable(test: pytest.Item, driver: Driver) -> None:
    """Skip a test marked `requires("feature")` where the backend lacks one of its features."""
    needed = _marked(test, "requires")
    missing = sorted(f for f in needed if f not in driver.dialect.capabilities)
    if missing:
        pytest.skip(f"{driver.dialect.name} has no {', '.join(missing)}")


@pytest.fixture
def new_session(face: str, driver: Driver) -> Iterator[Callable[..., Any]]:
    """Return a function that opens another session of this face on the test's graph."""
    # Imported here so that tests below the session run while the session room is being changed.
    from runic.ogm.session import AsyncSession, Session  # noqa: PLC0415

    opened: list[Session] = []

    def open_session(**options: Any) -> Any:
        if face == "async":
            return AsyncSession(driver, **options)
        opened.append(Session(driver, **options))
        return faces.awaitable_face(opened[-1])

    yield open_session
    # A transaction that a test leaves open would keep the database from being emptied.
    for session in opened:
        session.close()


@pytest.fixture
def session(new_session: Callable[..., Any]) -> Any:
    """Return a session of the face under test on an empty graph."""
    return new_session()


@pytest.fixture
def call() -> Callable[..., Any]:
    """Return `call`, which awaits the result of a method where its face has one to await."""
    return faces.call
