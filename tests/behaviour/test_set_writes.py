"""Set-based writes: update, delete, insert, merge, connect and disconnect in one statement each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pytest
from pydantic import field_validator, model_validator

from runic.ogm.errors import (
    EntityNotFoundError,
    FieldValidationError,
    LazyLoadError,
    PartialCommitError,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.model import Edge, Field, Node, Registry, Relation, State, Vector, state_of
from runic.ogm.query import (
    col,
    connect,
    delete,
    disconnect,
    insert,
    merge,
    select,
    update,
)
from runic.ogm.query.params import param
from runic.ogm.query.scalars import upper
from tests.behaviour.graphs import cypher, dump, links
from tests.behaviour.models import Account, Article, Counter, Person, Wrote

REGISTRY = Registry()


class Met(Edge, registry=REGISTRY):
    """Where two people met."""

    place: str
    times: int = 1


class Thing(Node, registry=REGISTRY):
    """A class with a class below it."""

    id: str
    size: int = 0


class Part(Thing, registry=REGISTRY):
    """Something whose writes are counted."""

    revision: int = Field(version=True)


class Wheel(Part, registry=REGISTRY):
    """A class that inherits the version."""


class Guest(Node, registry=REGISTRY):
    """Somebody whose every field has a stored form of its own."""

    id: str
    age: int = Field(0, ge=0)
    mood: Vector | None = None
    email: str | None = Field(None, unique=True)
    met: list[Guest] = Relation("MET", edge_model=Met)
    knows: list[Guest] = Relation("KNOWS", "BOTH")


async def people(driver):
    """Store three people and two articles."""
    await cypher(
        driver,
        "CREATE (a:Person {id: 'ada', name: 'Ada', age: 36}),"
        " (b:Person {id: 'bob', name: 'Bob', age: 20}), (c:Person {id: 'cy', name: 'Cy'}),"
        " (a)-[:WROTE {role: 'author', year: 1843}]->(:Article {id: 'x', title: 'X'}),"
        " (a)-[:WROTE {role: 'editor', year: 1850}]->(:Article {id: 'y', title: 'Y'})",
    )


async def test_update_sets_fields_of_what_it_finds(session, driver):
    """Only the nodes that satisfy the criteria are written, and they are counted."""
    await people(driver)
    result = await session.execute(update(Person).where(col(Person.age) > 18).values(name="adult"))
    assert result.affected == 2
    rows = await cypher(session, "MATCH (n:Person) RETURN n.id, n.name ORDER BY n.id")
    assert rows == [["ada", "adult"], ["bob", "adult"], ["cy", "Cy"]]


async def test_update_with_none_removes_the_property(session, driver):
    """None means that the property is not there any more."""
    await people(driver)
    await session.execute(update(Person).where(Person.id == "ada").values(age=None))
    assert await cypher(session, "MATCH (n:Person {id: 'ada'}) RETURN n.age") == [[None]]


async def test_update_returns_entities_of_the_session(session, driver):
    """`returning()` gives the written entities, tracked, those held before among them."""
    await people(driver)
    ada = await session.get(Person, "ada")
    stmt = update(Person).where(Person.age.is_not_null()).values(name="new").returning()
    result = await session.execute(stmt)
    found = {entity.id: entity for (entity,) in result.rows}
    assert found["ada"] is ada
    assert {entity.name for entity in found.values()} == {"new"}
    assert session.dirty == []
    assert result.affected == 2


async def test_update_returns_values(session, driver):
    """`returning(User.name)` gives values under the columns' names."""
    await people(driver)
    stmt = update(Person).where(Person.id == "ada").values(age=37).returning(Person.id, Person.age)
    assert (await session.execute(stmt)).mappings() == [{"n.id": "ada", "n.age": 37}]


async def test_held_entities_take_what_was_written(session, driver):
    """An entity that the session holds has the new value, and is not taken for changed."""
    await people(driver)
    ada = await session.get(Person, "ada")
    await session.execute(update(Person).values(name="all", tags=["x"]))
    assert (ada.name, ada.tags, ada.age) == ("all", ["x"], 36)
    assert session.dirty == []


async def test_own_changes_stay_and_win(session, driver):
    """A field with an unwritten change keeps it, and the next commit writes it."""
    await people(driver)
    ada = await session.get(Person, "ada")
    ada.name = "mine"
    await session.execute(update(Person).values(name="all", age=1))
    assert (ada.name, ada.age) == ("mine", 1)
    await session.commit()
    assert await cypher(session, "MATCH (n:Person {id: 'ada'}) RETURN n.name, n.age") == [
        ["mine", 1]
    ]


async def test_update_counts_the_version_up(session, new_session, driver):
    """Others who loaded the entity before notice; this session knows the new count."""
    await cypher(driver, "CREATE (:Account {id: 'a', balance: 1, revision: 4})")
    account = await session.get(Account, "a")
    await session.execute(update(Account).values(balance=2))
    assert (account.balance, account.revision) == (2, 5)
    account.balance = 3
    await session.commit()
    assert await cypher(session, "MATCH (n:Account) RETURN n.balance, n.revision") == [[3, 6]]


async def test_update_of_a_class_counts_versions_of_those_below(session, driver):
    """A subclass's version counts up when its nodes are written as those of the parent."""
    part, thing, wheel = Part(id="p"), Thing(id="t"), Wheel(id="w")
    session.add_all([part, thing, wheel])
    await session.commit()
    await session.execute(update(Thing).values(size=3))
    assert (part.size, part.revision, thing.size, wheel.revision) == (3, 1, 3, 1)
    part.size = 4
    await session.commit()
    rows = await cypher(session, "MATCH (n:Thing) RETURN n.size, n.revision ORDER BY n.id")
    assert rows == [[4, 2], [3, None], [3, 1]]


async def test_update_along_a_relation_writes_each_node_once(session, driver):
    """However many edges lead on from a node, it is written and counted once."""
    await people(driver)
    stmt = update(Person).traverse(Person.articles).where(Article.title != "Z").values(age=1)
    assert (await session.execute(stmt)).affected == 1


async def test_criteria_can_ask_what_nodes_are_related_to(session, driver):
    """Existence and counts of relations narrow every kind of change, and can be stored."""
    await people(driver)
    await session.execute(update(Person).values(age=Person.articles.count()))
    rows = await cypher(session, "MATCH (n:Person) RETURN n.id, n.age ORDER BY n.id")
    assert rows == [["ada", 2], ["bob", 0], ["cy", 0]]
    follow = connect(Person.follows).where(~Person.articles.any(), on="source")
    follow = follow.where(Person.articles.count(Article.title == "X") > 0, on="target")
    assert (await session.execute(follow)).affected == 2
    assert await links(session, "FOLLOWS") == [("bob", "ada"), ("cy", "ada")]
    gone = delete(Person).where(Person.articles.any()).returning(Person.id, Person.articles.count())
    assert (await session.execute(gone)).rows == [("ada", 2)]


async def test_values_are_computed_by_the_database(session, driver):
    """An expression reads the node's own fields; held entities take what it gave."""
    await people(driver)
    ada = await session.get(Person, "ada")
    await session.execute(update(Person).values(age=col(Person.age) + 1, name=upper(Person.id)))
    assert (ada.age, ada.name) == (37, "ADA")


async def test_a_merge_computes_what_it_changes(session, driver):
    """Of the fields of the node that is there."""
    await people(driver)
    rows = [{"id": "ada", "age": 1}, {"id": "new", "age": 2}]
    await session.execute(merge(Person).values(rows).on_match(name=upper(Person.id)))
    found = await cypher(session, "MATCH (p:Person) WHERE p.age < 3 RETURN p.id, p.name")
    assert sorted(found) == [["ada", "ADA"], ["new", ""]]


async def test_open_parameters_are_bound(session, driver):
    """Criteria with `param` wait for `.bind`."""
    await people(driver)
    stmt = delete(Person).where(col(Person.age) < param("least"))
    with pytest.raises(StatementError, match="least"):
        await session.execute(stmt)
    assert "$p0" in repr(stmt)
    assert (await session.execute(stmt.bind(least=30))).affected == 1
    rename = update(Person).where(Person.id == param("id")).values(tags=param("tags"), age=3)
    await session.execute(rename, {"id": "ada", "tags": ["x"]})
    rows = await cypher(session, "MATCH (n:Person {id: 'ada'}) RETURN n.tags, n.age")
    assert rows == [[["x"], 3]]
    with pytest.raises(StatementError, match="no parameter 'tag'"):
        rename.bind(tag="x")
    with pytest.raises(FieldValidationError, match="tags"):
        rename.bind(tags="x")
    with pytest.raises(StatementError, match="id"):
        await session.execute(rename, {"tags": []})


async def test_values_are_validated_as_the_field_is(session):
    """What the model refuses is refused when the statement is built."""
    with pytest.raises(FieldValidationError, match="Guest.age"):
        update(Guest).values(age=-1)
    with pytest.raises(FieldValidationError, match="Person.tags"):
        update(Person).values(tags="x")


class Signup(Node, registry=Registry()):
    """Validators of fields beside one of the model, which needs the whole entity."""

    id: str
    password: str = ""
    age: int = Field(0, alias="years", validate_default=True)

    @field_validator("password")
    @classmethod
    def hashed(cls, value: str) -> str:
        return f"#{value}"

    @field_validator("age")
    @classmethod
    def small(cls, value: int) -> int:
        if value > 100:
            raise ValueError("is too large")
        return value

    @model_validator(mode="after")
    def checked(self) -> Self:
        return self


WRITES_OF_VALUES: dict[str, Callable[..., Any]] = {
    "update": lambda **v: update(Signup).values(**v),
    "bound": lambda **v: update(Signup).values(**{name: param(name) for name in v}).bind(**v),
    "on_match": lambda **v: merge(Signup).values([{"id": "a"}]).on_match(**v),
    "on_create": lambda **v: merge(Signup).values([{"id": "b"}]).on_create(**v),
}


@pytest.mark.parametrize("way", WRITES_OF_VALUES)
async def test_validators_of_fields_run_where_the_model_has_one_too(session, driver, way):
    """A password is hashed and a value refused, though the model's own validator cannot run."""
    await session.execute(insert(Signup).values([{"id": "a"}]))
    await session.execute(WRITES_OF_VALUES[way](password="secret"))
    rows = await cypher(session, "MATCH (n:Signup) RETURN n.password")
    assert ["#secret"] in rows
    with pytest.raises(FieldValidationError, match=r"Signup\.(age|years).*too large"):
        WRITES_OF_VALUES[way](age=101)


async def test_values_take_the_stored_form(session, driver):
    """Vectors become vectors of the database, in place of an older one as well."""
    session.add(Guest(id="g", mood=[0.1, 0.2]))
    await session.commit()
    session.expunge_all()
    await session.execute(update(Guest).values(mood=[0.25, 0.5]))
    guest = await session.get(Guest, "g")
    assert guest.mood == [0.25, 0.5]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: update(Person).values(id="x"), "identifies"),
        (lambda: update(Account).values(revision=1), "counts its writes"),
        (lambda: update(Person).values(nmae="x"), "has no field 'nmae'"),
        (lambda: update(Person).values(name=Article.title), "fields of Person"),
        (lambda: update(Person).values(name=Person.age), "cannot be set to"),
        (lambda: update(Person).build(), "sets nothing"),
        (lambda: insert(Wrote), "Node class"),
        (lambda: update(Person).where(True), "not a criterion"),
        (lambda: update(Person).where(Article.title == "x"), "not in the pattern"),
        (lambda: delete(Person).returning(), "not entities"),
        (lambda: insert(Person).values({"id": "x"}), "list of dicts"),
        (lambda: insert(Person).values([{"id": "x", "nmae": 1}]), "no field 'nmae'"),
        (lambda: merge(Person).on("nmae"), "no field 'nmae'"),
        (lambda: merge(Person).values([{"id": "x"}, {"id": "y", "age": 1}]), "same fields"),
        (lambda: connect(Person), "takes a relation"),
        (lambda: connect(Person.friends).values(x=1), "edge_model="),
        (lambda: connect(Person.articles).where(Wrote.year == 1).build(), "the edge that it makes"),
    ],
)
def test_misuse_is_refused_when_the_statement_is_built(build, message):
    """The error says what to write instead."""
    with pytest.raises(StatementError, match=message):
        build()


@pytest.mark.backend("falkordb")
async def test_a_value_that_breaks_the_index_is_not_sent(session, driver):
    """What the database cannot keep in a unique field is refused before it is sent."""
    with pytest.raises(FieldValidationError, match="Person.email"):
        await session.execute(update(Person).values(email=" x "))
    with pytest.raises(FieldValidationError, match="Person.email"):
        await session.execute(insert(Person).values([{"id": "x", "email": ""}]))


async def test_delete_removes_nodes_with_their_edges(session, driver):
    """Nodes go and are counted; what they were related to stays."""
    await people(driver)
    assert (await session.execute(delete(Person).where(Person.name != "Cy"))).affected == 2
    nodes, edges = await dump(session)
    assert sorted(properties["id"] for _, _, properties in nodes) == ["cy", "x", "y"]
    assert edges == []


async def test_delete_returns_what_was_there(session, driver):
    """Values of deleted nodes can be returned."""
    await people(driver)
    stmt = (
        delete(Person).where(col(Person.age) < 30).returning(Person.id, col(Person.name).as_("who"))
    )
    result = await session.execute(stmt)
    assert result.mappings() == [{"n.id": "bob", "who": "Bob"}]
    assert result.affected == 1


async def test_held_entities_learn_that_they_were_deleted(session, driver):
    """A deleted entity leaves the session and the relations that hold it."""
    await people(driver)
    ada = await session.get(Person, "ada", fetch=["articles"])
    x, y = sorted(ada.articles, key=lambda article: article.id)
    await session.execute(delete(Article).where(Article.id == "x"))
    assert state_of(x) is State.DELETED
    assert ada.articles == [y]
    await session.commit()
    assert await links(session, "WROTE") == [("ada", "y")]


async def test_insert_creates_nodes_with_defaults(session, driver):
    """Rows are validated as the model does; fields that are left out take their defaults."""
    result = await session.execute(
        insert(Person).values([{"id": "ada", "age": 36}, {"id": "bob", "tags": ["x"]}])
    )
    assert (result.affected, session.new) == (2, [])
    rows = await cypher(
        session, "MATCH (n:Person) RETURN n.id, n.name, n.age, n.tags ORDER BY n.id"
    )
    assert rows == [["ada", "", 36, []], ["bob", "", None, ["x"]]]


async def test_insert_names_the_row_the_model_refuses(session):
    """The error says which field of which row."""
    with pytest.raises(FieldValidationError, match=r"Person\.age \(row 1\)"):
        insert(Person).values([{"id": "a"}, {"id": "b", "age": "many"}])


async def test_insert_returns_entities_and_keys_made_by_the_database(session):
    """Returned entities are in the session, with the keys that the database gave them."""
    result = await session.execute(
        insert(Counter).values([{"label": "a"}, {"label": "b"}]).returning()
    )
    first, second = result.scalars()
    assert first.id != second.id
    assert first in session
    assert await session.get(Counter, first.id) is first


async def test_insert_of_a_value_that_is_taken_writes_nothing(session, driver, unique):
    """All rows are written or none."""
    unique("Person", "id")
    await cypher(driver, "CREATE (:Person {id: 'bob'})")
    with pytest.raises(UniqueViolationError):
        await session.execute(insert(Person).values([{"id": "ada"}, {"id": "bob"}]))
        await session.commit()  # where the database looks for equal values
    assert await cypher(driver, "MATCH (n:Person) RETURN n.id") == [["bob"]]


async def test_merge_creates_or_changes(session, driver):
    """New nodes take every field, stored ones those that the rows name."""
    await people(driver)
    stmt = merge(Person).values([{"id": "ada", "name": "A"}, {"id": "dan", "name": "D"}])
    result = await session.execute(stmt)
    assert result.affected == 2
    rows = await cypher(session, "MATCH (n:Person) RETURN n.id, n.name, n.age ORDER BY n.id")
    assert rows == [
        ["ada", "A", 36], ["bob", "Bob", 20], ["cy", "Cy", None], ["dan", "D", None],
    ]  # fmt: skip


async def test_merge_on_another_field_keeps_the_key(session, driver):
    """Recognised by the fields of `on`, a stored node keeps its primary key."""
    await people(driver)
    rows = [{"id": "new", "name": "Ada", "age": 40}]
    await session.execute(merge(Person).on(Person.name).values(rows))
    found = await cypher(session, "MATCH (n:Person {name: 'Ada'}) RETURN n.id, n.age")
    assert found == [["ada", 40]]


async def test_merge_tells_created_from_matched(session, driver):
    """`on_create` and `on_match` add fields for one of the two cases."""
    await people(driver)
    stmt = (
        merge(Person)
        .values([{"id": "ada"}, {"id": "dan"}])
        .on_create(name="created")
        .on_match(name="matched", age=Person.age)
    )
    await session.execute(stmt)
    rows = await cypher(
        session, "MATCH (n:Person) WHERE n.id IN ['ada', 'dan'] RETURN n.name, n.age ORDER BY n.id"
    )
    assert rows == [["matched", 36], ["created", None]]


async def test_merge_brings_held_entities_up_to_date(session, driver):
    """A held entity takes what the merge set, and its version."""
    await cypher(driver, "CREATE (:Account {id: 'a', balance: 1, revision: 1})")
    account = await session.get(Account, "a")
    await session.execute(merge(Account).values([{"id": "a", "balance": 9}]))
    assert (account.balance, account.revision) == (9, 2)
    assert session.dirty == []


async def test_merge_replaces_vectors(session, driver):
    """A stored vector is replaced like any other value."""
    session.add(Guest(id="g", mood=[0.1, 0.2]))
    await session.commit()
    session.expunge_all()
    await session.execute(merge(Guest).values([{"id": "g", "mood": [0.25, 0.5]}]))
    assert (await session.get(Guest, "g")).mood == [0.25, 0.5]


async def test_connect_relates_what_it_finds(session, driver):
    """Every source is related to every target once, with the edge's fields."""
    await people(driver)
    stmt = (
        connect(Person.articles)
        .where(Person.id == "bob", Article.title.in_(["X", "Y"]))
        .values(year=2000)
    )
    assert (await session.execute(stmt)).affected == 2
    assert (await session.execute(stmt)).affected == 2
    rows = await cypher(
        session,
        "MATCH (:Person {id: 'bob'})-[e:WROTE]->(a) RETURN a.id, e.role, e.year ORDER BY a.id",
    )
    assert rows == [["x", "author", 2000], ["y", "author", 2000]]


async def test_connect_between_one_class_names_its_ends(session, driver):
    """Where both ends are of a class, `on=` says which is meant; INCOMING runs the other way."""
    await people(driver)
    stmt = connect(Person.followers)
    stmt = stmt.where(Person.id == "ada", on="source").where(Person.id == "bob", on="target")
    await session.execute(stmt)
    assert await links(session, "FOLLOWS") == [("bob", "ada")]


async def test_connect_in_both_directions_makes_one_edge_a_pair(session, driver):
    """An undirected relation gets one edge for a pair that is found from both sides."""
    await people(driver)
    await session.execute(
        connect(Person.friends).where(col(Person.id).on("source") != col(Person.id).on("target"))
    )
    assert len(await links(session, "KNOWS")) == 3


async def test_connect_refuses_an_edge_that_lacks_a_field(session):
    """An edge that its class could not load is not made."""
    with pytest.raises(FieldValidationError, match="Met.place"):
        await session.execute(connect(Guest.met))


async def test_loaded_relations_are_read_anew_after_connect(session, driver, face):
    """A relation that was loaded before is no longer taken for what is stored."""
    await people(driver)
    bob = await session.get(Person, "bob", fetch=["articles"])
    await session.execute(connect(Person.articles).where(Person.id == "bob"))
    if face == "async":
        with pytest.raises(LazyLoadError):
            _ = bob.articles
    await session.load(bob, "articles")
    assert sorted(article.id for article in bob.articles) == ["x", "y"]


async def test_disconnect_deletes_edges_by_criteria(session, driver):
    """Criteria read the source, the target and the edge."""
    await people(driver)
    stmt = disconnect(Person.articles).where(Person.name == "Ada", Wrote.year > 1845)
    assert (await session.execute(stmt)).affected == 1
    assert await links(session, "WROTE") == [("ada", "x")]


async def test_held_edges_learn_that_they_were_cut(session, driver):
    """An edge entity of a deleted relationship leaves the session."""
    await people(driver)
    stmt = select(Person).traverse(Person.articles, edge_alias="e")
    edges = [edge for _, edge in await session.all_with_edges(stmt)]
    await session.execute(disconnect(Person.articles))
    assert {state_of(edge) for edge in edges} == {State.DELETED}
    ada = await session.get(Person, "ada")
    await session.load(ada, "articles")
    assert ada.articles == []


async def test_disconnect_counts_undirected_edges_once(session, driver):
    """An edge that is found from both its ends is one."""
    await cypher(driver, "CREATE (:Guest {id: 'a'})-[:KNOWS]->(:Guest {id: 'b'})")
    assert (await session.execute(disconnect(Guest.knows))).affected == 1


def test_statements_are_values():
    """Every method returns a new statement; `repr` shows the text."""
    base = update(Person).values(age=1)
    narrowed = base.where(Person.name == "x")
    assert "WHERE" not in base.build().text
    assert repr(narrowed).startswith("<Update[Person] MATCH (n:`Person`) WHERE n.`name` = $p0")


async def test_a_missing_graph_has_nothing_to_change(session):
    """On an empty graph nothing is affected."""
    assert (await session.execute(update(Person).values(age=1))).affected == 0
    assert (await session.execute(delete(Person))).affected == 0
    assert await session.get(Person, "x") is None
    with pytest.raises(EntityNotFoundError):
        await session.one(select(Person))


async def test_connect_returns_edges_with_their_ends(session, driver):
    """`returning()` gives edge entities, whose ends are those that the session holds."""
    await people(driver)
    bob, x = await session.get(Person, "bob"), await session.get(Article, "x")
    stmt = connect(Person.articles).where(Person.id == "bob", Article.id == "x").values(year=1)
    ((edge,),) = (await session.execute(stmt.returning())).rows
    assert (edge.year, edge.source, edge.target) == (1, bob, x)
    values = stmt.returning(Wrote.year, Person.name, Article)
    assert (await session.execute(values)).rows == [(1, "Bob", x)]
    with pytest.raises(StatementError, match="no entities"):
        connect(Person.follows).returning()


async def test_disconnect_returns_what_the_edges_had(session, driver):
    """Values of an edge and its ends are read before it is gone; an undirected one comes once."""
    await people(driver)
    stmt = disconnect(Person.articles).where(Wrote.year < 1850)
    result = await session.execute(stmt.returning(Wrote.role, Article.id, Person.id))
    assert (result.rows, result.affected) == ([("author", "x", "ada")], 1)
    await cypher(driver, "MATCH (a {id: 'ada'}), (b {id: 'bob'}) CREATE (a)-[:KNOWS]->(b)")
    pair = disconnect(Person.friends).returning(Person.id.on("source"), Person.id.on("target"))
    assert (await session.execute(pair)).rows == [("ada", "bob")]
    with pytest.raises(StatementError, match="not entities"):
        disconnect(Person.articles).returning()


async def test_rows_are_written_in_batches(session):
    """So many rows a statement, one result; each batch is a query of its own."""
    rows = [{"id": f"p{n}", "name": "P"} for n in range(7)]
    result = await session.execute(insert(Person).values(rows).returning(Person.id), batch_size=3)
    assert [row[0] for row in result.rows] == [row["id"] for row in rows]
    assert result.affected == 7
    again = merge(Person).values([{**row, "name": "Q"} for row in rows]).on_match(age=1)
    assert (await session.execute(again, batch_size=5)).affected == 7
    assert await cypher(session, "MATCH (n:Person {name: 'Q', age: 1}) RETURN count(n)") == [[7]]


@pytest.mark.requires("transactions")
async def test_a_refused_batch_takes_the_others_with_it(session, driver, unique):
    """In a transaction nothing of the batches before it is kept, and nothing says so."""
    unique("Guest", "email")
    rows = [{"id": f"g{n}", "email": f"{min(n, 4)}@x"} for n in range(6)]
    with pytest.raises(UniqueViolationError):
        await session.execute(insert(Guest).values(rows), batch_size=2)
    await session.rollback()
    assert await cypher(driver, "MATCH (n:Guest) RETURN count(n)") == [[0]]


@pytest.mark.backend("falkordb")
async def test_a_refused_batch_tells_what_is_written(session, driver, unique):
    """The batches before it stay, and the error has their rows."""
    unique("Guest", "email")
    rows = [{"id": f"g{n}", "email": f"{min(n, 4)}@x"} for n in range(6)]
    with pytest.raises(PartialCommitError, match="4 of 6 rows were written") as caught:
        await session.execute(insert(Guest).values(rows), batch_size=2)
    assert [row["id"] for row in caught.value.written] == ["g0", "g1", "g2", "g3"]
    assert await cypher(driver, "MATCH (n:Guest) RETURN count(n)") == [[4]]
    with pytest.raises(UniqueViolationError):
        await session.execute(insert(Guest).values(rows[4:]), batch_size=2)


@pytest.mark.parametrize("size", [0, -1, True, "2"])
async def test_batches_are_of_rows_and_not_empty(size, session):
    """A batch size is a positive number, of a statement with rows."""
    with pytest.raises(StatementError, match="batch_size"):
        await session.execute(insert(Person).values([{"id": "a"}]), batch_size=size)
    with pytest.raises(StatementError, match="batch_size is for rows"):
        await session.execute(delete(Person), batch_size=2)
