"""Criteria of indexed fields, joined in every way, keep what they keep without an index."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Edge, Field, Node, Registry, Relation, col, delete, select, update

REGISTRY = Registry()


class Tie(Edge, registry=REGISTRY):
    """An edge with indexes."""

    n: int | None = Field(None, index=True)
    m: int | None = Field(None, index=True)
    word: str | None = Field(None, index=True)


class Post(Node, registry=REGISTRY):
    """A node with indexes, and a field without."""

    id: int
    n: int | None = Field(None, index=True)
    m: int | None = Field(None, index=True)
    word: str | None = Field(None, index=True)
    plain: int | None = None
    tied: list[Post] = Relation("TIE", edge_model=Tie)


VALUES = [-1, 0, 1, 1, 2, 3, None]
ROWS: list[dict[str, Any]] = [
    {"n": n, "m": m, "word": None if n is None else f"w{n}"}
    for n in VALUES
    for m in (0, 1, 2, None)
]
ATOMS: dict[str, Callable[[Any], Any]] = {
    "n > 1": lambda x: x("n", operator.gt, 1),
    "n >= 1": lambda x: x("n", operator.ge, 1),
    "n < 1": lambda x: x("n", operator.lt, 1),
    "n == 1": lambda x: x("n", operator.eq, 1),
    "m == 1": lambda x: x("m", operator.eq, 1),
    "m > 0": lambda x: x("m", operator.gt, 0),
    "word > w1": lambda x: x("word", operator.gt, "w1"),
}
PAIRS = [(one, other) for one in ATOMS for other in ATOMS]


def _and(one: Any, other: Any) -> Any:
    return False if False in (one, other) else None if None in (one, other) else True


def _not(one: Any) -> Any:
    return None if one is None else not one


def _or(one: Any, other: Any) -> Any:
    return _not(_and(_not(one), _not(other)))


def _xor(one: Any, other: Any) -> Any:
    return None if None in (one, other) else one != other


JOINED: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "a & b": (lambda a, b: a & b, _and),
    "a | b": (lambda a, b: a | b, _or),
    "a ^ b": (lambda a, b: a ^ b, _xor),
    "~(a ^ b)": (lambda a, b: ~(a ^ b), lambda a, b: _not(_xor(a, b))),
    "~a | b": (lambda a, b: ~a | b, lambda a, b: _or(_not(a), b)),
    "a | (b & ~a)": (lambda a, b: a | (b & ~a), lambda a, b: _or(a, _and(b, _not(a)))),
    "a ^ b ^ (a & b)": (
        lambda a, b: a ^ b ^ (a & b),
        lambda a, b: _xor(_xor(a, b), _and(a, b)),
    ),
}


def _asked(cls: Any) -> Callable[..., Any]:
    return lambda name, compare, value: compare(col(getattr(cls, name)), value)


def _told(row: dict[str, Any]) -> Callable[..., Any]:
    return lambda name, compare, value: None if row[name] is None else compare(row[name], value)


def _wanted(join: Callable[..., Any], one: str, other: str) -> list[int]:
    return [
        number
        for number, row in enumerate(ROWS)
        if join(ATOMS[one](_told(row)), ATOMS[other](_told(row))) is True
    ]


async def _found(session: Any, stmt: Any) -> list[int]:
    return sorted([post.id for post in await session.scalars(stmt)])


@pytest.fixture
async def posts(session: Any, schema: Any) -> Any:
    """Return a session on the rows, each a node and an edge, with their indexes."""
    await schema.create_all(Post, Tie)
    nodes = [Post(id=number, **row) for number, row in enumerate(ROWS)]
    edges = [Tie(source=node, target=node, **row) for node, row in zip(nodes, ROWS, strict=True)]
    session.add_all([*nodes, *edges])
    await session.commit()
    return session


@pytest.mark.parametrize("joined", JOINED)
async def test_nodes_and_edges_are_found(posts: Any, joined: str) -> None:
    """Of two criteria joined, nodes and edges satisfy what Python says they do."""
    join, told = JOINED[joined]
    for one, other in PAIRS:
        wanted = _wanted(told, one, other)
        criterion = join(ATOMS[one](_asked(Post)), ATOMS[other](_asked(Post)))
        assert await _found(posts, select(Post).where(criterion)) == wanted, (one, other)
        criterion = join(ATOMS[one](_asked(Tie)), ATOMS[other](_asked(Tie)))
        stmt = select(Post).traverse(Post.tied, edge_alias="e").where(criterion)
        assert await _found(posts, stmt) == wanted, (one, other)


@pytest.mark.parametrize("joined", JOINED)
@pytest.mark.parametrize(("one", "other"), [("n > 1", "m == 1"), ("n > 1", "n == 1")])
async def test_writes_reach_what_is_found(posts: Any, joined: str, one: str, other: str) -> None:
    """Counts, updates and deletions are of the same nodes."""
    join, told = JOINED[joined]
    wanted = _wanted(told, one, other)
    criterion = join(ATOMS[one](_asked(Post)), ATOMS[other](_asked(Post)))
    assert await posts.count(select(Post).where(criterion)) == len(wanted)
    await posts.execute(update(Post).where(criterion).values(plain=7))
    assert await _found(posts, select(Post).where(Post.plain == 7)) == wanted
    await posts.execute(delete(Post).where(criterion))
    left = await _found(posts, select(Post))
    assert left == [number for number in range(len(ROWS)) if number not in wanted]


@pytest.mark.parametrize("name", ["n", "m", "word"])
@pytest.mark.parametrize("desc", [False, True])
@pytest.mark.parametrize("limit", [1, 3])
async def test_pages_pass_every_node_once(posts: Any, name: str, desc: bool, limit: int) -> None:
    """Pages over an indexed field that nodes share, or do not have, end, and repeat nothing."""
    stmt = select(Post).order_by(name, desc=desc)
    found: list[int] = []
    after = None
    for _ in range(len(ROWS)):
        page = await posts.page(stmt, limit=limit, after=after)
        found += [post.id for post in page.items]
        after = page.next
        if after is None:
            break
    assert sorted(found) == list(range(len(ROWS)))
    values = [ROWS[number][name] for number in found]
    there = [value for value in values if value is not None]
    assert there == sorted(there, reverse=desc)
