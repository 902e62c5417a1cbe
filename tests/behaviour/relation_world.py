"""What a graph of people and firms should hold, in plain Python.

The stateful test of relations drives a session and a `World` side by side: the world knows nothing
of sessions, entities or Cypher. A bare relationship is a triple with a count, an edge with
properties is known by its tag, which nothing else has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from runic.ogm.model import Edge, Field, Node, Registry, Relation

REGISTRY = Registry()


class Role(Edge, type="ROLE", registry=REGISTRY):
    """At most one between a person and a firm."""

    tag: int
    title: str | None = None


class Shift(Edge, type="SHIFT", registry=REGISTRY):
    """Any number between a person and a firm; edits are counted."""

    tag: int
    title: str | None = None
    edits: int = Field(version=True)


class Firm(Node, registry=REGISTRY):
    """Leads back to people, over relations to one and to many."""

    id: str
    name: str = ""
    tags: list[str] = Field(default_factory=list)
    staff: list[Person] = Relation("WORKS_AT", "INCOMING")
    boss: Person | None = Relation("LEADS", "INCOMING")
    crew: list[Role] = Relation("ROLE", "INCOMING", target="Person")


class Person(Node, registry=REGISTRY):
    """Has a relation of every kind."""

    id: str
    name: str = ""
    tags: list[str] = Field(default_factory=list)
    employer: Firm | None = Relation("WORKS_AT")
    leads: Firm | None = Relation("LEADS")
    friends: list[Person] = Relation("KNOWS", "BOTH")
    follows: list[Person] = Relation("FOLLOWS")
    followers: list[Person] = Relation("FOLLOWS", "INCOMING")
    visits: list[Firm] = Relation("VISITED", multiple=True)
    roles: list[Role] = Relation("ROLE", target="Firm")
    shifts: list[Shift] = Relation("SHIFT", target="Firm", multiple=True)


@dataclass(frozen=True)
class Side:
    """A relation as the world sees it."""

    owner: str
    type: str
    direction: str
    many: bool
    other: str
    edge: type[Any] | None = None


SIDES = {
    "staff": Side("f", "WORKS_AT", "IN", True, "p"),
    "boss": Side("f", "LEADS", "IN", False, "p"),
    "crew": Side("f", "ROLE", "IN", True, "p", Role),
    "employer": Side("p", "WORKS_AT", "OUT", False, "f"),
    "leads": Side("p", "LEADS", "OUT", False, "f"),
    "friends": Side("p", "KNOWS", "BOTH", True, "p"),
    "follows": Side("p", "FOLLOWS", "OUT", True, "p"),
    "followers": Side("p", "FOLLOWS", "IN", True, "p"),
    "visits": Side("p", "VISITED", "OUT", True, "f"),
    "roles": Side("p", "ROLE", "OUT", True, "f", Role),
    "shifts": Side("p", "SHIFT", "OUT", True, "f", Shift),
}
INVERSES = {"staff": "employer", "employer": "staff", "boss": "leads", "leads": "boss"}
# The ends of these relationships that have one of them only.
_ONE_AT = {"WORKS_AT": (0,), "LEADS": (0, 1)}

Bare = tuple[str, str, str]


@dataclass
class World:
    """Nodes by id, bare relationships counted, edges by tag."""

    nodes: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    bare: Counter[Bare] = field(default_factory=Counter)
    edges: dict[int, tuple[str, str, str, str | None]] = field(default_factory=dict)

    def copy(self) -> World:
        """Return a world that changes on its own."""
        return World(dict(self.nodes), Counter(self.bare), dict(self.edges))

    def people(self) -> list[str]:
        """Return the ids of people."""
        return [each for each in self.nodes if each[0] == "p"]

    def firms(self) -> list[str]:
        """Return the ids of firms."""
        return [each for each in self.nodes if each[0] == "f"]

    def triple(self, name: str, owner: str, other: str) -> Bare:
        """Return the relationship that `owner` has with `other` by a relation."""
        side = SIDES[name]
        if side.direction == "BOTH":
            return (side.type, *sorted((owner, other)))  # type: ignore[return-value]
        source, target = (other, owner) if side.direction == "IN" else (owner, other)
        return (side.type, source, target)

    def join(self, name: str, owner: str, other: str, *, only: bool = True) -> None:
        """Relate two nodes; an end that has one relationship of the type loses the others."""
        triple = self.triple(name, owner, other)
        if triple[0] == "VISITED":
            self.bare[triple] += 1
            return
        for end in _ONE_AT.get(triple[0], ()) if only else ():
            for old in [
                b for b in self.bare if b[0] == triple[0] and b[end + 1] == triple[end + 1]
            ]:
                if old != triple:
                    del self.bare[old]
        self.bare[triple] = 1

    def part(self, name: str, owner: str, other: str) -> None:
        """Take every bare relationship of a relation between two nodes away."""
        self.bare.pop(self.triple(name, owner, other), None)

    def held(self, name: str, owner: str) -> list[Any]:
        """Return the ids (or tags) that a relation of a node holds, sorted."""
        side = SIDES[name]
        if side.edge:
            end = 2 if side.direction == "IN" else 1
            return sorted(
                tag for tag, e in self.edges.items() if e[0] == side.type and e[end] == owner
            )
        found = []
        for (type_, source, target), count in self.bare.items():
            if type_ == side.type:
                if owner == source and side.direction != "IN":
                    found += [target] * count
                elif owner == target and side.direction != "OUT":
                    found += [source] * count
        return sorted(found)

    def put_edge(self, kind: str, tag: int, source: str, target: str, title: str | None) -> None:
        """Add an edge; a ROLE takes the place of the one between the same nodes."""
        if kind == "ROLE":
            for old in [t for t, e in self.edges.items() if e[:3] == (kind, source, target)]:
                del self.edges[old]
        self.edges[tag] = (kind, source, target, title)

    def without(self, nodes: set[str], tags: set[int]) -> World:
        """Return the world without some nodes, their relationships, and some edges."""
        return World(
            {k: v for k, v in self.nodes.items() if k not in nodes},
            Counter({b: n for b, n in self.bare.items() if nodes.isdisjoint(b[1:])}),
            {
                t: e
                for t, e in self.edges.items()
                if t not in tags and nodes.isdisjoint((e[1], e[2]))
            },
        )


def stored_world(read: Callable[[str], list[Any]]) -> World:
    """Return what a graph holds; `read` gives the rows of a query."""
    world = World()
    for labels, id_, name, tags in read("MATCH (n) RETURN labels(n), n.id, n.name, n.tags"):
        assert labels == [{"p": "Person", "f": "Firm"}[id_[0]]]
        assert id_ not in world.nodes, f"{id_} is stored twice"
        world.nodes[id_] = (name, tuple(tags or ()))
    for type_, source, target, tag, title, _ in read(
        "MATCH (s)-[e]->(t) RETURN type(e), s.id, t.id, e.tag, e.title, id(e)"
    ):
        if type_ in ("ROLE", "SHIFT"):
            assert tag not in world.edges, f"edge {tag} is stored twice"
            world.edges[tag] = (type_, source, target, title)
        else:
            ends = sorted((source, target)) if type_ == "KNOWS" else (source, target)
            world.bare[type_, ends[0], ends[1]] += 1
    return world
