"""The text of statements, what they refuse to be built of, and what they leave unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.errors import StatementError
from runic.ogm.query import (
    Dialect,
    EdgeColumn,
    EntityColumns,
    NodeColumn,
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
    select,
    sum_,
)
from runic.ogm.query.memory import memory_of
from tests.unit.query_models import Article, Authored, Both, Country, Place, User

PLAIN = Dialect()
ARTICLE = "id(n), n.id, n.title, n.published, n.at"


def text(stmt: Any) -> str:
    """Return the plain openCypher of a statement, without quotes."""
    return str(stmt.build().text).replace("`", "")


def test_select_reads_columns_of_a_class() -> None:
    """A class without subclasses is read property by property, its id first."""
    compiled = compile_select(select(Article), PLAIN)
    assert compiled.query.text.replace("`", "") == f"MATCH (n:Article) RETURN {ARTICLE}"
    assert compiled.columns == (EntityColumns(Article, 0, ("id", "title", "published", "at")),)
    assert compiled.query.read_only


def test_labels_properties_and_odd_aliases_are_quoted() -> None:
    """Names go into the text in backticks; an alias only where it is a word of the language."""
    stmt = select(Article).alias("order").limit(1)
    assert stmt.build().text.startswith(
        "MATCH (`order`:`Article`) RETURN id(`order`), `order`.`id`"
    )


def test_a_class_with_subclasses_is_read_as_whole_nodes() -> None:
    """Their labels tell which class each is of."""
    compiled = compile_select(select(Place), PLAIN)
    assert compiled.query.text == "MATCH (n:`Place`) RETURN n"
    assert compiled.columns == (NodeColumn(Place, 0),)


def test_a_subclass_is_matched_by_its_own_label() -> None:
    """What it inherits comes with it."""
    assert text(select(Country)).startswith("MATCH (n:Country) RETURN id(n)")


def test_every_own_label_is_matched() -> None:
    """A node that has only one of two labels is not of the class."""
    assert text(select(Both)).startswith("MATCH (n:One:Two) RETURN")


def test_clauses_in_order() -> None:
    """where, order_by, skip and limit each have their place; rows wanted are parameters."""
    stmt = (
        select(Article)
        .where(Article.published == True, Article.title != "x")
        .order_by(Article.at, desc=True)
        .order_by("title")
        .skip(5)
        .limit(10)
        .distinct()
    )
    assert text(stmt) == (
        f"MATCH (n:Article) WHERE n.published = $p0 AND n.title <> $p1 RETURN DISTINCT {ARTICLE}"
        " ORDER BY n.at DESC, n.title SKIP $p2 LIMIT $p3"
    )
    assert dict(stmt.build().params) == {"p0": True, "p1": "x", "p2": 5, "p3": 10}


def test_traverse_returns_the_target() -> None:
    """The guide's statement: one clause, the edge named, the target's columns."""
    stmt = (
        select(User)
        .where(User.id == "alice")
        .alias("u")
        .traverse(User.articles)
        .alias("a")
        .return_target()
    )
    assert text(stmt) == (
        "MATCH (u:User)-[r:AUTHORED]->(a:Article) WHERE u.id = $p0"
        " RETURN id(a), a.id, a.title, a.published, a.at"
    )
    assert stmt.returns_entities


def test_falkordb_keeps_parallel_edges_apart() -> None:
    """An edge that nothing uses would collapse with its parallels there."""
    stmt = select(User).traverse(User.articles)
    assert "WHERE id(r) >= 0 RETURN" in stmt.build(FalkorDBDialect()).text


@pytest.mark.parametrize(
    ("relation", "arrow"),
    [
        (lambda: User.articles, "(n:User)-[r:AUTHORED]->(n2:Article)"),
        (lambda: User.friends, "(n:User)-[r:KNOWS]-(n2:User)"),
        (lambda: "articles", "(n:User)-[r:AUTHORED]->(n2:Article)"),
    ],
)
def test_direction_of_a_hop(relation: Any, arrow: str) -> None:
    """A relation's direction is that of its arrow."""
    assert arrow in text(select(User).traverse(relation()))


def test_incoming_relation() -> None:
    """The arrow of an INCOMING relation points back."""
    assert "(n:Article)<-[r:AUTHORED]-(n2:User)" in text(select(Article).traverse(Article.author))


def test_later_hops_have_clauses_of_their_own() -> None:
    """So that every database may pass an edge again, or none."""
    stmt = select(User).traverse(User.friends).traverse(User.articles).return_target()
    assert text(stmt).startswith(
        "MATCH (n:User)-[r:KNOWS]-(n2:User) MATCH (n2)-[r2:AUTHORED]->(n3:Article) RETURN id(n3)"
    )


def test_filters_of_an_optional_hop_stay_with_it() -> None:
    """They decide what is found, not which rows remain."""
    stmt = select(User).traverse(User.articles, optional=True).where(Article.title == "x")
    assert text(stmt).startswith(
        "MATCH (n:User) OPTIONAL MATCH (n)-[r:AUTHORED]->(n2:Article) WHERE n2.title = $p0 RETURN"
    )


def test_edges_are_filtered_and_returned() -> None:
    """Fields of the edge's class are those of the edge; it comes in a column of its own."""
    stmt = (
        select(User)
        .traverse(User.articles, edge_alias="wrote")
        .where(Authored.year > 2000)
        .return_target()
        .return_edge("wrote")
    )
    compiled = compile_select(stmt, PLAIN)
    assert "WHERE wrote.`year` > $p0 RETURN id(n2)" in compiled.query.text
    assert compiled.columns == (
        EntityColumns(Article, 0, ("id", "title", "published", "at")),
        EdgeColumn(Authored, 5),
    )


def test_several_nodes_in_a_row() -> None:
    """return_nodes gives each node its columns, one after the other."""
    stmt = select(User).alias("u").traverse(User.articles).alias("a").return_nodes("a", "u")
    first, second = compile_select(stmt, PLAIN).columns
    assert isinstance(first, EntityColumns)
    assert isinstance(second, EntityColumns)
    assert (first.entity, second.entity, second.start) == (Article, User, first.width)


def test_on_says_which_node_is_meant() -> None:
    """Where a class is in the pattern twice, on= or .on() name the element."""
    stmt = select(User).alias("u").traverse(User.friends).alias("f")
    assert "WHERE f.age > $p0" in text(stmt.where(User.age > 3, on="f"))
    assert "WHERE u.age > f.age" in text(stmt.where(User.age.on("u") > User.age.on("f")))


def test_a_filter_belongs_to_what_was_there_when_it_was_written() -> None:
    """A filter before the hop is on the first node, whatever it is called later."""
    stmt = select(User).where(User.age > 3).traverse(User.friends).alias("f")
    assert "WHERE n.age > $p0" in text(stmt)


def test_project_names_columns_as_written() -> None:
    """A column is called as it was written, or as .as_() says."""
    stmt = select(User).project(User.name, "n.city", User.full_name.as_("who"))
    assert (
        text(stmt) == "MATCH (n:User) RETURN n.name AS n.name, n.city AS n.city, n.fullName AS who"
    )
    assert not stmt.returns_entities


def test_aggregate_with_groups() -> None:
    """Groups come first; unlabelled functions are named as written."""
    stmt = (
        select(User)
        .aggregate(count("*").as_("total"), avg(User.age), group_by=["n.city", User.active])
        .order_by("total", desc=True)
    )
    assert text(stmt) == (
        "MATCH (n:User) RETURN n.city AS n.city, n.active AS n.active, count(*) AS total,"
        " avg(n.age) AS avg(n.age) ORDER BY total DESC"
    )


@pytest.mark.parametrize(
    ("stmt", "says"),
    [
        (lambda: select(User), "MATCH (n:User) RETURN count(*)"),
        (lambda: select(User).distinct(), "MATCH (n:User) WITH DISTINCT n RETURN count(*)"),
        (
            lambda: select(User).order_by(User.age).skip(1).limit(2),
            "MATCH (n:User) RETURN count(*)",
        ),
        (
            lambda: select(User).order_by(User.age).skip(1).limit(2).with_("n"),
            "MATCH (n:User) WITH * ORDER BY n.age SKIP $p0 LIMIT $p1 WITH n RETURN count(*)",
        ),
        (
            lambda: select(User).project(User.city).distinct(),
            "MATCH (n:User) WITH DISTINCT n.city AS c0 RETURN count(*)",
        ),
        (
            lambda: select(User).aggregate(count(), group_by=User.city),
            "MATCH (n:User) WITH n.city AS c0, count(*) AS c1 RETURN count(*)",
        ),
    ],
)
def test_count_counts_the_rows_of_a_statement(stmt: Any, says: str) -> None:
    """distinct, groups and the cuts of stages are part of what is counted."""
    assert compile_count(stmt(), PLAIN).text.replace("`", "") == says


def test_exists_asks_for_one_row() -> None:
    """It reads no properties."""
    found = compile_exists(select(User).where(User.age > 3), PLAIN)
    assert found.text.replace("`", "") == "MATCH (n:User) WHERE n.age > $p0 RETURN 1 LIMIT 1"


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        (lambda: select(User).where(Article.title == "x"), "not in the pattern.*traverse"),
        (lambda: select(User).where(True), "not a criterion"),
        (lambda: select(User).where(None), "not a criterion"),
        (lambda: select(User).where(User.active), "not a criterion; write a comparison"),
        (
            lambda: select(User).traverse(User.friends).where(User.age > 3),
            "could be of 'n' or 'n2'",
        ),
        (lambda: select(User).where(User.age > 3, on="x"), "no element is called 'x'"),
        (lambda: select(User).where(User.age.on("x") > 3), "no element is called 'x'"),
        (lambda: select(User).order_by("nope"), "no field 'nope'; it has id, name"),
        (lambda: select(User).order_by("x.age"), "no element is called 'x'"),
        (lambda: select(User).order_by(5), "order_by takes a field"),
        (lambda: select(User).limit(-1), "limit takes a whole number"),
        (lambda: select(User).limit(True), "limit takes a whole number"),
        (lambda: select(User).skip(1.5), "skip takes a whole number"),
        (lambda: select(User).alias("a b"), "is no alias"),
        (lambda: select(User).alias("u").traverse(User.friends).alias("u"), "is taken"),
        (lambda: select(User).traverse(Article.author), "leaves a node that is not in the pattern"),
        (lambda: select(User).traverse("nope"), "no relation 'nope'; it has articles"),
        (lambda: select(User).traverse(User.name), "traverse follows a relation"),
        (lambda: select(User).return_edge(), "no edge to return"),
        (lambda: select(User).return_target("x"), "no element is called 'x'"),
        (lambda: select(User).project(), "name at least one column"),
        (lambda: select(User).project(count()), r"use .aggregate\("),
        (lambda: select(User).project(User.name, "n.name"), "two columns are called"),
        (lambda: select(User).project(User.articles), "is no column"),
        (lambda: select(User).aggregate(), "at least one"),
        (lambda: select(User).aggregate(User.name), "no aggregate; put it into group_by"),
        (lambda: select(User).aggregate(count(), group_by="n.nope"), "no field 'nope'"),
        (lambda: select(User).aggregate(count(), group_by=max_(User.age)), "cannot be grouped by"),
        (lambda: sum_(User.name), "sum_ adds numbers"),
        (lambda: select(User).aggregate(sum_("n.name")), "sum adds numbers"),
        (lambda: count("*", distinct=True), "count a field"),
        (lambda: collect("*"), "collect takes a field"),
        (lambda: select(User).fetch("nope"), "no relation 'nope'"),
        (lambda: select(User).fetch("articles.nope"), "Article has no relation 'nope'"),
        (lambda: select(User).fetch(User.name), "fetch takes relations"),
        (lambda: select(User).fetch("articles").project(User.name), "return entities"),
        (lambda: select(Authored), "starts from a Node class"),
        (lambda: select("User"), "starts from a Node class"),
    ],
)
def test_mistakes_are_refused_when_the_statement_is_built(mistake: Any, says: str) -> None:
    """Each is a StatementError that names what there is, or what to write."""
    with pytest.raises(StatementError, match=says):
        mistake()


def test_unordered_fields_cannot_be_sorted_by() -> None:
    """Decimals and JSON are stored as text that does not sort as the values do."""
    with pytest.raises(StatementError, match=r"User\.balance is a decimal"):
        select(User).order_by(User.balance).build()


def test_statements_never_change() -> None:
    """Every method returns a new statement; the old one builds what it did."""
    first = select(User)
    before = first.build()
    second = first.where(User.age > 3).limit(1)
    assert second is not first
    assert first.build() == before
    assert {first: 1, second: 2}[first] == 1


def test_statements_of_one_shape_share_their_text() -> None:
    """Other values make no new plan; values an index hides make one of their own."""
    plans = memory_of(Article).plans
    texts = {select(Article).where(Article.title == str(i)).build().text for i in range(50)}
    before = len(plans)
    assert len(texts) == 1
    select(Article).where(Article.title == "another").build()
    assert len(plans) == before


def test_repr_shows_the_cypher() -> None:
    """A statement in a debugger reads as its text; values stay out of it."""
    shown = repr(select(Article).where(Article.title == "secret"))
    assert shown.startswith("<Select[Article] MATCH (n:`Article`) WHERE n.`title` = $p0 RETURN")
    assert "secret" not in shown


def test_key_lookup_is_one_constant_text() -> None:
    """Reading by key differs only in the parameter, unless an index would hide the key."""
    lookup = key_lookup(Article, FalkorDBDialect())
    query = lookup.query("a")
    assert query.text.replace("`", "") == f"MATCH (n:Article) WHERE n.id = $pk RETURN {ARTICLE}"
    assert query.params == {"pk": "a"}
    assert lookup.query("b").text is query.text
    assert "coalesce(n.`id`) = $pk" in lookup.query(" a").text
    assert lookup.query_many(["a", "b"]).text.startswith("UNWIND $pks AS pk MATCH (n:`Article`)")


def test_key_of_the_wrong_type_is_refused() -> None:
    """It would never be found."""
    with pytest.raises(StatementError, match=r"Article\.id is str"):
        key_lookup(Article, PLAIN).query(5)


def test_id_lookup_text() -> None:
    """Reading by the database's id still asks for the class: ids are given again after deletion."""
    assert id_lookup(Article, PLAIN).query([1, 2]).text.replace("`", "") == (
        f"UNWIND $ids AS i MATCH (n:Article) WHERE id(n) = i RETURN {ARTICLE}"
    )


def test_relation_load_text() -> None:
    """One query reads a relation of many entities, with its edges where they have a class."""
    load = load_relation(User.articles.info, PLAIN)
    assert load.query([3]).text.replace("`", "") == (
        "UNWIND $ids AS i MATCH (s) WHERE id(s) = i MATCH (s)-[r:AUTHORED]->(t:Article)"
        " RETURN i, r, id(t), t.id, t.title, t.published, t.at ORDER BY id(r)"
    )
    assert load.edge == EdgeColumn(Authored, 1)
    assert load_relation(User.friends.info, PLAIN).edge is None
