"""What is in the worlds that random statements ask about."""

from __future__ import annotations

import datetime as dt
from enum import Enum

from runic.ogm.model import Edge, Field, GeoLocation, Node, Registry, Relation, Vector, VectorIndex

REGISTRY = Registry()


class Mood(Enum):
    """How somebody is."""

    CALM = "calm"
    WILD = "wi'ld"


class Likes(Edge, registry=REGISTRY):
    """One liking of several between the same beings."""

    since: int | None = None
    how: str | None = None


class Being(Node, registry=REGISTRY):
    """Somebody, with a field of every sort."""

    id: str
    name: str = ""
    nick: str | None = None
    age: int | None = Field(None, index=True)
    score: float | None = None
    active: bool | None = None
    born: dt.datetime | None = None
    day: dt.date | None = None
    mood: Mood | None = None
    tags: list[str] = Field(default_factory=list)
    numbers: list[int] | None = None
    home: GeoLocation | None = None
    likes: list[Likes] = Relation("LIKES", target="Being", multiple=True)
    liked: list[Likes] = Relation("LIKES", "INCOMING", target="Being", multiple=True)
    knows: list[Being] = Relation("KNOWS", "BOTH")
    owns: list[Item] = Relation("OWNS")
    wants: list[Item] = Relation("WANTS")


class Robot(Being, registry=REGISTRY):
    """A being with more fields."""

    volts: int | None = None


class Item(Node, registry=REGISTRY):
    """Something that beings own."""

    id: str
    title: str = Field("", index=True)
    price: float | None = None
    weight: int | None = None
    owners: list[Being] = Relation("OWNS", "INCOMING")


class Note(Node, registry=REGISTRY):
    """Something that is searched; its indexes are always there."""

    id: str
    words: str = Field("", fulltext=True)
    stars: int | None = None
    spot: Vector | None = Field(None, vector=VectorIndex(dimension=2, similarity="euclidean"))
