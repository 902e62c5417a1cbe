"""What relations lead to, on a real database: existence, counts, repeated hops, paths."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel

from runic.ogm.driver.base import Driver, EdgeRecord, NodeRecord
from runic.ogm.errors import HydrationError, StatementError
from runic.ogm.query import (
    Path,
    case,
    col,
    collect,
    count,
    select,
    shortest_path,
    sum_,
    var,
)
from tests.behaviour.models import Article, Company, Person, Wrote

# ada → bob (twice), bob → cy → dan, dan → ada closes the circle; eve has nobody.
DATA = """
CREATE (ada:Person {id: 'ada', name: 'Ada', age: 36}),
       (bob:Person {id: 'bob', name: 'Bob', age: 20}),
       (cy:Person {id: 'cy', name: 'Cy'}), (dan:Person {id: 'dan', name: 'Dan', age: 50}),
       (eve:Person {id: 'eve', name: 'Eve'}),
       (x:Article {id: 'x', title: 'X'}), (y:Article {id: 'y', title: 'Y'}),
       (c:Comment {id: 'c', text: 'good'}), (acme:Company {id: 'acme'}),
       (ada)-[:WROTE {year: 2001}]->(x), (ada)-[:WROTE {year: 2005}]->(y),
       (bob)-[:WROTE {year: 2003}]->(y), (c)-[:ABOUT]->(y),
       (ada)-[:FOLLOWS]->(bob), (ada)-[:FOLLOWS]->(bob), (bob)-[:FOLLOWS]->(cy),
       (cy)-[:FOLLOWS]->(dan), (dan)-[:FOLLOWS]->(ada),
       (ada)-[:KNOWS]->(cy), (eve)-[:KNOWS]->(cy),
       (ada)-[:VISITED]->(acme), (ada)-[:VISITED]->(acme), (bob)-[:WORKS_AT]->(acme)
"""


@pytest_asyncio.fixture
async def graph(session: Any) -> Any:
    """Return a session on a graph that holds the data."""
    await session.execute(DATA)
    return session


def person(pk: str) -> Any:
    """Return the statement that finds a person."""
    return select(Person).where(Person.id == pk)


async def ids(session: Any, stmt: Any) -> list[str]:
    """Return the keys of what a statement finds, sorted."""
    return sorted([each.id for each in await session.scalars(stmt)])


def way(path: Path) -> str:
    """Return the keys of a path's nodes as one text."""
    return " ".join(node.id for node in path.nodes)


@pytest.mark.parametrize(
    ("criterion", "found"),
    [
        (Person.articles.any(), "ada bob"),
        (~Person.articles.any(), "cy dan eve"),
        (Person.articles.any(Article.title == "X"), "ada"),
        (Person.articles.any(Wrote.year > 2002, Article.title == "Y"), "ada bob"),
        (Person.articles.any(Wrote.year > 2004), "ada"),
        (Person.articles.any(Article.comments.any()), "ada bob"),
        (Person.articles.any(~Article.comments.any()), "ada"),
        (Person.follows.any(Person.articles.any(Article.title == "X")), "dan"),
        (Person.friends.any(), "ada cy eve"),
        (Person.friends.any(Person.id == "cy"), "ada eve"),
        (Person.followers.any(Person.id == "ada"), "bob"),
        (Person.articles.any(Article.title == "X") | (Person.id == "eve"), "ada eve"),
        (Person.articles.count() == 2, "ada"),
        (Person.articles.count() < 2, "bob cy dan eve"),
        (Person.follows.count() == 2, "ada"),
        (Person.visits.count() == Person.follows.count(), "ada eve"),
        (Person.articles.count(Article.title == "Y") >= 1, "ada bob"),
        (Person.follows.any(Person.age < col(Person.age).on("n")), "ada dan"),
    ],
    ids=str,
)
async def test_criteria_on_relations(graph: Any, criterion: Any, found: str) -> None:
    """Existence and counts of edges, with criteria on what they lead to; parallel edges count."""
    assert await ids(graph, select(Person).where(criterion)) == found.split()


async def test_counts_of_relations_are_projected_and_sorted_by(graph: Any) -> None:
    """A count is a column, and an order, and does not change how many rows there are."""
    stmt = (
        select(Person)
        .order_by(Person.follows.count(), desc=True)
        .order_by("id")
        .limit(2)
        .project(Person.id, Person.articles.count(Wrote.year > 2002).as_("late"))
    )
    assert await graph.all_rows(stmt) == [{"n.id": "ada", "late": 1}, {"n.id": "bob", "late": 1}]
    assert await graph.count(stmt) == await graph.count(select(Person))


async def test_criteria_on_relations_work_along_hops(graph: Any) -> None:
    """They are asked where the node is there, before the next hop."""
    stmt = (
        select(Person)
        .where(Person.articles.any(Article.title == "X"))
        .traverse(Person.follows)
        .where(Person.articles.any(), on="n2")
        .return_target()
        .distinct()
    )
    assert await ids(graph, stmt) == ["bob"]
    assert await graph.count(stmt) == 1
    assert await graph.exists(stmt)


async def test_any_relation_of_several_is_followed(graph: Any) -> None:
    """One hop goes over edges of several types."""
    stmt = person("bob").traverse([Person.employer, Person.visits]).return_target()
    assert await ids(graph, stmt) == ["acme"]
    assert await ids(graph, person("ada").traverse([Person.employer, Person.visits])) == ["ada"] * 2


@pytest.mark.parametrize(
    ("least", "most", "found"),
    [
        (1, 1, "bob bob"),
        (1, 2, "bob bob cy cy"),
        (2, 3, "cy cy dan dan"),
        (0, 1, "ada bob bob"),
        (3, 3, "dan dan"),
    ],
)
async def test_repeated_hops_stay_in_their_bounds(
    graph: Any, least: int, most: int, found: str
) -> None:
    """There is a row for each path; parallel edges are different paths."""
    stmt = person("ada").repeat(Person.follows, min_hops=least, max_hops=most).return_target()
    assert await ids(graph, stmt) == found.split()


async def test_a_path_without_an_edge_needs_none_of_its_type(
    session: Any, new_session: Any
) -> None:
    """It is found where no such relationship was ever made, by who only reads, too."""
    session.add(Person(id="ada"))
    await session.commit()
    stmt = person("ada").repeat(Person.follows, min_hops=0, max_hops=3).return_target()
    for asked in (session, new_session(read_only=True)):
        assert await ids(asked, stmt) == ["ada"]


async def test_repeated_hops_end_at_what_criteria_keep(graph: Any) -> None:
    """The target of a repeated hop is filtered as any other."""
    stmt = person("ada").repeat(Person.follows).where(Person.age > 40, on="n2").return_target()
    assert await ids(graph, stmt.distinct()) == ["dan"]


async def test_a_repeated_hop_may_find_nothing(graph: Any) -> None:
    """With optional=True what goes nowhere stays, without a path."""
    stmt = person("eve").repeat(Person.follows, max_hops=2, optional=True).return_path()
    [(node, path)] = await graph.all_with_edges(stmt)
    assert (node.id, path) == ("eve", None)


async def test_paths_hold_entities_in_order(graph: Any) -> None:
    """Nodes are those of the session; edges without a class are records."""
    stmt = person("ada").repeat(Person.follows, max_hops=2).return_path()
    rows = await graph.all_with_edges(stmt)
    assert sorted(way(path) for _, path in rows) == ["ada bob"] * 2 + ["ada bob cy"] * 2
    for ada, path in rows:
        assert path.start is ada
        assert all(isinstance(edge, EdgeRecord) for edge in path.edges)
        assert len(path) == len(path.nodes) - 1


@pytest.mark.parametrize("relation", [Person.follows, Person.followers, Person.friends], ids=str)
async def test_paths_begin_where_the_statement_does(
    graph: Any, driver: Driver, relation: Any
) -> None:
    """They are the right way round, even when the planner starts from the other end."""
    stmt = select(Person).alias("a").repeat(relation, max_hops=4).alias("z")
    rows = await graph.all_with_edges(
        stmt.where(Person.id == "cy", on="z").return_nodes("a", "z").return_path()
    )
    assert rows
    for first, last, path in rows:
        assert path.start is first
        assert path.end is last
        for here, edge, there in zip(path.nodes, path.edges, path.nodes[1:], strict=False):
            ends = [await stored_id(graph, driver, node) for node in (here, there)]
            if relation.name != "follows":
                ends.reverse()
            found = [edge.source, edge.target]
            assert found == ends or (relation.name == "friends" and found == ends[::-1])


async def stored_id(session: Any, driver: Driver, node: Any) -> Any:
    """Return the database's id of a person."""
    text = f"MATCH (n:Person {{id: $id}}) RETURN {driver.dialect.node_id('n')}"
    return (await session.execute(text, {"id": node.id})).scalar()


@pytest.mark.parametrize(
    ("start", "end", "relations", "found"),
    [
        ("ada", "dan", [Person.follows], "ada bob cy dan"),
        ("dan", "ada", [Person.followers], "dan cy bob ada"),
        ("ada", "eve", [Person.friends], "ada cy eve"),
        ("eve", "ada", [Person.friends], "eve cy ada"),
        ("ada", "eve", [Person.follows], None),
        ("ada", "ada", [Person.follows], None),
        ("ada", "acme", [Person.visits], "ada acme"),
        ("bob", "acme", [Person.visits, Person.employer], "bob acme"),
    ],
)
@pytest.mark.requires("shortest_path")
async def test_shortest_path(
    graph: Any, start: str, end: str, relations: Any, found: str | None
) -> None:
    """One path with the fewest edges, in the direction of the relations; None without one."""
    target = select(Company if end == "acme" else Person)
    key = Company.id if end == "acme" else Person.id
    stmt = shortest_path(person(start), target.where(key == end), *relations)
    path = await graph.first(stmt)
    assert (path and way(path)) == found


@pytest.mark.requires("shortest_path")
async def test_all_shortest_paths(graph: Any) -> None:
    """Parallel edges make several; `max_hops` bounds them."""
    stmt = shortest_path(person("ada"), person("cy"), Person.follows, every=True)
    assert [way(path) for path in await graph.scalars(stmt)] == ["ada bob cy"] * 2
    short = shortest_path(person("ada"), person("cy"), Person.follows, every=True, max_hops=1)
    assert await graph.scalars(short) == []


@pytest.mark.requires("shortest_path")
async def test_shortest_paths_to_many(graph: Any) -> None:
    """Ends are statements: there is a path for every two nodes that they find."""
    stmt = shortest_path(person("ada"), select(Person).where(Person.age > 1), Person.follows)
    assert sorted(map(way, await graph.scalars(stmt))) == ["ada bob", "ada bob cy dan"]


async def test_every_edge_of_a_path_is_asked(graph: Any) -> None:
    """`where=` of a repeated hop is about the edges on the way, not the node at its end."""
    old = person("ada").repeat(Person.articles, max_hops=1, where=Wrote.year < 2004)
    assert await ids(graph, old.return_target()) == ["x"]
    between = [Wrote.year > 2000, Wrote.year < 2006]
    both = person("ada").repeat(Person.articles, max_hops=1, where=between).return_path()
    paths = [path for _, path in await graph.all_with_edges(both)]
    assert sorted(path.edges[0].year for path in paths) == [2001, 2005]
    assert all(isinstance(path.edges[0], Wrote) for path in paths)
    assert all(path.edges[0].source is path.start for path in paths)


async def test_raw_queries_read_entities_anywhere(graph: Any) -> None:
    """In paths, lists and maps, as the entities that the session has."""
    result = await graph.execute(
        "MATCH p = (n:Person {id: 'bob'})-[r:WROTE]->(a) RETURN p, r, [n, [a]],"
        " {who: n, k: 1}, p AS q",
        returns=[Path.of(Person, Article, Wrote), Wrote, Path.of(Person, Article), Person, None],
    )
    [(path, edge, listed, mapped, _)] = result.rows
    bob = await graph.get(Person, "bob")
    assert path.nodes == (bob, await graph.get(Article, "y"))
    assert path.edges == (edge,)
    assert listed == [bob, [path.end]]
    assert mapped == {"who": bob, "k": 1}
    assert list(path) == [bob, edge, path.end]


async def test_paths_without_classes_hold_records(graph: Any) -> None:
    """`Path` alone knows no models; a wrong class is an error."""
    text = "MATCH p = (:Person {id: 'bob'})-[:WROTE]->() RETURN p"
    [(path,)] = (await graph.execute(text, returns=[Path])).rows
    assert all(isinstance(node, NodeRecord) for node in path.nodes)
    with pytest.raises(HydrationError, match="should hold Wrote"):
        await graph.execute("RETURN [1]", returns=[Wrote])
    with pytest.raises(StatementError, match="Node and Edge classes"):
        Path.of(int)


@dataclasses.dataclass
class Summary:
    """What a list of people shows."""

    id: str
    name: str
    wrote: int = 0


class Card(BaseModel):
    """The same as a Pydantic model."""

    name: str
    age: int | None


async def test_rows_become_objects_of_any_class(graph: Any) -> None:
    """Columns are the fields, by name; entities give the fields of the same name."""
    stmt = (
        select(Person)
        .order_by("id")
        .limit(1)
        .project(Person.id.as_("id"), Person.name.as_("name"), Person.articles.count().as_("wrote"))
    )
    assert await graph.scalars(stmt.into(Summary)) == [Summary("ada", "Ada", 2)]
    assert await graph.first(person("eve").into(Card)) == Card(name="Eve", age=None)
    assert await graph.query(Person).order_by("id").limit(1).into(Card).all() == [
        Card(name="Ada", age=36)
    ]


async def test_rows_that_do_not_fit_are_reported(graph: Any) -> None:
    """A value that the class refuses is named; missing columns are refused when built."""

    class Adult(BaseModel):
        name: str
        age: int

    with pytest.raises(HydrationError, match="does not fit Adult"):
        await graph.scalars(select(Person).into(Adult))
    with pytest.raises(StatementError, match="needs age"):
        select(Person).project(Person.name.as_("name")).into(Adult)
    with pytest.raises(StatementError, match="Pydantic model or a dataclass"):
        select(Person).into(int)


async def test_tuples_of_entities(graph: Any) -> None:
    """Each class of `select` is an element of the pattern; edges are among them."""
    stmt = select(Person, Wrote, Article).traverse(Person.articles).order_by(Wrote.year)
    rows = await graph.scalars(stmt)
    assert [(p.id, w.year, a.id) for p, w, a in rows] == [
        ("ada", 2001, "x"),
        ("bob", 2003, "y"),
        ("ada", 2005, "y"),
    ]
    assert rows[0][1].source is rows[0][0]
    pair = select(Person, Person).where(Person.id == "bob").traverse(Person.follows)
    who, whom = await graph.one(pair)
    assert (who.id, whom.id) == ("bob", "cy")
    assert await graph.count(pair) == 1


async def test_entities_are_collected(graph: Any) -> None:
    """`collect` of a class or an alias gives lists of the session's entities; `count` counts."""
    stmt = (
        select(Person)
        .traverse(Person.articles)
        .aggregate(
            collect(Article).as_("articles"),
            count(Article, distinct=True).as_("number"),
            collect(Wrote).as_("edges"),
            group_by="n.id",
        )
        .order_by("n.id")
    )
    ada, bob = await graph.all_rows(stmt)
    x, y = await graph.get(Article, "x"), await graph.get(Article, "y")
    assert sorted(ada["articles"], key=lambda a: a.id) == [x, y]
    assert (ada["number"], bob["number"], bob["articles"]) == (2, 1, [y])
    assert [edge.year for edge in bob["edges"]] == [2003]
    by_alias = select(Person).traverse(Person.articles).alias("a").aggregate(collect("a").as_("a"))
    [row] = await graph.all_rows(by_alias)
    assert sorted(a.id for a in row["a"]) == ["x", "y", "y"]


async def test_counts_are_computed_with(graph: Any) -> None:
    """A count is an operand: of arithmetic, aggregates, cases and later stages."""
    total = Person.follows.count() + Person.friends.count()
    assert await ids(graph, select(Person).where(total > 2)) == ["ada", "cy"]
    summed = select(Person).aggregate(sum_(Person.follows.count()).as_("all"))
    assert await graph.all_rows(summed) == [{"all": 5}]
    what = case().when(Person.articles.any(Article.title == "X"), "author").otherwise("reader")
    stmt = select(Person).where(Person.age > 30).order_by("id").project(what.as_("is"))
    assert await graph.all_rows(stmt) == [{"is": "author"}, {"is": "reader"}]
    staged = select(Person).with_("n", Person.follows.count().as_("k")).where(var("k") > 1)
    assert await ids(graph, staged.where(Person.articles.any())) == ["ada"]


async def test_collected_entities_are_carried_into_later_stages(graph: Any) -> None:
    """A list of entities that a stage made comes back as entities."""
    stmt = (
        select(Person)
        .traverse(Person.articles)
        .with_("n", collect(Article).as_("all"))
        .project(Person.id, var("all"))
        .order_by("n.id")
    )
    ada, bob = await graph.all_rows(stmt)
    assert len(ada["all"]) == 2
    assert bob["all"] == [await graph.get(Article, "y")]
