"""What statements in stages and computed expressions answer on a real database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.errors import StatementError
from runic.ogm.query import (
    all_items,
    any_item,
    at,
    avg,
    call,
    case,
    coalesce,
    collect,
    count,
    day,
    floor,
    for_each,
    head,
    hour,
    last,
    length,
    list_,
    literal,
    lower,
    map_,
    max_,
    minute,
    month,
    no_item,
    param,
    range_,
    replace,
    reverse,
    round_,
    second,
    select,
    single_item,
    slice_,
    split,
    substring,
    sum_,
    tail,
    text,
    to_int,
    trim,
    union,
    union_all,
    upper,
    var,
    within,
    year,
)
from runic.ogm.query import left as left_
from tests.behaviour.graphs import index
from tests.unit.query_models import Article, Authored, Role, User

# ada wrote three times (a2 twice), bob once, cy never; cy has neither age nor score.
DATA = """
CREATE (ada:User {id: 'ada', name: 'Ada', age: 36, score: 2.5, city: 'Rome', active: true,
                  tags: ['x', 'yy'], days: ['2026-01-02'], worked: 1000000, born: '1990-02-03',
                  role: 'editor'}),
       (bob:User {id: 'bob', name: 'Bob', age: 20, score: -1.5, city: 'Rome', active: false,
                  tags: ['yy'], worked: 2000000}),
       (cy:User {id: 'cy', name: ' pad', city: 'Oslo', tags: []}),
       (a1:Article {id: 'a1', title: 'Zebra', published: true, at: '2026-01-05T10:20:30.000000Z'}),
       (a2:Article {id: 'a2', title: 'apple', published: false}),
       (a3:Article {id: 'a3', title: 'ant', published: true}),
       (ada)-[:AUTHORED {year: 2001}]->(a1), (ada)-[:AUTHORED {year: 2003}]->(a2),
       (ada)-[:AUTHORED {year: 2005}]->(a2), (bob)-[:AUTHORED {year: 2002}]->(a3)
"""


@pytest.fixture
async def graph(driver: Driver, session: Any, call: Any) -> Any:
    """Return a session on a graph that holds the data, with an index on names."""
    await index(driver, "User", "name")
    await call(session.execute, DATA)
    return session


async def rows(graph: Any, stmt: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement as tuples."""
    return (await graph.execute(stmt)).rows


async def value(graph: Any, expression: Any, who: str = "ada") -> Any:
    """Return the value of an expression for one user."""
    found = await rows(graph, select(User).where(User.id == who).project(expression.as_("v")))
    return found[0][0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (lambda: User.age + 1, 37),
        (lambda: 1 - User.age, -35),
        (lambda: User.age * 2 - User.age, 36),
        (lambda: User.age / 8, 4.5),
        (lambda: User.age % 7, 1),
        (lambda: User.age**2, 1296.0),
        (lambda: -User.age, -36),
        (lambda: User.name + "!", "Ada!"),
        (lambda: "Dr " + User.name, "Dr Ada"),
        (lambda: User.tags + literal(["z"]), ["x", "yy", "z"]),
        (lambda: User.worked + dt.timedelta(seconds=2), dt.timedelta(seconds=3)),
        (lambda: lower(User.name), "ada"),
        (lambda: upper(User.name), "ADA"),
        (lambda: trim(literal("  a ")), "a"),
        (lambda: length(User.name), 3),
        (lambda: length(User.tags), 2),
        (lambda: substring(User.name, 1), "da"),
        (lambda: substring(User.name, 1, 1), "d"),
        (lambda: left_(User.name, 2), "Ad"),
        (lambda: replace(User.name, "d", "nn"), "Anna"),
        (lambda: split(literal("a,b"), ","), ["a", "b"]),
        (lambda: reverse(User.name), "adA"),
        (lambda: reverse(User.tags), ["yy", "x"]),
        (lambda: coalesce(User.full_name, User.name), "Ada"),
        (lambda: coalesce(User.home, None), None),
        (lambda: coalesce(User.role, Role.READER), Role.EDITOR),
        (lambda: coalesce(User.born, dt.date(2000, 1, 1)), dt.date(1990, 2, 3)),
        (lambda: round_(User.score), 3.0),
        (lambda: floor(User.score), 2.0),
        (lambda: to_int("12") + 1, 13),
        (lambda: year(User.born), 1990),
        (lambda: month(User.born), 2),
        (lambda: day(User.born), 3),
        (lambda: list_(User.age, "x"), [36, "x"]),
        (lambda: map_(name=User.name, year=year(User.born)), {"name": "Ada", "year": 1990}),
        (lambda: at(map_(a=User.age), "a"), 36),
        (lambda: at(User.tags, -1), "yy"),
        (lambda: slice_(User.tags, 0, 1), ["x"]),
        (lambda: tail(User.tags), ["yy"]),
        (lambda: head(User.tags), "x"),
        (lambda: last(User.tags), "yy"),
        (lambda: range_(1, 7, 3), [1, 4, 7]),
        (lambda: for_each(User.tags, lambda tag: upper(tag) + "!"), ["X!", "YY!"]),
        (lambda: for_each(User.tags, where=lambda tag: length(tag) > 1), ["yy"]),
        (lambda: for_each([1, 2], lambda a: for_each([3], lambda b: a * b)), [[3], [6]]),
        (lambda: case().when(User.age < 18, "minor").otherwise("adult"), "adult"),
        (lambda: case().when(User.age < 18, "minor"), None),
        (lambda: case().when(User.active == True, User.born).otherwise(None), dt.date(1990, 2, 3)),
        (lambda: case().when(User.age > 1, 1).when(User.age > 2, 2), 1),
        (lambda: text("n.age + $more", more=4), 40),
    ],
)
async def test_expression_gives_the_value(graph: Any, expression: Any, expected: Any) -> None:
    """Operators and functions are worked out by the database as they are in Python."""
    found = await value(graph, expression())
    assert found == expected
    assert type(found) is type(expected)


async def test_of_a_missing_value_there_is_none(graph: Any) -> None:
    """What is computed of a missing property is missing."""
    for expression in (User.age + 1, User.age / 2, lower(User.full_name), year(User.born)):
        assert await value(graph, expression, "cy") is None


async def test_parts_of_a_moment(graph: Any) -> None:
    """A datetime is taken apart in UTC."""
    parts = [f(Article.at).as_(f.__name__) for f in (year, month, day, hour, minute, second)]
    found = await rows(graph, select(Article).where(Article.id == "a1").project(*parts))
    assert found == [(2026, 1, 5, 10, 20, 30)]


@pytest.mark.parametrize(
    ("criterion", "found"),
    [
        (lambda: User.age + 1 > 30, ["ada"]),
        (lambda: User.age * 2 == 40, ["bob"]),
        (lambda: User.age + 1 != 37, ["bob"]),
        (lambda: (User.age + 1) == None, ["cy"]),  # noqa: E711
        (lambda: User.age == User.score * 14.4, ["ada"]),
        (lambda: lower(User.name).startswith("a"), ["ada"]),
        (lambda: lower(User.name).in_(["ada", "bob"]), ["ada", "bob"]),
        (lambda: lower(User.name).not_in_(["ada"]), ["bob", "cy"]),
        (lambda: lower(User.name).matches("[ab].*"), ["ada", "bob"]),
        (lambda: trim(User.name) == "pad", ["cy"]),
        (lambda: User.name == lower(literal(" PAD")), ["cy"]),
        (lambda: coalesce(User.role, Role.READER) == Role.READER, ["bob", "cy"]),
        (lambda: coalesce(User.born, dt.date(2000, 1, 1)) < dt.date(1995, 1, 1), ["ada"]),
        (lambda: year(User.born).in_([1990]), ["ada"]),
        (lambda: length(User.tags) == 0, ["cy"]),
        (lambda: (User.tags + literal(["q"])).contains("x"), ["ada"]),
        (lambda: any_item(User.tags, lambda tag: tag == "x"), ["ada"]),
        (lambda: all_items(User.tags, lambda tag: length(tag) == 2), ["bob", "cy"]),
        (lambda: no_item(User.tags, lambda tag: tag.startswith("y")), ["cy"]),
        (lambda: single_item(User.tags, lambda tag: length(tag) > 0), ["bob"]),
        pytest.param(
            lambda: single_item(list_(User.age, 36), lambda age: age == 36),
            ["bob"],
            marks=pytest.mark.requires("null_items"),
        ),
        pytest.param(
            lambda: ~single_item(list_(User.age, 36), lambda age: age == 36),
            ["ada"],
            marks=pytest.mark.requires("null_items"),
        ),
        (lambda: text("n.age > $least AND n.name <> '$least'", least=30), ["ada"]),
        (lambda: text("n.age > 1") & (User.age < 30), ["bob"]),
        (lambda: ~text("n.age > $least", least=30), ["bob"]),
    ],
)
async def test_criterion_on_computed_values(graph: Any, criterion: Any, found: list[str]) -> None:
    """Computed values are compared as fields are."""
    entities = await graph.scalars(select(User).where(criterion()).order_by(User.id))
    assert [user.id for user in entities] == found


async def test_order_by_what_is_computed(graph: Any) -> None:
    """Rows are sorted by any expression, those without a value last."""
    stmt = select(User).order_by(-User.age).order_by(lower(User.name), desc=True)
    assert [user.id for user in await graph.scalars(stmt)] == ["ada", "bob", "cy"]


async def test_aggregates_of_what_is_computed(graph: Any) -> None:
    """An aggregate takes an expression, and can be computed with."""
    stmt = select(User).aggregate(
        sum_(User.age * 2).as_("doubled"),
        (max_(User.age) - 20).as_("span"),
        (sum_(User.age) / count(User.age)).as_("mean"),
        collect(lower(User.city), distinct=True).as_("cities"),
    )
    ((doubled, span, mean, cities),) = await rows(graph, stmt)
    assert (doubled, span, mean, sorted(cities)) == (112, 16, 28.0, ["oslo", "rome"])
    assert type(doubled) is int


async def test_groups_by_what_is_computed(graph: Any) -> None:
    """A group may be any expression."""
    stmt = select(User).aggregate(count("*").as_("n"), group_by=left_(User.city, 1).as_("initial"))
    assert sorted(await rows(graph, stmt)) == [("O", 1), ("R", 2)]


async def test_parameters_are_given_by_name(graph: Any) -> None:
    """One statement runs with other values, each checked and encoded as its field is."""
    stmt = select(User).where(
        User.age >= param("least"), User.name.in_(param("names")), User.born == param("born")
    )
    born = dt.date(1990, 2, 3)
    found = await graph.scalars(stmt.bind(least=20, names=["Ada", " pad"], born=born))
    assert [user.id for user in found] == ["ada"]
    assert await graph.count(stmt.bind(least=99, names=["Ada"], born=born)) == 0


async def test_a_parameter_without_a_value_is_refused(graph: Any) -> None:
    """Nothing is sent while a parameter is open, or holds what its field does not."""
    stmt = select(User).where(User.age >= param("least"))
    with pytest.raises(StatementError, match=r"\.bind\(least=…\)"):
        await graph.scalars(stmt)
    with pytest.raises(StatementError, match="cannot be compared"):
        await graph.scalars(stmt.bind(least="x"))


async def test_values_of_raw_text_are_only_values(graph: Any) -> None:
    """A hostile value in a fragment means what it says."""
    hostile = "' OR true //"
    assert await graph.count(select(User).where(text("n.name = $x", x=hostile))) == 0


async def test_groups_are_filtered_by_their_aggregate(graph: Any) -> None:
    """where after with_ keeps groups; the node that is carried is what comes back."""
    stmt = (
        select(User)
        .traverse(User.articles)
        .with_("n", count("*").as_("written"))
        .where(var("written") > 1)
    )
    assert [user.id for user in await graph.scalars(stmt)] == ["ada"]
    assert await graph.count(stmt) == 1
    assert await graph.exists(stmt)
    assert await rows(graph, stmt.project(User.id, "written")) == [("ada", 3)]


async def test_the_top_of_one_stage_goes_into_the_next(graph: Any) -> None:
    """order_by and limit before with_ cut the rows of their stage, not of the last one."""
    stmt = (
        select(User)
        .where(User.age.is_not_null())
        .order_by(User.age, desc=True)
        .limit(1)
        .with_("n")
        .traverse(User.articles, edge_alias="w")
        .where(Authored.year > 2001)
        .project("n.id", Article.id.on("n2"), "w.year")
        .order_by("w.year")
    )
    assert await rows(graph, stmt) == [("ada", "a2", 2003), ("ada", "a2", 2005)]


async def test_values_are_aggregated_again(graph: Any) -> None:
    """A stage of values only is aggregated by the next."""
    stmt = (
        select(User)
        .with_(User.city.as_("city"), count("*").as_("people"))
        .aggregate(max_(var("people")).as_("most"), avg(var("people")).as_("mean"))
    )
    assert await rows(graph, stmt) == [(2, 1.5)]


async def test_carried_values_keep_their_type(graph: Any) -> None:
    """A date that went through stages is a date."""
    stmt = (
        select(User)
        .with_(User.born.as_("born"), collect(User.role).as_("roles"))
        .where(var("born").is_not_null())
        .with_("born", "roles")
    )
    assert await rows(graph, stmt) == [(dt.date(1990, 2, 3), [Role.EDITOR])]
    assert await rows(graph, stmt.project(var("born"))) == [(dt.date(1990, 2, 3),)]


async def test_distinct_values_of_a_stage(graph: Any) -> None:
    """with_(distinct=True) goes on with each row once."""
    stmt = select(User).with_(User.city.as_("city"), distinct=True).order_by("city")
    assert await rows(graph, stmt) == [("Oslo",), ("Rome",)]


async def test_unwind_makes_a_row_of_each_item(graph: Any) -> None:
    """The items of a list are counted, filtered and sorted as rows are."""
    stmt = (
        select(User)
        .unwind(User.tags, "tag")
        .aggregate(count("*").as_("times"), group_by="tag")
        .order_by("tag")
    )
    assert await rows(graph, stmt) == [("x", 1), ("yy", 2)]
    kept = select(User).unwind(User.tags, "tag").where(var("tag") == "x")
    assert [user.id for user in await graph.scalars(kept)] == ["ada"]


async def test_unwind_of_given_rows(graph: Any) -> None:
    """A list of maps from outside is gone through beside the nodes."""
    stmt = (
        select(User)
        .unwind(param("given"), "row")
        .where(User.id == at(var("row"), "who"))
        .project(User.name, at(var("row"), "what").as_("what"))
    )
    given = [{"who": "bob", "what": 1}, {"who": "nobody", "what": 2}]
    assert await rows(graph, stmt.bind(given=given)) == [("Bob", 1)]


async def test_optional_hop_after_a_stage(graph: Any) -> None:
    """A later stage may look for what is not there."""
    stmt = (
        select(User)
        .with_("n", (User.age + 1).as_("next"))
        .traverse(User.articles, optional=True)
        .aggregate(count(Article.id).as_("written"), group_by=["n.id", "next"])
        .order_by("n.id")
    )
    assert await rows(graph, stmt) == [("ada", 37, 3), ("bob", 21, 1), ("cy", None, 0)]


async def test_related_counts_in_a_stage(graph: Any) -> None:
    """What relations lead to is counted in a stage, and filtered in it."""
    stmt = (
        select(User)
        .with_("n", User.articles.count().as_("written"))
        .where(var("written") < 3, ~User.articles.any(Article.title == "ant"))
        .project("n.id", "written")
    )
    assert await rows(graph, stmt) == [("cy", 0)]


async def test_stages_fetch_relations(graph: Any) -> None:
    """What a statement in stages returns are entities of the session, with their relations."""
    stmt = select(User).with_("n", User.articles.count().as_("k")).where(var("k") == 1)
    (bob,) = await graph.scalars(stmt, fetch=["articles"])
    assert [article.id for article in bob.articles] == ["a3"]
    assert await graph.get(User, "bob") is bob


@pytest.mark.requires("subqueries")
async def test_union_returns_equal_rows_once(graph: Any) -> None:
    """The rows of both parts, sorted and cut as one; union_all keeps the twins."""
    old = select(User).where(User.age > 30).project(User.name.as_("name"))
    everyone = select(User).where(User.city == "Rome").project(User.name.as_("name"))
    stmt = union(old, everyone).order_by("name", desc=True)
    assert await rows(graph, stmt) == [("Bob",), ("Ada",)]
    assert await rows(graph, stmt.limit(1)) == [("Bob",)]
    assert await graph.count(stmt) == 2
    assert await graph.count(stmt.skip(1)) == 2
    assert await graph.count(union_all(old, everyone)) == 3
    assert await graph.exists(stmt)
    assert await graph.all_rows(stmt.limit(1)) == [{"name": "Bob"}]


@pytest.mark.requires("subqueries")
async def test_union_of_entities(graph: Any) -> None:
    """Entities of one class come back as such, whatever pattern each part found them by."""
    writers = select(Article).where(Article.id == "a1").traverse(Article.author).return_target()
    first = select(User).where(User.id != "ada").order_by(User.id).limit(1)
    stmt = union(first, writers).order_by(User.name)
    assert [user.id for user in await graph.scalars(stmt, fetch=["articles"])] == ["ada", "bob"]
    assert [user.id for user in await graph.scalars(union(first, first))] == ["bob"]


@pytest.mark.requires("subqueries")
async def test_parts_of_a_union_have_parameters_of_their_own(graph: Any) -> None:
    """Values and named parameters of every part reach it; each part cuts its own rows."""
    young = select(User).where(User.age < param("most"), User.city == "Rome")
    old = select(User).where(User.age > param("least")).order_by("name").limit(2)
    names = union_all(young.project(User.id), old.project(User.id)).order_by("n.id")
    assert await rows(graph, names.bind(most=30, least=10)) == [("ada",), ("bob",), ("bob",)]


def test_parts_of_a_union_return_the_same() -> None:
    """What cannot be put under one another is refused when the union is made."""
    with pytest.raises(StatementError, match="same columns"):
        union(select(User), select(Article))
    with pytest.raises(StatementError, match="same columns"):
        union(select(User).project(User.name), select(User).project(User.age.as_("n.name")))
    with pytest.raises(StatementError, match="before union"):
        union(select(User), select(User)).where(User.age > 3)
    with pytest.raises(StatementError, match="sorted by its columns"):
        union(select(User).project(User.age), select(User).project(User.age)).order_by(User.name)


@pytest.mark.requires("subqueries")
async def test_the_first_value_of_values(graph: Any) -> None:
    """scalar reads the first value of a statement whose stages end in values."""
    cities = select(User).with_(User.city.as_("city"), distinct=True).order_by("city")
    assert await graph.scalar(cities) == "Oslo"
    assert await graph.scalar(union(cities, cities).order_by("city", desc=True)) == "Rome"


async def test_execute_takes_the_values_of_parameters(graph: Any) -> None:
    """params= of a statement are what bind would take."""
    stmt = select(User).where(User.age > param("least")).project(User.id)
    assert (await graph.execute(stmt, {"least": 30})).rows == [("ada",)]
    with pytest.raises(StatementError, match="no parameter 'most'"):
        await graph.execute(stmt, {"most": 30})


@pytest.mark.parametrize("name", ["total", "order", "my total", "größe", "a'b"])
async def test_rows_are_sorted_again_by_values_of_any_name(graph: Any, name: str) -> None:
    """Each stage sorts and cuts by its own order, whatever the value is called."""
    stmt = (
        select(User)
        .with_(User.id.as_(name))
        .order_by(name)
        .limit(3)
        .with_(name)
        .order_by(name, desc=True)
        .limit(2)
        .with_(name)
        .order_by(name)
        .limit(1)
    )
    assert await graph.all_rows(stmt) == [{name: "bob"}]
    assert await rows(graph, stmt.project(var(name))) == [("bob",)]


@pytest.mark.requires("subqueries")
async def test_subquery_runs_for_each_row(graph: Any) -> None:
    """Each row gets the values of its own subquery: here the latest work of every writer."""
    latest = (
        within(User, "n")
        .traverse(User.articles, edge_alias="w")
        .where(Authored.year > param("since"))
        .project(Authored.year.as_("year"), Article.title.as_("title"))
        .order_by("year", desc=True)
        .limit(1)
    )
    stmt = call(select(User).where(User.age > 1), latest).order_by("n.id")
    found = await rows(graph, stmt.project("n.id", "year", "title").bind(since=2000))
    assert found == [("ada", 2005, "apple"), ("bob", 2002, "ant")]
    recent = call(select(User), latest).where(var("year") > 2004).bind(since=2000)
    assert [user.id for user in await graph.scalars(recent)] == ["ada"]


@pytest.mark.requires("subqueries")
async def test_subquery_counts_for_each_row(graph: Any) -> None:
    """An aggregate in a subquery has a row even where nothing is found."""
    titles = (
        within(User, "n")
        .where(User.age > 30)
        .traverse(User.articles)
        .aggregate(count("*").as_("total"), collect(Article.id, distinct=True).as_("works"))
    )
    stmt = call(select(User), titles).order_by("n.id").project("n.id", "total", "works")
    found = [(who, total, sorted(works)) for who, total, works in await rows(graph, stmt)]
    assert found == [("ada", 3, ["a1", "a2"]), ("bob", 0, []), ("cy", 0, [])]


@pytest.mark.requires("subqueries")
async def test_subquery_on_its_own(graph: Any) -> None:
    """A subquery that starts anywhere is compared with every row."""
    mean = select(User).aggregate(avg(User.age).as_("mean"))
    stmt = call(select(User), mean).where(User.age > var("mean"))
    assert [user.id for user in await graph.scalars(stmt)] == ["ada"]


def test_subquery_misuse() -> None:
    """A subquery gives values, starts at a node there is, and runs inside of a statement only."""
    with pytest.raises(StatementError, match=r"'n', which is there outside"):
        call(select(User), select(User))
    with pytest.raises(StatementError, match="no element is called 'x'"):
        call(select(User), within(User, "x").project(User.age.as_("a")))
    with pytest.raises(StatementError, match="within a Article"):
        call(select(User), within(Article, "n").project(Article.title))
    with pytest.raises(StatementError, match="runs inside"):
        within(User, "n").build()
