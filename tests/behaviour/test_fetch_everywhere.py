"""`fetch` loads relations wherever nodes are returned, and is refused where none are."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from runic.ogm.query import (
    call,
    collect,
    count,
    param,
    select,
    shortest_path,
    union,
    within,
)
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from tests.behaviour.graphs import cypher
from tests.faces import awaitable_face
from tests.faces import call as awaited

REGISTRY = Registry()


class Follows(Edge, registry=REGISTRY):
    """Who follows whom, and since when."""

    since: int = 0


class Book(Node, registry=REGISTRY):
    """Something to read."""

    id: str
    author: Reader | None = Relation("WROTE", "INCOMING")


class Reader(Node, registry=REGISTRY):
    """Somebody who writes, too."""

    id: str
    name: str = Field("", fulltext=True)
    books: list[Book] = Relation("WROTE")
    follows: list[Reader] = Relation("FOLLOWS", edge_model=Follows)


READERS = select(Reader).order_by(Reader.id)
WITH_BOOKS = READERS.fetch(Reader.books)
PAIRS = select(Reader).traverse(Reader.follows)


@pytest.fixture
async def library(driver, face):
    """Reader 1 wrote book a, reader 2 wrote b and c; 1 follows 2."""
    manager = AsyncSchemaManager(driver) if face == "async" else SchemaManager(driver)
    if "fulltext" in driver.dialect.capabilities:
        await awaited(manager.create_all, Reader)
    await cypher(driver, "CREATE (:Reader {id: '1', name: 'ada'})")
    await cypher(driver, "CREATE (:Reader {id: '2', name: 'ada'})")
    await cypher(
        driver,
        "MATCH (x:Reader {id: '1'}), (y:Reader {id: '2'}) CREATE (x)-[:FOLLOWS {since: 1}]->(y)",
    )
    for who, book in (("1", "a"), ("2", "b"), ("2", "c")):
        await cypher(
            driver,
            "MATCH (r:Reader {id: $who}) CREATE (r)-[:WROTE]->(:Book {id: $book})",
            who=who,
            book=book,
        )


def held(reader: Any) -> list[str]:
    """Return the books that a reader holds, without loading them."""
    return sorted(book.id for book in reader.__dict__["books"])


async def _streamed(session: Any, stmt: Any, **options: Any) -> list[Any]:
    return [reader async for reader in session.stream(stmt, **options)]


def repository(session: Any, face: str) -> Any:
    """Return the readers as a collection of the face under test."""
    made = session.repository(Reader)
    return made if face == "async" else awaitable_face(made)


BOTH = [["a"], ["b", "c"]]

# Each reads readers 1 and 2, or those that stand beside it.
LOADS: dict[str, tuple[Any, list[list[str]]]] = {
    "scalars": (lambda s: s.scalars(WITH_BOOKS), BOTH),
    "scalars, fetch=": (lambda s: s.scalars(READERS, fetch=[Reader.books]), BOTH),
    "query().all": (lambda s: s.query(Reader).order_by("id").fetch("books").all(), BOTH),
    "query().stream": (
        lambda s: _listed(s.query(Reader).order_by("id").fetch("books").stream()),
        BOTH,
    ),
    "stream": (lambda s: _streamed(s, WITH_BOOKS), BOTH),
    "stream, one at a time": (lambda s: _streamed(s, WITH_BOOKS, chunk_size=1), BOTH),
    "stream of a page": (lambda s: _streamed(s, WITH_BOOKS.skip(1).limit(1)), BOTH[1:]),
    "stream of targets": (
        lambda s: _streamed(s, PAIRS.return_target().fetch(Reader.books)),
        BOTH[1:],
    ),
    "targets": (lambda s: s.scalars(PAIRS.return_target().fetch("books")), BOTH[1:]),
    "fetch, then targets": (lambda s: s.scalars(PAIRS.fetch("books").return_target()), BOTH[1:]),
    "after a stage": (lambda s: s.scalars(READERS.with_("n").order_by("id").fetch("books")), BOTH),
    "union": (
        lambda s: s.scalars(union(READERS, READERS).fetch(Reader.books).order_by("id")),
        BOTH,
    ),
    "fetch, then a subquery": (
        lambda s: s.scalars(
            call(
                select(Reader).fetch("books"),
                within(Reader, "n").aggregate(count("*").as_("c")),
            ).order_by("id")
        ),
        BOTH,
    ),
    "page": (lambda s: _items(s.page(select(Reader).fetch("books"))), BOTH),
    "page, fetch=": (lambda s: _items(s.page(select(Reader), fetch="books")), BOTH),
    "scalars_with_total": (lambda s: _first_of(s.scalars_with_total(WITH_BOOKS)), BOTH),
    "scalars_with_total, fetch=": (
        lambda s: _first_of(s.scalars_with_total(READERS, fetch=Reader.books)),
        BOTH,
    ),
    "first": (lambda s: _alone(s.first(WITH_BOOKS)), BOTH[:1]),
    "one": (lambda s: _alone(s.one(WITH_BOOKS.where(Reader.id == "2"))), BOTH[1:]),
    "scalar": (lambda s: _alone(s.scalar(WITH_BOOKS)), BOTH[:1]),
    "get": (lambda s: _alone(s.get(Reader, "2", fetch="books")), BOTH[1:]),
    "execute": (lambda s: _column(s.execute(WITH_BOOKS)), BOTH),
    "all_rows": (lambda s: _named(s.all_rows(WITH_BOOKS), "n"), BOTH),
    "columns": (
        lambda s: _named(s.all_rows(WITH_BOOKS.project(Reader, Reader.name)), "n"),
        BOTH,
    ),
    "groups": (
        lambda s: _named(
            s.all_rows(
                select(Reader).aggregate(count("*").as_("c"), group_by=Reader).fetch("books")
            ),
            "n",
        ),
        BOTH,
    ),
    "all_with_edges": (lambda s: _cells(s.all_with_edges(PAIRS.fetch("books"))), BOTH[:1]),
    "nodes": (
        lambda s: _cells(s.all_with_edges(PAIRS.fetch("books").return_nodes("n", "n2"))),
        BOTH,
    ),
    "rows, then fetch": (
        lambda s: _cells(s.all_with_edges(PAIRS.return_nodes("n", "n2").fetch("books"))),
        BOTH,
    ),
    "scalar of rows": (
        lambda s: _alone(s.scalar(PAIRS.return_nodes("n2").fetch(Reader.books))),
        BOTH[1:],
    ),
    "tuples": (
        lambda s: _cells(s.scalars(select(Reader, Reader).fetch("books").traverse(Reader.follows))),
        BOTH,
    ),
    "tuples, fetch=": (
        lambda s: _cells(
            s.scalars(select(Reader, Reader).traverse(Reader.follows), fetch=[Reader.books])
        ),
        BOTH,
    ),
    "tuples of classes": (
        lambda s: _cells(
            s.scalars(
                select(Book, Reader).where(Book.id == "a").traverse(Book.author).fetch(Reader.books)
            )
        ),
        BOTH[:1],
    ),
}


async def _listed(found: Any) -> list[Any]:
    return [each async for each in found]


async def _items(page: Any) -> list[Any]:
    return (await page).items


async def _first_of(pair: Any) -> list[Any]:
    return (await pair)[0]


async def _alone(one: Any) -> list[Any]:
    return [await one]


async def _column(result: Any) -> list[Any]:
    return (await result).scalars()


async def _named(rows: Any, name: str) -> list[Any]:
    return [row[name] for row in await rows]


async def _cells(rows: Any) -> list[Any]:
    return [cell for row in await rows for cell in row if isinstance(cell, Reader)]


def needs(kind: str) -> Any:
    """Return a kind with the mark of what its database must have."""
    nested = kind in ("union", "fetch, then a subquery")
    return pytest.param(kind, marks=pytest.mark.requires("subqueries") if nested else ())


@pytest.mark.parametrize("kind", [needs(kind) for kind in LOADS])
async def test_relations_are_loaded_with_what_is_returned(kind, session, library):
    """Whichever way nodes are read, the relations that the statement names are loaded."""
    read, books = LOADS[kind]
    assert sorted(map(held, await read(session))) == books


@pytest.mark.requires("fulltext")
@pytest.mark.parametrize("ending", ["all", "scored", "first"])
async def test_searches_load_relations(ending, session, library):
    """What an index finds has them as well."""
    search = session.fulltext_search(Reader, "ada").fetch(Reader.books)
    found = await getattr(search, ending)()
    listed = [found] if ending == "first" else found
    readers = [each[0] if isinstance(each, tuple) else each for each in listed]
    assert all(held(reader) in BOTH for reader in readers)
    assert len(readers) == (1 if ending == "first" else 2)


@pytest.mark.parametrize("way", ["find_all", "find_by", "page"])
async def test_repositories_load_relations(way, session, face, library):
    """Every method of a repository that reads entities takes `fetch=`."""
    found = await getattr(repository(session, face), way)(order_by="id", fetch=[Reader.books])
    assert list(map(held, found.items if way == "page" else found)) == BOTH


# Each returns no node to load relations of.
REFUSED: dict[str, Any] = {
    "values": lambda: WITH_BOOKS.project(Reader.name),
    "values, then fetch": lambda: READERS.project(Reader.name).fetch(Reader.books),
    "aggregates": lambda: select(Reader).fetch("books").aggregate(count("*")),
    "lists of nodes": lambda: select(Reader).aggregate(collect(Reader).as_("c")).fetch("books"),
    "objects": lambda: WITH_BOOKS.into(Reader),
    "paths": lambda: shortest_path(select(Reader), select(Reader), Reader.follows).fetch("books"),
    "parts of a union": lambda: union(WITH_BOOKS, WITH_BOOKS),
    "one part of a union": lambda: union(READERS, WITH_BOOKS),
    "a subquery": lambda: call(select(Reader), within(Reader, "n").fetch("books")),
    "before a stage": lambda: WITH_BOOKS.with_("n"),
    "ends of paths": lambda: shortest_path(
        select(Reader).fetch("books"), select(Reader), Reader.follows
    ),
    "another class": lambda: select(Book).fetch(Reader.books),
    "another class of rows": lambda: select(Reader).project(Reader).fetch(Book.author.limit(1)),
    "returning another class": lambda: WITH_BOOKS.traverse(Reader.books).return_target(),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_returns_no_node_refuses_fetch(kind):
    """The error comes when the statement is built, before anything is sent."""
    with pytest.raises(StatementError, match="fetch|relation"):
        REFUSED[kind]()


async def test_a_chunk_of_a_stream_is_two_queries(session, library, assert_query_count):
    """One for the nodes and one for each relation, however many nodes a chunk has."""
    with assert_query_count(2):
        await _streamed(session, WITH_BOOKS)
    with assert_query_count(5):
        await _streamed(session, WITH_BOOKS, chunk_size=1)


async def test_what_a_stream_loads_is_not_tracked(session, library):
    """The session holds nothing of it, and what is met twice in a chunk is one object."""
    both = WITH_BOOKS.fetch("books.author")
    readers = await _streamed(session, both)
    assert readers[0] not in session
    assert readers[0].books[0] not in session
    assert readers[1].books[0].author is readers[1]
    readers[0].books.clear()
    await session.commit()
    assert held(await session.get(Reader, "1", fetch="books")) == ["a"]


async def test_a_stream_leaves_what_the_session_holds_alone(session, library):
    """Unwritten changes stay, and the stream shows what is stored."""
    ada = await session.get(Reader, "1", fetch="books")
    ada.books.clear()
    assert [held(reader) for reader in await _streamed(session, WITH_BOOKS)] == BOTH
    assert ada.books == []


PART = Reader.books.where(Book.id == param("key"))

# Each names a part of a relation whose criterion is a parameter.
BOUND: dict[str, Any] = {
    "scalars": lambda s, f: s.scalars(READERS.fetch(f).bind(key="b")),
    "bound before": lambda s, f: s.scalars(READERS.fetch(f.bind(key="b"))),
    "fetch=": lambda s, f: s.scalars(READERS, fetch=[f.bind(key="b")]),
    "stream": lambda s, f: _streamed(s, READERS.fetch(f).bind(key="b")),
    "execute": lambda s, f: _column(s.execute(READERS.fetch(f), {"key": "b"})),
    "rows": lambda s, f: _cells(
        s.all_with_edges(PAIRS.fetch(f).return_nodes("n", "n2").bind(key="b"))
    ),
    "page": lambda s, f: _items(s.page(select(Reader).fetch(f).bind(key="b"))),
    "total": lambda s, f: _first_of(s.scalars_with_total(READERS.fetch(f).bind(key="b"))),
}


@pytest.mark.parametrize("kind", BOUND)
async def test_parts_are_bound_with_the_statement(kind, session, library):
    """A parameter of a fetch's criterion takes the value that the statement is bound to."""
    found = await BOUND[kind](session, PART)
    assert sorted(map(held, found)) == [[], ["b"]]


OPEN: dict[str, Any] = {
    "scalars": lambda s: s.scalars(READERS.fetch(PART)),
    "fetch=": lambda s: s.scalars(READERS, fetch=[PART]),
    "get": lambda s: s.get(Reader, "1", fetch=[PART]),
    "load": lambda s: s.load([], PART),
    "stream": lambda s: _streamed(s, READERS.fetch(PART)),
    "execute": lambda s: s.execute(READERS.fetch(PART)),
    "below": lambda s: s.scalars(READERS.fetch(Reader.follows.fetch(PART))),
}


@pytest.mark.parametrize("kind", OPEN)
async def test_an_open_part_is_told_before_anything_is_sent(
    kind, session, library, assert_query_count
):
    """The error names the parameter and how to bind it."""
    with assert_query_count(0), pytest.raises(StatementError, match="'key' has no value; bind it"):
        await OPEN[kind](session)


async def test_criteria_of_a_part_ask_what_relations_lead_to(session, library):
    """`any` and `count` in them are of the target, also where it is of the owner's class."""
    part = Reader.follows.where(Reader.books.any(Book.id == "c"), Reader.follows.count() == 0)
    one, two = await session.scalars(READERS.fetch(part))
    assert [other.id for other in one.__dict__["follows"]] == ["2"]
    assert two.__dict__["follows"] == []
