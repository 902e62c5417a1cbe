"""The models that the behaviour tests store and load."""

from __future__ import annotations

import datetime as dt
from typing import Any

from runic.ogm.model import Edge, Field, Node, Registry, Relation

# Other tests define a Person of their own.
REGISTRY = Registry()


class Entry(Node, abstract=True, registry=REGISTRY):
    """Base of the nodes: they share a registry and the name of their key."""

    id: str


class Wrote(Edge, type="WROTE", registry=REGISTRY):
    """Who wrote what."""

    role: str = "author"
    year: int | None = None


class Shift(Edge, type="SHIFT", registry=REGISTRY):
    """One of several times that a person was at a place; edits are counted."""

    day: dt.date
    notes: list[str] = Field(default_factory=list)
    edits: int = Field(version=True)


class Company(Entry):
    """Somewhere to work."""

    name: str = ""
    staff: list[Person] = Relation("WORKS_AT", "INCOMING")


class Person(Entry):
    """Somebody with a relation of every kind."""

    name: str = ""
    email: str | None = Field(None, unique=True)
    age: int | None = None
    tags: list[str] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)
    articles: list[Article] = Relation("WROTE", edge_model="Wrote")
    employer: Company | None = Relation("WORKS_AT")
    friends: list[Person] = Relation("KNOWS", "BOTH")
    follows: list[Person] = Relation("FOLLOWS")
    followers: list[Person] = Relation("FOLLOWS", "INCOMING")
    shifts: list[Shift] = Relation("SHIFT", target="Company", multiple=True)
    visits: list[Company] = Relation("VISITED", multiple=True)
    secret: Company | None = Relation("SECRET", cascade=False)


class Article(Entry):
    """Something that was written."""

    title: str = ""
    author: Person | None = Relation("WROTE", "INCOMING", edge_model="Wrote")
    comments: list[Comment] = Relation("ABOUT", "INCOMING")


class Comment(Entry):
    """Something said about an article."""

    text: str = ""
    article: Article | None = Relation("ABOUT")
    by: Person | None = Relation("SAID", "INCOMING")


class Account(Entry):
    """Something that two sessions may change at once."""

    balance: int = 0
    revision: int = Field(version=True)


class Counter(Node, registry=REGISTRY):
    """A node whose key the database makes."""

    id: int | None = Field(primary_key=True, generated=True)
    label: str = ""


class Ticket(Node, registry=REGISTRY):
    """A node that makes its own key."""

    id: str = Field(primary_key=True, generated=True)
    text: str = ""
