"""Mistakes in model classes are told by the class statement, with the right way to write it."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    Base64Bytes,
    Base64Encoder,
    Base64Str,
    Base64UrlBytes,
    ConfigDict,
    EncodedStr,
    InstanceOf,
    Json,
    Secret,
)

from runic.ogm.errors import MetadataError
from runic.ogm.model import (
    Edge,
    Field,
    GeoLocation,
    Index,
    Node,
    PrimaryKey,
    Registry,
    Relation,
    Unique,
    Vector,
)
from runic.ogm.model.meta import node_info
from runic.ogm.query import col, select


class Tag(Node, registry=Registry()):
    """What relations lead to."""

    id: str


class Price(Enum):
    """Members whose values are inexact."""

    LOW = 0.1


class Level(Enum):
    """Members of text and whole numbers."""

    ONE = 1
    TOP = "top"


class AsText:
    """A converter."""

    cypher_fn = None

    def to_graph(self, value: Any) -> str:
        return str(value)

    def from_graph(self, value: str) -> Any:
        return value


def declared(annotations: dict[str, Any], values: dict[str, Any] | None = None, **options: Any):
    """Return a class with these fields, besides an id if they have no key."""
    space = {"__module__": __name__, "__annotations__": annotations, **(values or {})}
    return type(Node)("Made", (Node,), space, registry=Registry(), **options)


MISSPELT = [
    (lambda: Field(uniqe=True), "no option 'uniqe'; did you mean 'unique'"),
    (lambda: Field(indexed=True), "did you mean 'index'"),
    (lambda: Field(primarykey=True), "did you mean 'primary_key'"),
    (lambda: Field(defualt=1), "did you mean 'default'"),
    (lambda: Field(sa_column=1), "json_schema_extra"),
    (lambda: Relation("R", directon="BOTH"), "did you mean 'direction'"),
    (lambda: Relation("R", edge_modle="E"), "did you mean 'edge_model'"),
    (lambda: Relation("R", back_populates="x"), "a relation takes target, edge_model"),
    (lambda: declared({"id": str}, label="Made"), "did you mean 'labels'"),
    (lambda: declared({"id": str}, table=True), "the options are labels, primary_label"),
    (lambda: declared({"id": str}, frozn=True), "did you mean 'frozen'"),
    (lambda: declared({"id": str, "x": Annotated[str, Unique]}, {"x": ""}), r"write Unique\(\)"),
    (lambda: declared({"id": str, "x": Annotated[str, Index] | None}), r"write Index\(\)"),
]


@pytest.mark.parametrize(("declare", "message"), MISSPELT)
def test_an_unknown_option_is_an_error(declare, message):
    """An option that nobody takes is refused; a similar one is named."""
    with pytest.raises(MetadataError, match=message):
        declare()


def test_the_options_of_pydantic_pass():
    """What pydantic.Field and its class settings take, old names included, is handed on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        Field("", max_items=3)
    fields = {"id": str, "x": int}
    made = declared(fields, {"x": Field(0, ge=0, title="X", examples=[1], alias="ex")}, frozen=True)
    assert made.model_fields["x"].title == "X"
    assert made.model_config["frozen"]
    assert Relation("R", title="R", exclude=True).title == "R"


def test_a_class_with_a_hook_takes_options_of_its_own():
    """Options that a user's __init_subclass__ takes are not runic's to judge."""

    class Base(Node, abstract=True, registry=Registry()):
        id: str

        def __init_subclass__(cls, *, table: str = "", **rest: Any) -> None:
            super().__init_subclass__(**rest)
            cls.__dict__.get("x")

    class Sub(Base, table="subs"):
        pass

    assert node_info(Sub).labels == ("Sub",)


SHAPES = [
    Sequence[Tag], tuple[Tag, ...], set[Tag], frozenset[Tag], Iterable[Tag], dict[str, Tag],
    Mapping[str, Tag], list[list[Tag]], list[Tag | None], tuple[Tag, ...] | None,
    Annotated[set[Tag], "x"],
]  # fmt: skip


@pytest.mark.parametrize("annotation", SHAPES, ids=str)
def test_a_relation_is_a_list_or_one(annotation):
    """A relation in another container is refused, and so is one that is not declared."""
    with pytest.raises(MetadataError, match=r"Made\.tags.*a relation is a list, as list"):
        declared({"id": str, "tags": annotation}, {"tags": Relation("TAGGED")})
    with pytest.raises(MetadataError, match=r"Made\.tags holds Tag, an entity"):
        declared({"id": str, "tags": annotation})


@pytest.mark.parametrize(
    "annotation",
    [list[Tag], list[Tag] | None, Tag | None, Annotated[list[Tag], "x"], list[Annotated[Tag, "x"]]],
    ids=str,
)
def test_shapes_of_relations(annotation):
    """Lists and single entities are taken, however they are annotated."""
    made = declared({"id": str, "tags": annotation}, {"tags": Relation("TAGGED")})
    assert node_info(made).relations["tags"].target is Tag


STARTS: list[tuple[Any, dict[str, Any]]] = [
    (Tag | None, {}),
    (Tag | None, {"default": None}),
    (list[Tag], {}),
    (list[Tag], {"default": []}),
    (list[Tag], {"default_factory": list}),
]


@pytest.mark.parametrize(("annotation", "options"), STARTS, ids=str)
def test_a_relation_may_say_that_it_starts_empty(annotation, options):
    """The defaults that other mappers want are taken, and every entity has its own list."""
    made = declared({"id": str, "tags": annotation}, {"tags": Relation("TAGGED", **options)})
    node_info(made)
    one, other = made(id="1"), made(id="2")
    assert one.tags == ([] if annotation == list[Tag] else None)
    assert one.tags is None or one.tags is not other.tags


@pytest.mark.parametrize(
    ("annotation", "options"),
    [
        (list[Tag], {"default": None}),
        (Tag | None, {"default": []}),
        (Tag | None, {"default_factory": list}),
        (list[Tag], {"default": [1]}),
        (list[Tag], {"default_factory": dict}),
    ],
    ids=str,
)
def test_a_relation_that_starts_otherwise_is_refused(annotation, options):
    """A default that would not be kept is an error."""
    with pytest.raises(MetadataError, match="has|empty"):
        declared({"id": str, "tags": annotation}, {"tags": Relation("TAGGED", **options)})


KEYS = [
    float, float | None, Decimal, list[str], dict[str, str], Vector, GeoLocation, int | float,
    int | bool, str | float, Price, Literal[1, 1.5], Any, set[int], float | Decimal,
]  # fmt: skip


@pytest.mark.parametrize("annotation", KEYS, ids=str)
def test_what_cannot_be_a_key(annotation):
    """A type whose equal values may be stored differently, or read otherwise, is no primary key."""
    with pytest.raises(MetadataError, match=r"Made\.key"):
        declared({"key": annotation}, {"key": Field(primary_key=True)})


@pytest.mark.parametrize("annotation", [str | int, Level, Literal["a", 1], UUID, dt.date, bytes])
def test_what_can_be_a_key(annotation):
    """A type whose values are exact is a primary key."""
    made = declared({"key": annotation}, {"key": Field(primary_key=True)})
    assert node_info(made).key.name == "key"


GENERATED = [
    (str, lambda: Field(primary_key=True, generated=True)),
    (str, lambda: Field("", primary_key=True, generated=True)),
    (str, lambda: Field(default=None, primary_key=True, generated=True)),
    (str | None, lambda: Field(default=None, primary_key=True, generated=True)),
    (Annotated[str, PrimaryKey(generated=True)], None),
    (Annotated[str | None, PrimaryKey(generated=True)], lambda: None),
    (UUID, lambda: Field(default=None, primary_key=True, generated=True)),
    (int | None, lambda: Field(default=None, primary_key=True, generated=True)),
    (Annotated[int | None, PrimaryKey(generated=True)], lambda: None),
]


@pytest.mark.parametrize(("annotation", "field"), GENERATED)
def test_a_generated_key_in_every_form(annotation, field):
    """A default that stands for "none yet" gives way to the key that is made."""
    made = declared({"key": annotation}, {"key": field()} if field else {})
    assert node_info(made).key.generated
    assert (made().key is None) == (
        int in getattr(annotation, "__args__", ()) or "int" in str(annotation)
    )
    assert made().key is None or made().key != made().key


def test_a_generated_key_with_another_default_is_refused():
    """The key cannot be both."""
    with pytest.raises(MetadataError, match="cannot be 'x' by default"):
        Field("x", primary_key=True, generated=True)


def test_metadata_in_a_union_is_kept():
    """`Annotated[str, Unique()] | None` asks for what `Annotated[str | None, Unique()]` does."""
    made = declared({"id": str, "slug": Annotated[str, Unique()] | None}, {"slug": None})
    assert node_info(made).properties["slug"].unique


def test_undeclared_values_are_refused():
    """extra="allow" promises to keep what would not be stored; extra="ignore" does not."""
    with pytest.raises(MetadataError, match=r'Made has extra="allow"'):
        declared({"id": str, "model_config": Any}, {"model_config": ConfigDict(extra="allow")})
    with pytest.raises(MetadataError, match=r'Made has extra="allow"'):
        declared({"id": str}, extra="allow")
    assert declared({"id": str}, extra="ignore")(id="x", more=1).model_dump() == {"id": "x"}


# Old names of Pydantic's methods, which a class has before its fields.
TAKEN = ["schema", "copy", "json", "dict", "validate", "construct", "parse_obj", "from_orm"]


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
@pytest.mark.parametrize("name", TAKEN)
@pytest.mark.parametrize("inherited", [False, True])
def test_a_field_may_have_an_old_name_of_pydantic(name, inherited):
    """The class gives the expression and an entity the value, in subclasses too."""
    made = declared({"id": str, name: str}, {name: "x"})
    if inherited:
        made = type(Node)(
            "Sub", (made,), {"__module__": __name__, "__annotations__": {"y": int}, "y": 0}
        )
    assert str(getattr(made, name) == "v") == f"{made.__name__}.{name} == 'v'"
    assert str(col(getattr(made, name)) == "v") == f"{made.__name__}.{name} == 'v'"
    assert "WHERE" in select(made).where(getattr(made, name) == "v").build().text
    one = made(id="1", **{name: "y"})
    assert (getattr(one, name), getattr(made(id="2"), name)) == ("y", "x")
    setattr(one, name, "z")
    assert one.model_copy().model_dump()[name] == "z"


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
def test_a_required_field_of_an_old_name_stays_required():
    """Pydantic's method is not taken for a default."""
    made = declared({"id": str, "schema": str})
    assert made.model_fields["schema"].is_required()


class Labelled:
    """A mixin with a method."""

    def title(self) -> str:
        return "title"


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
def test_a_field_hides_the_method_of_a_mixin():
    """With a default of its own the field wins; without, the method would be its default."""

    class Made(Labelled, Node, registry=Registry()):
        id: str
        title: str = "x"

    assert str(Made.title == "v") == "Made.title == 'v'"
    with pytest.raises(MetadataError, match=r"Bad\.title is a field and also a member of Labelled"):

        class Bad(Labelled, Node, registry=Registry()):
            id: str
            title: str


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
@pytest.mark.parametrize("name", ["model_fields", "model_copy", "model_extra", "model_json_schema"])
def test_a_field_does_not_take_what_pydantic_needs(name):
    """A name that would break the model is refused, with a way to keep it in the database."""
    with pytest.raises(MetadataError, match=rf"{name}_ … = Field\(property='{name}'"):
        declared({"id": str, name: str}, {name: "x"})


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
@pytest.mark.parametrize("name", ["source", "target"])
def test_an_edge_keeps_its_ends(name):
    """Fields of an edge do not hide the nodes it runs between."""
    with pytest.raises(MetadataError, match=rf"Bad\.{name} is a field and also a member of Edge"):
        type(Edge)("Bad", (Edge,), {"__annotations__": {name: str}, name: ""}, registry=Registry())
    assert declared({"id": str, name: str}, {name: ""})(id="x")


class Plain:
    """A class that nobody knows how to store."""


class Pair(Enum):
    """A member whose value is no value of a property."""

    AB = ("a", "b")


class Same(Enum):
    """A member of equal value to another enum's."""

    ONE = 1


UNREADABLE: list[tuple[Any, str]] = [
    (Json, "Json"),
    (Json[dict[str, int]], "Json"),
    (Json[int] | None, "Json"),
    (list[Json[int]], "Json"),
    (Base64Bytes, "encoded type"),
    (Base64Str | None, "encoded type"),
    (list[Base64UrlBytes], "encoded type"),
    (Annotated[str, EncodedStr(encoder=Base64Encoder)], "encoded type"),
    (Secret[int], r"Secret\[…\]"),
    (list[Secret[str]], r"Secret\[…\]"),
    (Callable[[], int], "function"),
    (type[Tag], "a class has no"),
    (type[int] | None, "a class has no"),
    (Iterable[int], "iterator"),
    (Generator[str, None, None], "iterator"),
    (dict[str, Iterable[int]], "iterator"),
    (Plain, "values of Plain have no stored form"),
    (Plain | None, "values of Plain have no stored form"),
    (list[Plain], "values of Plain have no stored form"),
    (dict[str, Plain | None], "values of Plain have no stored form"),
    (InstanceOf[Plain], "values of Plain have no stored form"),
    (bytearray, "values of bytearray have no stored form"),
    (Pair, "only str, int, float and"),
    (list[Pair], "only str, int, float and"),
    (Literal[1, True], "told apart"),
    (Literal[Level.ONE, Same.ONE], "told apart"),
    (Level | int, "told apart"),
    (dt.date | dt.datetime, "told apart"),
    (bytes | str, "told apart"),
]


@pytest.mark.parametrize(("annotation", "message"), UNREADABLE, ids=str)
def test_a_type_that_cannot_be_read_back_is_refused(annotation, message):
    """The class statement names the field; with a converter the type can be stored."""
    settings = {"model_config": ConfigDict(arbitrary_types_allowed=True)}
    with pytest.raises(MetadataError, match=rf"(?s)Made\.value.*{message}"):
        declared({"id": str, "value": annotation}, settings)
    settings["value"] = Field(converter=AsText())
    made = declared({"id": str, "value": annotation}, settings)
    assert node_info(made).properties["value"].converter


def test_forward_references_are_looked_at_later():
    """What is wrong in a class with names that are not defined yet is told at its first use."""
    made = declared({"id": str, "value": Json[int], "other": "Later | None"}, {"other": None})
    made.model_rebuild(_types_namespace={"Later": int})
    with pytest.raises(MetadataError, match=r"Made\.value: Json"):
        node_info(made)
