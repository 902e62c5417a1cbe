"""A small graph that random statements ask about, and plain Python's view of it.

The models store it; `Plain` holds the same values without a database. A world has a class that
inherits from another, nulls in every field that may be null, text beyond ASCII, parallel edges,
self loops and circles. `FIRST` is the world of the tests; exploring draws others.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from runic.ogm.model import Edge, GeoLocation, Node
from tests.oracle.statements.models import Being, Item, Likes, Mood, Note, Robot
from tests.oracle.statements.spelled import text_of

Given = dict[str, Any]
# The type of an edge, the keys of its ends, and its fields.
Line = tuple[str, str, str, Given]


def day(number: int) -> dt.datetime:
    """Return a moment, some in another zone."""
    zone = dt.UTC if number % 2 else dt.timezone(dt.timedelta(hours=5, minutes=30))
    return dt.datetime(2020, 1, 1, 12, 30, 5, 250_000, zone) + dt.timedelta(days=number)


@dataclass(frozen=True, eq=False)
class Plain:
    """A node or an edge as Python sees it: its class and the values of all fields."""

    cls: type[Any]
    values: dict[str, Any]
    world: World | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """The key of a node."""
        return str(self.values["id"])


class World:
    """Nodes and edges, as rows that make them and as plain Python has them."""

    def __init__(self, rows: list[tuple[type[Any], Given]], lines: list[Line]) -> None:
        self.rows = rows
        self.lines = lines
        self.nodes = {given["id"]: Plain(cls, _values(cls, given), self) for cls, given in rows}
        self.edges = [
            (type_, source, target, Plain(*_edge(type_, given), self))
            for type_, source, target, given in lines
        ]

    def of_class(self, cls: type[Any]) -> list[Plain]:
        """Return the nodes of a class, those of its subclasses among them."""
        return [node for node in self.nodes.values() if issubclass(node.cls, cls)]

    def entities(self) -> list[Any]:
        """Return new entities that store the graph."""
        made = {given["id"]: cls(**given) for cls, given in self.rows}
        edges = []
        for type_, source, target, given in self.lines:
            if type_ == "LIKES":
                edges.append(Likes(source=made[source], target=made[target], **given))
            else:
                getattr(made[source], type_.lower()).append(made[target])
        return [*made.values(), *edges]

    def smaller(self) -> Iterator[World]:
        """Yield the worlds that have one thing less: an edge, a node with its edges, or a value."""
        for number in range(len(self.lines)):
            yield World(self.rows, self.lines[:number] + self.lines[number + 1 :])
        for _, given in self.rows:
            key = given["id"]
            rows = [row for row in self.rows if row[1]["id"] != key]
            yield World(rows, [line for line in self.lines if key not in line[1:3]])
        for number, (cls, given) in enumerate(self.rows):
            for name in given.keys() - {"id"}:
                less = {other: value for other, value in given.items() if other != name}
                yield World(
                    [*self.rows[:number], (cls, less), *self.rows[number + 1 :]], self.lines
                )

    @property
    def size(self) -> int:
        """The number of nodes, edges and values."""
        return len(self.rows) + len(self.lines) + sum(len(given) for _, given in self.rows)

    def __str__(self) -> str:
        made = [f"{given['id']} = {_made(cls, given)}" for cls, given in self.rows]
        lines = [
            f"Likes(source={source}, target={target}{_named(given)})"
            if type_ == "LIKES"
            else f"{source}.{type_.lower()}.append({target})"
            for type_, source, target, given in self.lines
        ]
        return "\n".join([*made, *lines])


def _made(cls: type[Any], given: Given) -> str:
    return f"{cls.__name__}({_named(given).removeprefix(', ')})"


def _named(given: Given) -> str:
    return "".join(f", {name}={text_of(value)}" for name, value in given.items())


def _values(cls: type[Any], given: Given) -> Given:
    made = cls(**given)
    relations = getattr(cls, "__runic_relations__", ())
    fields = [name for name in cls.model_fields if name not in relations]
    return {name: getattr(made, name) for name in fields if hasattr(made, name)}


def _edge(type_: str, given: Given) -> tuple[type[Edge], Given]:
    return (Likes, _values(Likes, given)) if type_ == "LIKES" else (Edge, {})


@dataclass(frozen=True)
class Way:
    """A relation, the class it leaves and the one it leads to, and how Python follows it."""

    name: str
    source: type[Node]
    target: type[Node]
    edge: type[Edge] | None
    types: tuple[str, ...]
    out: bool = True
    back: bool = False

    def steps(self, node: Plain) -> list[tuple[Plain, Plain]]:
        """Return each edge of a node, with the node at its other end."""
        assert node.world is not None
        nodes = node.world.nodes
        return [(edge, nodes[key]) for edge, key in self._ends(node.world, node.key)]

    def _ends(self, world: World, key: str) -> Iterator[tuple[Plain, str]]:
        for type_, source, target, edge in world.edges:
            if type_ not in self.types:
                continue
            # A self loop of a relation that goes both ways is one edge, and found once.
            if self.out and source == key:
                yield edge, target
            elif self.back and target == key:
                yield edge, source


WAYS = [
    Way("likes", Being, Being, Likes, ("LIKES",)),
    Way("liked", Being, Being, Likes, ("LIKES",), out=False, back=True),
    Way("knows", Being, Being, None, ("KNOWS",), back=True),
    Way("owns", Being, Item, None, ("OWNS",)),
    Way("wants", Being, Item, None, ("WANTS",)),
    Way("owners", Item, Being, None, ("OWNS",), out=False, back=True),
]

_BEINGS: list[Given] = [
    {"id": "b1", "name": "Ada", "nick": "ada", "age": 36, "score": 1.5, "active": True,
     "born": day(1), "mood": Mood.CALM, "tags": ["x", "y"], "numbers": [1, 2],
     "day": dt.date(1990, 2, 3), "home": GeoLocation(latitude=48.0, longitude=11.5)},
    {"id": "b2", "name": "ünï 日本", "age": 20, "score": -2.25, "active": False, "born": day(2),
     "mood": Mood.WILD, "tags": ["y"], "numbers": [], "day": dt.date(2020, 12, 31)},
    {"id": "b3", "name": "", "nick": "", "age": -3, "tags": [], "numbers": [2, 2, 3],
     "home": GeoLocation(latitude=-12.5, longitude=-179.5)},
    {"id": "b4", "name": "a'b\"c\\`d", "nick": "Ada", "age": 36, "active": True, "born": day(2),
     "score": 0.0, "tags": ["x", "x", "z"], "home": GeoLocation(latitude=0.0, longitude=0.0)},
    {"id": "b5", "name": "Ada", "active": False, "mood": Mood.CALM, "tags": ["日本"],
     "day": dt.date(1990, 2, 3)},
]  # fmt: skip
_ROBOTS: list[Given] = [
    {"id": "r1", "name": "\N{MATHEMATICAL SCRIPT CAPITAL X}-1", "nick": "x", "age": 1,
     "score": 1.5, "volts": 12, "born": day(5), "active": True, "tags": ["x"], "numbers": [7]},
    {"id": "r2", "name": "Ada", "nick": "ünï 日本", "age": 0, "score": 100.125, "mood": Mood.WILD},
]  # fmt: skip
_ITEMS: list[Given] = [
    {"id": "i1", "title": "Ada", "price": 2.5, "weight": 1},
    {"id": "i2", "title": "x", "weight": 36},
    {"id": "i3", "title": "日本", "price": -2.25},
]  # fmt: skip
_NOTES: list[Given] = [
    {"id": "n1", "words": "graph of blue jazz", "stars": 3, "spot": [0.0, 1.0]},
    {"id": "n2", "words": "Blue tree", "spot": [4.0, 1.0]},
    {"id": "n3", "words": "", "stars": 5, "spot": [-2.0, 0.5]},
    {"id": "n4", "words": "GRAPH x tree graph", "stars": 0},
]
_LIKES: list[tuple[str, str, Given]] = [
    ("b1", "b2", {"since": 1, "how": "a lot"}),
    ("b1", "b2", {"since": 2}),
    ("b2", "r1", {"since": 20, "how": "x"}),
    ("r1", "b1", {"since": 36, "how": "a lot"}),
    ("b3", "b3", {"how": "x"}),
    ("b1", "b4", {"since": 0}),
    ("b4", "r2", {}),
]
_KNOWS = [("b1", "b2"), ("b3", "b1"), ("r1", "r2"), ("b4", "b4")]
_OWNS = [("b1", "i1"), ("b1", "i2"), ("b2", "i1"), ("r1", "i3"), ("b3", "i2")]
_WANTS = [("b1", "i1"), ("b2", "i3"), ("b5", "i2")]

FIRST = World(
    [(Being, row) for row in _BEINGS]
    + [(Robot, row) for row in _ROBOTS]
    + [(Item, row) for row in _ITEMS]
    + [(Note, row) for row in _NOTES],
    [
        *[("LIKES", source, target, given) for source, target, given in _LIKES],
        *[("KNOWS", source, target, {}) for source, target in _KNOWS],
        *[("OWNS", source, target, {}) for source, target in _OWNS],
        *[("WANTS", source, target, {}) for source, target in _WANTS],
    ],
)

# What fields are drawn from.
DRAWN: dict[str, list[Any]] = {
    "name": ["Ada", "ada", "", "ünï 日本", "😀x", "a'b\"c\\`d", "e\u0301", "1", "日本"],
    "nick": ["Ada", "ada", "", "x", "日", "😀", "a a", "\u00dcNÏ"],
    "age": [0, 1, 2, 20, 36, -3, 7],
    "score": [0.0, 1.5, -2.25, 100.125, 0.5, 2.0, -0.5],
    "active": [True, False],
    "born": [day(1), day(2), day(5), dt.datetime(2020, 1, 4, tzinfo=dt.UTC)],
    "day": [dt.date(1990, 2, 3), dt.date(2020, 12, 31), dt.date(1, 1, 1)],
    "mood": list(Mood),
    "tags": [[], ["x"], ["x", "y"], ["日本"], ["", "y", "y"], ["😀", "x", "é"]],
    "numbers": [[], [1, 2], [7], [2, 2, 3], [-3, 0]],
    "home": [
        GeoLocation(latitude=latitude, longitude=longitude)
        for latitude, longitude in [(0.0, 0.0), (48.0, 11.5), (-12.5, -179.5), (1.0, 179.5)]
    ],
    "volts": [0, 12, -3],
    "title": ["Ada", "x", "", "日本", "a'b\"c\\`d"],
    "price": [0.0, 2.5, -2.25, 1.5],
    "weight": [0, 1, 36, -3],
    "words": ["graph", "blue Tree", "jazz graph rome", "", "x blue", "Rome"],
    "stars": [0, 3, 5, 36],
    "spot": [[0.0, 0.0], [4.0, 1.0], [-2.0, 0.5], [0.0, 1.0], [3.0, 3.0]],
    "since": [0, 1, 2, 20, 36],
    "how": ["a lot", "x", "", "日"],
}
_NODE_FIELDS: dict[type[Any], list[str]] = {
    Being: ["name", "nick", "age", "score", "active", "born", "day", "mood", "tags", "numbers",
            "home"],
    Item: ["title", "price", "weight"],
    Note: ["words", "stars", "spot"],
}  # fmt: skip
_NODE_FIELDS[Robot] = [*_NODE_FIELDS[Being], "volts"]


def drawn(chance: random.Random) -> World:
    """Return another world."""
    rows = []
    for cls, letter, most in ((Being, "b", 5), (Robot, "r", 3), (Item, "i", 4), (Note, "n", 4)):
        for number in range(chance.randint(0, most)):
            rows.append((cls, {"id": f"{letter}{number + 1}", **_some(chance, _NODE_FIELDS[cls])}))
    beings = [given["id"] for cls, given in rows if issubclass(cls, Being)]
    items = [given["id"] for cls, given in rows if cls is Item]
    return World(rows, list(_lines(chance, beings, items)))


def _some(chance: random.Random, names: list[str]) -> Given:
    return {name: chance.choice(DRAWN[name]) for name in names if chance.random() < 0.6}


def _lines(chance: random.Random, beings: list[str], items: list[str]) -> Iterator[Line]:
    for type_, others in (("LIKES", beings), ("KNOWS", beings), ("OWNS", items), ("WANTS", items)):
        seen: set[frozenset[str]] = set()
        for _ in range(chance.randint(0, 7) if beings and others else 0):
            source, target = chance.choice(beings), chance.choice(others)
            # Of other relations than this there is one edge between two nodes.
            if type_ != "LIKES" and frozenset((source, target)) in seen:
                continue
            seen.add(frozenset((source, target)))
            yield type_, source, target, _some(chance, ["since", "how"] if type_ == "LIKES" else [])
