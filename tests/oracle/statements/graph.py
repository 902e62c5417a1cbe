"""A world that statements write to: what plain Python makes of it, and what a database holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from runic.ogm.model import Node
from runic.ogm.query import select
from tests.oracle.statements.models import Being, Item, Note
from tests.oracle.statements.values import normal
from tests.oracle.statements.world import Given, World

# The type of an edge, the keys of its ends, and what its fields are.
Tie = tuple[str, str, str, Any, Any]


def tie(type_: str, source: str, target: str, since: Any, how: Any) -> Tie:
    """Return an edge; one of a relation that goes both ways has no first end."""
    ends = sorted((source, target)) if type_ == "KNOWS" else (source, target)
    return type_, ends[0], ends[1], since, how


class Graph:
    """The fields of nodes by key, and edges, of which several may be equal."""

    def __init__(self, world: World) -> None:
        self.nodes = {key: (node.cls, dict(node.values)) for key, node in world.nodes.items()}
        self.ties: Counter[Tie] = Counter()
        for type_, source, target, edge in world.edges:
            self.tie(type_, source, target, edge.values)

    def tie(self, type_: str, source: str, target: str, given: Given, number: int = 1) -> None:
        """Add an edge."""
        self.ties[tie(type_, source, target, given.get("since"), given.get("how"))] += number

    def add(self, cls: type[Any], given: Given) -> None:
        """Add a node, its other fields as they are by default."""
        made = cls(**given)
        names = [name for name in cls.model_fields if name not in cls.__runic_relations__]
        self.nodes[given["id"]] = (cls, {name: getattr(made, name) for name in names})

    def drop(self, keys: set[str]) -> None:
        """Remove nodes with their edges."""
        self.nodes = {key: node for key, node in self.nodes.items() if key not in keys}
        self.ties = Counter({t: n for t, n in self.ties.items() if not keys & {t[1], t[2]}})

    @property
    def seen(self) -> tuple[dict[str, Any], Counter[Tie]]:
        """What is compared of it."""
        return {key: _form(cls, values) for key, (cls, values) in self.nodes.items()}, +self.ties


def _form(cls: type[Any], values: Given) -> Any:
    return cls.__name__, tuple((name, normal(value)) for name, value in sorted(values.items()))


async def stored(session: Any) -> tuple[dict[str, Any], Counter[Tie]]:
    """Return what the database holds for a session, as far as it is compared."""
    session.expunge_all()
    found = [node for cls in (Being, Item, Note) for node in await session.scalars(select(cls))]
    every = await session.execute("MATCH (n) RETURN count(n)", read_only=True)
    assert every.rows[0][0] == len(found), f"{every.rows[0][0]} nodes, not {len(found)}"
    text = "MATCH (a)-[e]->(b) RETURN type(e), a.id, b.id, e.since, e.how"
    lines = (await session.execute(text, read_only=True)).rows
    return {node.id: _form(type(node), _fields(node)) for node in found}, Counter(
        tie(*line) for line in lines
    )


def _fields(node: Node) -> Given:
    names = [n for n in type(node).model_fields if n not in type(node).__runic_relations__]
    return {name: getattr(node, name) for name in names}
