"""Fields: options in every form, property names, Pydantic's own features."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import pytest
from pydantic import (
    ConfigDict,
    PrivateAttr,
    ValidationError,
    computed_field,
    field_validator,
    model_validator,
)

from runic.ogm.errors import MetadataError
from runic.ogm.model import (
    Convert,
    Edge,
    Field,
    FullText,
    Index,
    Interned,
    Node,
    PrimaryKey,
    Property,
    Registry,
    Relation,
    Required,
    Unique,
    Vector,
    VectorIndex,
    Version,
)
from runic.ogm.model.meta import edge_info, node_info
from runic.ogm.query import Mapped, col
from runic.ogm.query.expressions import Attribute

T = TypeVar("T")


class Plain:
    """A converter that changes nothing."""

    cypher_fn = None

    def to_graph(self, value: Any) -> Any:
        return value

    def from_graph(self, value: Any) -> Any:
        return value


CONVERTER = Plain()


class ByField(Node, registry=Registry()):
    """Every option as an argument of Field."""

    key: str = Field(primary_key=True)
    indexed: str = Field("", index=True)
    unique: str = Field("", unique=True)
    required: str = Field("", required=True)
    interned: str = Field("", interned=True)
    named: str = Field("", property="other name")
    version: int = Field(version=True)
    converted: str = Field("", converter=CONVERTER)
    text: str = Field("", fulltext=True)
    vector: Vector | None = Field(None, vector=VectorIndex(dimension=3))


class ByAnnotation(Node, registry=Registry()):
    """Every option as metadata."""

    key: Annotated[str, PrimaryKey()]
    indexed: Annotated[str, Index()] = ""
    unique: Annotated[str, Unique()] = ""
    required: Annotated[str, Required()] = ""
    interned: Annotated[str, Interned()] = ""
    named: Annotated[str, Property("other name")] = ""
    version: Annotated[int, Version()] = 0
    converted: Annotated[str, Convert(CONVERTER)] = ""
    text: Annotated[str, FullText()] = ""
    vector: Annotated[Vector | None, VectorIndex(dimension=3)] = None


@pytest.mark.parametrize("name", list(ByField.model_fields))
def test_both_forms_say_the_same(name):
    """Field(...) and Annotated metadata describe a property alike."""
    one, other = node_info(ByField).properties[name], node_info(ByAnnotation).properties[name]
    for option in (
        "stored", "type", "primary_key", "generated", "version", "index", "unique", "required",
        "interned", "converter", "vector", "fulltext", "has_default",
    ):  # fmt: skip
        assert getattr(one, option) == getattr(other, option), option


def test_options_are_what_was_said():
    """Each option reaches the description."""
    properties = node_info(ByField).properties
    assert properties["indexed"].index
    assert properties["unique"].unique
    assert properties["required"].required
    assert properties["interned"].interned
    assert properties["named"].stored == "other name"
    assert properties["version"].version
    assert properties["vector"].vector == VectorIndex(dimension=3)


def test_a_subclass_keeps_and_overrides_options():
    """Options are inherited; a field declared again has its own."""

    class Base(Node, abstract=True, registry=Registry()):
        id: str
        name: str = Field("", index=True, property="n")
        other: str = Field("", unique=True)

    class Sub(Base):
        other: str = ""

    assert node_info(Sub).properties["name"].index
    assert node_info(Sub).properties["name"].stored == "n"
    assert not node_info(Sub).properties["other"].unique


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Field(generated=True), "add primary_key=True"),
        (lambda: Field(index_type="HASH"), "index_type is one of"),
        (lambda: Field(index_type="VECTOR"), "needs vector=VectorIndex"),
        (lambda: VectorIndex(dimension=0), "dimension ≥ 1"),
        (lambda: VectorIndex(dimension=3, similarity="dot"), "similarity is"),
        (lambda: Relation("A`B"), "backtick"),
        (lambda: Relation("A", direction="LEFT"), "direction is one of"),
        (lambda: Relation("A", limit=0), "limit of a relation"),
    ],
)
def test_contradictory_options_are_refused(declare, message):
    """Options that make no sense fail where they are written."""
    with pytest.raises(MetadataError, match=message):
        declare()


@pytest.mark.parametrize(
    ("annotation", "options", "message"),
    [
        (str, {"version": True}, "a version field is an int"),
        (str, {"vector": VectorIndex(dimension=3)}, "belongs to a field of type Vector"),
        (int, {"interned": True}, "interned=True belongs to a field of type str"),
        (int, {"fulltext": True}, "full-text index needs a field of type str"),
        (int, {"property": "id"}, "are both stored as 'id'"),
        (int | dict, {}, "cannot be told apart"),
        (ByField, {}, "an entity: declare it with Relation"),
    ],
)
def test_options_that_do_not_fit_the_type_are_refused(annotation, options, message):
    """The class statement fails, and names class and field."""
    space = {"__annotations__": {"id": str, "field": annotation}, "field": Field(None, **options)}
    with pytest.raises(MetadataError, match=message) as caught:
        type(Node)("Bad", (Node,), space, registry=Registry())
    assert "Bad.field" in str(caught.value)


def test_two_version_fields_are_refused():
    """One field counts the writes."""

    with pytest.raises(MetadataError, match="two version fields"):

        class Bad(Node, registry=Registry()):
            id: str
            a: int = Field(version=True)
            b: int = Field(version=True)


def test_class_attributes_are_expressions():
    """On the class a field is an expression, on an instance its value."""
    assert isinstance(ByField.indexed, Attribute)
    assert isinstance(col(ByField.indexed), Attribute)
    assert ByField(key="k", indexed="x").indexed == "x"
    with pytest.raises(AttributeError):
        _ = ByField.nothing


def test_expressions_belong_to_the_class_they_are_read_from():
    """A subclass's attribute is its own; fields of a parent are there too."""

    class Base(Node, registry=Registry()):
        id: str
        name: str = ""

    class Sub(Base):
        more: str = ""

    assert isinstance(Sub.name, Attribute)
    assert Sub.name.entity is Sub
    assert Base.name.entity is Base


def test_mapped_annotations_mean_their_type():
    """Mapped[str] declares a str field."""

    class Person(Node, registry=Registry()):
        id: Mapped[str]
        age: Mapped[int | None] = None

    assert Person(id="x", age=3).age == 3
    assert isinstance(Person.age, Attribute)
    assert node_info(Person).properties["age"].kind.value == "int"
    with pytest.raises(ValidationError):
        Person(id="x", age="old")


def test_generated_keys():
    """str and UUID keys are made at construction, in order of time; int keys come later."""

    class A(Node, registry=Registry()):
        id: str = Field(primary_key=True, generated=True)

    class B(Node, registry=Registry()):
        id: UUID = Field(primary_key=True, generated=True)

    class C(Node, registry=Registry()):
        id: int | None = Field(primary_key=True, generated=True)

    assert UUID(A().id).version == 7
    assert B().id.version == 7
    assert C().id is None
    assert A(id="mine").id == "mine"
    assert len({A().id for _ in range(1000)}) == 1000


def test_unknown_fields_are_refused():
    """A typo in a constructor is an error."""
    with pytest.raises(ValidationError, match="nothing"):
        ByField(key="k", nothing=1)


def test_pydantic_aliases_are_for_the_outside():
    """alias= names the field in Python and JSON input; the property keeps its own name."""

    class Person(Node, registry=Registry()):
        model_config = ConfigDict(populate_by_name=True)

        id: str
        full_name: str = Field("", alias="fullName", property="full")

    person = Person(id="x", fullName="Ada")
    assert person.model_dump(by_alias=True)["fullName"] == "Ada"
    assert node_info(Person).properties["full_name"].stored == "full"


def test_validators_run_on_construction_and_assignment():
    """Field and model validators work as in Pydantic."""

    class Person(Node, registry=Registry()):
        id: str
        name: str = ""
        low: int = 0
        high: int = 0

        @field_validator("name")
        @classmethod
        def _strip(cls, value: str) -> str:
            return value.strip()

        @model_validator(mode="after")
        def _order(self) -> Person:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    person = Person(id="x", name=" Ada ")
    assert person.name == "Ada"
    person.name = " Eve "
    assert person.name == "Eve"
    with pytest.raises(ValidationError, match="low is above high"):
        person.low = 5


def test_computed_fields_are_not_stored():
    """A computed field is in the dump and no property."""

    class Person(Node, registry=Registry()):
        id: str
        first: str = ""

        @computed_field
        @property
        def shout(self) -> str:
            return self.first.upper()

    assert Person(id="x", first="ada").model_dump()["shout"] == "ADA"
    assert "shout" not in node_info(Person).properties


def test_private_attributes_are_kept_and_not_stored():
    """A private attribute lives on the object alone."""

    class Person(Node, registry=Registry()):
        id: str
        _cache: int = PrivateAttr(default=3)

    person = Person(id="x")
    person._cache = 4
    assert person._cache == 4
    assert list(node_info(Person).properties) == ["id"]


def test_generic_models():
    """A parametrised generic is stored like its class, with its own types."""

    class Tagged(Node, Generic[T], registry=Registry()):
        id: str
        value: T

    whole = Tagged[int]
    assert whole(id="x", value=3).value == 3
    with pytest.raises(ValidationError):
        whole(id="x", value="many")
    assert node_info(whole).labels == ("Tagged",)
    assert node_info(whole).properties["value"].kind.value == "int"


def test_frozen_fields_refuse_assignment():
    """frozen=True of Pydantic holds."""

    class Person(Node, registry=Registry()):
        id: str = Field(primary_key=True, frozen=True)

    with pytest.raises(ValidationError, match="frozen"):
        Person(id="x").id = "y"


def test_edges_have_properties_and_ends():
    """An edge takes source= and target=, which are no fields."""

    class Person(Node, registry=Registry()):
        id: str

    class Knows(Edge, registry=Person.__runic_registry__):
        since: int = 0

    one, two = Person(id="a"), Person(id="b")
    edge = Knows(source=one, target=two, since=2000)
    assert (edge.source, edge.target, edge.since) == (one, two, 2000)
    assert edge.model_dump() == {"since": 2000}
    assert list(edge_info(Knows).properties) == ["since"]
    assert (Knows().source, Knows().target) == (None, None)
