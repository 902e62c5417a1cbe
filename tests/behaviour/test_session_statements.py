"""What a session says when it is given something else than a statement."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.query import select, union, update
from tests.behaviour.models import Article, Person, Wrote

PEOPLE = select(Person)
CHANGE = update(Person).values(name="x")


async def streamed(session: Any, given: Any) -> list[Any]:
    """Read a stream to its end."""
    return [each async for each in session.stream(given)]


READS: dict[str, Any] = {
    "scalars": lambda s, given: s.scalars(given),
    "scalar": lambda s, given: s.scalar(given),
    "first": lambda s, given: s.first(given),
    "one": lambda s, given: s.one(given),
    "count": lambda s, given: s.count(given),
    "exists": lambda s, given: s.exists(given),
    "all_rows": lambda s, given: s.all_rows(given),
    "all_with_edges": lambda s, given: s.all_with_edges(given),
    "scalars_with_total": lambda s, given: s.scalars_with_total(given),
    "stream": streamed,
}
GIVEN: dict[str, tuple[Any, str]] = {
    "a class": (lambda s: Person, r"the class Person; write select\(Person\)"),
    "an edge class": (lambda s: Wrote, r"the class Wrote"),
    "text": (lambda s: "MATCH (n) RETURN n", r"the text .+session\.execute\(text\)"),
    "a change": (lambda s: CHANGE, r"which writes; write session\.execute"),
    "a bound query": (lambda s: s.query(Person), r"ends in \.all\(\)"),
    "nothing": (lambda s: None, r"got None"),
    "an entity": (lambda s: Person(id="a"), r"write select"),
}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("read", READS)
async def test_what_is_no_statement_is_told(read, given, session, assert_query_count):
    """Nothing is sent; the error says what was given, and what to write."""
    make, says = GIVEN[given]
    with assert_query_count(0), pytest.raises(StatementError, match=says):
        await READS[read](session, make(session))


@pytest.mark.parametrize("given", ["a class", "a bound query", "nothing", "an entity"])
async def test_execute_takes_text_and_statements(given, session, assert_query_count):
    """Everything else is told."""
    make, _ = GIVEN[given]
    with assert_query_count(0), pytest.raises(StatementError, match="expected Cypher text or a"):
        await session.execute(make(session))


@pytest.mark.parametrize(
    "statement",
    [
        lambda: PEOPLE.project(Person.id),
        lambda: union(PEOPLE, PEOPLE),
        lambda: select(Person, Article).traverse(Person.articles),
        lambda: PEOPLE.with_(Person.name.as_("x")),
        lambda: PEOPLE.traverse(Person.articles, edge_alias="w").with_("w"),
    ],
)
async def test_a_stream_is_of_nodes(statement, session, assert_query_count):
    """Rows, unions and edges are read whole, as the error says."""
    with assert_query_count(0), pytest.raises(StatementError, match="stream yields the nodes"):
        await streamed(session, statement())


async def test_edges_of_a_stage_are_entities(session):
    """A statement whose last stage keeps an edge returns the edge objects."""
    ada = Person(id="ada", articles=[Article(id="a")])
    session.add(ada)
    await session.commit()
    along = PEOPLE.traverse(Person.articles, edge_alias="w").with_("w")
    [edge] = await session.scalars(along)
    assert (type(edge), edge.role) == (Wrote, "author")
    assert await session.count(along) == 1
    assert await session.first(along) is edge
