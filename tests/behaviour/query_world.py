"""A small graph that random statements ask about, and plain Python's view of it.

The models store it; `Plain` holds the same values without a database. It has a class that inherits
from another, nulls in every field that may be null, text beyond ASCII, parallel edges, self loops
and circles.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from runic.ogm.model import Edge, Field, Node, Registry, Relation

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
    mood: Mood | None = None
    tags: list[str] = Field(default_factory=list)
    numbers: list[int] | None = None
    likes: list[Likes] = Relation("LIKES", target="Being", multiple=True)
    liked: list[Likes] = Relation("LIKES", "INCOMING", target="Being", multiple=True)
    knows: list[Being] = Relation("KNOWS", "BOTH")
    owns: list[Item] = Relation("OWNS")


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


def day(number: int) -> dt.datetime:
    """Return a moment, some in another zone."""
    zone = dt.UTC if number % 2 else dt.timezone(dt.timedelta(hours=5, minutes=30))
    return dt.datetime(2020, 1, 1, 12, 30, 5, 250_000, zone) + dt.timedelta(days=number)


BEINGS: list[dict[str, Any]] = [
    {"id": "b1", "name": "Ada", "nick": "ada", "age": 36, "score": 1.5, "active": True,
     "born": day(1), "mood": Mood.CALM, "tags": ["x", "y"], "numbers": [1, 2]},
    {"id": "b2", "name": "ünï 日本", "age": 20, "score": -2.25, "active": False, "born": day(2),
     "mood": Mood.WILD, "tags": ["y"], "numbers": []},
    {"id": "b3", "name": "", "nick": "", "age": -3, "tags": [], "numbers": [2, 2, 3]},
    {"id": "b4", "name": "a'b\"c\\`d", "nick": "Ada", "age": 36, "active": True, "born": day(2),
     "score": 0.0, "tags": ["x", "x", "z"]},
    {"id": "b5", "name": "Ada", "active": False, "mood": Mood.CALM, "tags": ["日本"]},
]  # fmt: skip
ROBOTS: list[dict[str, Any]] = [
    {"id": "r1", "name": "\N{MATHEMATICAL SCRIPT CAPITAL X}-1", "nick": "x", "age": 1,
     "score": 1.5, "volts": 12, "born": day(5), "active": True, "tags": ["x"], "numbers": [7]},
    {"id": "r2", "name": "Ada", "nick": "ünï 日本", "age": 0, "score": 100.125, "mood": Mood.WILD},
]  # fmt: skip
ITEMS: list[dict[str, Any]] = [
    {"id": "i1", "title": "Ada", "price": 2.5, "weight": 1},
    {"id": "i2", "title": "x", "weight": 36},
    {"id": "i3", "title": "日本", "price": -2.25},
]  # fmt: skip

LIKES: list[tuple[str, str, dict[str, Any]]] = [
    ("b1", "b2", {"since": 1, "how": "a lot"}),
    ("b1", "b2", {"since": 2}),
    ("b2", "r1", {"since": 20, "how": "x"}),
    ("r1", "b1", {"since": 36, "how": "a lot"}),
    ("b3", "b3", {"how": "x"}),
    ("b1", "b4", {"since": 0}),
    ("b4", "r2", {}),
]
KNOWS = [("b1", "b2"), ("b3", "b1"), ("r1", "r2"), ("b4", "b4")]
OWNS = [("b1", "i1"), ("b1", "i2"), ("b2", "i1"), ("r1", "i3"), ("b3", "i2")]


@dataclass(frozen=True, eq=False)
class Plain:
    """A node or an edge as Python sees it: its class and the values of all fields."""

    cls: type[Any]
    values: dict[str, Any]

    @property
    def key(self) -> str:
        """The key of a node."""
        return str(self.values["id"])


def _plain(cls: type[Any], given: dict[str, Any]) -> Plain:
    made = cls(**given)
    relations = getattr(cls, "__runic_relations__", ())
    fields = [name for name in cls.model_fields if name not in relations]
    return Plain(cls, {name: getattr(made, name) for name in fields if hasattr(made, name)})


_ROWS = [(Being, BEINGS), (Robot, ROBOTS), (Item, ITEMS)]
NODES: dict[str, Plain] = {row["id"]: _plain(cls, row) for cls, rows in _ROWS for row in rows}
EDGES: list[tuple[str, str, str, Plain]] = [
    *[("LIKES", source, target, _plain(Likes, given)) for source, target, given in LIKES],
    *[("KNOWS", source, target, Plain(Edge, {})) for source, target in KNOWS],
    *[("OWNS", source, target, Plain(Edge, {})) for source, target in OWNS],
]

Step = Callable[[Plain], "list[tuple[Plain, Plain]]"]


@dataclass(frozen=True)
class Way:
    """A relation, the class it leaves and the one it leads to, and how Python follows it."""

    name: str
    source: type[Node]
    target: type[Node]
    edge: type[Edge] | None
    type: str
    out: bool = True
    back: bool = False

    def steps(self, node: Plain) -> list[tuple[Plain, Plain]]:
        """Return each edge of a node, with the node at its other end."""
        return [(edge, NODES[key]) for edge, key in self._ends(node.key)]

    def _ends(self, key: str) -> Iterator[tuple[Plain, str]]:
        for type_, source, target, edge in EDGES:
            if type_ != self.type:
                continue
            # A self loop of a relation that goes both ways is one edge, and found once.
            if self.out and source == key:
                yield edge, target
            elif self.back and target == key:
                yield edge, source


WAYS = [
    Way("likes", Being, Being, Likes, "LIKES"),
    Way("liked", Being, Being, Likes, "LIKES", out=False, back=True),
    Way("knows", Being, Being, None, "KNOWS", back=True),
    Way("owns", Being, Item, None, "OWNS"),
    Way("owners", Item, Being, None, "OWNS", out=False, back=True),
]


def of_class(cls: type[Node]) -> list[Plain]:
    """Return the nodes of a class, those of its subclasses among them."""
    return [node for node in NODES.values() if issubclass(node.cls, cls)]


def entities() -> list[Any]:
    """Return new entities that store the graph."""
    made = {row["id"]: cls(**row) for cls, rows in _ROWS for row in rows}
    edges = [Likes(source=made[s], target=made[t], **given) for s, t, given in LIKES]
    for name, pairs in (("knows", KNOWS), ("owns", OWNS)):
        for source, target in pairs:
            getattr(made[source], name).append(made[target])
    return [*made.values(), *edges]
