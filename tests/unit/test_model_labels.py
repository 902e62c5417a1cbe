"""Labels, types, inheritance and the registry of models."""

from __future__ import annotations

import gc

import pytest

from runic.ogm.errors import HydrationError, MetadataError
from runic.ogm.model import Edge, Field, Node, Registry
from runic.ogm.model.meta import edge_info, node_info


@pytest.fixture
def base():
    """An abstract base with a registry of the test's own."""

    class Base(Node, abstract=True, registry=Registry()):
        id: str

    return Base


def test_the_label_is_the_class_name(base):
    """Without labels= a class is stored under its name."""

    class Person(base):
        pass

    assert node_info(Person).labels == ("Person",)
    assert node_info(Person).label == "Person"


def test_labels_can_be_given(base):
    """labels= names them; the first is the one queries match by."""

    class Person(base, labels=["Human", "Mammal"]):
        pass

    assert node_info(Person).labels == ("Human", "Mammal")
    assert node_info(Person).label == "Human"


def test_a_subclass_adds_its_own_label(base):
    """Labels are inherited; the subclass matches by its own."""

    class Place(base):
        pass

    class Country(Place, labels=["Land"]):
        code: str = ""

    info = node_info(Country)
    assert (info.labels, info.label, info.root) == (("Place", "Land"), "Land", Place)
    assert node_info(Place).root is Place


def test_several_parents_give_their_labels_once(base):
    """A class below two parents has the labels of both."""

    class A(base):
        pass

    class B(base):
        pass

    class C(A, B):
        pass

    assert set(node_info(C).labels) == {"A", "B", "C"}


def test_the_primary_label_can_be_chosen(base):
    """primary_label= is one of the labels."""

    class Person(base, labels=["Human", "Mammal"], primary_label="Mammal"):
        pass

    assert node_info(Person).label == "Mammal"
    with pytest.raises(MetadataError, match="primary_label 'Fish' is not among"):

        class Other(base, labels=["Human2"], primary_label="Fish"):
            pass


def test_an_abstract_base_gives_fields_and_no_label(base):
    """abstract=True: no label, no entities."""

    class Stamped(base, abstract=True):
        stamp: int = 0

    class Note(Stamped):
        pass

    assert node_info(Note).labels == ("Note",)
    assert "stamp" in node_info(Note).properties
    with pytest.raises(MetadataError, match="Stamped is abstract"):
        node_info(Stamped)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "Person"}, r"labels is a list, write labels=\['Person'\]"),
        ({"labels": []}, "empty list of labels"),
        ({"labels": ["a`b"]}, "backtick"),
        ({"labels": ["a\x00"]}, "NUL"),
        ({"labels": [""]}, "cannot be empty"),
        ({"labels": [7]}, "is a string"),
        ({"labels": ["x" * 513]}, "longer than 512"),
        ({"type": "PERSON"}, r"is a Node: use labels=\['PERSON'\]"),
    ],
)
def test_bad_labels_are_refused(base, options, message):
    """What cannot stand in a query is refused in the class statement, with the fix."""
    with pytest.raises(MetadataError, match=message):

        class Person(base, **options):
            pass


def test_labels_may_be_any_other_text(base):
    """Labels are quoted, so they may hold spaces, accents and hyphens."""

    class Person(base, labels=["Człowiek-1 x"]):
        pass

    assert node_info(Person).label == "Człowiek-1 x"


@pytest.mark.parametrize(
    ("name", "type_"),
    [("Authored", "AUTHORED"), ("AuthoredBy", "AUTHORED_BY"), ("HTTPLink", "HTTP_LINK")],
)
def test_the_type_of_an_edge_is_its_name_in_upper_snake_case(name, type_):
    """Edges without type= are stored under their class name."""
    made = type(Edge)(name, (Edge,), {}, registry=Registry())
    assert edge_info(made).type == type_


def test_the_type_of_an_edge_can_be_given():
    """type= names it; labels= is refused with the fix."""

    class Link(Edge, type="LINKS TO", registry=Registry()):
        pass

    assert edge_info(Link).type == "LINKS TO"
    with pytest.raises(MetadataError, match="is an Edge: it has one type"):

        class Other(Edge, labels=["OTHER"], registry=Registry()):
            pass


def test_two_models_on_one_label_are_refused(base):
    """Both places are named, and the ways out."""

    class Person(base):
        pass

    with pytest.raises(MetadataError, match=r"Human.*Person.*stand for \(:Person\).*registry="):

        class Human(base, labels=["Person"]):
            pass

    assert node_info(Person).label == "Person"


def test_two_edges_of_one_type_are_refused():
    """A type belongs to one edge model."""
    registry = Registry()

    class Wrote(Edge, registry=registry):
        pass

    with pytest.raises(MetadataError, match=r"both stand for \[:WROTE\]"):

        class Other(Edge, type="WROTE", registry=registry):
            pass

    assert Wrote.__name__ == "Wrote"


def test_a_class_defined_again_takes_the_place_of_the_old(base):
    """Hot reload: the same class statement run twice is no clash."""

    def define():
        class Person(base):
            pass

        return Person

    old, new = define(), define()
    assert list(base.__runic_registry__) == [new]
    assert node_info(new).label == node_info(old).label


def test_a_dropped_class_is_forgotten(base):
    """A label is free again when the class that stood for it is gone."""

    def define():
        class Person(base):
            pass

    define()
    gc.collect()

    class Human(base, labels=["Person"]):
        pass

    assert list(base.__runic_registry__) == [Human]


def test_registries_are_separate():
    """The same label may stand for a class in each registry."""

    class One(Node, labels=["Same"], registry=Registry()):
        id: str

    class Two(Node, labels=["Same"], registry=Registry()):
        id: str

    assert node_info(One).label == node_info(Two).label


def test_the_most_specific_class_is_found_by_labels(base):
    """A node's labels name the class that covers most of them."""

    class Place(base):
        pass

    class Country(Place):
        pass

    class State(Country):
        pass

    find = base.__runic_registry__.most_specific
    assert find(Place, ["Place"]) is Place
    assert find(Place, ["Country", "Place"]) is Country
    assert find(Place, ["Place", "Country", "State", "Unknown"]) is State
    with pytest.raises(HydrationError, match=r"a node with Person is no Place"):
        find(Place, ["Person"])
    with pytest.raises(HydrationError, match="no label"):
        find(Country, [])


def test_a_field_called_id_is_the_key(base):
    """No marking is needed for `id`."""

    class Person(base):
        pass

    assert node_info(Person).key.name == "id"


def test_a_marked_field_wins_over_id():
    """primary_key=True chooses another field."""

    class Person(Node, registry=Registry()):
        id: int = 0
        email: str = Field(primary_key=True)

    assert node_info(Person).key.name == "email"


def test_a_node_without_a_key_is_refused():
    """The error names the ways to have one."""
    with pytest.raises(MetadataError, match=r"no primary key.*primary_key=True.*`id`.*abstract"):

        class Person(Node, registry=Registry()):
            name: str


def test_two_keys_are_refused():
    """There is one primary key."""
    with pytest.raises(MetadataError, match=r"2 primary keys \(a, b\)"):

        class Person(Node, registry=Registry()):
            a: str = Field(primary_key=True)
            b: str = Field(primary_key=True)


def test_a_subclass_may_not_lose_the_key(base):
    """The key is inherited with its options."""

    class Person(base):
        pass

    class Boss(Person):
        level: int = 1

    assert node_info(Boss).key.name == "id"


def test_an_edge_has_no_relations():
    """Relations belong to nodes."""
    from runic.ogm.model import Relation  # noqa: PLC0415

    with pytest.raises(MetadataError, match="is an Edge and cannot have relations"):

        class Link(Edge, registry=Registry()):
            others: list[Node] = Relation("X")
