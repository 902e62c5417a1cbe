"""Indexes and constraints of FalkorDB: what models declare becomes what the database has.

What every database does is in test_schema_everywhere.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm.driver.base import Driver
from runic.ogm.driver.falkordb import FalkorDBDriver
from runic.ogm.errors import (
    AsyncNotSupportedError,
    ConstraintViolationError,
    MetadataError,
    SchemaError,
    UniqueViolationError,
)
from runic.ogm.model import Edge, Field, FullText, Node, Registry, Vector, VectorIndex
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from tests.behaviour.graphs import cypher

pytestmark = pytest.mark.backend("falkordb")

REGISTRY = Registry()


class Reader(Node, registry=REGISTRY):
    """Has a range index, and constraints of both kinds."""

    id: str
    name: str | None = Field(None, index=True)
    email: str | None = Field(None, unique=True)
    country: str = Field(required=True)


class Critic(Reader, registry=REGISTRY):
    """Its nodes carry the label of readers too."""

    outlet: str | None = Field(None, index=True)


class Book(Node, registry=REGISTRY):
    """Has the indexes that searches need."""

    id: int
    title: str = Field("", fulltext=FullText(language="german", weight=2.0))
    blurb: str = Field("", property="text", fulltext=True)
    embedding: Vector | None = Field(None, vector=VectorIndex(dimension=2, m=24))


class Borrowed(Edge, type="BORROWED", registry=REGISTRY):
    """Edges have indexes and constraints as well."""

    day: str | None = Field(None, index=True)
    ticket: str | None = Field(None, unique=True)
    desk: str = Field(required=True)


READER = {
    "range index on (:Reader).id",
    "range index on (:Reader).name",
    "range index on (:Reader).email",
    "unique constraint on (:Reader).id",
    "unique constraint on (:Reader).email",
    "required constraint on (:Reader).country",
}


def shown(definitions: list[Any]) -> set[str]:
    """Return the definitions as they print."""
    return {str(definition) for definition in definitions}


async def test_create_all_returns_what_it_created(schema: Any) -> None:
    """Every option of a node's fields becomes a definition on its label."""
    assert shown(await schema.create_all(Reader)) == READER


async def test_create_all_twice_creates_nothing(schema: Any) -> None:
    """Starting an application again changes nothing."""
    await schema.create_all(Reader, Book, Borrowed)
    assert await schema.create_all(Reader, Book, Borrowed) == []


async def test_edges_have_indexes_and_constraints(schema: Any, driver: Driver) -> None:
    """Definitions of an edge class stand on its type, and the database keeps to them."""
    made = await schema.create_all(Borrowed)
    assert shown(made) == {
        "range index on [:BORROWED].day",
        "range index on [:BORROWED].ticket",
        "unique constraint on [:BORROWED].ticket",
        "required constraint on [:BORROWED].desk",
    }
    with pytest.raises(ConstraintViolationError, match="mandatory"):
        await cypher(driver, "CREATE ()-[:BORROWED {ticket: 'a'}]->()")


async def test_without_classes_it_is_about_a_registry(schema: Any) -> None:
    """Nothing has to be listed twice: the registry knows its models."""
    await schema.create_all(registry=REGISTRY)
    assert await schema.missing(Reader, Critic, Book, Borrowed) == []


async def test_constraints_hold_when_create_all_returns(schema: Any, driver: Driver) -> None:
    """No write slips through between making a constraint and the database enforcing it."""
    await schema.create_all(Reader)
    await cypher(driver, "CREATE (:Reader {id: 'a', country: 'PL'})")
    with pytest.raises(UniqueViolationError):
        await cypher(driver, "CREATE (:Reader {id: 'a', country: 'PL'})")
    states = await cypher(driver, "CALL db.constraints() YIELD status RETURN DISTINCT status")
    assert states == [["OPERATIONAL"]]


async def test_subclass_brings_its_parents(schema: Any) -> None:
    """A parent's constraint covers its subclasses, whose own label gets an index to be found by."""
    made = await schema.create_all(Critic)
    assert shown(made) == READER | {
        "range index on (:Critic).id",
        "range index on (:Critic).email",
        "range index on (:Critic).name",
        "range index on (:Critic).outlet",
    }


async def test_a_subclass_shares_the_keys_of_its_parent(schema: Any, driver: Driver) -> None:
    """Two nodes under one parent label cannot have the same primary key."""
    await schema.create_all(Critic)
    await cypher(driver, "CREATE (:Reader {id: 'a', country: 'PL'})")
    with pytest.raises(UniqueViolationError):
        await cypher(driver, "CREATE (:Reader:Critic {id: 'a', country: 'PL'})")


async def test_fulltext_index_takes_language_and_stored_name(schema: Any, driver: Driver) -> None:
    """A label's full-text index covers all its properties, in the language one of them names."""
    made = await schema.create_all(Book)
    assert "full-text index on (:Book).title, text" in shown(made)
    await cypher(driver, "CREATE (:Book {id: 1, title: 'Häuser', text: 'klein'})")
    found = "CALL db.idx.fulltext.queryNodes('Book', $q) YIELD node RETURN node.id"
    assert await cypher(driver, found, q="klein") == [[1]]
    indexes = "CALL db.indexes() YIELD label, language RETURN label, language"
    assert await cypher(driver, indexes) == [["Book", "german"]]


async def test_fulltext_index_grows_by_a_property(schema: Any, driver: Driver) -> None:
    """A property added to a model later joins the index that exists."""
    await cypher(
        driver, "CREATE FULLTEXT INDEX FOR (n:Book) ON (n.title) OPTIONS {language: 'german'}"
    )
    assert "full-text index on (:Book).title, text" in shown(await schema.missing(Book))
    await schema.create_all(Book)
    assert await schema.missing(Book) == []


async def test_vector_index_takes_its_options(schema: Any, driver: Driver) -> None:
    """Dimension and HNSW parameters reach the database; the nearest vector is found."""
    await schema.create_all(Book)
    (options,) = await cypher(driver, "CALL db.indexes() YIELD options RETURN options")
    assert options[0]["embedding"]["M"] == 24
    await cypher(
        driver,
        "CREATE (:Book {id: 1, embedding: vecf32([1, 0])}),"
        " (:Book {id: 2, embedding: vecf32([0, 1])})",
    )
    nearest = "CALL db.idx.vector.queryNodes('Book', 'embedding', 1, vecf32($v)) YIELD node"
    assert await cypher(driver, f"{nearest} RETURN node.id", v=[0.1, 0.9]) == [[2]]


async def test_index_with_other_options_is_refused(schema: Any, driver: Driver) -> None:
    """A model that has moved on from its index is told so before anything is created."""
    await cypher(
        driver,
        "CREATE VECTOR INDEX FOR (n:Book) ON (n.embedding)"
        " OPTIONS {dimension: 3, similarityFunction: 'cosine'}",
    )
    with pytest.raises(SchemaError, match=r"dimension is 3, not 2.*drop_all"):
        await schema.create_all(Book)
    assert len(await cypher(driver, "CALL db.indexes() YIELD label RETURN label")) == 1


async def test_missing_lists_and_changes_nothing(schema: Any) -> None:
    """A deployment can be checked without being changed."""
    assert shown(await schema.missing(Reader)) == READER
    assert shown(await schema.missing(Reader)) == READER


async def test_missing_sees_what_was_dropped_by_hand(schema: Any, driver: Driver) -> None:
    """The database is asked each time; nothing is remembered."""
    await schema.create_all(Reader)
    await cypher(driver, "DROP INDEX FOR (n:Reader) ON (n.name)")
    assert shown(await schema.missing(Reader)) == {"range index on (:Reader).name"}


async def test_duplicates_are_named(schema: Any, driver: Driver) -> None:
    """A unique constraint that cannot hold says which values stand in its way."""
    await cypher(driver, "UNWIND ['a', 'b', 'c', 'c'] AS id CREATE (:Reader {id: id, country: ''})")
    with pytest.raises(SchemaError, match=r"\(:Reader\)\.id cannot be created: 2 have 'c'"):
        await schema.create_all(Reader)


async def test_failed_constraint_is_dropped_again(schema: Any, driver: Driver) -> None:
    """After the values are mended the same call succeeds; the other definitions were kept."""
    await cypher(driver, "UNWIND [1, 2] AS n CREATE (:Reader {id: 'c', country: '', n: n})")
    with pytest.raises(SchemaError):
        await schema.create_all(Reader)
    assert shown(await schema.missing(Reader)) == {"unique constraint on (:Reader).id"}
    assert await cypher(driver, "CALL db.constraints() YIELD status WHERE status = 'FAILED'"
                                " RETURN status") == []  # fmt: skip
    await cypher(driver, "MATCH (r:Reader {n: 2}) SET r.id = 'd'")
    assert shown(await schema.create_all(Reader)) == {"unique constraint on (:Reader).id"}


async def test_failed_constraint_of_an_edge_is_named(schema: Any, driver: Driver) -> None:
    """Parallel edges are counted each for itself."""
    await cypher(
        driver,
        "CREATE (a), (b) WITH a, b UNWIND [1, 2, 3] AS n"
        " CREATE (a)-[:BORROWED {ticket: 't', desk: 'x'}]->(b)",
    )
    with pytest.raises(SchemaError, match=r"\[:BORROWED\]\.ticket cannot be created: 3 have 't'"):
        await schema.create_all(Borrowed)


async def test_entities_without_a_required_property_are_counted(
    schema: Any, driver: Driver
) -> None:
    """A required constraint that cannot hold says how many entities lack the property."""
    await cypher(driver, "CREATE (:Reader {id: 'a'}), (:Reader {id: 'b', country: 'PL'})")
    with pytest.raises(SchemaError, match=r"\(:Reader\)\.country cannot be created: 1 stored"):
        await schema.create_all(Reader)


async def test_values_the_server_takes_for_equal_are_explained(schema: Any, driver: Driver) -> None:
    """1 and true are different values to a query and one value to the constraint."""
    await cypher(driver, "CREATE (:Book {id: 1}), (:Book {id: true})")
    with pytest.raises(SchemaError, match="takes some stored values for equal"):
        await schema.create_all(Book)


@pytest.mark.parametrize(
    "value",
    ["", " a", "a\t", "a\x01b", "x" * 4097, "é" * 2049, "漢" * 1366, "😀" * 1025],
    ids=["empty", "space", "tab", "x01", "ascii", "two bytes", "three bytes", "four bytes"],
)
async def test_values_that_crash_the_server_are_refused(
    schema: Any, driver: Driver, value: str
) -> None:
    """A unique constraint meets no text at which the server would kill itself."""
    await cypher(driver, "CREATE (:Reader {id: $v, country: 'PL'}), (:Reader {id: 'b'})", v=value)
    with pytest.raises(SchemaError, match=r"\(:Reader\)\.id is not created because of 1 stored"):
        await schema.create_all(Reader)
    assert shown(await schema.missing(Reader)) == READER


async def test_not_a_number_is_refused(schema: Any, driver: Driver) -> None:
    """NaN crashes the server like such text does."""
    await cypher(driver, "CREATE (:Reader {id: 0.0 / 0.0}), (:Reader {id: 'b'})")
    with pytest.raises(SchemaError, match="or of NaN"):
        await schema.create_all(Reader)


@pytest.mark.parametrize("value", ["x" * 4096, "é" * 2048, "漢" * 1365, "😀" * 1024, "\u00a0a"])
async def test_values_at_the_limit_are_accepted(schema: Any, driver: Driver, value: str) -> None:
    """The search for harmful text refuses nothing that the server can hold."""
    await cypher(driver, "CREATE (:Reader {id: $v, country: 'PL'})", v=value)
    assert shown(await schema.create_all(Reader)) == READER


async def test_values_of_other_types_are_no_text(schema: Any, driver: Driver) -> None:
    """Numbers, lists and booleans pass the search for harmful text."""
    await cypher(
        driver, "UNWIND [7, 2.5, true, ['a']] AS v CREATE (:Reader {id: v, country: 'PL'})"
    )
    assert shown(await schema.create_all(Reader)) == READER


async def test_drop_all_returns_what_was_there(schema: Any, driver: Driver) -> None:
    """Everything that the classes ask for goes, and only that."""
    await schema.create_all(Reader, Book, Borrowed)
    await cypher(driver, "CREATE INDEX FOR (n:Reader) ON (n.shoe_size)")
    assert shown(await schema.drop_all(Reader)) == READER
    assert shown(await schema.missing(Reader)) == READER
    assert await schema.missing(Book, Borrowed) == []
    await schema.drop_all(Book, Borrowed)
    left = await cypher(driver, "CALL db.indexes() YIELD label, types RETURN label, keys(types)")
    assert left == [["Reader", ["shoe_size"]]]


async def test_drop_all_of_an_empty_graph_drops_nothing(schema: Any) -> None:
    """Dropping what is not there is no error."""
    assert await schema.drop_all(registry=REGISTRY) == []


async def test_entities_survive_drop_all(schema: Any, driver: Driver) -> None:
    """Dropping a schema is not dropping data."""
    await schema.create_all(Reader)
    await cypher(driver, "CREATE (:Reader {id: 'a', country: 'PL'})")
    await schema.drop_all(Reader)
    assert await cypher(driver, "MATCH (r:Reader) RETURN r.id") == [["a"]]


async def test_two_managers_at_once_agree(
    schema: Any, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process creates in between counts as created."""
    run = type(driver).run
    rival = driver.graph(driver.graph_name)  # type: ignore[attr-defined]

    async def slow(self: Any, query: Any, **options: Any) -> Any:
        if self is driver and query.text.startswith("CREATE INDEX"):
            await run(rival, query, **options)
        return await run(self, query, **options)

    monkeypatch.setattr(type(driver), "run", slow)
    assert shown(await schema.create_all(Reader)) == READER
    assert await schema.missing(Reader) == []


async def test_session_writes_under_the_schema(
    schema: Any, session: Any, new_session: Callable[..., Any]
) -> None:
    """Entities with unique and required properties are created, changed and refused."""
    await schema.create_all(registry=REGISTRY)
    session.add(Critic(id="a", country="PL", email="a@b.c", outlet="x"))
    await session.commit()
    async with new_session() as other:
        (await other.get(Critic, "a")).country = "DE"
    session.add(Reader(id="b", country="PL", email="a@b.c"))
    with pytest.raises(UniqueViolationError):
        await session.commit()


async def test_name_that_no_constraint_can_have_is_refused(schema: Any) -> None:
    """The server takes only plain names; the error says which name to change, and how."""

    class Reihe(Node, labels=["Große Reihe"], registry=Registry()):
        id: str

    with pytest.raises(SchemaError, match=r"'Große Reihe' is not; rename it with labels="):
        await schema.create_all(Reihe)


async def test_one_label_has_one_fulltext_language(schema: Any) -> None:
    """Two languages on one label are refused instead of one of them being ignored."""

    class Page(Node, registry=Registry()):
        id: str
        title: str = Field("", fulltext=FullText(language="german"))
        body: str = Field("", fulltext=FullText(language="english"))

    with pytest.raises(SchemaError, match="'german' and .* for 'english'"):
        await schema.create_all(Page)


async def test_class_without_entities_is_refused(schema: Any) -> None:
    """An abstract base has no label of its own, a plain class no entities at all."""

    class Base(Node, abstract=True, registry=Registry()):
        id: str

    for cls in (Base, dict):
        with pytest.raises(MetadataError):
            await schema.create_all(cls)


async def test_blocking_driver_needs_the_sync_manager(runic_server: Any) -> None:
    """A blocking driver would stop the event loop, so it is refused at once."""
    driver: FalkorDBDriver = runic_server.driver("never-made")
    with pytest.raises(AsyncNotSupportedError, match="use SchemaManager"):
        AsyncSchemaManager(driver)


def test_sync_manager_takes_an_async_driver(async_driver: Any) -> None:
    """Code that cannot await uses an async driver through its own event loop."""
    schema = SchemaManager(async_driver)
    assert shown(schema.create_all(Reader)) == READER
    assert schema.missing(Reader) == []
    async_driver.blocking()._loop.close()
