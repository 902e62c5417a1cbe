"""What only ArcadeDB does: its limits and traps, each kept from users or told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runic.ogm.driver import create_driver
from runic.ogm.driver.arcadedb import ArcadeDBDriver
from runic.ogm.driver.base import Driver
from runic.ogm.errors import (
    AuthenticationError,
    ConnectionLostError,
    DriverError,
    QueryTooLargeError,
    SchemaError,
    StaleEntityError,
    StatementError,
    TransientError,
    UniqueViolationError,
    UnsupportedFeatureError,
)
from runic.ogm.model import Edge, Field, FullText, Node, Registry, Relation, VectorIndex
from runic.ogm.model import Vector as Numbers
from runic.ogm.query import Query
from runic.ogm.schema import SchemaManager
from tests.behaviour.graphs import cypher

pytestmark = pytest.mark.backend("arcadedb")

REGISTRY = Registry()
MIB = 2**20


class Knows(Edge, registry=REGISTRY):
    """How two people know each other."""

    since: int | None = None


class Person(Node, registry=REGISTRY):
    """Somebody."""

    id: str
    name: str = ""
    email: str | None = Field(None, unique=True)
    knows: list[Person] = Relation("KNOWS", edge_model=Knows)
    ties: list[Knows] = Relation("KNOWS", target="Person")


async def test_a_message_of_almost_the_limit_arrives(driver: Driver) -> None:
    """What passes our check is answered by the server."""
    size = ArcadeDBDriver.max_message_bytes - 1000
    assert size is not None
    assert await cypher(driver, "RETURN size($x)", x="x" * size) == [[size]]


async def test_a_message_over_the_limit_is_not_sent(driver: Driver) -> None:
    """The server would never answer it."""
    with pytest.raises(QueryTooLargeError, match="nothing was sent"):
        await cypher(driver, "RETURN size($x)", x="x" * 15 * MIB)


async def test_a_commit_over_the_limit_is_split(session: Any, driver: Driver) -> None:
    """A transaction holds any number of messages, so a large commit is still one."""
    session.add_all(Person(id=str(n), name="x" * 4 * MIB) for n in range(5))
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN sum(size(n.name))") == [[20 * MIB]]


async def test_a_part_that_cannot_be_sent_undoes_the_others(session: Any, driver: Driver) -> None:
    """The rows that went before one that is too large are not there twice after the next commit."""
    session.add_all([Person(id="a", name="small"), big := Person(id="b", name="x" * 16 * MIB)])
    with pytest.raises(QueryTooLargeError):
        await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[0]]
    big.name = "small too"
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN n.id ORDER BY n.id") == [["a"], ["b"]]


async def test_a_list_over_the_limit_is_told(driver: Driver) -> None:
    """The server refuses lists of more than a mebi of items; the error says to write fewer."""
    with pytest.raises(QueryTooLargeError, match="write fewer rows"):
        await cypher(driver, "RETURN size($many)", many=[0] * 1_100_000)


async def test_timeouts_are_refused(session: Any, driver: Driver) -> None:
    """The server would ignore them."""
    with pytest.raises(UnsupportedFeatureError, match="arcadedb has no timeouts"):
        await session.execute("RETURN 1", timeout=5)
    with pytest.raises(UnsupportedFeatureError, match="arcadedb has no timeouts"):
        await driver.begin(timeout=5)


@pytest.mark.parametrize(
    "text", ["MATCH (n) SET n.x = 1", "call apoc.create.node(['A'], {})", "CREATE INDEX x"]
)
async def test_reading_is_held_to(driver: Driver, text: str) -> None:
    """The server carries out writes in read mode, so such text is not sent; transactions too."""
    query = Query(text, read_only=True)
    with pytest.raises(DriverError, match="not read-only"):
        await driver.run(query)
    transaction = await driver.begin(read_only=True)
    with pytest.raises(DriverError, match="not read-only"):
        await transaction.run(query)
    await transaction.rollback()


async def test_names_and_texts_are_no_writes(driver: Driver) -> None:
    """The words of clauses may be names and texts."""
    text = "/* SET */ MATCH (`SET`) WHERE `SET`.set = 'CREATE' RETURN count(*) // MERGE"
    assert (await driver.run(Query(text, read_only=True))).rows == [[0]]


@pytest.mark.parametrize(
    "text",
    ["CREATE (n:$($label)) RETURN n", "MATCH (n) merge (m : Some:$ ($label) {k: n.k})"],
)
async def test_a_computed_label_of_a_new_node_is_refused(driver: Driver, text: str) -> None:
    """The server would make a node without a label."""
    with pytest.raises(UnsupportedFeatureError, match=r"SET n:\$\("):
        await cypher(driver, text, label="Person")
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]


async def test_a_computed_label_elsewhere_is_taken(driver: Driver) -> None:
    """SET and MATCH know them, and texts and comments may hold anything."""
    text = "CREATE (n:Some {k: ':$('}) /* $( */ SET n:$($label) WITH n MATCH (m:$($label)) RETURN"
    assert await cypher(driver, f"{text} labels(m)", label="Person") == [[["Person", "Some"]]]


async def test_a_merge_by_null_is_refused(driver: Driver) -> None:
    """The server would make another node each time."""
    text = "MERGE (n:Person {id: $id}) ON CREATE SET n.name = $name RETURN n.name"
    with pytest.raises(StatementError, match=r"give \$id a value"):
        await cypher(driver, text, id=None, name="Ada")
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]
    assert await cypher(driver, text, id="a", name=None) == [[None]]


async def test_edges_of_a_node_that_moved_are_read_again(session: Any, driver: Driver) -> None:
    """New labels give relationships other ids, too: who held one is told, and nothing is lost."""
    session.add(Person(id="ada", ties=[(tie := Knows(target=Person(id="bob"), since=1))]))
    await session.commit()
    await session.add_labels(await session.get(Person, "ada"), "Famous")
    await session.commit()
    tie.since = 2
    with pytest.raises(StaleEntityError):
        await session.commit()
    await session.rollback()
    session.expunge_all()
    [again] = (await session.get(Person, "ada", fetch=["ties"])).ties
    again.since = 3
    await session.commit()
    assert await cypher(driver, "MATCH ()-[r]->() RETURN r.since") == [[3]]


async def test_a_moved_edge_is_not_deleted_in_silence(session: Any, driver: Driver) -> None:
    """It is found no more under its former id, which is an error and not a deletion."""
    session.add(Person(id="ada", ties=[(tie := Knows(target=Person(id="bob")))]))
    await session.commit()
    await session.add_labels(await session.get(Person, "ada"), "Famous")
    await session.commit()
    session.delete(tie)
    with pytest.raises(StaleEntityError):
        await session.commit()
    await session.rollback()
    assert await cypher(driver, "MATCH ()-[r:KNOWS]->() RETURN count(r)") == [[1]]


@pytest.mark.parametrize("number", [2**62 + 1, -(2**63)])
async def test_a_declared_integer_keeps_64_bits(session: Any, schema: Any, number: int) -> None:
    """Constraints declare a type, which the server turns values into."""

    class Counted(Node, registry=Registry()):
        id: str
        many: int = Field(required=True)
        share: float = Field(unique=True)

    await schema.create_all(Counted)
    session.add(Counted(id="a", many=number, share=0.1))
    await session.commit()
    session.expunge_all()
    found = await session.get(Counted, "a")
    assert (found.many, found.share) == (number, 0.1)


async def test_a_violation_shows_no_value(session: Any, unique: Any, driver: Driver) -> None:
    """The server's message quotes the value that is taken."""
    unique("Person", "email")
    await cypher(driver, "CREATE (:Person {id: 'a', email: 'secret@x.org'})")
    session.add(Person(id="b", email="secret@x.org"))
    with pytest.raises(UniqueViolationError, match=r"Person\[email\]") as caught:
        await session.commit()
    assert "secret" not in str(caught.value)


async def test_the_later_of_two_writers_may_try_again(session: Any, new_session: Any) -> None:
    """A conflict is found by the commit, which kept nothing, and the same work succeeds then."""
    session.add(Person(id="a"))
    await session.commit()
    other = new_session()
    (await other.get(Person, "a")).name = "other"
    await other.flush()
    (await session.get(Person, "a")).name = "first"
    await session.commit()
    with pytest.raises(TransientError):
        await other.commit()
    await other.rollback()
    (await other.get(Person, "a")).name = "second"
    await other.commit()
    assert (await new_session().get(Person, "a")).name == "second"


async def test_new_labels_keep_the_entity_writable(session: Any, driver: Driver) -> None:
    """The server gives a node with other labels another id; the session takes it over."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    assert await session.add_labels(ada, "Famous") == ["Famous", "Person"]
    ada.name = "Ada"
    await session.commit()
    assert await session.remove_labels(ada, "Famous") == ["Person"]
    ada.name = "Countess"
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name, labels(n)") == [["Countess", ["Person"]]]


async def test_a_label_and_a_type_of_one_name_are_told_apart(driver: Driver) -> None:
    """There is one space of names for both; the server does not say so."""
    await cypher(driver, "CREATE (:Clash)")
    with pytest.raises(DriverError, match="taken by a relationship type or the other way round"):
        await cypher(driver, "CREATE ()-[:Clash]->()")


async def test_raw_values_of_the_server_become_pythons(session: Any) -> None:
    """What only Cypher makes comes back as Python has it; instants keep their offset."""
    text = (
        "RETURN datetime('2026-01-02T03:04:05+02:00'), localdatetime('2026-01-02T03:04:05'),"
        " date('2026-01-02'), duration('PT90S'), point({x: 1, y: 2}),"
        " [point({longitude: 1, latitude: 2})]"
    )
    moment = dt.datetime(2026, 1, 2, 3, 4, 5)
    aware = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert list((await session.execute(text)).rows[0]) == [
        aware,
        moment,
        moment.date(),
        dt.timedelta(seconds=90),
        {"x": 1.0, "y": 2.0},
        [{"longitude": 1.0, "latitude": 2.0}],
    ]


async def test_a_moment_of_a_named_zone_is_read_as_that_instant(session: Any) -> None:
    """What only Cypher makes, stored and read back."""
    text = "CREATE (n:Some {at: datetime('2026-07-01T12:00:00[Europe/Paris]')})"
    await session.execute(text)
    await session.commit()
    [[found]] = (await session.execute("MATCH (n:Some) RETURN n.at")).rows
    assert found == dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)


async def test_a_missing_database_and_a_wrong_password(driver: Driver) -> None:
    """Both are told by what to change."""
    assert isinstance(driver, ArcadeDBDriver)
    with pytest.raises(DriverError, match="name another with graph="):
        await driver.graph("nowhere").run(Query("RETURN 1"))
    settings = driver.settings
    options = {"host": settings.host, "port": settings.port, "username": "root"}
    other = create_driver("arcadedb", **options, password="wrong-password")
    with pytest.raises(AuthenticationError, match="password="):
        await other.run(Query("RETURN 1"))
    other.close()


async def test_the_schema_needs_http_and_a_name(driver: Driver) -> None:
    """Both are asked for by the option that gives them."""
    assert isinstance(driver, ArcadeDBDriver)
    unnamed = ArcadeDBDriver(driver.settings)
    with pytest.raises(StatementError, match="graph="):
        SchemaManager(unnamed).missing(Person)
    deaf = ArcadeDBDriver(driver.settings, driver.graph_name, http_port=1)
    with pytest.raises(ConnectionLostError, match="http_port="):
        SchemaManager(deaf).missing(Person)


async def test_what_an_index_cannot_keep_is_refused(schema: Any) -> None:
    """Options the server has not, or does not tell, and types it would change."""

    class Weighted(Node, registry=Registry()):
        id: str
        title: str = Field("", fulltext=FullText(weight=2.0))

    class Tuned(Node, registry=Registry()):
        id: str
        place: Numbers | None = Field(None, vector=VectorIndex(dimension=2, m=24))

    class Mixed(Node, registry=Registry()):
        id: str
        value: int | str = Field(required=True)

    for cls, kind in ((Weighted, UnsupportedFeatureError), (Tuned, UnsupportedFeatureError)):
        with pytest.raises(kind, match="arcadedb"):
            await schema.create_all(cls)
    with pytest.raises(SchemaError, match=r"Mixed\)\.value.*one type"):
        await schema.create_all(Mixed)


async def test_a_subclass_is_looked_up_by_its_familys_index(session: Any, schema: Any) -> None:
    """Indexes of one property under two labels would break uniqueness, so there is one."""
    registry = Registry()

    class Animal(Node, registry=registry):
        id: str

    class Cat(Animal, registry=registry):
        lives: int = 9

    await schema.create_all(registry=registry)
    session.add(Cat(id="tom"))
    await session.commit()
    session.expunge_all()
    assert (await session.get(Cat, "tom")).lives == 9
    plan = await session.explain("MATCH (n:`Animal`) WHERE n:`Cat` AND n.`id` = 'tom' RETURN n")
    assert "NodeIndexSeek" in plan
