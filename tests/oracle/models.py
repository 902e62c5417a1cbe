"""The models that the oracle draws from: every kind of value, relation, edge and class."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import (
    AnyUrl,
    AwareDatetime,
    ConfigDict,
    EmailStr,
    JsonValue,
    NaiveDatetime,
    SecretBytes,
    SecretStr,
)

from runic.ogm import GeoLocation, Vector, VectorIndex
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from tests.oracle.value_classes import AsCents, Colour, Entry, Inner, Money, Size, Span, Tree

REGISTRY = Registry()


class Valued(Node, abstract=True, registry=REGISTRY):
    """A field of every kind of value, all of them optional."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: str
    text: str | None = Field(None, property="txt")
    code: str | None = Field(None, index=True)
    slug: str | None = Field(None, unique=True)
    num: int | None = None
    rank: int | None = Field(None, index=True)
    ratio: float | None = None
    flag: bool | None = None
    blob: bytes | None = None
    at: AwareDatetime | None = Field(None, property="at_time")
    local: NaiveDatetime | None = None
    day: dt.date | None = None
    hour: dt.time | None = None
    took: dt.timedelta | None = None
    colour: Colour | None = None
    uid: uuid.UUID | None = None
    price: Decimal | None = None
    tags: list[str] | None = None
    nums: list[float] | None = None
    days: list[dt.date] = Field(default_factory=list)
    extra: dict[str, Any] | None = None
    inner: Inner | None = None
    pair: tuple[int, str] | None = None
    shape: Vector | None = None
    place: GeoLocation | None = None
    mixed: str | int | float | bool | None = None
    mail: EmailStr | None = None
    secret: SecretStr | None = None
    hidden: SecretBytes | None = None
    url: AnyUrl | None = None
    address: IPv4Address | None = None
    place_of: PurePosixPath | None = None
    only: Literal[Colour.RED, Colour.ODD] | None = None
    some: set[int] | None = None
    row: tuple[int, ...] | None = None
    size: Size | None = None
    entry: Entry | None = None
    span: Span | None = None
    tree: Tree | None = None
    anything: JsonValue = None
    holes: list[int | None] | None = None
    grid: list[list[int]] | None = None
    money: Money | None = Field(None, converter=AsCents())


class EdgeValues(Edge, abstract=True, registry=REGISTRY):
    """Some fields of edges, with defaults that are not None."""

    note: str | None = "new"
    weight: float | None = None
    since: dt.date | None = Field(None, property="since_day")
    price: Decimal | None = Decimal("1.10")
    marks: list[str] = Field(default_factory=list)
    mixed: str | int | float | bool | None = None


class Role(EdgeValues, type="ROLE", registry=REGISTRY):
    """At most one between a person and a firm, not counted."""


class Shift(EdgeValues, type="SHIFT", registry=REGISTRY):
    """Any number between a person and a firm, told apart by their tags."""

    tag: int
    edits: int = Field(default=0, version=True)


class Likes(EdgeValues, type="LIKES", registry=REGISTRY):
    """At most one between two people, who may be the same, counted."""

    edits: int = Field(default=0, version=True)


class Mentors(EdgeValues, type="MENTORS", registry=REGISTRY):
    """The properties behind a relation of nodes."""

    edits: int = Field(default=0, version=True)


class Firm(Valued, registry=REGISTRY):
    """Not counted; leads back to people; can be searched."""

    words: str | None = Field(None, fulltext=True)
    spot: Vector | None = Field(None, vector=VectorIndex(dimension=2, similarity="euclidean"))
    staff: list[Person] = Relation("WORKS_AT", "INCOMING")
    boss: Person | None = Relation("LEADS", "INCOMING")
    crew: list[Role] = Relation("ROLE", "INCOMING", target="Person")


class Person(Valued, registry=REGISTRY):
    """Counted; has a relation of every kind."""

    revision: int = Field(default=0, version=True)
    employer: Firm | None = Relation("WORKS_AT")
    leads: Firm | None = Relation("LEADS")
    friends: list[Person] = Relation("KNOWS", "BOTH")
    follows: list[Person] = Relation("FOLLOWS")
    followers: list[Person] = Relation("FOLLOWS", "INCOMING")
    visits: list[Firm] = Relation("VISITED", multiple=True)
    mentors: list[Person] = Relation("MENTORS", edge_model=Mentors)
    roles: list[Role] = Relation("ROLE", target="Firm")
    shifts: list[Shift] = Relation("SHIFT", target="Firm", multiple=True)
    likes: list[Likes] = Relation("LIKES", target="Person")
    liked_by: list[Likes] = Relation("LIKES", "INCOMING", target="Person")


class Employee(Person, registry=REGISTRY):
    """A subclass with a label and a field of its own."""

    salary: Decimal | None = None


class Manager(Employee, registry=REGISTRY):
    """A subclass of it."""

    level: int | None = Field(None, index=True)


NODES: dict[str, Any] = {cls.__name__: cls for cls in (Firm, Person, Employee, Manager)}
EDGES: dict[str, Any] = {
    "ROLE": Role,
    "SHIFT": Shift,
    "LIKES": Likes,
    "MENTORS": Mentors,
}
VERSIONS = {"Person": "revision", "Employee": "revision", "Manager": "revision"}
EDGE_VERSIONS = {"SHIFT": "edits", "LIKES": "edits", "MENTORS": "edits"}
LABELS = {
    "Firm": {"Firm"},
    "Person": {"Person"},
    "Employee": {"Person", "Employee"},
    "Manager": {"Person", "Employee", "Manager"},
}
PROPERTIES = {"txt": "text", "at_time": "at", "since_day": "since"}


class Ticket(Node, registry=REGISTRY):
    """Has a key that is made at construction."""

    id: str = Field(primary_key=True, generated=True)
    rank: int = 0


class Reading(Node, registry=REGISTRY):
    """Has a key that is made at construction, and is no text."""

    id: uuid.UUID = Field(primary_key=True, generated=True)
    rank: int = 0


class Visit(Node, registry=REGISTRY):
    """Has a key that the database gives."""

    id: int | None = Field(None, primary_key=True, generated=True)
    rank: int = 0


GENERATED: list[Any] = [Ticket, Reading, Visit]
