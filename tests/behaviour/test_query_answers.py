"""What statements answer on a real database, with nothing between but a driver."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.query import (
    Query,
    ValueColumn,
    avg,
    collect,
    compile_count,
    compile_exists,
    compile_select,
    count,
    id_lookup,
    key_lookup,
    load_relation,
    max_,
    min_,
    select,
    sum_,
)
from tests.unit.query_models import Article, Authored, Both, Place, User

# ada knows bob twice; bob, cy and herself; cy has no age. " pad" is what an index loses.
DATA = """
CREATE (ada:User {id: 'ada', name: 'Ada', fullName: 'Ada L', age: 36, city: 'Rome', active: true,
                  tags: ['x', 'y'], days: ['2026-01-02'], worked: 1000000, born: '1990-01-01',
                  role: 'editor', big: 9007199254740993}),
       (bob:User {id: 'bob', name: 'Bob', age: 20, city: 'Rome', active: false, tags: ['y'],
                  worked: 2000000, big: 9007199254740992}),
       (cy:User {id: 'cy', name: ' pad', city: 'Oslo', tags: []}),
       (a1:Article {id: 'a1', title: 'Zebra', published: true, at: '2026-01-01T10:00:00.000000Z'}),
       (a2:Article {id: 'a2', title: 'apple', published: false}),
       (a3:Article {id: 'a3', title: 'ant', published: true}),
       (ada)-[:AUTHORED {year: 2001}]->(a1), (ada)-[:AUTHORED {year: 2003}]->(a2),
       (ada)-[:AUTHORED {year: 2005}]->(a2), (bob)-[:AUTHORED {year: 2002}]->(a3),
       (ada)-[:KNOWS]->(bob), (ada)-[:KNOWS]->(bob), (cy)-[:KNOWS]->(ada), (ada)-[:KNOWS]->(ada),
       (ada)-[:KNOWS]->(cy), (ada)-[:CALLS]->(bob), (ada)-[:CALLS]->(bob),
       (:Place {id: 'p', area: 1}), (:Place:Country {id: 'c', area: 2, code: 'IT'}),
       (:One {id: '1'}), (:One:Two {id: '12'})
"""


@pytest.fixture
async def graph(async_driver: Driver) -> Driver:
    """Return a driver of a graph that holds the data, with the indexes the models ask for."""
    for label, name in (("User", "id"), ("User", "name"), ("User", "big"), ("Article", "id")):
        await async_driver.run(Query(f"CREATE INDEX FOR (n:{label}) ON (n.{name})"))
    await async_driver.run(Query(DATA))
    return async_driver


async def ids(graph: Driver, stmt: Any) -> list[str]:
    """Return the primary keys of the entities a statement finds, in order."""
    compiled = compile_select(stmt, graph.dialect)
    result = await graph.run(compiled.query)
    return [row[1] for row in result.rows]


async def values(graph: Driver, stmt: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, decoded."""
    compiled = compile_select(stmt, graph.dialect)
    result = await graph.run(compiled.query)
    return [tuple(map(_decoded, compiled.columns, row)) for row in result.rows]


def _decoded(column: Any, cell: Any) -> Any:
    assert isinstance(column, ValueColumn)
    return cell if cell is None or column.decode is None else column.decode(cell)


@pytest.mark.parametrize(
    ("criterion", "found"),
    [
        (lambda: User.name == "Ada", ["ada"]),
        (lambda: User.name == " pad", ["cy"]),
        (lambda: User.name.in_([" pad", "Bob"]), ["bob", "cy"]),
        (lambda: User.name >= "", ["ada", "bob", "cy"]),
        (lambda: User.full_name == "Ada L", ["ada"]),
        (lambda: User.big > 2**53, ["ada"]),
        (lambda: User.big > float(2**53), ["ada"]),
        (lambda: User.big == 2**53 + 1, ["ada"]),
        (lambda: User.age > 19.5, ["ada", "bob"]),
        (lambda: User.age != 20, ["ada"]),
        (lambda: ~(User.age == 20), ["ada"]),
        (lambda: User.age == None, ["cy"]),  # noqa: E711
        (lambda: (User.age != 20) | User.age.is_null(), ["ada", "cy"]),
        (lambda: User.age.in_([]), []),
        (lambda: User.age.not_in_([]), ["ada", "bob"]),
        (lambda: User.age.not_in_([20]), ["ada"]),
        (lambda: User.tags.contains("x"), ["ada"]),
        (lambda: ~User.tags.contains("x"), ["bob", "cy"]),
        (lambda: User.tags.any_of(["x", "q"]), ["ada"]),
        (lambda: User.tags.all_of(["x", "y"]), ["ada"]),
        (lambda: User.tags == ["y"], ["bob"]),
        (lambda: User.days.contains(dt.date(2026, 1, 2)), ["ada"]),
        (lambda: User.born < dt.date(2000, 1, 1), ["ada"]),
        (lambda: User.worked > dt.timedelta(seconds=1.5), ["bob"]),
        (lambda: User.role == "editor", ["ada"]),
        (lambda: User.name.matches("A.*"), ["ada"]),
        (lambda: User.name.matches("A"), []),
        (lambda: User.name.matches("Ada|Bob"), ["ada", "bob"]),
        (lambda: ~User.full_name.matches("B.*"), ["ada"]),
        (lambda: User.city.startswith("R") & User.name.endswith("b"), ["bob"]),
        (lambda: User.name.contains("' OR 1=1 //"), []),
        (lambda: User.name < User.city, ["ada", "bob", "cy"]),
        (lambda: (User.active == True) | (User.city == "Oslo"), ["ada", "cy"]),
    ],
)
async def test_operators_keep_the_right_rows(
    graph: Driver, criterion: Any, found: list[str]
) -> None:
    """Each operator means on the database what it says, missing values and odd strings included."""
    assert await ids(graph, select(User).where(criterion()).order_by(User.id)) == found


async def test_order_skip_limit(graph: Driver) -> None:
    """Rows come sorted, from and up to where they were asked for."""
    stmt = select(User).order_by(User.city).order_by(User.age, desc=True)
    assert await ids(graph, stmt) == ["cy", "ada", "bob"]
    assert await ids(graph, stmt.skip(1).limit(1)) == ["ada"]
    assert await ids(graph, stmt.limit(0)) == []


async def test_traversal_has_a_row_for_each_edge(graph: Driver) -> None:
    """Parallel edges count each for itself, and distinct rows once."""
    stmt = select(User).where(User.id == "ada").traverse(User.articles).return_target()
    ordered = stmt.order_by(Article.id)
    assert await ids(graph, ordered) == ["a1", "a2", "a2"]
    assert await ids(graph, ordered.distinct()) == ["a1", "a2"]
    assert (await graph.run(compile_count(stmt, graph.dialect))).rows == [[3]]
    assert (await graph.run(compile_count(stmt.distinct(), graph.dialect))).rows == [[2]]


async def test_traversal_over_two_hops(graph: Driver) -> None:
    """The articles of those ada knows, an edge being passed both ways."""
    stmt = (
        select(User)
        .where(User.id == "bob")
        .traverse(User.friends)
        .traverse(User.articles)
        .return_target()
        .distinct()
        .order_by(Article.id)
    )
    assert await ids(graph, stmt) == ["a1", "a2"]


async def test_optional_hop_keeps_rows_without_a_target(graph: Driver) -> None:
    """The target's columns are all None there."""
    stmt = (
        select(User)
        .traverse(User.articles, optional=True)
        .where(Article.published == True)
        .order_by(User.id)
        .project(User.id, Article.title)
    )
    assert await values(graph, stmt) == [("ada", "Zebra"), ("bob", "ant"), ("cy", None)]


async def test_edges_are_filtered_by_their_class(graph: Driver) -> None:
    """A field of the edge class is the edge's."""
    stmt = select(User).traverse(User.articles).where(Authored.year > 2002).return_target()
    assert await ids(graph, stmt) == ["a2", "a2"]


async def test_subclasses_are_found_by_their_base(graph: Driver) -> None:
    """And a class with two labels only where both are."""
    compiled = compile_select(select(Place).order_by(Place.area), graph.dialect)
    result = await graph.run(compiled.query)
    assert [row[0].labels for row in result.rows] == [["Place"], ["Place", "Country"]]
    assert await ids(graph, select(Both)) == ["12"]


async def test_projection_gives_python_values(graph: Driver) -> None:
    """Stored forms come back as the field's type."""
    stmt = select(User).where(User.id == "ada").project(User.born, User.worked, User.role, "n.tags")
    [(born, worked, role, tags)] = await values(graph, stmt)
    assert (born, worked, role.value) == (dt.date(1990, 1, 1), dt.timedelta(seconds=1), "editor")
    assert tags == ["x", "y"]


async def test_aggregates(graph: Driver) -> None:
    """Each function over groups; a sum of ints is an int, of no values 0."""
    stmt = (
        select(User)
        .aggregate(
            count("*"), count(User.age), sum_(User.age), avg(User.age), min_(User.name),
            max_(User.worked), sum_("n.worked"), collect(User.age),
            count(User.city, distinct=True), group_by=User.city,
        )
        .order_by("count(*)")
    )  # fmt: skip
    oslo, rome = await values(graph, stmt)
    assert oslo == ("Oslo", 1, 0, 0, None, " pad", None, dt.timedelta(0), [], 1)
    assert rome[:7] == ("Rome", 2, 2, 56, 28.0, "Ada", dt.timedelta(seconds=2))
    assert type(rome[3]) is int
    assert (rome[7], sorted(rome[8])) == (dt.timedelta(seconds=3), [20, 36])


@pytest.mark.parametrize(
    ("stmt", "rows", "total"),
    [
        (lambda: select(User), 3, 3),
        (lambda: select(User).limit(2), 2, 3),
        (lambda: select(User).skip(2).limit(2), 1, 3),
        (lambda: select(User).skip(3), 0, 3),
        (lambda: select(User).project(User.city).distinct(), 2, 2),
        (lambda: select(User).aggregate(count(), group_by=User.city), 2, 2),
        (lambda: select(User).where(User.age > 100), 0, 0),
        (lambda: select(User).where(User.age > 100).aggregate(count()), 1, 1),
    ],
)
async def test_count_and_exists_agree_with_the_rows(
    graph: Driver, stmt: Any, rows: int, total: int
) -> None:
    """count is the number of rows without skip and limit, exists whether there are any with."""
    found = await graph.run(compile_select(stmt(), graph.dialect).query)
    counted = await graph.run(compile_count(stmt(), graph.dialect))
    exists = await graph.run(compile_exists(stmt(), graph.dialect))
    assert (len(found.rows), counted.rows[0][0], len(exists.rows)) == (rows, total, min(rows, 1))


async def test_key_lookup(graph: Driver) -> None:
    """A key finds its node or nothing; several find those that exist."""
    lookup = key_lookup(User, graph.dialect)
    assert [row[1] for row in (await graph.run(lookup.query("bob"))).rows] == ["bob"]
    assert (await graph.run(lookup.query("nobody"))).rows == []
    many = await graph.run(lookup.query_many(["cy", "nobody", "ada"]))
    assert sorted(row[1] for row in many.rows) == ["ada", "cy"]
    node_ids = [row[0] for row in many.rows]
    again = await graph.run(id_lookup(User, graph.dialect).query(node_ids))
    assert sorted(row[1] for row in again.rows) == ["ada", "cy"]
    assert (await graph.run(id_lookup(Article, graph.dialect).query(node_ids))).rows == []


async def loaded(graph: Driver, relation: Any) -> dict[str, list[str]]:
    """Return the keys a relation holds for every user, by the user's key."""
    users = await graph.run(compile_select(select(User), graph.dialect).query)
    names = {row[0]: row[1] for row in users.rows}
    load = load_relation(relation.info, graph.dialect)
    result = await graph.run(load.query(names))
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    for row in load.rows(result.rows):
        found[names[row[0]]].append(row[load.target.start + 1])
    return found


async def test_relations_of_many_entities_load_in_one_query(graph: Driver) -> None:
    """Each target once, in the order of the edges; both directions and loops included."""
    assert await loaded(graph, User.articles) == {"ada": ["a1", "a2"], "bob": ["a3"], "cy": []}
    assert await loaded(graph, User.friends) == {
        "ada": ["bob", "cy", "ada"], "bob": ["ada"], "cy": ["ada"],
    }  # fmt: skip


async def test_a_multiple_relation_loads_every_edge(graph: Driver) -> None:
    """Parallel edges are targets each for itself there, and so are edge objects."""
    assert (await loaded(graph, User.calls))["ada"] == ["bob", "bob"]
    assert (await loaded(graph, User.authored))["ada"] == ["a1", "a2", "a2"]


async def test_order_and_limit_of_a_relation(graph: Driver) -> None:
    """They hold for each owner; a target that is reached twice takes one place."""
    assert (await loaded(graph, User.newest))["ada"] == ["cy", "ada"]
