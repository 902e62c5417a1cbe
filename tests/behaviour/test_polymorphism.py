"""Subclasses in the graph: entities are of the most specific class, wherever they come from."""

from __future__ import annotations

import pytest
from pydantic import SerializeAsAny, TypeAdapter

from runic.ogm.errors import (
    EntityNotFoundError,
    HydrationError,
    MetadataError,
    StatementError,
    UnsupportedFeatureError,
)
from runic.ogm.model import Node, Registry, Relation
from runic.ogm.query import insert, merge, select
from tests.behaviour.graphs import cypher, links

REGISTRY = Registry()


class Shape(Node, registry=REGISTRY):
    """A base class that has entities of its own."""

    id: str
    colour: str = "none"
    touching: list[Shape] = Relation("TOUCHES", "BOTH")


class Circle(Shape):
    """A shape with a property more."""

    radius: float = 1.0


class Ring(Circle):
    """Two levels down, with a relation of its own."""

    hole: float | None = None
    around: list[Shape] = Relation("AROUND")


class Square(Shape):
    """A sibling."""

    side: int = 1


class Boat(Node, registry=REGISTRY):
    """The head of a family."""

    id: str
    draught: float = 0.5


class Car(Node, registry=REGISTRY):
    """The head of another."""

    id: str
    doors: int = 4


class Amphibian(Boat, Car):
    """Of both families."""


class Drawing(Node, registry=REGISTRY):
    """Leads to shapes of every class."""

    id: str
    shapes: list[Shape] = Relation("SHOWS")
    frame: Shape | None = Relation("FRAMED")


@pytest.fixture
async def drawing(session, new_session):
    """Store a drawing of one shape of each class; return it in a fresh session."""
    ring = Ring(id="r", radius=3.0, hole=1.0, around=[Circle(id="c2")])
    shapes = [Shape(id="s"), Circle(id="c", radius=2.0), ring, Square(id="q", side=4)]
    session.add(Drawing(id="d", shapes=shapes, frame=Square(id="f")))
    await session.commit()
    return new_session()


KINDS = {"s": Shape, "c": Circle, "r": Ring, "q": Square}


async def test_queries_of_the_base_give_the_subclasses(drawing):
    """select(Base) returns every entity as its own class, with the properties of that."""
    found = {shape.id: shape for shape in await drawing.scalars(select(Shape))}
    assert {key: type(found[key]) for key in KINDS} == KINDS
    assert (found["r"].radius, found["r"].hole, found["q"].side) == (3.0, 1.0, 4)


async def test_queries_of_a_subclass_leave_the_others_out(drawing):
    """select(Sub) returns the entities of the subclass and of those below it."""
    found = await drawing.scalars(select(Circle).order_by(Circle.id))
    assert [(shape.id, type(shape)) for shape in found] == [
        ("c", Circle),
        ("c2", Circle),
        ("r", Ring),
    ]


async def test_relations_to_a_base_class_give_the_subclasses(drawing):
    """A relation whose target is a base class holds entities of their own classes."""
    found = await drawing.get(Drawing, "d", fetch=["shapes", "frame"])
    assert {shape.id: type(shape) for shape in found.shapes} == KINDS
    assert (type(found.frame), found.frame.side) == (Square, 1)


@pytest.mark.requires("several_labels")
async def test_raw_cypher_gives_the_subclasses(drawing):
    """returns=[Base] makes the most specific class of each node, in lists too."""
    rows = await drawing.execute(
        "MATCH (:Drawing)-[:SHOWS]->(n) RETURN n ORDER BY n.id", returns=[Shape]
    )
    assert [type(row[0]) for row in rows] == [Circle, Square, Ring, Shape]
    one = await drawing.execute("MATCH (n:Circle) RETURN collect(n)", returns=[Shape])
    assert {type(shape) for shape in one.scalar()} == {Circle, Ring}


@pytest.mark.requires("several_labels")
async def test_a_class_with_two_parents_is_found_through_both(session, new_session):
    """It has the labels, the fields and one object for both families."""
    session.add_all([Amphibian(id="a", doors=2), Boat(id="b"), Car(id="c")])
    await session.commit()
    async with new_session() as fresh:
        (found,) = await fresh.scalars(select(Amphibian))
        assert (type(found), found.doors, found.draught) == (Amphibian, 2, 0.5)
        for family, keys in ((Boat, ["a", "b"]), (Car, ["a", "c"])):
            members = await fresh.scalars(select(family).order_by(family.id))
            assert [each.id for each in members] == keys
            assert members[0] is found
            assert await fresh.get(family, "a") is found


@pytest.mark.backend("age")
async def test_two_parents_are_refused_where_a_node_has_one_label(session, driver):
    """Before anything is sent, whichever way it is: one of the parents would not find it."""
    refused = "is a Boat and a Car, .* abstract"
    with pytest.raises(UnsupportedFeatureError, match=refused):
        session.add(Amphibian(id="a"))
    for ask in (
        lambda: session.merge(Amphibian(id="a")),
        lambda: session.execute(insert(Amphibian).values([{"id": "a"}])),
        lambda: session.execute(merge(Amphibian).values([{"id": "a"}])),
        lambda: session.scalars(select(Amphibian)),
        lambda: session.get(Amphibian, "a"),
    ):
        with pytest.raises(UnsupportedFeatureError, match=refused):
            await ask()
    assert await cypher(driver, "MATCH (n) RETURN n") == []


async def test_the_base_and_the_subclass_get_the_same_object(drawing, assert_query_count):
    """get(Base, pk) is get(Sub, pk), whichever comes first, and asks the database once."""
    with assert_query_count(2):
        assert await drawing.get(Shape, "r") is await drawing.get(Ring, "r")
        assert await drawing.get(Circle, "c") is await drawing.get(Shape, "c")
    assert type(await drawing.get(Shape, "r")) is Ring


async def test_get_as_another_subclass_finds_nothing(drawing):
    """A key of another class is not found, whether or not the entity was loaded before."""
    assert await drawing.get(Square, "r") is None
    ring = await drawing.get(Shape, "r")
    assert await drawing.get(Square, "r") is None
    assert await drawing.get(Circle, "r") is ring


async def test_a_path_goes_on_where_the_class_has_the_relation(drawing, assert_query_count):
    """A nested path through a relation of a subclass is loaded on the entities that have it."""
    with assert_query_count(3):
        found = await drawing.get(Drawing, "d", fetch=["shapes.around"])
    (ring,) = [shape for shape in found.shapes if shape.id == "r"]
    with assert_query_count(0):
        assert [type(shape) for shape in ring.around] == [Circle]


@pytest.mark.requires("several_labels")
async def test_properties_of_subclasses_are_tracked(drawing, driver):
    """Entities that were met by a base class are saved with their own properties."""
    found = await drawing.get(Drawing, "d", fetch=["shapes"])
    for shape in found.shapes:
        if isinstance(shape, Ring):
            shape.hole, shape.radius = None, 9.0
    await drawing.commit()
    assert await cypher(driver, "MATCH (n:Ring) RETURN n.radius, n.hole") == [[9.0, None]]


async def test_relations_of_the_base_work_between_subclasses(session, new_session, driver):
    """Both ends of a relation that the base class declares may be any of its subclasses."""
    circle, square = Circle(id="c"), Square(id="q")
    circle.touching.append(square)
    session.add(circle)
    await session.commit()
    assert square.touching == [circle]
    async with new_session() as fresh:
        found = await fresh.get(Square, "q", fetch=["touching"])
        assert [type(shape) for shape in found.touching] == [Circle]
        await fresh.unrelate(found, "touching", found.touching[0])
    assert await links(driver, "TOUCHES") == []


async def test_a_new_entity_keeps_a_key_of_its_family(drawing):
    """One key is one entity in all classes below a root: a second object is refused."""
    ring = await drawing.get(Ring, "r")
    with pytest.raises(Exception, match="already holds a Ring with id 'r'"):
        drawing.add(Shape(id="r"))
    assert await drawing.get(Shape, "r") is ring


@pytest.mark.requires("several_labels")
async def test_labels_of_other_tools_are_kept(drawing, driver):
    """Labels that no model knows stay on a node that is loaded, changed and related."""
    await cypher(driver, "MATCH (n:Ring) SET n:Reviewed:Circular")
    ring = await drawing.get(Shape, "r")
    assert type(ring) is Ring
    ring.colour = "red"
    await drawing.relate(ring, "touching", await drawing.get(Shape, "c"))
    await drawing.commit()
    (row,) = await cypher(driver, "MATCH (n:Ring) RETURN labels(n), n.colour")
    assert (sorted(row[0]), row[1]) == (["Circle", "Circular", "Reviewed", "Ring", "Shape"], "red")


async def test_a_node_that_lacks_the_labels_of_the_base_is_refused(drawing, driver):
    """Raw Cypher that returns a node of another class is an error that names both."""
    with pytest.raises(HydrationError, match="Shape"):
        await drawing.execute("MATCH (n:Drawing) RETURN n", returns=[Shape])


async def test_a_list_of_the_base_is_dumped_as_declared(drawing):
    """Pydantic's rule: the declared type's fields, or each one's own with SerializeAsAny."""
    found = await drawing.scalars(select(Shape).where(Shape.id == "q"))
    declared = TypeAdapter(list[Shape]).dump_python(found)
    assert declared == [{"id": "q", "colour": "none"}]
    own = TypeAdapter(list[SerializeAsAny[Shape]]).dump_python(found)
    assert own == [{"id": "q", "colour": "none", "side": 4}]
    assert found[0].model_dump() == own[0]


async def test_a_relation_to_a_base_is_dumped_as_declared_or_duck_typed(drawing):
    """Loaded relations follow the same rule; serialize_as_any=True shows what is there."""
    found = await drawing.get(Drawing, "d", fetch=["frame"])
    assert found.model_dump()["frame"] == {"id": "f", "colour": "none"}
    assert found.model_dump(serialize_as_any=True)["frame"]["side"] == 1


async def test_further_labels_are_added_read_and_removed(session, driver):
    """Labels beyond those of the class come and go, and a later change leaves them."""
    ring = Ring(id="r")
    session.add(ring)
    await session.commit()
    assert await session.add_labels(ring, "Featured", "Sold out") == [
        "Circle",
        "Featured",
        "Ring",
        "Shape",
        "Sold out",
    ]
    assert "Sold out" not in await session.remove_labels(ring, "Sold out")
    ring.colour = "red"
    await session.commit()
    assert await session.labels(ring) == ["Circle", "Featured", "Ring", "Shape"]


async def test_the_labels_of_models_stay(session):
    """A label that decides the class of an entity is neither added nor removed."""
    circle = Circle(id="c")
    session.add(circle)
    await session.commit()
    with pytest.raises(StatementError, match="is a label of Ring"):
        await session.add_labels(circle, "Ring")
    with pytest.raises(StatementError, match="is a label of"):
        await session.remove_labels(circle, "Shape")
    with pytest.raises(MetadataError, match="cannot be quoted"):
        await session.add_labels(circle, "a`b")


async def test_labels_of_a_node_that_is_gone(session, driver):
    """Labels of a deleted node are an error, not an empty list."""
    circle = Circle(id="c")
    session.add(circle)
    await session.commit()
    await cypher(driver, "MATCH (n) DELETE n")
    with pytest.raises(EntityNotFoundError, match="no longer in the database"):
        await session.add_labels(circle, "Featured")
