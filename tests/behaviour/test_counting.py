"""`count` is the total: the statement's own order, skip and limit are no part of it."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.query import (
    call,
    collect,
    count,
    param,
    select,
    shortest_path,
    union,
    union_all,
    var,
    within,
)
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Article, Person
from tests.faces import awaitable_face

PEOPLE = select(Person)
ALONG = PEOPLE.traverse(Person.articles)
FIRST_THREE = PEOPLE.order_by(Person.id).limit(3)

# What is counted, the total, and something to sort it by.
COUNTED: dict[str, tuple[Any, int, str]] = {
    "nodes": (PEOPLE, 5, "id"),
    "criteria": (PEOPLE.where(Person.age == 1), 3, "id"),
    "nothing": (PEOPLE.where(Person.age == 9), 0, "id"),
    "relations": (PEOPLE.where(Person.articles.count() > 0), 3, "id"),
    "a hop": (ALONG, 4, "id"),
    "targets": (ALONG.return_target(), 4, "id"),
    "distinct targets": (ALONG.return_target().distinct(), 3, "id"),
    "an optional hop": (PEOPLE.traverse(Person.articles, optional=True), 6, "id"),
    "values": (PEOPLE.project(Person.age), 5, "age"),
    "distinct values": (PEOPLE.project(Person.age).distinct(), 2, "n.age"),
    "groups": (PEOPLE.aggregate(count("*").as_("c"), group_by=Person.age), 2, "c"),
    "one group": (PEOPLE.aggregate(count("*").as_("c")), 1, "c"),
    "one group of nothing": (
        PEOPLE.where(Person.age == 9).aggregate(count("*").as_("c")), 1, "c",
    ),
    "no groups": (
        PEOPLE.where(Person.age == 9).aggregate(count("*").as_("c"), group_by=Person.age), 0, "c",
    ),
    "tuples": (select(Person, Article).traverse(Person.articles), 4, "n.id"),
    "objects": (PEOPLE.into(Person), 5, "id"),
    "a cut stage": (FIRST_THREE.with_("n"), 3, "id"),
    "a skipped stage": (PEOPLE.order_by(Person.id).skip(4).with_("n"), 1, "id"),
    "a distinct stage": (PEOPLE.with_(Person.age.as_("age"), distinct=True), 2, "age"),
    "grouped stage": (
        PEOPLE.with_(Person.age.as_("age"), count("*").as_("c")).where(var("c") > 2), 1, "age",
    ),
    "a cut stage and a hop": (FIRST_THREE.with_("n").traverse(Person.articles), 4, "n.id"),
    "items": (PEOPLE.unwind([1, 2], "x").project(var("x")), 10, "x"),
}  # fmt: skip

NESTED: dict[str, tuple[Any, int, str]] = {
    "a union": (union(PEOPLE, PEOPLE.where(Person.age == 1)), 5, "id"),
    "a union of all": (union_all(PEOPLE, PEOPLE.where(Person.age == 1)), 8, "id"),
    "a union of cut parts": (union_all(FIRST_THREE, FIRST_THREE.limit(1)), 4, "id"),
    "a cut subquery": (
        call(
            PEOPLE,
            within(Person, "n")
            .traverse(Person.articles)
            .order_by(Article.id)
            .limit(1)
            .project(Article.id.as_("first")),
        ),
        3,
        "id",
    ),
    "a subquery's aggregate": (
        call(
            PEOPLE,
            within(Person, "n").traverse(Person.articles).aggregate(collect(Article).as_("all")),
        ),
        5,
        "id",
    ),
}

CUTS: dict[str, Any] = {
    "whole": lambda stmt, by: (stmt, lambda rows: rows),
    "sorted": lambda stmt, by: (stmt.order_by(by, desc=True), lambda rows: rows),
    "limit": lambda stmt, by: (stmt.limit(2), lambda rows: min(rows, 2)),
    "no row": lambda stmt, by: (stmt.limit(0), lambda rows: 0),
    "skip": lambda stmt, by: (stmt.skip(1), lambda rows: max(rows - 1, 0)),
    "skip all": lambda stmt, by: (stmt.skip(100), lambda rows: 0),
    "page": lambda stmt, by: (
        stmt.order_by(by).skip(1).limit(1), lambda rows: min(max(rows - 1, 0), 1),
    ),
    "bound page": lambda stmt, by: (
        stmt.order_by(by).skip(param("s")).limit(param("l")).bind(s=1, l=1),
        lambda rows: min(max(rows - 1, 0), 1),
    ),
}  # fmt: skip


@pytest.fixture
async def people(driver):
    """Five people of two ages, three of them with one or two of three articles."""
    for number, age in enumerate([1, 1, 1, 2, 2]):
        await cypher(driver, "CREATE (:Person {id: $id, age: $age})", id=f"p{number}", age=age)
    for key in "abc":
        await cypher(driver, "CREATE (:Article {id: $id, title: $id})", id=key)
    for who, what in (("p0", "a"), ("p0", "b"), ("p1", "b"), ("p2", "c")):
        await cypher(
            driver,
            "MATCH (p:Person {id: $who}), (a:Article {id: $what})"
            " CREATE (p)-[:WROTE {role: 'author'}]->(a)",
            who=who,
            what=what,
        )


async def agrees(session: Any, counted: tuple[Any, int, str], cut: str) -> None:
    """Assert that a statement's total, rows and existence are what they should be."""
    whole, total, by = counted
    stmt, left = CUTS[cut](whole, by)
    rows = (await session.execute(stmt)).rows
    assert len(rows) == left(total)
    assert await session.count(stmt) == total
    assert await session.exists(stmt) is (left(total) > 0)


@pytest.mark.parametrize("kind", COUNTED)
async def test_the_total_ignores_the_cut(kind, session, people):
    """However a statement is sorted and cut, `count` is the same; `exists` keeps the cut."""
    for cut in CUTS:
        await agrees(session, COUNTED[kind], cut)


@pytest.mark.requires("subqueries")
@pytest.mark.parametrize("kind", NESTED)
async def test_cuts_of_parts_count(kind, session, people):
    """What the parts of a union and subqueries cut off stays cut off."""
    for cut in CUTS:
        await agrees(session, NESTED[kind], cut)


@pytest.mark.requires("shortest_path")
async def test_paths_are_counted(session, people):
    """A shortest path is a row."""
    stmt = shortest_path(PEOPLE.where(Person.id == "p0"), select(Article), Person.articles)
    assert await session.count(stmt.limit(1)) == 2


async def test_every_place_that_counts_agrees(session, face, people):
    """The session, a query that is bound to it, a repository and pages have one total."""
    base = PEOPLE.where(Person.age == 1).order_by(Person.id)
    page = base.skip(1).limit(1)
    made = session.repository(Person)
    repository = made if face == "async" else awaitable_face(made)
    query = session.query(Person).where(Person.age == 1).order_by(Person.id).skip(1).limit(1)
    totals = [
        await session.count(base),
        await session.count(page),
        await query.count(),
        (await session.scalars_with_total(page))[1],
        (await session.scalars_with_total(page.distinct()))[1],
        (await session.scalars_with_total(page.skip(50)))[1],
        await repository.count(Person.age == 1),
        await repository.count(age=1),
        (await repository.page(age=1, skip=1, limit=1)).total,
        (await repository.page(age=1, skip=50)).total,
    ]
    assert totals == [3] * len(totals)


async def test_pages_of_any_kind_have_a_total(session, people):
    """Tuples, stages and unions of entities come with the total that `count` gives."""
    for stmt, total, _ in (COUNTED["tuples"], COUNTED["a cut stage"], COUNTED["targets"]):
        items, counted = await session.scalars_with_total(stmt.limit(1))
        assert (len(items), counted) == (1, total)


async def test_a_page_is_counted_as_a_stage(session, people):
    """To count a page, make its cut a stage."""
    page = PEOPLE.order_by(Person.id).skip(3).limit(10)
    assert await session.count(page) == 5
    assert await session.count(page.with_("n")) == 2


async def test_an_open_cut_needs_no_value_to_be_counted(session, people):
    """The parameters of a page are no part of its total."""
    assert await session.count(PEOPLE.skip(param("s")).limit(param("l"))) == 5
