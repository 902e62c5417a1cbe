"""Entities in the database: labels, classes, property names, and what loading makes of them."""

from __future__ import annotations

import copy
from typing import Any, Generic, TypeVar
from uuid import UUID

import pytest
from pydantic import ConfigDict, PrivateAttr, computed_field, field_validator

from runic.ogm.errors import HydrationError, MetadataError, SessionError, StatementError
from runic.ogm.model import Edge, Field, Node, Registry, Relation, State, state_of
from runic.ogm.query import insert, select
from tests.behaviour.graphs import cypher
from tests.behaviour.models import Counter

REGISTRY = Registry()
T = TypeVar("T")


class Base(Node, abstract=True, registry=REGISTRY):
    """A base with a key."""

    id: int


class Place(Base):
    """The root of a family."""

    name: str = ""
    parts: list[Place] = Relation("PART")


class Country(Place):
    """A place with a code."""

    code: str = ""
    capital: City | None = Relation("CAPITAL")


class City(Place, labels=["City", "Settled"]):
    """A place with two labels of its own."""

    people: int = 0


class Track(Edge, abstract=True, registry=REGISTRY):
    """A base of edges."""

    length: float = 0.0


class Road(Track):
    """An edge with a property of its base."""

    lanes: int = 2


class Renamed(Base, labels=["re-named x"]):
    """Names that have to be quoted, and aliases for the outside."""

    model_config = ConfigDict(populate_by_name=True)

    full_name: str = Field("", alias="fullName", property="full name")
    order: str = Field("", property="ORDER")
    café: str = ""


class Lively(Base):
    """Pydantic's own features."""

    name: str = ""
    _seen: int = PrivateAttr(default=7)

    @field_validator("name")
    @classmethod
    def _strip(cls, value: str) -> str:
        return value.strip()

    @computed_field
    @property
    def shout(self) -> str:
        return self.name.upper()


class Tagged(Base, Generic[T]):
    """A generic model."""

    value: T


class Token(Node, registry=REGISTRY):
    """A key that is no text."""

    key: UUID = Field(primary_key=True, generated=True)
    word: str = Field("", interned=True)


async def test_a_node_has_the_labels_of_its_class(session, driver):
    """All labels of the family are stored."""
    session.add_all([Place(id=1), Country(id=2), City(id=3)])
    await session.commit()
    rows = await cypher(driver, "MATCH (n) RETURN n.id, labels(n) ORDER BY n.id")
    assert [(pk, set(labels)) for pk, labels in rows] == [
        (1, {"Place"}),
        (2, {"Place", "Country"}),
        (3, {"Place", "City", "Settled"}),
    ]


@pytest.fixture
async def places(session):
    """Store one place of each class."""
    session.add_all(
        [Place(id=1, name="p"), Country(id=2, code="IT"), City(id=3, people=5, name="c")]
    )
    await session.commit()
    session.expunge_all()


async def test_queries_of_a_base_return_the_most_specific_class(session, places):
    """select(Place) gives countries and cities as such, with their own properties."""
    found = await session.scalars(select(Place).order_by(Place.id))
    assert [type(p) for p in found] == [Place, Country, City]
    assert (found[1].code, found[2].people) == ("IT", 5)
    assert [type(p) for p in await session.scalars(select(Country))] == [Country]


async def test_one_object_whatever_class_asks(session, places, assert_query_count):
    """get(Base, pk) is get(Sub, pk)."""
    country = await session.get(Place, 2)
    assert isinstance(country, Country)
    with assert_query_count(0):
        assert await session.get(Country, 2) is country


async def test_a_base_may_be_asked_for_first_or_last(session, places):
    """The order of asking makes no difference."""
    country = await session.get(Country, 2)
    assert await session.get(Place, 2) is country
    assert (await session.scalars(select(Place).where(Place.id == 2)))[0] is country


async def test_a_subclass_does_not_get_its_sibling(session, places):
    """get(City, pk) of a country is None, loaded or not."""
    assert await session.get(City, 2) is None
    assert isinstance(await session.get(Place, 2), Country)
    assert await session.get(City, 2) is None


async def test_a_key_is_unique_in_the_family(session, places):
    """A session refuses a second entity of the family with one key."""
    await session.get(Place, 2)
    with pytest.raises(SessionError, match="already holds a Country with id 2"):
        session.add(City(id=2))


async def test_relations_hold_the_most_specific_class(session, new_session):
    """A relation to a base class loads each entity as what it is."""
    session.add(Place(id=1, parts=[Country(id=2, code="IT"), City(id=3, people=5)]))
    await session.commit()
    place = await new_session().get(Place, 1, fetch=["parts"])
    assert sorted((type(p).__name__, p.id) for p in place.parts) == [("City", 3), ("Country", 2)]
    assert {p.people for p in place.parts if isinstance(p, City)} == {5}


async def test_raw_cypher_gives_the_most_specific_class(session, places):
    """execute(returns=[Base]) looks at the labels."""
    result = await session.execute("MATCH (n:Place) RETURN n ORDER BY n.id", returns=[Place])
    assert [type(p) for p in result.scalars()] == [Place, Country, City]


async def test_relations_of_a_subclass_load_through_its_base(session, new_session):
    """fetch= of a relation that only some classes have loads it where it is."""
    session.add_all([Country(id=1, capital=City(id=2)), Place(id=3)])
    await session.commit()
    other = new_session()
    places = await other.scalars(select(Place).order_by(Place.id))
    await other.load(places, "capital")
    assert places[0].capital.id == 2


@pytest.mark.requires("several_labels")
async def test_labels_that_no_model_has_are_kept(session, driver, places):
    """Labels given by others stay when the entity is changed."""
    await cypher(driver, "MATCH (n:Country) SET n:Visited")
    (await session.get(Country, 2)).code = "CH"
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Visited) RETURN n.code, size(labels(n))")
    assert rows == [["CH", 3]]


async def test_a_node_without_the_labels_of_the_class_is_refused(session, driver, places):
    """Raw Cypher that returns something else than the class says is a HydrationError."""
    with pytest.raises(HydrationError, match="a node with Place is no City"):
        await session.execute("MATCH (n:Place {id: 1}) RETURN n", returns=[City])


async def test_an_abstract_class_has_no_entities(session):
    """select and get of an abstract class say to use one below it."""
    with pytest.raises(MetadataError, match="Base is abstract"):
        await session.scalars(select(Base))
    with pytest.raises(MetadataError, match="Base is abstract"):
        await session.get(Base, 1)
    with pytest.raises(MetadataError, match="Base is abstract"):
        session.add(Base(id=1))


@pytest.mark.requires("any_names")
async def test_property_names_and_aliases(session, new_session, driver):
    """The stored name is property=, the outside name alias=, and Python's name rules in queries."""
    session.add(Renamed(id=1, fullName="Ada", order="x", café="y"))
    await session.commit()
    assert await cypher(driver, "MATCH (n:`re-named x`) RETURN properties(n)") == [
        [{"id": 1, "full name": "Ada", "ORDER": "x", "café": "y"}]
    ]
    other = new_session()
    found = await other.scalars(
        select(Renamed).where(Renamed.full_name == "Ada", Renamed.order == "x")
    )
    assert found[0].model_dump(by_alias=True)["fullName"] == "Ada"
    found[0].full_name = "Eve"
    await other.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.`full name`") == [["Eve"]]


async def test_an_edge_inherits_properties(session, new_session):
    """An abstract edge base contributes its properties."""
    session.add(Road(length=1.5, lanes=4, source=Place(id=1), target=Place(id=2)))
    await session.commit()
    result = await new_session().execute("MATCH ()-[e]->() RETURN e", returns=[Road])
    assert (result.scalar().length, result.scalar().lanes) == (1.5, 4)


async def test_loading_gives_what_is_stored(session, driver):
    """A validator works on what is given; a stored value is read as it is, and computed with."""
    await cypher(driver, "CREATE (:Lively {id: 1, name: ' ada '})")
    lively = await session.get(Lively, 1)
    assert (lively.name, lively.shout) == (" ada ", " ADA ")
    lively.name = " eve "
    assert lively.name == "eve"


async def test_private_attributes_of_loaded_entities(session, driver):
    """A loaded entity has its private attributes with their defaults."""
    await cypher(driver, "CREATE (:Lively {id: 1, name: 'x'})")
    lively = await session.get(Lively, 1)
    assert lively._seen == 7
    lively._seen = 8
    assert session.dirty == []


async def test_unknown_properties_are_ignored_and_kept(session, driver):
    """A property that the model does not know does no harm and is not lost."""
    await cypher(driver, "CREATE (:Lively {id: 1, name: 'x', other: 'kept'})")
    (await session.get(Lively, 1)).name = "y"
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name, n.other") == [["y", "kept"]]


async def test_generic_models_are_stored(session, new_session):
    """A parametrised generic is written and read with its own type."""
    session.add(Tagged[int](id=1, value=5))
    await session.commit()
    loaded = await new_session().get(Tagged[int], 1)
    assert loaded.value == 5


@pytest.mark.requires("several_labels")
async def test_a_copy_of_a_loaded_entity_can_be_added_under_another_key(session, places, driver):
    """model_copy(update=) of a stored entity is a new entity; the original is untouched."""
    country = await session.get(Country, 2)
    other = country.model_copy(update={"id": 20})
    assert state_of(other) is State.TRANSIENT
    session.add(other)
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Country) RETURN n.id, n.code ORDER BY n.id")
    assert rows == [[2, "IT"], [20, "IT"]]


@pytest.mark.requires("several_labels")
async def test_a_copy_is_not_followed(session, places, driver):
    """Changes to a copy are not written."""
    country = await session.get(Country, 2)
    duplicate = copy.copy(country)
    duplicate.code = "changed"
    await session.commit()
    assert await cypher(driver, "MATCH (n:Country) RETURN n.code") == [["IT"]]
    with pytest.raises(SessionError, match="already holds"):
        session.add(duplicate)


async def test_a_uuid_key_and_interned_text(session, new_session, driver):
    """A UUID key is stored as text and found by the UUID or its text."""
    token = Token(word="same")
    session.add(token)
    await session.commit()
    other = new_session()
    found = await other.get(Token, token.key)
    assert (found.key, found.word) == (token.key, "same")
    assert await other.get(Token, str(token.key)) is found
    assert await cypher(driver, "MATCH (n:Token) RETURN n.key") == [[str(token.key)]]


@pytest.mark.requires("several_labels")
async def test_required_properties_are_there_when_the_node_is_made(
    session, driver, runic_server, runic_graph
):
    """A node is created with all its properties at once, as mandatory constraints demand."""
    graph = runic_server.client.select_graph(runic_graph)
    graph.create_node_mandatory_constraint("Country", "code")
    session.add_all([Country(id=1, code="IT"), Country(id=2, code="CH")])
    await session.commit()
    assert await cypher(driver, "MATCH (n:Country) RETURN count(n)") == [[2]]


async def test_a_dump_of_a_loaded_graph_ends(session, new_session):
    """Loaded cycles dump once, and what is not loaded is left out."""
    one, two = Place(id=1), Place(id=2)
    one.parts, two.parts = [two], [one]
    session.add(one)
    await session.commit()
    loaded = await new_session().get(Place, 1, fetch=["parts.parts"])
    assert loaded.model_dump() == {
        "id": 1,
        "name": "",
        "parts": [{"id": 2, "name": "", "parts": []}],
    }


def test_entities_know_nothing_of_sessions_in_their_dump():
    """State is kept outside the fields."""
    dumped: dict[str, Any] = Place(id=1).model_dump()
    assert dumped == {"id": 1, "name": "", "parts": []}


@pytest.mark.parametrize("way", ["add", "add_all", "insert"])
async def test_a_key_that_the_database_makes_cannot_be_given(session, driver, way):
    """It could be the number of a later node: two nodes would have one key."""
    with pytest.raises(StatementError, match="made by the database"):
        if way == "insert":
            await session.execute(insert(Counter).values([{"id": 5, "label": "x"}, {"label": "y"}]))
        elif way == "add_all":
            session.add_all([Counter(label="y"), Counter(id=5, label="x")])
            await session.commit()
        else:
            session.add(Counter(id=5, label="x"))
            await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[0]]
