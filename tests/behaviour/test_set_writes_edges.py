"""Set-based writes to the edges of a class: update and delete by criteria."""

from __future__ import annotations

import pytest

from runic.ogm.errors import FieldValidationError, LazyLoadError, StatementError
from runic.ogm.model import Edge, Field, Node, Registry, Relation, State, Vector, state_of
from runic.ogm.query import col, delete, literal, param, select, update, upper
from tests.behaviour.graphs import cypher, links

REGISTRY = Registry()


class Wrote(Edge, type="WROTE", registry=REGISTRY):
    """An edge whose writes are counted."""

    year: int = Field(0, ge=0)
    role: str | None = None
    mood: Vector | None = None
    edits: int = Field(version=True)


class Text(Node, registry=REGISTRY):
    """What is written."""

    id: str
    title: str = ""


class Author(Node, registry=REGISTRY):
    """Who writes."""

    id: str
    age: int | None = None
    wrote: list[Wrote] = Relation("WROTE", target="Text")
    texts: list[Text] = Relation("WROTE", edge_model=Wrote)


@pytest.fixture(autouse=True)
async def graph(driver):
    """Store two authors, two texts, parallel edges, and a node no model is for."""
    await cypher(
        driver,
        "CREATE (a:Author {id: 'ada', age: 36}), (b:Author {id: 'bob'}),"
        " (x:Text {id: 'x', title: 'X'}), (y:Text {id: 'y', title: 'Y'}),"
        " (a)-[:WROTE {year: 1}]->(x), (a)-[:WROTE {year: 2}]->(x), (b)-[:WROTE {year: 3}]->(y),"
        " (:Ghost {id: 'g'})-[:WROTE {year: 4}]->(y), (a)-[:LIKES {year: 1}]->(x)",
    )


async def years(place):
    """Return year and role of every edge, sorted."""
    return await cypher(
        place, "MATCH ()-[e:WROTE]->() RETURN e.year, e.role ORDER BY e.year, e.role"
    )


async def test_text_is_set_in_another_case(session):
    """Letters beyond those of ASCII, too."""
    await session.execute(update(Wrote).where(Wrote.year == 3).values(role=upper(literal("ü"))))
    assert await years(session) == [[1, None], [2, None], [3, "Ü"], [4, None]]


async def test_update_sets_fields_of_edges(session, driver):
    """Every edge of the class that satisfies the criteria, whatever it runs between."""
    result = await session.execute(update(Wrote).where(Wrote.year > 1).values(role="late"))
    assert result.affected == 3
    assert await years(session) == [[1, None], [2, "late"], [3, "late"], [4, "late"]]


async def test_ends_narrow_what_is_written(session, driver):
    """`between` names the classes of the ends, about whose fields `where` then asks."""
    stmt = update(Wrote).between(Author, Text).where(Author.age == 36, Text.title == "X")
    assert (await session.execute(stmt.values(year=col(Wrote.year) + 10))).affected == 2
    stmt = update(Wrote).between(target=Text).where(Text.id == "y").values(role="y")
    assert (await session.execute(stmt)).affected == 2
    busy = update(Wrote).between(Author).where(Author.texts.count() > 1).values(role="busy")
    assert (await session.execute(busy)).affected == 2
    assert await years(session) == [[3, "y"], [4, "y"], [11, "busy"], [12, "busy"]]


async def test_held_edges_take_what_was_written(session, driver):
    """Held edges have the new values and version; their own unwritten changes stay."""
    ada = await session.get(Author, "ada", fetch=["wrote"])
    first, second = sorted(ada.wrote, key=lambda edge: edge.year)
    second.role = "mine"
    await session.execute(update(Wrote).values(role="all", year=5))
    assert (first.role, first.year, first.edits) == ("all", 5, 1)
    assert (second.role, second.year, second.edits) == ("mine", 5, 1)
    assert session.dirty == [second]
    await session.commit()
    assert await years(session) == [[5, "all"], [5, "all"], [5, "all"], [5, "mine"]]


async def test_update_returns_edges_and_values(session):
    """`returning()` gives edges, with the ends that the session holds; columns give values."""
    ada, x = await session.get(Author, "ada"), await session.get(Text, "x")
    stmt = update(Wrote).where(Wrote.year == 1).values(role="first")
    ((edge,),) = (await session.execute(stmt.returning())).rows
    assert (edge.role, edge.source, edge.target) == ("first", ada, x)
    stmt = stmt.between(Author, Text).returning(Wrote.role, Author.id, Text)
    assert (await session.execute(stmt)).rows == [("first", "ada", x)]


async def test_delete_removes_edges_only(session, driver):
    """The nodes stay, and edges of other types do."""
    result = await session.execute(delete(Wrote).where(Wrote.year < 4))
    assert result.affected == 3
    assert await links(session, "WROTE") == [("g", "y")]
    assert await links(session, "LIKES") == [("ada", "x")]
    assert await session.count(select(Author)) == 2


async def test_delete_lets_the_session_know(session):
    """Held edges are deleted, and relations that held them load anew."""
    ada = await session.get(Author, "ada", fetch=["wrote", "texts"])
    edge = min(ada.wrote, key=lambda each: each.year)
    await session.execute(delete(Wrote).between(Author).where(Author.id == "ada"))
    assert state_of(edge) is State.DELETED
    assert session.dirty == []
    await session.load(ada, "wrote", "texts")
    assert (ada.wrote, ada.texts) == ([], [])


async def test_relations_of_other_nodes_stay_loaded(session):
    """Only the ends of the edges that went are forgotten."""
    ada, bob = [await session.get(Author, key, fetch=["texts"]) for key in ("ada", "bob")]
    await session.execute(delete(Wrote).where(Wrote.year == 3))
    assert [text.id for text in ada.__dict__["texts"]] == ["x"]
    assert "texts" not in bob.__dict__


async def test_delete_returns_what_the_edges_had(session):
    """Values are read before the edge is gone."""
    stmt = delete(Wrote).between(Author).where(Wrote.year < 3).returning(Wrote.year, Author.id)
    result = await session.execute(stmt)
    assert sorted(result.rows) == [(1, "ada"), (2, "ada")]
    assert result.affected == 2


async def test_parameters_stay_open(session, driver):
    """Criteria and values are bound later, and validated."""
    stmt = update(Wrote).where(Wrote.year == param("year")).values(role=param("role"))
    await session.execute(stmt, {"year": 1, "role": "bound"})
    assert (await years(session))[0] == [1, "bound"]
    assert "$p0" in repr(stmt)
    with pytest.raises(FieldValidationError, match=r"Wrote\.role"):
        stmt.bind(role=5)


async def test_vectors_of_edges_are_written(session, driver):
    """A value that goes through a function of the database is stored."""
    stmt = update(Wrote).where(Wrote.year == 1)
    await session.execute(stmt.values(mood=[1.0, 0.0]))
    await session.execute(stmt.values(mood=[0.0, 1.0]))
    rows = await cypher(session, "MATCH ()-[e:WROTE {year: 1}]->() RETURN e.mood")
    assert rows == [[[0.0, 1.0]]]


async def test_nothing_is_read_for_a_session_that_holds_nothing(session, driver):
    """One statement, without ids that nobody needs."""
    assert "touched" not in update(Wrote).values(year=1).build().text
    before = await years(session)
    await session.execute(update(Wrote).where(Wrote.year == 99).values(role="none"))
    assert await years(session) == before


def test_misuse_is_told():
    """Fields of ends need their classes; versions count by themselves."""
    with pytest.raises(StatementError, match="between"):
        update(Wrote).where(Author.id == "ada", on="source")
    with pytest.raises(StatementError, match="between"):
        update(Wrote).returning("source")
    with pytest.raises(StatementError, match="takes a Node class"):
        delete(Wrote).between(Wrote)
    with pytest.raises(StatementError, match="not entities"):
        delete(Wrote).returning()
    with pytest.raises(StatementError, match="not entities"):
        delete(Wrote).returning(Wrote)
    with pytest.raises(StatementError, match="counts its writes"):
        update(Wrote).values(edits=3)
    with pytest.raises(FieldValidationError, match=r"Wrote\.year"):
        update(Wrote).values(year=-1)
    with pytest.raises(StatementError, match="sets nothing"):
        update(Wrote).build()


@pytest.mark.face("async")
async def test_reading_a_forgotten_relation_names_the_fix(session):
    """On the async face what was forgotten has to be loaded."""
    ada = await session.get(Author, "ada", fetch=["texts"])
    await session.execute(delete(Wrote))
    with pytest.raises(LazyLoadError):
        _ = ada.texts
