"""What is stored, as runic entities and as the dataclasses of the hand-written side.

Both sides start from the same plain rows, made here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runic.ogm import Field, Node, Registry, Relation, Vector, VectorIndex

_REGISTRY = Registry()
LINKS = 10
"""How many articles belong to each author."""


class User(Node, labels=["User"], registry=_REGISTRY):
    """Seven properties, no relation."""

    id: str = Field(index=True)
    name: str
    email: str
    age: int
    city: str
    score: float
    active: bool


class Article(Node, labels=["Article"], registry=_REGISTRY):
    """What authors write and read."""

    id: str = Field(index=True)
    title: str
    year: int


class Document(Node, labels=["Document"], registry=_REGISTRY):
    """What is searched by words and by vectors."""

    id: str = Field(index=True)
    text: str = Field(fulltext=True)
    year: int
    vector: Vector = Field(vector=VectorIndex(dimension=2))


class Author(Node, labels=["Author"], registry=_REGISTRY):
    """The same seven properties and two relations."""

    id: str = Field(index=True)
    name: str
    email: str
    age: int
    city: str
    score: float
    active: bool
    articles: list[Article] = Relation("AUTHORED")
    reads: list[Article] = Relation("READ", multiple=True)


@dataclass
class PlainUser:
    """A user of the hand-written side."""

    id: str
    name: str
    email: str
    age: int
    city: str
    score: float
    active: bool


@dataclass
class PlainArticle:
    """An article of the hand-written side."""

    id: str
    title: str
    year: int


@dataclass
class PlainAuthor:
    """An author of the hand-written side; `node` is the database's id."""

    id: str
    name: str
    email: str
    age: int
    city: str
    score: float
    active: bool
    node: int = -1
    articles: list[PlainArticle] = field(default_factory=list)
    reads: list[PlainArticle] = field(default_factory=list)


FIELDS = ("id", "name", "email", "age", "city", "score", "active")


def user_rows(count: int) -> list[dict[str, Any]]:
    """Return so many users as dicts, always the same."""
    return [
        {
            "id": f"u{i}",
            "name": f"Name {i}",
            "email": f"user{i}@example.org",
            "age": i % 90,
            "city": f"City {i % 50}",
            "score": i * 0.37,
            "active": i % 2 == 0,
        }
        for i in range(count)
    ]


def article_rows(count: int) -> list[dict[str, Any]]:
    """Return so many articles as dicts, always the same."""
    return [{"id": f"a{i}", "title": f"Title {i}", "year": 1990 + i % 35} for i in range(count)]
