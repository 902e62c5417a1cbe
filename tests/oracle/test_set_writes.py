"""Random set-based writes leave the graph, and the entities in hand, as plain Python says.

`RUNIC_QUERY_EXAMPLES=1000 pytest tests/behaviour/test_set_writes_random.py` asks more of them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runic.ogm.model import Field, Node, Registry, Relation
from runic.ogm.query import connect, delete, disconnect, insert, merge, select, update
from tests.behaviour.graphs import cypher, links

REGISTRY = Registry()
KEYS = range(6)

ask = settings(
    max_examples=int(os.environ.get("RUNIC_QUERY_EXAMPLES", "12")),
    suppress_health_check=list(HealthCheck),
)


class Dot(Node, registry=REGISTRY):
    """Something with two numbers and others that it leads to."""

    id: int = Field(primary_key=True)
    size: int = 0
    rank: int | None = None
    leads: list[Dot] = Relation("LEADS")


@dataclass
class Model:
    """The graph, as Python has it: size and rank by key, and pairs of keys."""

    dots: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    pairs: set[tuple[int, int]] = field(default_factory=set)

    def upto(self, least: int) -> list[int]:
        """Return the keys of what has this size or more."""
        return [key for key, (size, _) in self.dots.items() if size >= least]

    def insert(self, keys: list[int], size: int) -> Any:
        """Add what is not there yet."""
        new = [key for key in keys if key not in self.dots]
        self.dots |= dict.fromkeys(new, (size, None))
        return insert(Dot).values([{"id": key, "size": size} for key in new]) if new else None

    def merge(self, keys: list[int], size: int) -> Any:
        """Add, or give another size."""
        self.dots |= {key: (size, self.dots.get(key, (0, None))[1]) for key in keys}
        return merge(Dot).values([{"id": key, "size": size} for key in keys])

    def update(self, keys: list[int], size: int) -> Any:
        """Count up what is large enough."""
        for key in self.upto(size):
            self.dots[key] = (self.dots[key][0] + 1, keys[0])
        return update(Dot).where(Dot.size >= size).values(size=Dot.size + 1, rank=keys[0])

    def delete(self, keys: list[int], size: int) -> Any:
        """Delete by key and size, with all that leads there."""
        gone = set(keys) & set(self.upto(size))
        self.dots = {key: dot for key, dot in self.dots.items() if key not in gone}
        self.pairs = {pair for pair in self.pairs if not gone & set(pair)}
        return delete(Dot).where(Dot.id.in_(keys), Dot.size >= size)

    def connect(self, keys: list[int], size: int) -> Any:
        """Have some lead to all that are large enough."""
        self.pairs |= {(a, b) for a in keys if a in self.dots for b in self.upto(size)}
        return _ends(connect(Dot.leads), keys, size)

    def disconnect(self, keys: list[int], size: int) -> Any:
        """Have some no longer lead to what is large enough."""
        large = self.upto(size)
        self.pairs = {(a, b) for a, b in self.pairs if a not in keys or b not in large}
        return _ends(disconnect(Dot.leads), keys, size)


def _ends(statement: Any, keys: list[int], size: int) -> Any:
    return statement.where(Dot.id.in_(keys), on="source").where(Dot.size >= size, on="target")


WRITE = st.tuples(
    st.sampled_from(["insert", "merge", "update", "delete", "connect", "disconnect"]),
    st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True),
    st.integers(0, 3),
)


@ask
@given(st.lists(WRITE, min_size=3, max_size=9))
async def test_writes_leave_what_python_says(
    new_session: Any, driver: Any, writes: list[tuple[str, list[int], int]]
) -> None:
    """The whole graph after each write, and what a session holds that reads before each."""
    await cypher(driver, "MATCH (n) DETACH DELETE n")
    model = Model()
    # Closed after each example: what a transaction that is left open has written, others wait for.
    async with new_session() as session:
        await session.execute(model.insert([0, 1, 2], 1))
        await session.commit()
        for write in writes:
            await wrote(session, model, driver, write)
    async with new_session() as session:
        kept = {dot.id: dot for dot in await session.scalars(select(Dot).fetch("leads"))}
        assert {(a, b.id) for a, dot in kept.items() for b in dot.leads} == model.pairs


async def wrote(session: Any, model: Model, driver: Any, write: tuple[str, list[int], int]) -> None:
    """Write once, and compare what the session held before and the database has after."""
    name, keys, size = write
    held = await session.scalars(select(Dot).fetch("leads"))
    statement = getattr(model, name)(keys, size)
    if statement is not None:
        await session.execute(statement)
        await session.commit()
    await agree(model, driver)
    for dot in held:
        if dot.id in model.dots:
            await session.load(dot, "leads")
            assert (dot.size, dot.rank) == model.dots[dot.id], write


async def agree(model: Model, driver: Any) -> None:
    """Compare the database with the model."""
    rows = await cypher(driver, "MATCH (n:Dot) RETURN n.id, n.size, n.rank")
    assert {row[0]: tuple(row[1:]) for row in rows} == model.dots
    assert len(rows) == len(model.dots)
    assert await links(driver, "LEADS") == sorted(model.pairs)
