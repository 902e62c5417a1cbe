"""Every kind of statement that criteria and parameters stand in, each made of one criterion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.model import Edge, Field, Node, Registry, Relation, Vector, VectorIndex
from runic.ogm.query import (
    call,
    collect,
    compile_select,
    connect,
    count,
    delete,
    disconnect,
    merge,
    select,
    shortest_path,
    union,
    update,
    within,
)
from runic.ogm.query.change import Change
from runic.ogm.query.relations import load_relation
from runic.ogm.query.search import HybridSearch, SearchStatement, text_search, vector_search
from runic.ogm.query.search import hybrid_search as hybrid

REGISTRY = Registry()
DIALECT = FalkorDBDialect()


class Authored(Edge, registry=REGISTRY):
    """Who wrote what, and when."""

    year: int = 2000
    note: str = Field("", fulltext=True)


class Article(Node, registry=REGISTRY):
    """Something to read."""

    id: str
    title: str = ""


class User(Node, registry=REGISTRY):
    """Somebody who is found in every way there is."""

    id: str
    name: str = Field("", fulltext=True)
    age: int = 0
    place: Vector | None = Field(None, vector=VectorIndex(dimension=2, similarity="euclidean"))
    articles: list[Article] = Relation("AUTHORED", edge_model=Authored)
    friends: list[User] = Relation("KNOWS")


class Stranger(Node, registry=REGISTRY):
    """Somebody whom no statement here is about."""

    id: str


Made = Callable[[Any], Any]


def text_found() -> Any:
    """Return a search for words."""
    return text_search(User, "ada")


def nearest() -> Any:
    """Return a search for neighbours."""
    return vector_search(User, "place", [0.0, 1.0], 3)


USERS = select(User)
COUNTED = count("*").as_("c")

# Each asks a criterion about users.
KINDS: dict[str, Made] = {
    "select": USERS.where,
    "rows": lambda c: USERS.project(User.id).where(c),
    "groups": lambda c: USERS.aggregate(COUNTED, group_by=User.age).where(c),
    "objects": lambda c: USERS.into(User).where(c),
    "tuples": lambda c: select(User, Article).traverse(User.articles).where(c),
    "traversal": lambda c: USERS.traverse(User.articles).where(c).return_target(),
    "stage": lambda c: USERS.with_("n").where(c),
    "before a stage": lambda c: USERS.where(c).with_("n", collect(User.age).as_("ages")),
    "union": lambda c: union(USERS.where(c), USERS),
    "second of a union": lambda c: union(USERS, USERS.where(c)),
    "subquery": lambda c: call(USERS, within(User, "n").where(c).aggregate(COUNTED)),
    "outside a subquery": lambda c: call(USERS.where(c), within(User, "n").aggregate(COUNTED)),
    "after a subquery": lambda c: call(USERS, within(User, "n").aggregate(COUNTED)).where(c),
    "shortest path from": lambda c: shortest_path(USERS.where(c), USERS, User.friends),
    "shortest path to": lambda c: shortest_path(USERS, USERS.where(c), User.friends),
    "text search": lambda c: text_found().where(c),
    "vector search": lambda c: nearest().where(c),
    "hybrid search": lambda c: hybrid(text_found(), nearest(), 3, 60).where(c),
    "update": lambda c: update(User).where(c).values(age=1),
    "delete": lambda c: delete(User).where(c),
    "update of edges": lambda c: update(Authored).between(User, Article).where(c).values(year=1),
    "delete of edges": lambda c: delete(Authored).between(User, Article).where(c),
    "connect": lambda c: connect(User.articles).where(c),
    "disconnect": lambda c: disconnect(User.articles).where(c),
    "fetch": lambda c: USERS.fetch(User.friends.where(c)),
    "fetch below": lambda c: USERS.fetch(User.friends.fetch(User.friends.where(c))),
    "fetch of rows": lambda c: USERS.project(User, User.id).fetch(User.friends.where(c)),
    "inside any": lambda c: USERS.where(User.friends.any(c)),
    "inside count": lambda c: USERS.order_by(User.friends.count(c)),
}

# Each stores a value in a field of text.
STORES: dict[str, Made] = {
    "update": lambda value: update(User).values(name=value),
    "update of edges": lambda value: update(Authored).values(note=value),
    "connect": lambda value: connect(User.articles).values(note=value),
    "merge, created": lambda value: merge(User).values([{"id": "a"}]).on_create(name=value),
    "merge, matched": lambda value: merge(User).values([{"id": "a"}]).on_match(name=value),
}


def compiled(stmt: Any) -> list[Any]:
    """Return the values of all parameters that are sent, in order; raise as a session would."""
    if isinstance(stmt, HybridSearch):
        return [*compiled(stmt.text), *compiled(stmt.vectors)]
    if isinstance(stmt, Change):
        return list(stmt.compile(DIALECT).query.params.values())
    searched = isinstance(stmt, SearchStatement)
    found = stmt.compile(DIALECT) if searched else compile_select(stmt, DIALECT)
    paths = stmt.statement.bound_paths if searched else stmt.bound_paths
    return [*found.query.params.values(), *(v for path in paths for v in _fetched(path))]


def _fetched(fetch: Any) -> list[Any]:
    load = load_relation(fetch.relation.info, DIALECT, fetch)
    return [*load.params.values(), *(v for below in fetch.below for v in _fetched(below))]
