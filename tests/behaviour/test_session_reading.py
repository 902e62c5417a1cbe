"""Reading through a session: identity, classes, streams, raw Cypher."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import (
    DriverError,
    EntityNotFoundError,
    HydrationError,
    MultipleResultsError,
    StatementError,
)
from runic.ogm.model import State, state_of
from runic.ogm.query import count, select, update
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.models import Article, Company, Person, Wrote


@pytest.fixture
async def people(driver):
    """Store five people, two of them of one age."""
    await cypher(
        driver,
        "UNWIND range(0, 4) AS i CREATE (:Person {id: 'p' + i, name: 'N' + i, age: 20 + i / 2})",
    )


async def test_get_returns_none_for_a_key_that_is_not_there(session):
    """A missing entity is None, on a missing graph as well, and the graph is not made."""
    assert await session.get(Person, "nobody") is None


@pytest.mark.backend("falkordb")
async def test_reads_never_create_a_graph(session, runic_server, runic_graph):
    """Reading a graph that does not exist leaves it so."""
    assert await session.scalars(select(Person)) == []
    assert await session.count(select(Person)) == 0
    assert await session.exists(select(Person)) is False
    assert runic_graph not in runic_server.client.list_graphs()


async def test_one_object_for_one_node(session, people, assert_query_count):
    """Whatever query finds a node, it is the same object; a second get() costs no query."""
    ada = await session.get(Person, "p0")
    found = await session.scalars(select(Person).order_by(Person.id))
    assert found[0] is ada
    with assert_query_count(0):
        assert await session.get(Person, "p3") is found[3]


async def test_edits_in_memory_win_over_the_database(session, people, driver):
    """A query does not overwrite what is changed and not written."""
    ada = await session.get(Person, "p0")
    ada.name = "mine"
    await cypher(driver, "MATCH (n {id: 'p0'}) SET n.name = 'theirs'")
    assert (await session.scalars(select(Person).where(Person.id == "p0")))[0].name == "mine"


async def test_a_node_in_two_sessions_is_two_objects(session, new_session, people):
    """Sessions share nothing in memory."""
    other = new_session()
    assert await session.get(Person, "p0") is not await other.get(Person, "p0")


async def test_first_one_scalar_count_exists(session, people):
    """The endings of a statement."""
    by_age = select(Person).where(Person.age == 20).order_by(Person.id)
    assert (await session.first(by_age)).id == "p0"
    assert (await session.scalar(by_age)).id == "p0"
    assert await session.count(by_age) == 2
    assert await session.exists(by_age) is True
    assert (await session.one(by_age.limit(1))).id == "p0"
    nobody = select(Person).where(Person.name == "?")
    assert await session.first(nobody) is None
    assert await session.scalar(nobody) is None
    assert await session.exists(nobody) is False


async def test_one_insists_on_one(session, people):
    """one() raises for none and for several."""
    with pytest.raises(EntityNotFoundError, match="no row where one was asked for"):
        await session.one(select(Person).where(Person.name == "?"))
    with pytest.raises(MultipleResultsError, match="several rows"):
        await session.one(select(Person))


async def test_all_rows_are_dicts(session, people):
    """Rows are dicts by the names of the statement's columns."""
    rows = await session.all_rows(
        select(Person)
        .aggregate(count("*").as_("total"), group_by=Person.age)
        .order_by("total", desc=True)
    )
    assert rows[0]["total"] == 2
    assert set(rows[0]) == {"n.age", "total"}


async def test_scalar_of_rows_is_the_first_value(session, people):
    """scalar() of an aggregate is its value."""
    assert await session.scalar(select(Person).aggregate(count("*").as_("total"))) == 5


async def test_all_with_edges_returns_edge_entities(session, driver):
    """Entities come with the edges they were reached over."""
    await cypher(
        driver, "CREATE (:Person {id: 'p'})-[:WROTE {role: 'editor'}]->(:Article {id: 'a'})"
    )
    rows = await session.all_with_edges(select(Person).traverse(Person.articles))
    (row,) = rows
    assert isinstance(row[0], Person)
    assert isinstance(row[-1], Wrote)
    assert row[-1].role == "editor"


async def test_stream_reads_everything_in_chunks(session, people, assert_query_count):
    """stream() yields each entity once, in order, and tracks none of them."""
    with assert_query_count(3):
        found = [e async for e in session.stream(select(Person), chunk_size=2)]
    assert [e.id for e in found] == ["p0", "p1", "p2", "p3", "p4"]
    assert {state_of(e) for e in found} == {State.DETACHED}
    assert not any(e in session for e in found)


async def test_stream_respects_skip_limit_and_order(session, people):
    """skip, limit and order_by of the statement hold for the whole stream."""
    statement = select(Person).order_by(Person.name, desc=True).skip(1).limit(3)
    found = [e.id async for e in session.stream(statement, chunk_size=2)]
    assert found == ["p3", "p2", "p1"]


async def test_a_stream_may_be_left_early(session, people):
    """The session is usable while and after a stream is read."""
    async for person in session.stream(select(Person), chunk_size=2):
        assert await session.count(select(Person)) == 5
        if person.id == "p1":
            break
    assert (await session.get(Person, "p0")).id == "p0"


async def test_a_streamed_entity_can_be_added(session, people, driver):
    """add() of a streamed entity follows it from then on."""
    async for person in session.stream(select(Person)):
        session.add(person)
        person.name += "!"
    await session.commit()
    assert await cypher(driver, "MATCH (n) WHERE n.name ENDS WITH '!' RETURN count(n)") == [[5]]


@pytest.mark.parametrize("size", [0, -1, 1.5, None])
async def test_a_chunk_size_is_a_positive_number(session, size):
    """A chunk size that makes no sense is refused."""
    with pytest.raises(StatementError, match="chunk_size"):
        async for _ in session.stream(select(Person), chunk_size=size):
            pass


async def test_execute_returns_columns_and_rows(session, people):
    """Raw Cypher with parameters; rows are tuples, mappings and scalars are at hand."""
    result = await session.execute(
        "MATCH (n:Person) WHERE n.age >= $age RETURN n.id AS id, n.age AS age ORDER BY id LIMIT 2",
        {"age": 21},
    )
    assert (result.columns, result.rows) == (["id", "age"], [("p2", 21), ("p3", 21)])
    assert result.mappings()[0] == {"id": "p2", "age": 21}
    assert (result.scalars(), len(result), list(result)) == (["p2", "p3"], 2, result.rows)


async def test_execute_makes_entities(session, people):
    """returns= turns columns into entities of the session; None leaves a column as it is."""
    ada = await session.get(Person, "p0")
    result = await session.execute(
        "MATCH (n:Person) RETURN n, n.age ORDER BY n.id", returns=[Person, None]
    )
    assert result.rows[0] == (ada, 20)
    assert all(isinstance(row[0], Person) for row in result.rows)


async def test_execute_makes_entities_inside_lists(session, people):
    """A column that collects nodes becomes a list of entities."""
    result = await session.execute("MATCH (n:Person) RETURN collect(n)", returns=[Person])
    assert {p.id for p in result.scalar()} == {"p0", "p1", "p2", "p3", "p4"}


async def test_execute_makes_edges_of_known_ends(session, driver):
    """Edges get the entities of their ends when the session holds them."""
    await cypher(driver, "CREATE (:Person {id: 'p'})-[:WROTE]->(:Article {id: 'a'})")
    result = await session.execute(
        "MATCH (p)-[e:WROTE]->(a) RETURN p, e, a", returns=[Person, Wrote, Article]
    )
    person, edge, article = result.rows[0]
    assert (edge.source, edge.target) == (person, article)


async def test_execute_takes_values_as_fields_do(session):
    """Parameters of Python types take the form a field would store."""
    when = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
    result = await session.execute("RETURN $a, $b", {"a": when, "b": [dt.date(2026, 1, 2)]})
    assert result.rows == [("2026-01-02T03:04:05.000006Z", ["2026-01-02"])]


async def test_execute_refuses_what_has_no_stored_form(session, people):
    """An entity or a strange object as a parameter is refused by name."""
    with pytest.raises(StatementError, match=r"\$who is a Person.*pass its key"):
        await session.execute("RETURN $who", {"who": Person(id="x")})
    with pytest.raises(StatementError, match=r"\$x is a object"):
        await session.execute("RETURN $x", {"x": object()})


async def test_execute_checks_returns(session, people):
    """returns= has to name every column, with a class that fits."""
    with pytest.raises(StatementError, match="names 1 columns, the query returns 2"):
        await session.execute("MATCH (n:Person) RETURN n, n.age", returns=[Person])
    with pytest.raises(HydrationError, match="should hold Person"):
        await session.execute("MATCH (n:Person) RETURN n.id", returns=[Person])
    with pytest.raises(HydrationError, match="no Company"):
        await session.execute("MATCH (n:Person) RETURN n", returns=[Company])


async def test_execute_runs_statements(session, people):
    """execute() of a statement gives its rows as a result."""
    result = await session.execute(select(Person).project("n.id").order_by(Person.id))
    assert (result.columns, result.rows[0]) == (["n.id"], ("p0",))


@pytest.mark.requires("read_only")
async def test_read_only_holds(session, driver):
    """read_only=True has the database refuse a write."""
    await cypher(driver, "CREATE (n) DELETE n")
    with pytest.raises(DriverError, match="read.only"):
        await session.execute("CREATE (:Person {id: 'x'})", read_only=True)
    assert await dump(driver) == ([], [])


async def _read_text(session):
    await session.execute("MATCH (n:Person) RETURN n.id")


async def _flushed(session):
    session.add(Person(id="z"))
    await session.flush()


async def _updated(session):
    await session.execute(update(Person).where(Person.id == "x").values(name="y"))


WRITES = {
    "create": "CREATE (:Person {id: 'new'})",
    "set": "MATCH (n:Person) SET n.name = 'new' RETURN n.name",
    "delete": "MATCH (n:Person) DETACH DELETE n",
    "lower": "match (n:Person) remove n.name",
}


@pytest.mark.requires("read_only")
@pytest.mark.parametrize("text", WRITES)
@pytest.mark.parametrize("before", [_read_text, _flushed, _updated])
async def test_read_only_holds_within_a_transaction(new_session, driver, text, before):
    """What the session did before changes nothing about it."""
    async with new_session() as writing:
        writing.add(Person(id="x", name="old"))
    session = new_session()
    await before(session)
    with pytest.raises(DriverError, match="read.only"):
        await session.execute(WRITES[text], read_only=True)
    await session.rollback()
    assert await cypher(driver, "MATCH (n:Person {id: 'x'}) RETURN n.name <> 'new'") == [[True]]
    assert await cypher(driver, "MATCH (n:Person {id: 'new'}) RETURN count(n)") == [[0]]


@pytest.mark.requires("read_only")
@pytest.mark.parametrize("before", [_read_text, _flushed, _updated])
async def test_a_reading_text_runs_within_a_transaction(new_session, before):
    """The words of clauses may be names and texts in it."""
    session = new_session()
    await before(session)
    text = "/* SET */ MATCH (n:Person) WHERE n.name = 'CREATE' RETURN count(*)"
    assert (await session.execute(text, read_only=True)).rows == [(0,)]
    await session.rollback()


async def test_a_stored_value_that_does_not_fit_is_a_hydration_error(session, driver):
    """The error names the class, the key, the field and what to do."""
    await cypher(driver, "CREATE (:Person {id: 'p', age: 'old'})")
    with pytest.raises(HydrationError, match=r"stored Person \('p'\).*Person\.age.*integer"):
        await session.get(Person, "p")


async def test_a_node_without_its_required_field_is_a_hydration_error(session, driver):
    """A missing property of a field without default is named."""
    await cypher(driver, "CREATE (:Article {title: 'x'})")
    with pytest.raises(HydrationError, match=r"Article\.id"):
        await session.scalars(select(Article))


async def test_a_key_that_is_not_unique_is_an_error(session, driver):
    """Two nodes with one key are MultipleResultsError on get()."""
    await cypher(driver, "CREATE (:Person {id: 'p'}), (:Person {id: 'p'})")
    with pytest.raises(MultipleResultsError, match="not unique"):
        await session.get(Person, "p")


async def test_a_bound_query_ends_in_the_session(session, people):
    """session.query(Cls) builds like a statement and ends with the session."""
    query = session.query(Person).where(Person.age == 20).order_by(Person.id)
    assert [p.id for p in await query.all()] == ["p0", "p1"]
    assert (await query.first()).id == "p0"
    assert await query.count() == 2
    assert await query.exists() is True
    assert [p.id async for p in query.stream(chunk_size=1)] == ["p0", "p1"]
    rows = await query.project("n.name").rows()
    assert rows == [{"n.name": "N0"}, {"n.name": "N1"}]
