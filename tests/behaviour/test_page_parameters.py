"""Parameters by name that say how many rows to leave out and to return."""

from __future__ import annotations

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.query import param, select
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Person


@pytest.mark.parametrize("order", ["own", "stage"])
async def test_pages_are_cut_where_parameters_say(order, session, driver):
    """`skip` and `limit` take a `param`, of the statement or of one of its stages."""
    await cypher(driver, "UNWIND range(0, 9) AS i CREATE (:Person {id: 'p' + i, name: 'P'})")
    stmt = select(Person).order_by(Person.id).skip(param("from")).limit(param("rows"))
    if order == "stage":
        stmt = stmt.with_("n").order_by(Person.id)
    page = stmt.bind(**{"from": 2, "rows": 3})
    assert [each.id for each in await session.scalars(page)] == ["p2", "p3", "p4"]
    # The stage has made its cut; the cut of the statement itself is no part of the total.
    assert await session.count(page) == (3 if order == "stage" else 10)
    assert len(await session.scalars(page.bind(rows=0))) == 0
    with pytest.raises(StatementError, match="'rows' has no value"):
        await session.scalars(stmt.bind(**{"from": 1}))


async def test_endings_know_the_bound_page(session, driver):
    """`first`, `one` and `stream` never read more rows than the parameter says."""
    await cypher(driver, "UNWIND range(0, 9) AS i CREATE (:Person {id: 'p' + i, name: 'P'})")
    stmt = select(Person).order_by(Person.id).skip(param("from")).limit(param("rows"))
    two = stmt.bind(**{"from": 1, "rows": 2})
    assert (await session.first(two)).id == "p1"
    assert await session.first(two.bind(rows=0)) is None
    assert (await session.one(two.bind(rows=1))).id == "p1"
    assert [each.id async for each in session.stream(two, chunk_size=1)] == ["p1", "p2"]


@pytest.mark.parametrize("rows", [-1, True, "3", 2.0, None])
def test_a_parameter_for_rows_is_checked_when_it_is_bound(rows):
    """What `limit` refuses, `bind` refuses."""
    stmt = select(Person).limit(param("rows"))
    with pytest.raises(StatementError, match="'rows' takes a whole number"):
        stmt.bind(rows=rows)
