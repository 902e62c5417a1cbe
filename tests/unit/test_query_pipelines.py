"""The text of computed expressions, stages and unions, and what they refuse to be built of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.query import (
    any_item,
    at,
    avg,
    case,
    coalesce,
    count,
    for_each,
    head,
    length,
    literal,
    lower,
    map_,
    param,
    range_,
    select,
    slice_,
    substring,
    sum_,
    text,
    union,
    union_all,
    var,
    year,
)
from runic.ogm.query.memory import memory_of
from tests.unit.query_models import Article, Authored, Role, User


def shown(stmt: Any) -> str:
    """Return the plain openCypher of a statement, without quotes."""
    return str(stmt.build().text).replace("`", "")


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (lambda: (User.age + 1) * 2, "((n.age + $p0) * $p1)"),
        (lambda: User.age / User.score, "(toFloat(n.age) / n.score)"),
        (lambda: 2**User.age, "($p0 ^ n.age)"),
        (lambda: -User.age, "($p0 - n.age)"),
        (lambda: substring(User.name, 1), "substring(n.name, $p0)"),
        (lambda: year(User.born), "toInteger(substring(n.born, $p0, $p1))"),
        (lambda: coalesce(User.city, "x"), "coalesce(n.city, $p0)"),
        (lambda: map_(a=User.age, b=1), "{a: n.age, b: $p0}"),
        (lambda: at(User.tags, 0), "n.tags[$p0]"),
        (lambda: slice_(User.tags, 0, 2), "n.tags[$p0..$p1]"),
        (
            lambda: for_each(User.tags, lambda tag: lower(tag) + "!"),
            "[each_tag IN n.tags | (toLower(each_tag) + $p0)]",
        ),
        (
            lambda: case().when(User.age > 3, "a").when(User.age > 2, "b").otherwise("c"),
            "CASE WHEN n.age > $p0 THEN $p1 WHEN n.age > $p2 THEN $p3 ELSE $p4 END",
        ),
        (lambda: text("n.x + '$a' + $a + $b", a=1, b=User.age), "(n.x + '$a' + $p0 + n.age)"),
        (lambda: sum_(User.age * 2) / count("*"), "(toFloat(sum((n.age * $p0))) / count(*))"),
    ],
)
def test_text_of_expressions(expression: Any, written: str) -> None:
    """Each operator and function has one text; values are parameters."""
    stmt = select(User).with_(expression().as_("x"))
    assert shown(stmt) == f"MATCH (n:User) WITH {written} AS x RETURN x AS x"


def test_values_take_the_form_of_the_field_beside_them() -> None:
    """An enum or a date in a computed expression is encoded as the field stores it."""
    day = dt.date(2000, 1, 1)
    stmt = select(User).where(
        coalesce(User.role, Role.READER) == Role.EDITOR, coalesce(User.born, day) < day
    )
    values = {"p0": "reader", "p1": "editor", "p2": "2000-01-01", "p3": "2000-01-01"}
    assert stmt.build().params == values


def test_stages_in_order() -> None:
    """Matches, cuts, WITH and what it keeps come one after the other."""
    stmt = (
        select(User)
        .where(User.age > 18)
        .order_by(User.age)
        .limit(5)
        .with_("n", (User.age + 1).as_("next"))
        .where(var("next") > 20)
        .traverse(User.articles, edge_alias="w")
        .where(Authored.year > 2000)
        .with_("next", count("*").as_("total"))
        .where(var("total") > 1)
        .project("total")
    )
    assert shown(stmt) == (
        "MATCH (n:User) WHERE n.age > $p0 WITH * ORDER BY n.age LIMIT $p4"
        " WITH n, (n.age + $p5) AS next WHERE next > $p1"
        " MATCH (n)-[w:AUTHORED]->(n2:Article) WHERE w.year > $p2"
        " WITH next AS next, count(*) AS total WHERE total > $p3 RETURN total AS total"
    )
    assert stmt.build().params == {"p0": 18, "p1": 20, "p2": 2000, "p3": 1, "p4": 5, "p5": 1}


def test_unwind_and_its_filter() -> None:
    """What is asked of an item stands in a clause of its own."""
    stmt = select(User).unwind(User.tags, "tag").where(var("tag") == "x").project("tag")
    assert shown(stmt) == (
        "MATCH (n:User) UNWIND n.tags AS tag WITH * WHERE tag = $p0 RETURN tag AS tag"
    )


def test_union_renames_columns() -> None:
    """The parts stand in one subquery, each with its own parameters."""
    one = select(User).where(User.age > 1).project(User.name.as_("x"))
    other = select(Article).where(Article.title == "t").project(Article.title.as_("x"))
    stmt = union_all(one, other).order_by("x").limit(3)
    assert shown(stmt) == (
        "CALL { MATCH (n:User) WHERE n.age > $p0 RETURN n.name AS c0 UNION ALL"
        " MATCH (n:Article) WHERE n.title = $p1 RETURN n.title AS c0 }"
        " RETURN c0 ORDER BY c0 LIMIT $p2"
    )
    assert stmt.build().params == {"p0": 1, "p1": "t", "p2": 3}


def test_one_text_for_one_shape() -> None:
    """Statements that differ in their values only are compiled once."""
    memory_of(User).plans = type(memory_of(User).plans)()
    for number in (1, 2):
        stmt = select(User).where((User.age + number) * param("x") > number)
        stmt = stmt.with_("n", (User.age * number).as_("y")).where(var("y") > number)
        stmt.bind(x=number).build()
    assert len(memory_of(User).plans) == 1


def test_bind_leaves_the_statement_as_it_was() -> None:
    """A bound statement is another; what stays open is shown by its name."""
    stmt = select(User).where(User.age > param("a"), User.city.startswith(param("b")))
    half = stmt.bind(a=1)
    assert half.build().params == {"p0": 1, "p1": param("b")}
    assert stmt.build().params == {"p0": param("a"), "p1": param("b")}
    assert "param" not in repr(stmt)


BY_CITY = select(User).aggregate(count("*"), group_by=User.city)
WROTE = select(User).traverse(User.articles)
NAMES = select(User).project(lower(User.name).as_("x")).distinct()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: User.age + "x", "arithmetic .* 'x' is a str"),
        (lambda: User.age + None, "makes everything None"),
        (lambda: User.born + 1, "User.born is datetime.date"),
        (lambda: lower(User.age), "lower is for .*, and User.age is an int"),
        (lambda: head(User.name), "head is for list, and User.name is a str"),
        (lambda: range_(1, "x"), "range_ is for int"),
        (lambda: year(User.name), "year is for date or datetime"),
        (lambda: year(literal(5)), "fields that are dates"),
        (lambda: lower(User.name) > 3, "has no answer"),
        (lambda: length(User.name) < None, "is_null"),
        (lambda: lower(User.name).in_("abc"), "takes a list"),
        (lambda: coalesce(User.born, User.role), "stored differently"),
        (coalesce, "needs values"),
        (lambda: case().when(True, 1), "not a criterion"),
        (lambda: case().when(User.age > 1, User.age > 2), "is no value"),
        (lambda: case().when(User.age > 1, 1).otherwise(2).otherwise(3), "ends with otherwise"),
        (lambda: any_item(User.tags, lambda: None), "function of the item"),
        (lambda: literal(object()), "cannot be a value"),
        (lambda: literal(User.age), "expression already"),
        (lambda: text("n.age > $x"), "no value for \\$x"),
        (lambda: text("n.age > 1", x=1), "has no \\$x"),
        (lambda: text(" "), "takes a piece of Cypher"),
        (lambda: param("a b"), "name of a parameter"),
        (lambda: sum_(count("*") + 1), "is one already"),
        (lambda: select(User).where(var("x") > 1), "no value is called 'x'"),
        (lambda: select(User).project(var("x")), "no value is called 'x'"),
        (lambda: select(User).order_by(var("x")), "no value is called 'x'"),
        (lambda: select(User).where(count("*") + 1 > 1), "many rows"),
        (lambda: select(User).project(count("*") + User.age), "mixes User.age"),
        (lambda: select(User).with_(), "needs something"),
        (lambda: select(User).with_("x"), "no field 'x'"),
        (lambda: select(User).with_(User.city.as_("n")), "of a value and of an element"),
        (lambda: select(User).with_("n", User.city.as_("c")).alias("c"), "of a value and of"),
        (lambda: select(User).with_("n", User.city.as_("r")).traverse("articles"), "of a value"),
        (lambda: select(User).with_(User.city.as_("c")).where(User.age > 1), "left out"),
        (lambda: select(User).with_(User.city.as_("c")).order_by(User.age), "left out"),
        (lambda: select(User).with_(User.city.as_("c")).project(User.age), "left out"),
        (lambda: select(User).with_(User.city.as_("c")).traverse(User.articles), "left out"),
        (lambda: select(User).with_(User.city.as_("c")).return_target(), "left out"),
        (lambda: select(User).distinct().with_("n"), "distinct=True"),
        (lambda: select(User).fetch("articles").with_("n"), "fetch after"),
        (lambda: select(User).with_(User.age.as_("a"), User.name.as_("a")), "two columns"),
        (lambda: select(User).unwind(User.name, "x"), "unwind is for list"),
        (lambda: select(User).unwind(User.tags, "n"), "is taken"),
        (lambda: select(User).limit(1).unwind(User.tags, "x"), "before unwind"),
        (lambda: select(User).bind(x=1), "no parameter 'x'; it has none"),
        (lambda: union(select(User)), "at least two"),
        (lambda: union(select(User), "x"), "takes select statements"),
        (lambda: union(select(User), select(Article)), "same columns"),
        (lambda: select(User).aggregate(avg(User.age), group_by=count("*")), "grouped by"),
        (lambda: BY_CITY.order_by(User.age), "groups cannot be sorted by User.age"),
        (lambda: BY_CITY.order_by(lower(User.name)), "what they hold \\(n.city, "),
        (lambda: select(User).order_by(User.age).aggregate(count("*")), "groups cannot be sorted"),
        (lambda: select(User).project(User.city).order_by(User.age).distinct(), "distinct rows"),
        (lambda: select(User).distinct().order_by(User.age).project(User.city), "distinct rows"),
        (lambda: WROTE.distinct().order_by(Article.title).build(), "Article.title, .* \\(n\\)"),
    ],
)
def test_misuse_is_refused_when_it_is_built(build: Any, message: str) -> None:
    """The error comes from the line that is wrong and names what to write."""
    with pytest.raises(StatementError, match=message):
        build()


@pytest.mark.parametrize(
    ("stmt", "order"),
    [
        (lambda: BY_CITY.order_by(User.city), "n.`city`"),
        (lambda: BY_CITY.order_by(lower(User.city)), "toLower(n.`city`)"),
        (lambda: BY_CITY.order_by(count("*"), desc=True), "`count(*)` DESC"),
        (lambda: NAMES.order_by(lower(User.name)), "toLower(n.`name`)"),
        (lambda: WROTE.return_target().distinct().order_by(Article.title), "n2.`title`"),
        (lambda: WROTE.distinct().order_by(Article.title).return_target(), "n2.`title`"),
        (lambda: WROTE.order_by(Article.title), "n2.`title`"),
    ],
)
def test_rows_are_sorted_by_what_they_hold(stmt: Any, order: str) -> None:
    """Groups and distinct rows by their columns and what is made of them; others by anything."""
    assert stmt().build().text.endswith(f" ORDER BY {order}")


def test_a_statement_that_is_not_finished_can_be_shown() -> None:
    """What may still be returned decides whether it can be sorted so; a look at it is no error."""
    assert "unfinished: distinct rows cannot be sorted by" in repr(
        WROTE.distinct().order_by(Article.title)
    )
