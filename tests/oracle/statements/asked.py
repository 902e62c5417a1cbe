"""What is asked of the session itself: labels, edges that are added, procedures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.oracle.statements.cases import Case
from tests.oracle.statements.graph import Graph
from tests.oracle.statements.models import Being, Likes
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.world import DRAWN, World
from tests.oracle.statements.writes import compare, restore


@dataclass(frozen=True)
class Asked:
    """Calls of a session, in words of Python."""

    text: str
    call: Callable[[Any], Awaitable[None]]
    # What it leaves to be put in order again.
    world: World | None = None
    committed: bool = False

    async def ask(self, session: Any) -> None:
        """Ask, and compare."""
        try:
            await self.call(session)
        finally:
            if self.world is not None:
                await restore(session, self.world, committed=self.committed)

    def __str__(self) -> str:
        return self.text


def labels(pen: Pen) -> Case:
    """Labels that a node gets, and loses again; everything else stays."""
    node = pen.pick(pen.world.of_class(Being))
    apart = pen.differs("a label stays in the transaction that adds it") is True
    pen.tell("SET n:L", "REMOVE n:L")

    async def call(session: Any) -> None:
        own = {
            label for cls in node.cls.__mro__ if issubclass(cls, Being) for label in [cls.__name__]
        }
        entity = await session.get(Being, node.key)
        found = await session.add_labels(entity, "Admin")
        assert set(found) == own | {"Admin"}, found
        if apart:
            await session.commit()
        found = await session.remove_labels(entity, "Admin")
        assert set(found) == own, found
        await compare(session, Graph(pen.world))

    text = f"session.add_labels(session.get(Being, {node.key!r}), 'Admin')"
    return Asked(text, call, pen.world, apart)


def edge(pen: Pen) -> Case:
    """An edge that is added and flushed: one more, whatever is there."""
    source, target = (pen.pick(pen.world.of_class(Being)) for _ in range(2))
    since = pen.pick(DRAWN["since"])
    pen.tell("CREATE (a)-[r:T]->(b)")
    after = Graph(pen.world)
    after.tie("LIKES", source.key, target.key, {"since": since})

    async def call(session: Any) -> None:
        ends = [await session.get(Being, node.key) for node in (source, target)]
        session.add(Likes(source=ends[0], target=ends[1], since=since))
        await session.flush()
        await compare(session, after)

    text = f"session.add(Likes(source={source.key}, target={target.key}, since={since}))"
    return Asked(text, call, pen.world)


def procedure(pen: Pen) -> Case:
    """A procedure of the database: the labels that there are, and perhaps were."""
    pen.tell("CALL p() YIELD x")
    text = "CALL db.labels() YIELD label RETURN label"
    wanted = {node.cls.__name__ for node in pen.world.nodes.values()}

    async def call(session: Any) -> None:
        rows = (await session.execute(text, read_only=True)).rows
        assert wanted <= {row[0] for row in rows}, rows

    return Asked(f"session.execute({text!r}, read_only=True)", call)


KINDS_OF_CALLS: dict[str, Callable[[Pen], Case]] = {
    each.__name__: each for each in (labels, edge, procedure)
}
