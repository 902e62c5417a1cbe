"""What the AGE driver reads off a Cypher text before it sends it."""

from __future__ import annotations

import pytest

from runic.ogm.driver.age.outline import outline_of
from runic.ogm.errors import UnsupportedFeatureError


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("MATCH (n) RETURN n", ("n",)),
        ("MATCH (n) RETURN n.city, count(*) AS `how many`", ("n.city", "how many")),
        ("RETURN DISTINCT {a: 1, b: [1, 2]} AS m, 'a, b' ORDER BY m LIMIT 1", ("m", "'a, b'")),
        ("MATCH (n) WHERE EXISTS { MATCH (n)-->(m) RETURN m } RETURN n.x", ("n.x",)),
        ("MATCH (n) RETURN n.return, n.`order by` SKIP 1", ("n.return", "n.`order by`")),
        ("RETURN 1 AS a UNION ALL RETURN 2 AS a", ("a",)),
        ("return /* x, */ 1 // , 2", ("1",)),
        ("MATCH (n) DELETE n", None),
    ],
)
def test_columns_are_named_as_written(text, columns):
    """An alias names a column, else its own text; nothing in brackets, strings or comments does."""
    assert outline_of(text).columns == columns


def test_all_columns_cannot_be_counted():
    """`RETURN *` is refused: AGE has to be told how many columns there are."""
    with pytest.raises(UnsupportedFeatureError, match=r"name them"):
        outline_of("MATCH (n) RETURN *")


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("MATCH (n) RETURN n.set, n.create", False),
        ("MATCH (n:CREATE) WHERE n.x = 'DELETE' RETURN n", False),
        ("MATCH (n) RETURN $set", False),
        ("MATCH (n) set n.x = 1", True),
        ("MERGE (n)", True),
        ("MATCH (n) DETACH DELETE n", True),
    ],
)
def test_writing_texts_are_known_by_their_clauses(text, writes):
    """Names that are called as clauses are not taken for them."""
    assert outline_of(text).writes is writes


def test_names_of_a_creating_text_are_listed_once():
    """Labels stand in parentheses and types in brackets; keys of maps are neither."""
    outline = outline_of("MERGE (a:A {k: 1})-[:`R s` {l: $x}]->(:B) CREATE (:A {m: $y})")
    assert (outline.labels, outline.types) == (("A", "B"), ("R s",))
    assert outline.params == {"x", "y"}
    assert outline_of("MATCH (a:A)-[:R]->() RETURN a").labels == ()


def test_types_of_paths_that_may_have_no_edge_are_listed():
    """AGE finds not even the start of such a path where there is no such type."""
    for text in ("[:R*0..3]", "[e:`R`*0..]", "[:R*0]"):
        assert outline_of(f"MATCH (a:A)-{text}->(b) RETURN b").types == ("R",)
    for text in ("[:R*]", "[:R*..3]", "[:R*1..]", "[*0..2]", "[:R*10]"):
        assert outline_of(f"MATCH (a:A)-{text}->(b) RETURN b").types == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("UNWIND range(1, 5) AS x CREATE (n:N) RETURN n LIMIT 2", "LIMIT"),
        ("MATCH (n) SET n.x = 1 RETURN n.x SKIP 1 LIMIT $k", "LIMIT"),
        ("MATCH (n) SET n.x = 1 WITH n LIMIT 1 CREATE (m:N) RETURN m", "LIMIT"),
        ("CREATE (n:N) RETURN n.x ORDER BY 1 LIMIT 1", "LIMIT"),
        ("CREATE (n:N) RETURN n.x ORDER BY n.x LIMIT 0", "LIMIT"),
        ("CREATE (n:N) RETURN DISTINCT 1 + $one AS one", "DISTINCT"),
        ("MERGE (n:N {x: 1}) WITH n WHERE n.x STARTS WITH 'a' RETURN n", "WHERE"),
        ("CREATE (n:N) WITH n MATCH (a)-[:R]->(b) RETURN a", "MATCH"),
    ],
)
def test_a_text_that_would_be_written_in_part_is_refused(text, told):
    """AGE writes for the rows that are read, so nothing may leave one unread."""
    with pytest.raises(UnsupportedFeatureError, match=f"{told}.*of its own"):
        outline_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) WITH n LIMIT 2 SET n.x = 1 RETURN n",
        "MATCH (n) WHERE n.x STARTS WITH 'a' CREATE (m:N) RETURN m",
        "CREATE (n:N) WITH n ORDER BY n.x LIMIT 1 RETURN n",
        "CREATE (n:N) RETURN count(n) AS c LIMIT 1",
        "CREATE (n:N) WITH count(n) AS c WHERE c > 1 RETURN c",
        "CREATE (n:N) RETURN DISTINCT n.x",
        "CREATE (n:N) WITH n OPTIONAL MATCH (m:N) WHERE m.x = 1 RETURN m",
        "CREATE (n:N {limit: 1}) SET n.where = $limit RETURN n.match",
        "CREATE (n:N) RETURN 1 AS a UNION MATCH (m) WHERE m.x = 1 RETURN m.x AS a LIMIT 1",
        "WITH 1 AS one OPTIONAL MATCH (n) RETURN n",
        "THIS IS NO CYPHER",
    ],
)
def test_a_text_that_is_written_whole_is_not(text):
    """What comes before the write, or reads all of its rows, is left alone."""
    assert outline_of(text)


@pytest.mark.parametrize("before", ["", "/* all */ ", "RETURN 1 AS n UNION ALL "])
def test_an_optional_match_has_something_before_it(before):
    """At the beginning AGE makes no row of it."""
    with pytest.raises(UnsupportedFeatureError, match="WITH 1 AS one"):
        outline_of(f"{before}OPTIONAL MATCH (n) RETURN n")
