"""The models that the requirements store; in a registry of their own."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from runic.ogm.model import (
    Edge,
    Field,
    GeoLocation,
    Node,
    Registry,
    Relation,
    Vector,
    VectorIndex,
)
from runic.ogm.query.mapped import Mapped

REGISTRY = Registry()


class Colour(Enum):
    """Members of two kinds of value."""

    RED = "red"
    NINE = 9


class Address(BaseModel):
    """A model inside of a property."""

    street: str
    number: int | None = None


class Wrote(Edge, type="SUITE_WROTE", registry=REGISTRY):
    """Who wrote what, and when."""

    year: int | None = None


class Animal(Node, labels=["SuiteAnimal"], registry=REGISTRY):
    """A class with a class below it."""

    id: str
    name: str = ""


class Dog(Animal, labels=["SuiteDog"]):
    """A class whose nodes are found by both."""

    breed: str = ""


class Book(Node, labels=["SuiteBook"], registry=REGISTRY):
    """Something that was written."""

    id: str
    title: str = ""


class Person(Node, labels=["SuitePerson"], registry=REGISTRY):
    """Somebody with relations; the database keeps their `email` unique."""

    id: Mapped[str]
    name: Mapped[str] = Field(default="")
    email: str | None = Field(default=None, unique=True)
    age: Mapped[int | None] = Field(default=None)
    tags: list[str] = Field(default_factory=list)
    books: Mapped[list[Book]] = Relation("SUITE_WROTE", edge_model="Wrote")
    friends: Mapped[list[Person]] = Relation("SUITE_KNOWS", "BOTH")


class Account(Node, labels=["SuiteAccount"], registry=REGISTRY):
    """Something that two sessions may change at once."""

    id: str
    balance: int = 0
    revision: int = Field(default=0, version=True)


class Counter(Node, labels=["SuiteCounter"], registry=REGISTRY):
    """A node whose key the database makes."""

    id: int | None = Field(primary_key=True, generated=True)


class Everything(Node, labels=["SuiteEverything"], registry=REGISTRY):
    """A property of every kind."""

    id: str
    text: str | None = None
    whole: int | None = None
    real: float | None = None
    truth: bool | None = None
    raw: bytes | None = None
    instant: Mapped[dt.datetime | None] = Field(default=None)
    local: dt.datetime | None = None
    day: dt.date | None = None
    moment: dt.time | None = None
    span: dt.timedelta | None = None
    key: uuid.UUID | None = None
    exact: Decimal | None = None
    colour: Colour | None = None
    place: Mapped[GeoLocation | None] = Field(default=None)
    numbers: Vector | None = None
    address: Address | None = None
    document: dict[str, Any] | None = None
    words: list[str] = Field(default_factory=list)
    days: list[dt.date] = Field(default_factory=list)
    addresses: list[Address] = Field(default_factory=list)


class Note(Node, labels=["SuiteNote"], registry=REGISTRY):
    """Something to be found by its words."""

    id: str
    text: str = Field(default="", fulltext=True)


class Point(Node, labels=["SuitePoint"], registry=REGISTRY):
    """Something to be found by what is near it."""

    id: str
    position: Vector | None = Field(
        default=None, vector=VectorIndex(dimension=2, similarity="euclidean")
    )
