"""A server that cuts long results (RESULTSET_SIZE): nothing of runic's answers is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runic.ogm import (
    AsyncSession,
    Edge,
    Node,
    Query,
    Registry,
    Relation,
    ResultCutError,
    Session,
    select,
)
from runic.ogm.driver.base import Driver, close_driver
from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, EmbeddedServer, FalkorDBDriver
from runic.ogm.query import count, insert, union_all
from tests.faces import awaitable_face

REGISTRY = Registry()
SIZE, PARENTS, CHILDREN = 5, 7, 6


class Owns(Edge, registry=REGISTRY):
    """How a parent has a child."""

    since: int = 0


class Child(Node, registry=REGISTRY):
    """One of many."""

    id: str
    age: int = 0


class Parent(Node, registry=REGISTRY):
    """One with more children than the server's results have rows."""

    id: str
    children: list[Child] = Relation("OWNS")
    owned: list[Owns] = Relation("OWNS", target="Child")


@pytest.fixture(scope="module")
def small() -> Iterator[EmbeddedServer]:
    """A server whose results have at most five rows."""
    with EmbeddedServer(module_args=["RESULTSET_SIZE", SIZE]) as server:
        yield server


@pytest.fixture(params=["async", "sync"])
async def driver(request: pytest.FixtureRequest, small: EmbeddedServer, graph: str) -> Any:
    """A driver of either face on a graph of parents, each with children."""
    client = small.handle()
    kind = AsyncFalkorDBDriver if request.param == "async" else FalkorDBDriver
    driver: Driver = kind(client.select_graph(graph))
    async with opened(driver) as session:
        session.add_all(
            Parent(
                id=f"p{i}",
                children=[Child(id=f"p{i}c{j}", age=j) for j in range(CHILDREN)],
            )
            for i in range(PARENTS)
        )
    yield driver
    await close_driver(driver)
    client.close()


def opened(driver: Driver) -> Any:
    """Return a session of the driver's face."""
    return awaitable_face(Session(driver)) if driver.blocks else AsyncSession(driver)


PARENT_IDS = [f"p{i}" for i in range(PARENTS)]


async def test_the_server_cuts_what_is_sent_plainly(driver: Any) -> None:
    """The fault is there: the plain text has five rows, and one with a limit is right."""
    text = "MATCH (n:Parent) RETURN n.id AS id"
    sent = await driver._run_once(Query(text, read_only=True), None)
    assert len(sent.rows) == SIZE
    assert len((await driver.run(Query(text, read_only=True))).rows) == PARENTS


async def test_entities_come_whole_and_in_their_order(driver: Any) -> None:
    """scalars, with and without an order, with limits below, at and above the server's."""
    session = opened(driver)
    ordered = select(Parent).order_by(Parent.id, desc=True)
    assert [p.id for p in await session.scalars(ordered)] == PARENT_IDS[::-1]
    assert sorted(p.id for p in await session.scalars(select(Parent))) == PARENT_IDS
    for rows in (SIZE - 1, SIZE, SIZE + 1, 99):
        found = await session.scalars(ordered.limit(rows))
        assert [p.id for p in found] == PARENT_IDS[::-1][:rows]
    assert await session.count(select(Child)) == PARENTS * CHILDREN


async def test_rows_projections_groups_and_unions_come_whole(driver: Any) -> None:
    """Whatever the columns are called, and whether they are computed, distinct or aggregated."""
    session = opened(driver)
    rows = await session.all_rows(select(Child).project(Child.id, Child.age.as_("years")))
    assert len(rows) == PARENTS * CHILDREN
    ages = select(Child).project(Child.age).distinct().order_by(Child.age)
    assert [row["n.age"] for row in await session.all_rows(ages)] == list(range(CHILDREN))
    groups = select(Child).aggregate(count().as_("c"), group_by=[Child.age])
    assert [row["c"] for row in await session.all_rows(groups)] == [PARENTS] * CHILDREN
    both = union_all(select(Parent).order_by(Parent.id), select(Parent).order_by(Parent.id))
    assert len(await session.scalars(both)) == 2 * PARENTS
    pairs = await session.all_with_edges(select(Parent).traverse(Parent.owned, edge_alias="e"))
    assert len(pairs) == PARENTS * CHILDREN


async def test_relations_are_loaded_whole(driver: Any) -> None:
    """With `fetch`, for many parents at once and for one with too many children; edges too."""
    session = opened(driver)
    for parent in await session.scalars(select(Parent).fetch("children", "owned")):
        wanted = [f"{parent.id}c{j}" for j in range(CHILDREN)]
        assert sorted(child.id for child in parent.children) == wanted
        assert sorted(edge.target.id for edge in parent.owned) == wanted


async def test_streams_and_pages_go_on(driver: Any) -> None:
    """Chunks and pages of more rows than the server's results are whole."""
    session = opened(driver)
    streamed = [c.id async for c in session.stream(select(Child), chunk_size=17)]
    assert len(streamed) == len(set(streamed)) == PARENTS * CHILDREN
    seen: list[str] = []
    after = None
    while True:
        page = await session.page(select(Child), limit=9, after=after)
        seen += [child.id for child in page.items]
        after = page.next
        if after is None:
            break
    assert seen == sorted(streamed)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n:Child) RETURN n",
        "MATCH (n:Child) RETURN n.id, n.age ORDER BY n.age DESC, n.id",
        "MATCH (n:Child) RETURN DISTINCT n.id AS `an id`, [n.age, {a: 'x, AS'}] // all of them",
        "MATCH (n:Child) RETURN *;",
        "MATCH (n:Child) RETURN n.id AS id UNION MATCH (n:Child) RETURN n.id AS id",
    ],
)
async def test_raw_cypher_comes_whole(driver: Any, text: str) -> None:
    """The columns keep their names, and no row is left out."""
    result = await driver.run(Query(text, read_only=True))
    assert len(result.rows) == PARENTS * CHILDREN
    assert {len(row) for row in result.rows} == {len(result.columns)}
    assert not any("runic" in name for name in result.columns)


async def test_what_cannot_be_worded_otherwise_is_an_error(driver: Any) -> None:
    """A union of columns without names, and the rows of a write, which was carried out."""
    nameless = "MATCH (n:Child) RETURN n.`id` UNION MATCH (n:Child) RETURN n.`id`"
    with pytest.raises(ResultCutError, match="name its columns"):
        await driver.run(Query(nameless, read_only=True))
    made = Query("UNWIND range(1, 9) AS i CREATE (n:Made {i: i}) RETURN n.i AS i")
    with pytest.raises(ResultCutError, match="the write was carried out"):
        await driver.run(made)
    stored = await driver.run(Query("MATCH (n:Made) RETURN count(n) AS c", read_only=True))
    assert stored.rows == [[9]]


async def test_more_labels_than_a_result_has_rows_keep_their_names(driver: Any) -> None:
    """The tables of names are read whole: a wrong one would put names on other values."""
    labels = [f"L{i}" for i in range(3 * SIZE)]
    await driver.run(Query(f"CREATE (n:{':'.join(labels)})"))
    (row,) = (await driver.run(Query(f"MATCH (n:{labels[-1]}) RETURN n", read_only=True))).rows
    assert sorted(row[0].labels) == sorted(labels)


async def test_set_based_writes_of_many_rows_are_not_stopped(driver: Any) -> None:
    """An insert of more rows than a result has returns one count."""
    session = opened(driver)
    rows = [{"id": f"new{i}"} for i in range(4 * SIZE)]
    assert (await session.execute(insert(Child).values(rows))).affected == 4 * SIZE


async def test_the_setting_is_asked_for_once(driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a driver, with the first rows; its siblings share the answer."""
    asked: list[str] = []
    kind = type(driver._transport)
    send = kind.send

    async def counted(self: Any, request: Any, statement: str, timeout: float | None) -> Any:
        asked.append(statement)
        return await send(self, request, statement, timeout)

    monkeypatch.setattr(kind, "send", counted)
    for _ in range(3):
        await driver.run(Query("RETURN 1 AS one", read_only=True))
        await driver.graph("other").run(Query("RETURN 1 AS one", read_only=True))
    assert not any("CONFIG" in statement for statement in asked)
