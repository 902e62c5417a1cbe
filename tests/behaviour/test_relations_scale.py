"""Relations in numbers: queries counted by the server, and what saving leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager

import pytest

from runic.ogm.model import Node, Registry, Relation
from runic.ogm.query import select
from runic.ogm.testing.server import RunServer
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.models import Person

REGISTRY = Registry()
OTHERS = [f"rel_{number}" for number in range(10)]

Served = Callable[[int], AbstractContextManager[None]]


class Leaf(Node, registry=REGISTRY):
    """What hubs are related to."""

    id: str


class Hub(Node, registry=REGISTRY):
    """Has one relation that the test loads and ten that it does not."""

    id: str
    name: str = ""
    seen: list[Leaf] = Relation("SEEN")
    rel_0: list[Leaf] = Relation("R0")
    rel_1: list[Leaf] = Relation("R1", "INCOMING")
    rel_2: list[Leaf] = Relation("R2", "BOTH")
    rel_3: Leaf | None = Relation("R3")
    rel_4: Leaf | None = Relation("R4", "INCOMING")
    rel_5: list[Leaf] = Relation("R5", multiple=True)
    rel_6: list[Leaf] = Relation("R6")
    rel_7: Leaf | None = Relation("R7", "BOTH")
    rel_8: list[Leaf] = Relation("R8", "INCOMING", multiple=True)
    rel_9: list[Leaf] = Relation("R9")


@pytest.fixture
def assert_served(runic_server: RunServer) -> Served:
    """Return a block that fails when the server has run another number of graph commands."""

    def commands() -> int:
        stats = runic_server.client.connection.info("commandstats")
        names = ("cmdstat_graph.QUERY", "cmdstat_graph.RO_QUERY")
        return sum(stats[name]["calls"] for name in names if name in stats)

    @contextmanager
    def block(at_most: int):
        before = commands()
        yield
        assert commands() - before <= at_most

    return block


async def write_library(driver, users: int) -> None:
    """Create users with three articles each, every one with two comments by other users."""
    await cypher(
        driver,
        """
        UNWIND range(0, $users - 1) AS i
        CREATE (:Person {id: 'p' + i, name: 'N' + i})
        """,
        users=users,
    )
    await cypher(
        driver,
        """
        MATCH (p:Person) WITH collect(p) AS people
        UNWIND range(0, $users - 1) AS i UNWIND range(0, 2) AS j
        WITH people, people[i] AS p, people[(i + 1 + j) % $users] AS q, i + '/' + j AS id
        CREATE (p)-[:WROTE]->(a:Article {id: id, title: 'T'})
        CREATE (a)<-[:ABOUT]-(:Comment {id: 'x' + id})<-[:SAID]-(q)
        CREATE (a)<-[:ABOUT]-(:Comment {id: 'y' + id})<-[:SAID]-(p)
        """,
        users=users,
    )


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("users", [100, 1000])
async def test_three_levels_are_four_queries(session, driver, assert_served, users):
    """Users, articles, comments and their authors: the server is asked four times, not more."""
    await write_library(driver, users)
    await session.count(select(Person))  # the driver has learnt the names of the graph by now
    with assert_served(4):
        people = await session.scalars(select(Person), fetch=["articles.comments.by"])
    comments = [c for p in people for a in p.articles for c in a.comments]
    assert (len(people), len(comments)) == (users, 6 * users)
    assert {c.by for c in comments} == set(people)


@pytest.mark.backend("falkordb")
@pytest.mark.face("sync")
async def test_a_lazy_loop_is_one_query(session, driver, assert_served):
    """Reading an unloaded relation in a loop over a result asks the server once."""
    await write_library(driver, 100)
    people = await session.scalars(select(Person))
    with assert_served(1):
        assert sum(len(person.articles) for person in people) == 300
    with assert_served(1):
        assert sum(len(a.comments) for person in people for a in person.articles) == 600


async def test_saving_a_partly_loaded_entity_leaves_ten_relations(session, new_session, driver):
    """Fields and one relation are changed; what the ten other relations stand for stays."""
    session.add(
        Hub(
            id="hub",
            seen=[Leaf(id="old")],
            **{
                name: [Leaf(id=f"{name}a"), Leaf(id=f"{name}b")]
                if Hub.__pydantic_fields__[name].annotation == list[Leaf]
                else Leaf(id=name)
                for name in OTHERS
            },
        )
    )
    await session.commit()
    count = "MATCH (h:Hub)-[e]-() RETURN type(e), count(e), startNode(e) = h ORDER BY type(e)"
    before = [row for row in await cypher(driver, count) if row[0] != "SEEN"]
    assert len(before) == 10
    async with new_session() as fresh:
        hub = await fresh.get(Hub, "hub", fetch=["seen"])
        hub.name = "changed"
        hub.seen = [Leaf(id="new")]
    assert [row for row in await cypher(driver, count) if row[0] != "SEEN"] == before
    nodes, _ = await dump(driver)
    assert len(nodes) == 3 + sum(row[1] for row in before)


async def test_adding_a_detached_entity_leaves_its_relations(session, new_session, driver):
    """add() of an entity whose relations are not loaded writes its fields and nothing else."""
    session.add(Hub(id="hub", rel_0=[Leaf(id="a")], rel_3=Leaf(id="b")))
    await session.commit()
    async with new_session() as fresh:
        hub = await fresh.get(Hub, "hub")
    hub.name = "changed"
    async with new_session() as fresh:
        fresh.add(hub)
    assert await cypher(
        driver, "MATCH (h:Hub)-[e]->() RETURN h.name, type(e) ORDER BY type(e)"
    ) == [
        ["changed", "R0"],
        ["changed", "R3"],
    ]
