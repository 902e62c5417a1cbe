"""Models of the tests of deletion and expunge: one owner with a relation of every shape."""

from __future__ import annotations

from typing import Any

from runic.ogm.model import Edge, Node, Registry, Relation

REGISTRY = Registry()


class Rates(Edge, type="RATES", registry=REGISTRY):
    """An edge entity from an order to a line."""

    stars: int = 0


class Order(Node, registry=REGISTRY):
    """Holds lines in every shape a relation has."""

    id: str
    name: str = ""
    lines: list[Line] = Relation("HAS")
    extras: list[Line] = Relation("EXTRA")
    featured: Line | None = Relation("FEATURES")
    main: Line | None = Relation("MAIN")
    twins: list[Order] = Relation("TWIN", "BOTH")
    rated: list[Rates] = Relation("RATES", target="Line")
    best: Rates | None = Relation("RATES", target="Line")


class Line(Node, registry=REGISTRY):
    """Knows its order over HAS and MAIN, and nothing of the others."""

    id: str
    score: int = 0
    order: Order | None = Relation("HAS", "INCOMING")
    main_of: list[Order] = Relation("MAIN", "INCOMING")


# Relations of an order by their shape, with the type of the relationship.
TYPES = {
    "lines": "HAS",  # to-many, with a to-one inverse
    "extras": "EXTRA",  # to-many, without one
    "featured": "FEATURES",  # to-one, without one
    "main": "MAIN",  # to-one, with a to-many inverse
    "rated": "RATES",  # edge entities
}


def put(order: Order, relation: str, line: Line) -> Any:
    """Relate a line to an order on the order's side; return what the relation holds of it."""
    held: Any = Rates(stars=5, target=line) if relation == "rated" else line
    if isinstance(vars(order).get(relation), list):
        getattr(order, relation).append(held)
    else:
        setattr(order, relation, held)
    return held


def take(order: Order, relation: str, held: Any) -> None:
    """Take out again what `put` returned."""
    if relation in ("featured", "main"):
        setattr(order, relation, None)
    else:
        getattr(order, relation).remove(held)


def holding(relation: str, line: Line, **fields: Any) -> Order:
    """Return a new order that holds a line."""
    held: Any = Rates(stars=5, target=line) if relation == "rated" else line
    one = relation in ("featured", "main")
    return Order(**fields, **{relation: held if one else [held]})
