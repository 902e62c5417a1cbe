"""Criteria and counts on what relations lead to: their text, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.errors import StatementError, UnsupportedFeatureError
from runic.ogm.query import Dialect, col, compile_exists, compile_select, select
from tests.unit.query_models import Article, Authored, User

FALKORDB = FalkorDBDialect()


def tail(stmt: Any, dialect: Dialect | None = None) -> str:
    """Return the text of a statement that projects a name, without quotes and its ends."""
    text = stmt.project("n.id").build(dialect).text.replace("`", "")
    return str(text).removeprefix("MATCH (n:User)").removesuffix(" RETURN n.id AS n.id").strip()


def test_any_asks_for_an_edge_in_the_relations_direction() -> None:
    """Criteria on the target and on the edge go inside, in openCypher as a comprehension."""
    stmt = select(User).where(User.articles.any(Article.published == True, Authored.year > 3))
    assert tail(stmt) == (
        "WHERE size([(n)-[e_1:AUTHORED]->(t_2:Article) WHERE t_2.published = $p0"
        " AND e_1.year > $p1 | 1]) > 0"
    )
    assert stmt.build().params == {"p0": True, "p1": 3}


def test_falkordb_counts_in_a_stage_before_the_criterion() -> None:
    """What needs no count stays in the MATCH, where an index may answer it."""
    stmt = select(User).where(~User.articles.any(), User.name == "Ada")
    assert tail(stmt, FALKORDB) == (
        "WHERE n.name = $p0 AND coalesce(n.name) = $p0"
        " WITH *, size([(n)-[e_1:AUTHORED]->(t_2:Article) | 1]) AS k_3"
        " WHERE NOT (k_3 > 0)"
    )


def test_falkordb_counts_nested_relations_in_a_subquery() -> None:
    """A comprehension cannot hold another one there."""
    stmt = select(User).where(User.friends.any(User.articles.any(Article.title == "x")))
    assert tail(stmt, FALKORDB) == (
        "CALL { WITH n MATCH (n)-[e_1:KNOWS]-(t_2:User)"
        " WITH *, size([(t_2)-[e_3:AUTHORED]->(t_4:Article) WHERE t_4.title = $p0 | 1]) AS k_5"
        " WHERE k_5 > 0 RETURN count(e_1) AS k_6 } WITH * WHERE k_6 > 0"
    )


def test_a_field_inside_is_of_the_target_unless_it_says_otherwise() -> None:
    """`.on(alias)` reaches the pattern outside from a relation between nodes of one class."""
    stmt = select(User).where(User.friends.any(User.age > col(User.age).on("n")))
    assert tail(stmt) == "WHERE size([(n)-[e_1:KNOWS]-(t_2:User) WHERE t_2.age > n.age | 1]) > 0"


def test_names_of_the_pattern_are_not_taken_again() -> None:
    """An alias of the user's own that looks like one made here is stepped over."""
    stmt = select(User).alias("e_1").where(User.articles.any())
    assert "(e_1)-[e_2:AUTHORED]->(t_3:Article)" in stmt.build().text.replace("`", "")


def test_counts_are_compared_sorted_by_and_projected() -> None:
    """The parameters of each come in the order in which they are written."""
    stmt = (
        select(User)
        .where(User.articles.count(Article.published == False) >= 2)
        .order_by(User.articles.count(Article.title == "x"), desc=True)
        .limit(5)
        .project(User.id, User.friends.count().as_("friends"))
    )
    query = stmt.build()
    assert query.params == {"p0": False, "p1": 2, "p2": 5, "p3": "x"}
    assert query.text.replace("`", "") == (
        "MATCH (n:User) WHERE size([(n)-[e_1:AUTHORED]->(t_2:Article) WHERE t_2.published = $p0"
        " | 1]) >= $p1 RETURN n.id AS n.id, size([(n)-[e_3:KNOWS]-(t_4:User) | 1]) AS friends"
        " ORDER BY size([(n)-[e_5:AUTHORED]->(t_6:Article) WHERE t_6.title = $p3 | 1]) DESC"
        " LIMIT $p2"
    )
    assert compile_exists(stmt, FALKORDB).text.endswith("LIMIT $p2 RETURN 1 LIMIT 1")


def test_unnamed_counts_are_called_as_they_are_written() -> None:
    """The name of the column says what was counted; values would make a text of each of them."""
    stmt = select(User).project(User.articles.count(Article.published == Article.published))
    assert stmt.items[0].name == "User.articles.count(Article.published == Article.published)"
    with pytest.raises(StatementError, match=r"Name the column: \.as_"):
        select(User).project(User.articles.count(Article.title == "x"))


def test_equal_shapes_share_a_text() -> None:
    """Other values inside of a count make other parameters, not another text."""
    texts = [
        compile_select(
            select(User).where(User.articles.any(Article.title == title)), FALKORDB
        ).query.text
        for title in ("x", "y")
    ]
    assert texts[0] is texts[1]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: select(Article).where(User.articles.any()), "not in the pattern"),
        (lambda: User.articles.any(True), "not a criterion"),
        (lambda: select(User).where(User.articles.any(User.big > 1, Article.id == "x")), None),
        (lambda: select(Article).where(Article.author.any(Authored.year == 1)), "not in the"),
        (lambda: User.articles.count() > "3", "is a number"),
        (lambda: bool(User.articles.count()), "no truth value"),
        (lambda: select(Article).order_by(User.articles.count()), "not in the pattern"),
        (lambda: select(User).traverse(User.friends).where(User.articles.any()), "could be of"),
    ],
)
def test_misuse_is_refused_when_it_is_built(build: Any, words: str | None) -> None:
    """An error says what to write; a field of the pattern outside is no misuse."""
    if words is None:
        build()
        return
    with pytest.raises(StatementError, match=words):
        build()


def test_on_says_which_node_the_relation_leaves() -> None:
    """Where a pattern has two nodes of a class, `on=` and `.on()` mean the same."""
    two = select(User).alias("u").traverse(User.friends).alias("f")
    first = two.where(User.articles.any(), on="f").build().text
    assert first == two.where(User.articles.on("f").any()).build().text
    assert "size([(f)-" in first


def test_falkordb_counts_in_optional_hops_in_a_subquery() -> None:
    """There is no stage inside of an OPTIONAL MATCH to count in; it needs CALL { … }."""
    stmt = select(Article).traverse(Article.author, optional=True).where(User.friends.any())
    text = stmt.build(FALKORDB).text
    assert "OPTIONAL" not in text
    assert "CALL { WITH n MATCH (n)" in text

    class Plain(FalkorDBDialect):
        capabilities = FalkorDBDialect.capabilities.without("subqueries")

    plain = stmt.build(Plain()).text
    assert "OPTIONAL MATCH" in plain
    assert "CALL" not in plain
    # Rows that a stage made may be equal, and stages that list what is found would join them.
    after = select(Article).with_("n").traverse(Article.author, optional=True)
    with pytest.raises(UnsupportedFeatureError, match="subqueries"):
        after.where(User.friends.any()).build(Plain())
