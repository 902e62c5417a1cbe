"""The models that the tests of statements ask about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from runic.ogm.model import Edge, Field, GeoLocation, Node, Registry, Relation

# Other tests define a User of their own.
REGISTRY = Registry()


class Role(Enum):
    """A plain enum."""

    READER = "reader"
    EDITOR = "editor"


class Entry(Node, abstract=True, registry=REGISTRY):
    """Base of the nodes, so that they share the registry."""

    id: str


class Authored(Edge, registry=REGISTRY):
    """Who wrote what, and when."""

    year: int
    note: str | None = None


class Article(Entry, labels=["Article"]):
    """Something to read."""

    title: str
    published: bool = True
    at: dt.datetime | None = None
    author: User | None = Relation("AUTHORED", "INCOMING")


class User(Entry, labels=["User"]):
    """Somebody with a field of every kind that statements treat in its own way."""

    name: str = Field(index=True)
    full_name: str | None = Field(None, property="fullName")
    age: int | None = None
    score: float | None = None
    big: int | None = Field(None, index=True)
    city: str | None = None
    active: bool | None = None
    role: Role | None = None
    born: dt.date | None = None
    worked: dt.timedelta | None = None
    token: UUID | None = None
    balance: Decimal | None = None
    home: GeoLocation | None = None
    tags: list[str] = Field(default_factory=list)
    days: list[dt.date] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)
    articles: list[Article] = Relation("AUTHORED", edge_model=Authored)
    authored: list[Authored] = Relation("AUTHORED", target="Article")
    friends: list[User] = Relation("KNOWS", "BOTH")
    newest: list[User] = Relation("KNOWS", order_by="-age", limit=2)
    calls: list[User] = Relation("CALLS", multiple=True)


class Place(Entry, labels=["Place"]):
    """A class with a class below it."""

    area: int | None = None


class Country(Place, labels=["Country"]):
    """A class below another."""

    code: str | None = None


class Both(Entry, labels=["One", "Two"]):
    """A class with two labels of its own."""
