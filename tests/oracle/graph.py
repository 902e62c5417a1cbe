"""The specification: a graph of plain dicts, and what relations mean in it.

A node is known by its id, a relationship without properties by its ends and how many there are, an
edge by its ends and, where several are between them, its tag. Values are never changed in place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Bare = tuple[str, str, str]
EdgeKey = tuple[str, str, str, int]
Values = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A node: its class, its fields, and labels beyond those of the class."""

    cls: str
    values: Values
    labels: frozenset[str] = frozenset()

    def having(self, values: Values) -> Row:
        """Return the same node with other values in some fields."""
        return Row(self.cls, {**self.values, **values}, self.labels)


@dataclass(frozen=True)
class Side:
    """A relation: whose it is, the relationship's type, and what it holds."""

    owner: str
    type: str
    direction: str
    many: bool
    other: str
    holds: str = "nodes"


SIDES = {
    "staff": Side("f", "WORKS_AT", "IN", True, "p"),
    "boss": Side("f", "LEADS", "IN", False, "p"),
    "crew": Side("f", "ROLE", "IN", True, "p", "edges"),
    "employer": Side("p", "WORKS_AT", "OUT", False, "f"),
    "leads": Side("p", "LEADS", "OUT", False, "f"),
    "friends": Side("p", "KNOWS", "BOTH", True, "p"),
    "follows": Side("p", "FOLLOWS", "OUT", True, "p"),
    "followers": Side("p", "FOLLOWS", "IN", True, "p"),
    "visits": Side("p", "VISITED", "OUT", True, "f"),
    "mentors": Side("p", "MENTORS", "OUT", True, "p", "nodes over edges"),
    "roles": Side("p", "ROLE", "OUT", True, "f", "edges"),
    "shifts": Side("p", "SHIFT", "OUT", True, "f", "edges"),
    "likes": Side("p", "LIKES", "OUT", True, "p", "edges"),
    "liked_by": Side("p", "LIKES", "IN", True, "p", "edges"),
}
ONE = [name for name, side in SIDES.items() if not side.many]
MANY = [name for name, side in SIDES.items() if side.many and side.holds != "edges"]
OVER_EDGES = [name for name, side in SIDES.items() if side.holds == "edges"]
# The ends of these relationships that have one of them only.
_ONE_AT = {"WORKS_AT": (1,), "LEADS": (1, 2)}


@dataclass
class Graph:
    """Nodes by id, relationships without properties counted, edges by their ends and tag."""

    nodes: dict[str, Row] = field(default_factory=dict)
    bare: Counter[Bare] = field(default_factory=Counter)
    edges: dict[EdgeKey, Values] = field(default_factory=dict)

    def copy(self) -> Graph:
        """Return a graph that changes on its own."""
        return Graph(dict(self.nodes), Counter(self.bare), dict(self.edges))

    def keys(self, kind: str) -> list[str]:
        """Return the ids of people or of firms."""
        return [key for key in self.nodes if key[0] == kind]

    def ends(self, name: str, owner: str, other: str) -> Bare:
        """Return the type and ends of what relates two nodes by a relation."""
        side = SIDES[name]
        if side.direction == "BOTH":
            first, second = sorted((owner, other))
            return side.type, first, second
        return (side.type, other, owner) if side.direction == "IN" else (side.type, owner, other)

    def join(self, name: str, owner: str, other: str, defaults: Values) -> None:
        """Relate two nodes; an end that can have one relationship of the type loses the other."""
        ends = self.ends(name, owner, other)
        if SIDES[name].holds == "nodes over edges":
            self.edges.setdefault((*ends, 0), defaults)
            return
        if ends[0] == "VISITED":
            self.bare[ends] += 1
            return
        for end in _ONE_AT.get(ends[0], ()):
            for old in [b for b in self.bare if b[0] == ends[0] and b[end] == ends[end]]:
                if old != ends:
                    del self.bare[old]
        self.bare[ends] = 1

    def part(self, name: str, owner: str, other: str) -> None:
        """Take away all that relates two nodes by a relation."""
        ends = self.ends(name, owner, other)
        self.bare.pop(ends, None)
        for key in [key for key in self.edges if key[:3] == ends]:
            del self.edges[key]

    def joined(self, name: str, owner: str, other: str) -> int:
        """Return how many relationships of a relation are between two nodes."""
        ends = self.ends(name, owner, other)
        return self.bare[ends] + sum(key[:3] == ends for key in self.edges)

    def held(self, name: str, owner: str) -> list[Any]:
        """Return what a relation of a node holds, sorted: ids, or keys of edges."""
        side = SIDES[name]
        if side.holds != "nodes":
            end = 2 if side.direction == "IN" else 1
            keys = sorted(k for k in self.edges if k[0] == side.type and k[end] == owner)
            return keys if side.holds == "edges" else [key[3 - end] for key in keys]
        found = []
        for (type_, source, target), count in self.bare.items():
            if type_ == side.type:
                if owner == source and side.direction != "IN":
                    found += [target] * count
                elif owner == target and side.direction != "OUT":
                    found += [source] * count
        return sorted(found)

    def without(self, nodes: set[str], edges: set[EdgeKey]) -> Graph:
        """Return the graph without some nodes, their relationships, and some edges."""
        return Graph(
            {key: row for key, row in self.nodes.items() if key not in nodes},
            Counter({b: n for b, n in self.bare.items() if n > 0 and nodes.isdisjoint(b[1:])}),
            {
                key: values
                for key, values in self.edges.items()
                if key not in edges and nodes.isdisjoint(key[1:3])
            },
        )
