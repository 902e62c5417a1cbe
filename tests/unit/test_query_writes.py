"""The text of statements that write, and of searches."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.query import Dialect, connect, delete, disconnect, insert, merge, update
from runic.ogm.query.search import fused, plain_question, text_search
from tests.behaviour.test_search import Text
from tests.unit.query_models import Article, Authored, Both, User

FALKOR = FalkorDBDialect()


def text(stmt: Any, dialect: Dialect = FALKOR) -> str:
    """Return the text of a statement, without quotes."""
    return str(stmt.build(dialect).text).replace("`", "")


@pytest.mark.parametrize(
    ("stmt", "expected"),
    [
        (
            update(User).where(User.age == 3).values(city="Rome", age=None),
            "MATCH (n:User) WHERE n.age = $p0 SET n.city = $p1, n.age = $p2"
            " RETURN count(id(n)) AS affected",
        ),
        (
            delete(User).where(User.name == "x").returning(User.id),
            "MATCH (n:User) WHERE n.name = $p0 AND coalesce(n.name) = $p0"
            " WITH n, n.id AS n.id, id(n) AS touched"
            " DETACH DELETE n RETURN n.id, touched",
        ),
        (
            delete(User).traverse(User.articles).where(Article.published == True),
            "MATCH (n:User)-[r:AUTHORED]->(n2:Article) WHERE n2.published = $p0 AND id(r) >= 0"
            " WITH DISTINCT n WITH n, id(n) AS touched DETACH DELETE n"
            " RETURN count(touched) AS affected",
        ),
        (
            insert(Both).values([{"id": "x"}]).returning(),
            "UNWIND $p0 AS r CREATE (n:One:Two {id: r[0]}) RETURN id(n), n.id, id(n) AS touched",
        ),
        (
            merge(Article).values([{"id": "x", "title": "X"}]).on_match(published=False),
            "UNWIND $p0 AS r MERGE (n:Article {id: r[0]})"
            " ON CREATE SET n.title = r[1], n.published = r[2], n.at = r[3]"
            " ON MATCH SET n.title = r[1], n.published = $p1 RETURN count(id(n)) AS affected",
        ),
        (
            merge(Both).values([{"id": "x"}]),
            "UNWIND $p0 AS r MERGE (n:One {id: r[0]}) SET n:Two RETURN count(id(n)) AS affected",
        ),
        (
            connect(User.articles).where(User.name == "x").values(year=3),
            "MATCH (source:User), (target:Article)"
            " WHERE source.name = $p0 AND coalesce(source.name) = $p0"
            " MERGE (source)-[edge:AUTHORED]->(target) ON CREATE SET edge.note = $p1"
            " SET edge.year = $p2"
            " WITH DISTINCT source, target, edge"
            " OPTIONAL MATCH (target)<-[old:AUTHORED]-(other:User)"
            " WHERE id(other) <> id(source) DELETE old WITH DISTINCT source, target, edge"
            " RETURN count([id(startNode(edge)), id(endNode(edge)), id(edge)]) AS affected",
        ),
        (
            disconnect(User.articles).where(Authored.year == 3),
            "MATCH (source:User)-[edge:AUTHORED]->(target:Article)"
            " WHERE edge.year = $p0 AND id(edge) >= 0"
            " WITH edge, [id(startNode(edge)), id(endNode(edge)), id(edge)] AS touched DELETE edge"
            " RETURN count(touched) AS affected",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_text_of_changes(stmt: Any, expected: str) -> None:
    """Each statement is one text, whose values are parameters."""
    assert text(stmt) == expected


def test_search_is_a_call_with_criteria() -> None:
    """What the index finds is filtered, sorted by score and cut in the same query."""
    search = text_search(Text, "a-b", [Text.title]).where(Text.year == 3).limit(2)
    assert text(search) == (
        "CALL db.idx.fulltext.queryNodes($p0, $p1) YIELD node AS n, score WITH n, score"
        " WHERE n.year = $p2 RETURN id(n), n.id, n.title, n.body, n.year, n.place, score"
        " ORDER BY score DESC, id(n) LIMIT $p3"
    )
    assert search.build(FALKOR).params == {"p0": "Text", "p1": "@title:(a b)", "p2": 3, "p3": 2}


def test_a_database_without_the_index_refuses() -> None:
    """Plain openCypher has no full-text search; the error says so before anything is sent."""
    with pytest.raises(UnsupportedFeatureError, match="fulltext"):
        text_search(Text, "x").build()


def test_plain_text_keeps_words_only() -> None:
    """Whatever the index's language could read anything into is gone."""
    assert plain_question('-"foo" (bar|baz)* @x:y żółć') == "foo bar baz x y żółć"
    assert plain_question("-()*") == ""


def test_fusion_counts_ranks_not_scores() -> None:
    """An entity that two rankings have outweighs the first of one."""
    a, b, c = object(), object(), object()
    assert [each for each, _ in fused([[a, b], [c, b]], 60)] == [b, a, c]
