"""`explain`: the server's plan of a statement, and nothing else."""

from __future__ import annotations

import pytest

from runic.ogm.driver.falkordb import FalkorDBDialect
from runic.ogm.errors import DriverError, QuerySyntaxError, StatementError, UnsupportedFeatureError
from runic.ogm.query import (
    Capabilities,
    call,
    connect,
    count,
    delete,
    disconnect,
    insert,
    merge,
    param,
    select,
    shortest_path,
    union,
    update,
    within,
)
from tests.behaviour.graphs import cypher, dump, index
from tests.behaviour.models import Article, Person

ADA = select(Person).where(Person.id == "ada")
READS = {
    "select": (ADA, "Node By Label Scan | (n:Person)"),
    "hops": (select(Person).traverse(Person.articles), "Conditional Traverse"),
    "path": (shortest_path(ADA, select(Person), Person.follows), "Cartesian Product"),
    "rows": (select(Person).aggregate(count("*")), "Aggregate"),
    "tuples": (select(Person, Article).traverse(Person.articles), "Conditional Traverse"),
    "stages": (select(Person).unwind(Person.tags, "tag").project("tag"), "Unwind"),
    "call": (
        call(select(Person), within(Person, "n").aggregate(count("*").as_("x"))),
        "Argument",
    ),
    "union": (union(ADA, select(Person)), "Join"),
}
WRITES = {
    "update": (update(Person).values(age=1), "Update"),
    "delete": (delete(Person), "Delete"),
    "insert": (insert(Person).values([{"id": "x", "name": "X"}]), "Create"),
    "merge": (merge(Person).values([{"id": "x", "name": "X"}]), "Merge"),
    "connect": (connect(Person.follows), "Merge"),
    "disconnect": (disconnect(Person.follows), "Delete"),
}
ALL = {**READS, **WRITES}


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("kind", ALL)
async def test_every_kind_of_statement_has_a_plan(kind, session, driver):
    """The plan names the operations, and the graph is as it was: nothing was run."""
    await cypher(driver, "CREATE (:Person {id: 'ada', name: 'Ada'})-[:FOLLOWS]->(:Article)")
    before = await dump(driver)
    stmt, operation = ALL[kind]
    assert operation in await session.explain(stmt)
    assert await dump(driver) == before


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_of_statement_shows_its_text(kind):
    """`repr` is readable Cypher."""
    stmt, _ = ALL[kind]
    assert " RETURN " in repr(stmt)
    assert "$p" in repr(stmt) or not stmt.build().params


@pytest.mark.backend("falkordb")
async def test_an_index_shows_in_the_plan(session, driver):
    """The plan is the server's: an index changes it."""
    await index(driver, "Person", "id")
    assert "Node By Index Scan" in await session.explain(ADA)


async def test_bound_queries_have_plans(session, driver):
    """`session.query(…)` ends in `explain()` too."""
    await cypher(driver, "CREATE (:Person {id: 'ada'})")
    query = session.query(Person).where(Person.id == "ada")
    assert await query.explain() == await session.explain(query.statement)


async def test_text_and_its_parameters(session, driver):
    """Raw Cypher has a plan; so has a statement whose parameters are given by name."""
    await cypher(driver, "CREATE (:Person {id: 'ada'})")
    plan = await session.explain("MATCH (n) WHERE n.id = $id RETURN n", {"id": "a"})
    assert "filter" in plan.lower()
    open_ = select(Person).where(Person.id == param("id"))
    assert "filter" in (await session.explain(open_, {"id": "ada"})).lower()
    with pytest.raises(StatementError, match="'id' has no value"):
        await session.explain(open_)


@pytest.mark.backend("falkordb")
async def test_what_cannot_be_planned_says_why(session, driver):
    """A graph that is not there, and text that is wrong."""
    with pytest.raises(DriverError, match="does not exist"):
        await session.explain(ADA)
    await cypher(driver, "CREATE (:Person {id: 'ada'})")
    with pytest.raises(QuerySyntaxError):
        await session.explain("MATCH (n RETURN n")


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN MATCH (n) DELETE n",
        " profile\nMATCH (n) DELETE n",
        "/* how? */ // plan\nEXPLAIN MATCH (n) DELETE n",
    ],
)
async def test_a_prefix_that_the_server_would_ignore_is_refused(text, session, driver):
    """FalkorDB runs `EXPLAIN MATCH (n) DELETE n`; runic does not send it."""
    await cypher(driver, "CREATE (:Person {id: 'ada'})")
    for ask in (session.execute, session.explain):
        with pytest.raises(StatementError, match=r"session\.explain"):
            await ask(text)
    assert len((await dump(driver))[0]) == 1


@pytest.mark.backend("falkordb")
async def test_a_database_without_plans_says_so(session, monkeypatch):
    """The capability decides, before anything is sent."""
    without = FalkorDBDialect.capabilities.without("explain")
    assert isinstance(without, Capabilities)
    monkeypatch.setattr(FalkorDBDialect, "capabilities", without)
    with pytest.raises(UnsupportedFeatureError, match="no explain"):
        await session.explain(ADA)
