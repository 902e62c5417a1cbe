"""The text of repeated hops and shortest paths, tuples and objects, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.errors import StatementError, UnsupportedFeatureError
from runic.ogm.query import (
    Capabilities,
    Dialect,
    Path,
    col,
    collect,
    compile_select,
    count,
    select,
    shortest_path,
)
from runic.ogm.query.shapes import PathColumn
from tests.unit.query_models import Article, Authored, Place, User

FALKORDB = FalkorDBDialect()
ADA, BOB = select(User).where(User.id == "ada"), select(User).where(User.id == "bob")


def text(stmt: Any, dialect: Dialect | None = None) -> str:
    """Return the text of a statement before what it returns, without quotes."""
    return str(stmt.build(dialect).text).replace("`", "").split(" RETURN ")[0]


@pytest.mark.parametrize(
    ("bounds", "written"),
    [
        ({}, "*1.."),
        ({"max_hops": 3}, "*1..3"),
        ({"min_hops": 0, "max_hops": 1}, "*0..1"),
        ({"min_hops": 2, "max_hops": 2}, "*2..2"),
    ],
)
def test_a_repeated_hop_has_bounds(bounds: dict[str, int], written: str) -> None:
    """They stand in the text, with a name for the path."""
    stmt = select(User).repeat(User.friends, **bounds)
    assert text(stmt) == f"MATCH p = (n:User)-[:KNOWS{written}]-(n2:User)"


def test_falkordb_is_told_that_the_path_matters() -> None:
    """Parallel edges would be one path to it, if nothing referred to the path."""
    assert text(select(User).repeat(User.friends), FALKORDB).endswith("WHERE length(p) >= 0")


def test_falkordb_measures_paths_of_a_fixed_length() -> None:
    """It cannot filter on a path whose bounds are equal, so the lower one is wider."""
    stmt = select(User).repeat(User.friends, min_hops=3, max_hops=3)
    assert text(stmt, FALKORDB) == (
        "MATCH p = (n:User)-[:KNOWS*2..3]-(n2:User) WHERE length(p) = 3"
    )


def test_repeated_hops_stand_beside_others() -> None:
    """Each further hop has a clause of its own, and the criteria of its nodes."""
    stmt = (
        select(User)
        .where(User.id == "ada")
        .repeat(User.friends, max_hops=2, path_alias="way", optional=True)
        .where(User.age > 3, on="n2")
        .traverse(User.articles)
    )
    assert text(stmt) == (
        "MATCH (n:User) WHERE n.id = $p0 OPTIONAL MATCH way = (n)-[:KNOWS*1..2]-(n2:User)"
        " WHERE n2.age > $p1 MATCH (n2)-[r:AUTHORED]->(n3:Article)"
    )


def test_every_edge_is_asked() -> None:
    """Fields of the edge class are those of each edge; others belong to the pattern."""
    stmt = select(User).repeat(User.articles, max_hops=1, where=Authored.year > col(User.age))
    assert text(stmt) == (
        "MATCH p = (n:User)-[:AUTHORED*1..1]->(n2:Article)"
        " WHERE all(e_1 IN relationships(p) WHERE e_1.year > n.age)"
    )


def test_several_relations_are_followed_in_one_hop() -> None:
    """Their types are alternatives; the classes they lead to have one in common."""
    stmt = select(User).traverse([User.newest, User.calls])
    assert text(stmt) == "MATCH (n:User)-[r:KNOWS|CALLS]->(n2:User)"
    assert stmt.pattern.nodes[1].entity is User


def test_a_shortest_path_is_between_two_statements() -> None:
    """Both ends are found first."""
    found = "MATCH (n:User) WHERE n.id = $p0 MATCH (n2:User) WHERE n2.id = $p1 AND id(n) <> id(n2) "
    one = shortest_path(ADA, BOB, User.calls, max_hops=4)
    assert text(one) == f"{found}MATCH p = shortestPath((n)-[:CALLS*1..4]->(n2))"
    assert text(one, FALKORDB) == (
        f"{found}WITH *, shortestPath((n)-[:CALLS*1..4]->(n2)) AS p WHERE p IS NOT NULL"
    )
    every = shortest_path(ADA, BOB, User.calls, every=True)
    assert text(every, FALKORDB) == (
        f"{found}WITH * MATCH p = allShortestPaths((n)-[:CALLS*1..]->(n2))"
    )
    assert one.build().params == {"p0": "ada", "p1": "bob"}


def test_falkordb_finds_undirected_paths_by_procedure() -> None:
    """Its function refuses relations that go both ways."""
    one = shortest_path(ADA, BOB, User.friends, max_hops=4)
    assert text(one, FALKORDB).endswith(
        "CALL algo.SPpaths({sourceNode: n, targetNode: n2, relTypes: ['KNOWS'],"
        " relDirection: 'both', maxLen: 4, pathCount: 1}) YIELD path AS p"
    )


def test_a_database_without_shortest_paths_refuses() -> None:
    """Before anything is sent, with the names of the databases that have them."""

    class Poor(Dialect):
        name = "poor"
        capabilities = Capabilities()

    have = "falkordb, neo4j, memgraph, arcadedb$"
    with pytest.raises(UnsupportedFeatureError, match=f"poor has no shortest path; .*: {have}"):
        shortest_path(ADA, BOB, User.friends).build(Poor())


def test_paths_come_with_their_start() -> None:
    """So that one that is returned the wrong way round is turned."""
    stmt = select(User).repeat(User.articles, max_hops=1).return_path()
    column = compile_select(stmt, FALKORDB).columns[1]
    assert isinstance(column, PathColumn)
    assert set(column.classes) == {User, Article, Authored}
    assert not column.incoming


def test_tuples_take_elements_in_order() -> None:
    """A class that is there twice stands for the first, then for the second."""
    stmt = select(User, User).traverse(User.friends)
    assert [item.name for item in stmt.items] == ["n", "n2"]
    assert [item.name for item in select(User, Authored).traverse(User.articles).items] == [
        "n",
        "r",
    ]


class Card(BaseModel):
    """What is shown of a user."""

    name: str
    age: int | None = None
    shown: bool = True


def test_into_reads_the_fields_of_the_class_only() -> None:
    """Fields with a default that the entity does not have are left out."""
    stmt = select(User).into(Card)
    assert stmt.build().text.replace("`", "").endswith("RETURN n.name AS name, n.age AS age")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: select(User).repeat(User.friends, min_hops=-1), "min_hops"),
        (lambda: select(User).repeat(User.friends, min_hops=3, max_hops=2), "max_hops"),
        (lambda: select(User).repeat(User.friends, max_hops=True), "max_hops"),
        (lambda: select(User).repeat(User.articles, max_hops=2), "can be repeated"),
        (lambda: select(User).repeat(User.articles, min_hops=0, max_hops=1), "min_hops=0"),
        (lambda: select(User).repeat(User.friends, where=Authored.year > 1), "edge_model"),
        (lambda: select(User).repeat(User.friends).return_edge(), "is a path"),
        (lambda: select(User).repeat(User.friends).where(User.age > 1, on="p"), "is a path"),
        (lambda: select(User).traverse(User.friends).return_path(), "no path to return"),
        (lambda: select(User).repeat(User.friends).return_path("n2"), "is no path"),
        (lambda: select(User).traverse([]), "no relation to follow"),
        (lambda: select(User).traverse([User.friends, User.calls]), "different directions"),
        (lambda: select(User).traverse([User.calls, User.articles]), "nothing in common"),
        (lambda: shortest_path(ADA, BOB), "what the path goes along"),
        (lambda: shortest_path(ADA.limit(1), BOB, User.friends), "one node with criteria"),
        (lambda: shortest_path(ADA, User, User.friends), "is a statement"),
        (lambda: shortest_path(ADA, select(Place), User.friends), "is no Place"),
        (lambda: shortest_path(select(Place), BOB, User.friends), "not in the pattern"),
        (lambda: select(User, int), "Node and Edge classes"),
        (lambda: select(User, Article).build(), "has not all of them"),
        (lambda: select(User).aggregate(collect(Article)), "not in the pattern"),
        (lambda: select(User).traverse(User.friends).aggregate(count(User)), "could be 'n' or"),
        (lambda: select(Article).into(Card), "needs name"),
        (lambda: Path.of(str), "Node and Edge classes"),
    ],
)
def test_misuse_is_refused(build: Any, words: str) -> None:
    """The error says what to write instead."""
    with pytest.raises(StatementError, match=words):
        build()
