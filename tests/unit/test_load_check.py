"""What stored values have to pass when they are loaded, and what is left out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, NewType

import pytest
from annotated_types import Predicate
from pydantic import (
    UUID4,
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    DirectoryPath,
    Field,
    FilePath,
    FutureDate,
    FutureDatetime,
    NewPath,
    PastDate,
    PastDatetime,
    PlainValidator,
    PrivateAttr,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.errors import HydrationError, MetadataError
from runic.ogm.model import Edge, Node, Registry, Relation, fresh_validator
from runic.ogm.model.load_check import load_check_of
from runic.ogm.model.load_schema import nodes
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.state.codecs import entity_codec
from tests.behaviour.watched import CASES, EDGE_CASES, given_once, watched

DIALECT = FalkorDBDialect()


def loaded(cls: type[Any], stored: Mapping[str, Any]) -> Any:
    """Return a node of a class from its stored values, as a query gives them."""
    names = list(entity_codec(cls, DIALECT).fields)
    row: Sequence[Any] = [1, *(stored.get(name) for name in names)]
    return Hydrator(None, None, DIALECT).from_columns(cls, names, [row], 0)[0]


def stored_form(entity: Any) -> dict[str, Any]:
    """Return the stored values of an entity, by field name."""
    codec = entity_codec(type(entity), DIALECT)
    names = list(codec.fields)
    return dict(zip(names, codec.rows([vars(entity)], names)[0], strict=True))


def node_of(annotation: Any, *, default: Any = ..., **options: Any) -> Any:
    """Return a node class with a field of a type, and perhaps class options or settings."""
    registry = Registry()
    body: dict[str, Any] = {"__annotations__": {"id": str, "value": annotation}}
    body["__module__"] = __name__
    if default is not ...:
        body["value"] = default
    if config := options.pop("config", None):
        body["model_config"] = ConfigDict(**config)
    return type(Node)("Thing", (Node,), body, registry=registry, **options)


@pytest.fixture(params=["told", "stood in for"])
def way(request, monkeypatch):
    """Run on a core that can be told to leave finished classes alone, and on one that cannot."""
    if request.param == "stood in for":
        monkeypatch.setattr(fresh_validator, "_CAN_BE_TOLD", False)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("place", "kind"), CASES)
def test_validators_see_what_is_given_and_not_what_is_loaded(place, kind):
    """Once for a construction, once for an assignment, never for a write or a load."""
    case = watched(place, kind)
    entity = case.made(id="x")
    assert len(case.calls) == 1 or not given_once(place, kind)
    case.calls.clear()
    setattr(entity, case.field, case.given)
    assert len(case.calls) == 1 or not given_once(place, kind)
    case.calls.clear()
    again = loaded(case.entity, stored_form(entity))
    assert case.calls == []
    assert again.model_dump() == entity.model_dump()
    assert type(getattr(again, case.field)) is type(getattr(entity, case.field))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("place", "kind"), EDGE_CASES)
def test_validators_of_edges_do_not_see_what_is_loaded(place, kind):
    """An edge is checked as a node is."""
    case = watched(place, kind)
    edge = case.made()
    assert len(case.calls) == 1
    made = load_check_of(case.entity).validator.validate_python(stored_form(edge))
    assert len(case.calls) == 1
    assert made.model_dump() == edge.model_dump()


@pytest.mark.parametrize(("place", "kind"), CASES)
def test_validate_on_load_runs_every_validator(place, kind):
    """With validate_on_load=True a load is as a construction."""
    case = watched(place, kind)
    stored = stored_form(case.made(id="x"))
    case.entity.__runic_validate_on_load__ = True
    del case.entity.__runic_info__
    type.__delattr__(case.entity, "__runic_load_check__")
    case.calls.clear()
    loaded(case.entity, stored)
    assert case.calls


class Money(BaseModel):
    """A nested model with a constraint."""

    amount: int = Field(ge=0)
    currency: Annotated[str, StringConstraints(to_upper=True, max_length=3)] = "EUR"


class Shouted(str):
    """A type whose own schema makes its values."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Make it of text."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


# A type, a stored value that breaks its constraint, and the value it is read as without one.
BROKEN: list[tuple[Any, Any, Any]] = [
    (Annotated[int, Field(gt=0)], -1, -1),
    (Annotated[int, Field(multiple_of=5)], 3, 3),
    (Annotated[float, Field(le=1)], 2.5, 2.5),
    (Annotated[str, Field(max_length=2)], "abc", "abc"),
    (Annotated[str, Field(pattern="^a")], "b", "b"),
    (Annotated[Decimal, Field(max_digits=2)], "1.23", Decimal("1.23")),
    (Annotated[dt.date, Field(gt=dt.date(2020, 1, 1))], "2019-01-01", dt.date(2019, 1, 1)),
    (Annotated[list[str], Field(max_length=1)], ["a", "b"], ["a", "b"]),
    (Annotated[set[int], Field(min_length=2)], [1], {1}),
    (Annotated[int, Predicate(lambda value: value > 5)], 1, 1),
    (Annotated[Shouted, Field(max_length=2)], "abc", Shouted("abc")),
    (UUID4, str(uuid.UUID(int=1)), uuid.UUID(int=1)),
    (Money, '{"amount": -1}', Money.model_construct(amount=-1, currency="EUR")),
    (list[Money], '[{"amount": -1}]', [Money.model_construct(amount=-1, currency="EUR")]),
    (dict[str, Annotated[int, Field(lt=3)]], '{"a": 5}', {"a": 5}),
]  # fmt: skip


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("annotation", "stored", "value"), BROKEN, ids=lambda x: repr(x)[:30])
def test_constraints_are_checked_or_left_out(annotation, stored, value):
    """A broken constraint is told with entity, key and field; "types" reads the value."""
    with pytest.raises(HydrationError, match=r"Thing \('k'\).*Thing\.value") as told:
        loaded(node_of(annotation), {"id": "k", "value": stored})
    assert (told.value.entity, told.value.key, told.value.field) == ("Thing", "k", "value")
    lenient = node_of(annotation, validate_on_load="types")
    assert loaded(lenient, {"id": "k", "value": stored}).value == value


@pytest.mark.parametrize("check", [False, "types", True])
@pytest.mark.parametrize(
    ("annotation", "stored"),
    [(int, "old"), (Money, '{"amount": "much"}'), (dt.datetime, "yesterday"), (list[int], ["x"])],
    ids=lambda x: repr(x)[:30],
)
def test_types_are_always_checked(annotation, stored, check):
    """What is of another type is never read, whatever the class says."""
    cls = node_of(annotation, validate_on_load=check)
    with pytest.raises(HydrationError, match=r"Thing \('k'\).*Thing\.value"):
        loaded(cls, {"id": "k", "value": stored})


def test_the_way_out_of_a_broken_constraint_is_named():
    """The option is offered where it helps, and only there."""
    cls = node_of(Annotated[int, Field(gt=0)])
    with pytest.raises(HydrationError, match='validate_on_load="types"'):
        loaded(cls, {"id": "k", "value": -1})
    with pytest.raises(HydrationError, match="give the field a type"):
        loaded(cls, {"id": "k", "value": "x"})


@pytest.mark.parametrize(
    ("annotation", "config"),
    [
        (Annotated[str, StringConstraints(strip_whitespace=True)], {}),
        (Annotated[str, StringConstraints(to_lower=True)], {}),
        (Annotated[str, StringConstraints(to_upper=True)], {}),
        (str, {"str_strip_whitespace": True}),
        (str, {"str_to_lower": True}),
        (list[str], {"str_to_upper": True}),
        (dict[str, str], {"str_strip_whitespace": True}),
    ],
    ids=str,
)
def test_text_is_not_converted(annotation, config):
    """Text comes back with its white space and its case."""
    cls = node_of(annotation, config=config)
    value: Any = " Ab "
    if annotation == list[str]:
        value = [value]
    stored = '{" Ab ": " Ab "}' if annotation == dict[str, str] else value
    expected = {" Ab ": " Ab "} if annotation == dict[str, str] else value
    assert loaded(cls, {"id": "k", "value": stored}).value == expected


@pytest.mark.parametrize("option", [False, "types"])
@pytest.mark.parametrize(
    ("annotation", "stored"),
    [
        (FutureDate, "2000-01-01"),
        (PastDate, "3000-01-01"),
        (FutureDatetime, "2000-01-01T00:00:00.000000Z"),
        (PastDatetime, "3000-01-01T00:00:00.000000Z"),
        (FilePath, "/no/such/file"),
        (DirectoryPath, "/no/such/directory"),
        (NewPath, "/"),
        (list[FutureDate], ["2000-01-01"]),
    ],
    ids=str,
)
def test_neither_clock_nor_disk_is_asked(annotation, stored, option):
    """What was in the future when it was stored is read when it has passed."""
    cls = node_of(annotation, validate_on_load=option)
    assert loaded(cls, {"id": "k", "value": stored}).value


def _tagged(value: Any) -> Any:
    return value if str(value).startswith("#") else f"#{value}"


@pytest.mark.parametrize("option", [False, "types"])
@pytest.mark.parametrize(
    ("annotation", "stored", "value"),
    [
        (Shouted, "a", Shouted("a")),
        (Annotated[Shouted, AfterValidator(lambda v: Shouted("b"))], "a", Shouted("a")),
        (Annotated[str, PlainValidator(_tagged)], "a", "#a"),
        (Annotated[int, PlainValidator(int)], "5", 5),
        (AwareDatetime, "2026-01-01T00:00:00.000000Z", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        (list[SecretStr], ["s"], [SecretStr("s")]),
    ],
    ids=lambda x: repr(x)[:30],
)
def test_what_defines_a_type_stays(annotation, stored, value, option):
    """A plain validator, and a type's own schema, make the values of their type."""
    found = loaded(node_of(annotation, validate_on_load=option), {"id": "k", "value": stored}).value
    assert (found, type(found)) == (value, type(value))


def test_a_validator_that_hashes_is_applied_once():
    """Loading gives back the hash, and not the hash of the hash."""
    cls = node_of(Annotated[str, AfterValidator(lambda text: f"hash({text})")])
    ada = cls(id="k", value="secret")
    assert loaded(cls, stored_form(ada)).value == ada.value == "hash(secret)"


def test_a_nested_validator_that_hashes_is_applied_once():
    """What is nested can be written, as it is read back the same."""

    class Login(BaseModel):
        name: str
        password: str

        @field_validator("password")
        @classmethod
        def _hash(cls, value: str) -> str:
            return f"hash({value})"

    cls = node_of(Login)
    ada = cls(id="k", value={"name": "ada", "password": "secret"})
    assert loaded(cls, stored_form(ada)).value.password == "hash(secret)"


def test_a_validator_that_splits_text_does_not_see_the_list():
    """The stored list is read as a list."""
    cls = node_of(Annotated[list[str], BeforeValidator(lambda text: text.split(","))])
    ada = cls(id="k", value="a,b")
    assert loaded(cls, stored_form(ada)).value == ["a", "b"]


@pytest.mark.parametrize("base", [Node, Edge])
def test_the_option_is_one_of_three_and_inherited(base):
    """Subclasses do as their parents, unless they say otherwise."""
    registry = Registry()

    class Root(base, abstract=True, registry=registry, validate_on_load="types"):  # type: ignore[misc,valid-type]
        id: str

    class Below(Root):
        pass

    class Strict(Below, validate_on_load=False):
        pass

    assert Below.__runic_validate_on_load__ == "types"
    assert Strict.__runic_validate_on_load__ is False
    for wrong in ("type", 1, "True"):
        with pytest.raises(MetadataError, match='False, True or "types"'):
            type(Root)("Wrong", (Root,), {"__module__": __name__}, validate_on_load=wrong)


class Colour(Enum):
    """Colours."""

    RED = "red"


class Cat(BaseModel):
    """One of two."""

    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    """The other, which has a validator."""

    kind: Literal["dog"]
    name: str

    @model_validator(mode="before")
    @classmethod
    def _upper(cls, data: Any) -> Any:
        return {**data, "name": data["name"].upper()}


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
Pets = TypeAliasType("Pets", "list[Pet]")


class Tree(BaseModel):
    """A recursive model with a validator."""

    name: str
    below: list[Tree] = []

    @field_validator("name")
    @classmethod
    def _star(cls, name: str) -> str:
        return name + "*"


@dataclass
class Point:
    """A standard dataclass that does something after it was made."""

    x: int
    doubled: int = 0

    def __post_init__(self) -> None:
        """Double."""
        self.doubled = self.x * 2


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("annotation", "config", "given"),
    [
        (dt.date, {"strict": True}, dt.date(2026, 1, 1)),
        (list[Decimal], {"strict": True}, [Decimal("1.5")]),
        (Colour, {"use_enum_values": True}, Colour.RED),
        (Colour | None, {"use_enum_values": True, "frozen": True}, "red"),
        (Annotated[int, Field(alias="worth")], {"populate_by_name": True}, 5),
        (Pet, {}, {"kind": "dog", "name": "rex"}),
        (list[Pet], {}, [{"kind": "dog", "name": "rex"}, {"kind": "cat"}]),
        (Pets, {}, [{"kind": "dog", "name": "rex"}]),
        (Tree, {}, {"name": "a", "below": [{"name": "b"}]}),
        (Point | None, {}, {"x": 2}),
        (Annotated[str, AfterValidator(str.upper)], {"validate_default": True}, "a"),
        (Money, {"revalidate_instances": "always"}, {"amount": 1, "currency": "usd"}),
    ],
    ids=lambda x: repr(x)[:30],
)
def test_what_pydantic_offers_keeps_working(annotation, config, given):
    """What is loaded equals what was made, of every setting and type."""
    cls = node_of(annotation, config=config)
    made = cls(id="k", value=given)
    again = loaded(cls, stored_form(made))
    assert again.model_dump() == made.model_dump()
    assert type(again.value) is type(made.value)
    assert again.model_fields_set == {"id", "value"}


def test_post_init_and_private_attributes_work_as_ever():
    """They belong to every object; `__init__` belongs to those that are made."""
    seen: list[str] = []

    class Lively(Node, registry=Registry()):
        id: str
        name: Annotated[str, AfterValidator(str.upper)]
        others: list[Lively] = Relation("KNOWS")
        _count: int = PrivateAttr(default=7)

        def __init__(self, **data: Any) -> None:
            seen.append("init")
            super().__init__(**data)

        def model_post_init(self, context: Any) -> None:
            """See what is there."""
            seen.append(f"post {self.name} {self.others} {self._count}")

    lively = loaded(Lively, {"id": "k", "name": "ada"})
    assert seen == ["post ada [] 7"]
    assert (lively.name, lively._count) == ("ada", 7)
    assert "others" not in vars(lively)


def test_models_that_refer_to_each_other():
    """Relations have no part in the check, however their classes refer to each other."""
    registry = Registry()

    class Author(Node, registry=registry):
        id: str
        name: Annotated[str, AfterValidator(str.upper)]
        books: list[Book] = Relation("WROTE")

    class Book(Node, registry=registry):
        id: str
        title: Annotated[str, AfterValidator(str.upper)]
        author: Author | None = Relation("WROTE", "INCOMING")

    globals()["Book"] = Book
    try:
        assert loaded(Author, {"id": "k", "name": "ada"}).name == "ada"
        assert loaded(Book, {"id": "k", "title": "x"}).title == "x"
        assert {n["cls"] for n in nodes(load_check_of(Author).schema) if "cls" in n} == {Author}
    finally:
        del globals()["Book"]


LOOKED: list[Any] = []


def _looked(value: Any) -> Any:
    LOOKED.append(value)
    return value


@dataclass
class Partly:
    """A standard dataclass with a name in an annotation that stands nowhere."""

    word: Annotated[str, AfterValidator(_looked)]
    note: ClassVar[NoSuchName] = None  # type: ignore[name-defined]  # noqa: F821


Words = TypeAliasType("Words", "list[Annotated[str, AfterValidator(_looked)]]")
Name = NewType("Name", Annotated[str, AfterValidator(_looked)])  # type: ignore[valid-newtype]
Few = Annotated[list[Name], Field(max_length=3)]


@pytest.mark.parametrize("annotation", [Words, Words | None, Few, dict[str, Few], tuple[Few, int]])
def test_validators_are_found_below_other_names(annotation):
    """Aliases, text that names types, new types and unions are looked into."""
    LOOKED.clear()
    cls = node_of(annotation)
    value: Any = {dict[str, Few]: {"k": ["a"]}, tuple[Few, int]: (["a"], 1)}.get(annotation, ["a"])
    kept = cls(id="k", value=value)
    assert LOOKED == ["a"]
    assert loaded(cls, stored_form(kept)).value == value
    assert LOOKED == ["a"]


def test_a_name_that_stands_nowhere_hides_no_validator():
    """The other annotations of the class are looked into all the same."""
    cls = node_of(Partly | None)
    kept = cls(id="k", value={"word": "a"})
    LOOKED.clear()
    assert loaded(cls, stored_form(kept)).value == Partly("a")
    assert LOOKED == []


def test_a_model_in_which_nothing_is_left_out_keeps_its_validator():
    """No second validator is made where it would do the same."""
    cls = node_of(Annotated[int, Field(gt=0)])
    assert load_check_of(cls).validator is cls.__pydantic_validator__
