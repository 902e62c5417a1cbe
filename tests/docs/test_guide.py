"""Every Python block of docs/async-guide.md runs exactly as it is printed there.

The guide assumes what its reader has by then: models, a driver, data, an open session, a server on
localhost:6379. Each test puts that in place for one block; none touches the block.
"""

from __future__ import annotations

import ast
import datetime as dt
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from falkordb.asyncio.graph import AsyncGraph
from redis.asyncio import Redis

from runic.ogm import (
    AsyncRepository,
    AsyncSession,
    ConnectionManager,
    LazyLoadError,
    Session,
    select,
)
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver
from runic.ogm.testing.server import RunServer
from tests.docs import default_port
from tests.docs.guide_models import Article, User
from tests.docs.pages import DOCS, Block, Reader, blocks_of

PAGE = DOCS / "async-guide.md"
# The guide this page keeps the promises of; not part of a checkout.
SEED = DOCS.parents[1] / "shared" / "seeds" / "async-guide.md"
OPENING, LAZY, CRUD, QUERY, ROWS, REPOSITORY, SUBCLASS, MANAGER, *FILES = blocks_of(PAGE)

# On 3.11 no package offers redislite.FalkorDB; this one keeps what the guide asks of it.
REDISLITE = """
from runic.ogm.driver.falkordb import EmbeddedServer

_servers = []

def FalkorDB(protocol):
    _servers.append(EmbeddedServer())
    return _servers[-1].handle()
"""

# The suite of the guide names User without importing it.
MODELS = """
import pytest
from tests.docs.guide_models import User

@pytest.fixture(autouse=True)
def models(request):
    request.module.User = User
"""


@pytest.fixture
def graph(runic_server: RunServer, runic_graph: str) -> Any:
    """Return the client's handle on the test's graph."""
    return runic_server.client.select_graph(runic_graph)


@pytest.fixture
def ready(reader: Reader, graph: Any) -> Reader:
    """Return a reader who has read the first block, and has the models and a driver."""
    reader.names |= {"User": User, "Article": Article, "AsyncSession": AsyncSession}
    reader.names["driver"] = AsyncFalkorDBDriver(graph)
    return reader


@pytest.fixture
def stored(graph: Any) -> Iterator[Session]:
    """Return a session that looks at the graph from outside."""
    with ConnectionManager(graph) as manager, manager.session() as session:
        yield session


def store(session: Session, *entities: User | Article) -> None:
    """Put entities into the graph and forget them."""
    session.add_all(entities)
    session.commit()
    session.expunge_all()


def user(pk: str, **fields: Any) -> User:
    """Return a user with this key."""
    return User(**{"id": pk, "name": pk.title(), "email": f"{pk}@example.com", **fields})


def alice_with_an_article() -> User:
    """Return the user whom the guide looks for."""
    return user("alice", articles=[Article(id="a1", title="On graphs")])


@pytest.mark.skipif(not SEED.exists(), reason="the guide's first version is not part of a checkout")
def test_the_blocks_are_those_of_the_first_guide() -> None:
    """What users were promised is what is tested here, to the byte."""
    assert [block.source for block in blocks_of(PAGE)] == [b.source for b in blocks_of(SEED)]


def test_a_session_opens_on_a_handle(reader: Reader) -> None:
    """Block 1: a whole program, with the official client on the default port."""
    with default_port.server():
        reader.read(OPENING)


def test_reading_what_was_not_loaded_stops_the_block(ready: Reader, stored: Session) -> None:
    """Block 2, as printed, ends at its line marked LazyLoadError, with that error."""
    store(stored, alice_with_an_article())
    with pytest.raises(LazyLoadError, match=r"fetch=\['articles'\]"):
        ready.read(LAZY)


def test_the_rest_of_that_block_reads_what_it_fetched(ready: Reader, stored: Session) -> None:
    """Block 2: past the marked line, fetch= and the traversal both give the articles."""
    store(stored, alice_with_an_article())
    ready.names |= {"raises": pytest.raises, "LazyLoadError": LazyLoadError}
    printed = ready.run(expecting_lazy_load_errors(LAZY), PAGE)
    assert printed == "On graphs\n"
    assert [article.id for article in ready.names["articles"]] == ["a1"]


def expecting_lazy_load_errors(block: Block) -> ast.Module:
    """Return the block, in which each line marked so must raise, and goes on if it does."""
    lines = [
        f"{line[: -len(line.lstrip())]}with raises(LazyLoadError): {line.lstrip()}"
        if line.endswith("# LazyLoadError")
        else line
        for line in block.source.splitlines()
    ]
    return ast.parse("\n".join(lines))


def test_entities_are_created_read_updated_and_deleted(ready: Reader, stored: Session) -> None:
    """Block 3: after it, the user it made is renamed in memory and gone from the graph."""
    ready.read(CRUD)
    assert ready.names["user"].name == "Alice Smith"
    assert stored.get(User, "alice") is None


def test_statements_are_awaited(ready: Reader, stored: Session) -> None:
    """Block 4: the newest of the published articles, and how many they are."""
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    days = [day + dt.timedelta(days=n) for n in range(25)]
    texts = [{"title": "", "published": n < 22, "published_at": days[n]} for n in range(25)]
    store(stored, *[Article(id=f"{n}", **text) for n, text in enumerate(texts)])
    ready.names["session"] = AsyncSession(ready.names["driver"])
    ready.read(QUERY)
    assert [article.id for article in ready.names["articles"]] == [f"{n}" for n in range(21, 1, -1)]
    assert ready.names["total"] == 22


def test_rows_are_named_as_they_are_written(ready: Reader, stored: Session) -> None:
    """Block 5: one row for each city, with the columns that its comment shows."""
    cities = ["Berlin", "Berlin", "Berlin", "Paris"]
    store(stored, *[user(f"u{n}", city=city) for n, city in enumerate(cities)])
    ready.names["session"] = AsyncSession(ready.names["driver"])
    ready.read(QUERY)
    ready.read(ROWS)
    rows = sorted(ready.names["rows"], key=lambda row: row["n.city"])
    assert rows == [{"n.city": "Berlin", "total": 3}, {"n.city": "Paris", "total": 1}]


def test_a_repository_wraps_a_session(ready: Reader, stored: Session) -> None:
    """Block 6: a page of users, their number, and whether one is there."""
    store(stored, alice_with_an_article(), *[user(f"u{n}") for n in range(20)])
    ready.read(REPOSITORY)
    assert len(ready.names["users"]) == 20
    assert (ready.names["count"], ready.names["exists"]) == (21, True)


async def test_a_repository_has_questions_of_its_own(
    reader: Reader, stored: Session, async_session: AsyncSession
) -> None:
    """Block 7: the subclass knows its entity and answers in order."""
    north = [user(name, region="north") for name in ("zoe", "bob")]
    store(stored, *north, user("eve", region="north", active=False), user("kim", region="south"))
    reader.names |= {"User": User, "AsyncRepository": AsyncRepository}
    reader.read(SUBCLASS)
    found = await reader.names["UserRepository"](async_session).active_in_region("north")
    assert [person.name for person in found] == ["Bob", "Zoe"]


@pytest.mark.parametrize("kind", ["async", "blocking"])
async def test_a_manager_wraps_a_handle(reader: Reader, graph: Any, kind: str) -> None:
    """Block 8: a manager made of either kind of handle opens sessions that ask the database."""
    reader.names["async_graph_handle"] = asyncio_handle(graph) if kind == "async" else graph
    await reader.typed(MANAGER)
    async with reader.names["manager"] as manager, manager.session() as session:
        assert await session.count(select(User)) == 0


def asyncio_handle(graph: Any) -> AsyncGraph:
    """Return the asyncio client's handle on the same graph."""
    settings = graph.client.connection.connection_pool.connection_kwargs
    return AsyncGraph(Redis(unix_socket_path=settings["path"]), graph.name)


def test_its_pytest_suite_passes(run_files: Callable[..., pytest.RunResult]) -> None:
    """Blocks 9 and 10: conftest.py and test_myfeature.py, with redislite, pass."""
    files = {str(block.file): block.source for block in FILES}
    assert list(files) == ["conftest.py", "test_myfeature.py"]
    stand_in = {"redislite.py": REDISLITE} if sys.version_info < (3, 12) else {}
    run_files(
        {**files, **stand_in, "guide_plugin.py": MODELS}, "-p", "guide_plugin"
    ).assert_outcomes(passed=1)
