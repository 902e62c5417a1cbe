"""Entities put together without the validator: only where it would hand every value back."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PrivateAttr,
    field_validator,
    model_validator,
)
from pydantic import Field as PydanticField

from runic.ogm import Field, Node, Registry, Relation
from runic.ogm.model.assembly import assembled, plain_types

REGISTRY = Registry()


class Plain(Node, registry=REGISTRY):
    """Fields of plain types, with defaults, and a relation that leads back."""

    id: str = Field(unique=True)
    name: str | None = None
    age: int = 3
    score: float
    active: bool = True
    friends: list["Plain"] = Relation("KNOWS")  # noqa: UP037 (resolved by the registry)


NAMES = ["id", "name", "age", "score", "active"]
VALUES = {"id": "a", "name": None, "age": 4, "score": 0.5, "active": False}


class Checked(BaseModel):
    """What each of the classes below adds something to."""

    id: str


class WithConstraint(Checked):
    """A constraint on a field."""

    id: str = PydanticField(max_length=3)


class WithAnnotation(Checked):
    """A validator in an annotation."""

    id: Annotated[str, AfterValidator(str.lower)]


class WithFieldValidator(Checked):
    """A validator of a field."""

    @field_validator("id")
    @classmethod
    def lower(cls, value: str) -> str:
        """Lower it."""
        return value.lower()


class WithModelValidator(Checked):
    """A validator of the whole."""

    @model_validator(mode="after")
    def look(self) -> Any:
        """Look at it."""
        return self


class WithConfig(Checked):
    """A setting that changes text."""

    model_config = ConfigDict(str_strip_whitespace=True)


class WithExtra(Checked):
    """Room for more fields."""

    model_config = ConfigDict(extra="allow")


class WithPrivate(Checked):
    """A private attribute, which has a default."""

    _seen: int = PrivateAttr(0)


class WithPostInit(Checked):
    """Code that runs after validation."""

    def model_post_init(self, context: Any) -> None:
        """Do something."""


class WithInit(Checked):
    """A constructor of its own."""

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class WithOtherType(Checked):
    """A type whose values are converted."""

    id: date  # type: ignore[assignment]


def test_plain_fields_take_their_very_types():
    """Of plain fields the types are known, None among them where the field takes it."""
    types = plain_types(Plain, NAMES)
    assert types is not None
    assert {name: types[name] for name in NAMES} == {
        "id": {str},
        "name": {str, type(None)},
        "age": {int},
        "score": {float},
        "active": {bool},
    }


@pytest.mark.parametrize(
    "cls",
    [WithConstraint, WithExtra, WithPrivate, WithPostInit, WithOtherType],
)
def test_a_class_that_does_more_goes_through_its_validator(cls):
    """Whatever a class adds to plain types is not passed by."""
    assert plain_types(Checked, ["id"]) is not None
    assert plain_types(cls, ["id"]) is None


@pytest.mark.parametrize(
    "cls", [WithAnnotation, WithFieldValidator, WithModelValidator, WithConfig, WithInit]
)
def test_what_loading_leaves_out_does_not_keep_a_class_from_being_assembled(cls):
    """Validators, conversions of text and `__init__` have no part in loading."""
    assert plain_types(cls, ["id"]) == plain_types(Checked, ["id"])


def test_what_is_assembled_is_as_if_validated():
    """An assembled entity has the values and the set of given fields that a validated one has."""
    made = assembled(Plain, [dict(VALUES)])[0]
    same = Plain(**VALUES)
    assert made.model_dump() == same.model_dump(exclude={"friends"}) == VALUES
    assert made.model_dump(exclude_unset=True) == same.model_dump(exclude_unset=True)
    assert made.model_fields_set == same.model_fields_set == set(NAMES)
    assert (made.model_extra, made.__pydantic_private__) == (None, None)


def test_an_assembled_entity_can_be_changed_copied_and_pickled():
    """The set of given fields is made when something asks for it, and belongs to the entity."""
    first, second = assembled(Plain, [dict(VALUES), dict(VALUES)])
    first.age = 5
    first.model_fields_set.discard("score")
    assert second.model_fields_set == set(NAMES)
    for twin in (copy.copy(second), second.model_copy(), pickle.loads(pickle.dumps(second))):
        assert twin.model_dump() == second.model_dump()
        assert twin.model_fields_set == set(NAMES)


class Bare(Node, registry=REGISTRY):
    """No relation."""

    id: str
    name: str = ""


def test_the_set_of_given_fields_is_what_the_constructor_was_given():
    """Whether it was kept or is made when asked for, and each entity has its own."""
    every, some = Bare(id="a", name="b"), Bare(id="a")
    assert (every.model_fields_set, some.model_fields_set) == ({"id", "name"}, {"id"})
    every.model_fields_set.clear()
    assert Bare(id="a", name="b").model_fields_set == {"id", "name"}
    assert some.model_dump(exclude_unset=True) == {"id": "a"}
