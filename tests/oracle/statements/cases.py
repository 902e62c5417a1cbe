"""What a statement is asked for, and what plain Python says that it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from runic.ogm.model import Edge, Node
from runic.ogm.query import Path
from tests.oracle.statements.spelled import Spelled, real
from tests.oracle.statements.values import normal, sorted_by


class Case(Protocol):
    """Something to ask a session on the drawn world."""

    async def ask(self, session: Any) -> None:
        """Ask, and compare; raises an AssertionError where the answer is wrong."""
        ...


@dataclass(frozen=True)
class Answer:
    """The rows of a statement, as far as it sorts them: rows of one group are equal to its order.

    Of the rows, which are comparable values, `skip` are left out and `limit` returned.
    """

    groups: Sequence[Sequence[Any]]
    skip: int = 0
    limit: int | None = None

    @property
    def total(self) -> int:
        """The number of all rows, before skip and limit."""
        return sum(map(len, self.groups))

    @property
    def length(self) -> int:
        """The number of rows that are returned."""
        left = max(0, self.total - self.skip)
        return left if self.limit is None else min(left, self.limit)

    def check(self, found: list[Any], text: str) -> None:
        """Compare what was found."""
        assert len(found) == self.length, (
            f"{len(found)} rows, not {self.length}\n{self._both(found)}"
        )
        start = 0
        for group in self.groups:
            first, last = max(self.skip, start), start + len(group)
            part = found[max(0, first - self.skip) : max(0, last - self.skip)]
            left, start = Counter(group), last
            left.subtract(part)
            assert not -left, f"not what was expected of\n{text}\n{self._both(found)}"

    def _both(self, found: list[Any]) -> str:
        rows = [row for group in self.groups for row in group]
        cut = f", without {self.skip}, at most {self.limit}" if self.skip or self.limit else ""
        return f"found    {found}\nexpected {rows}{cut}"


def unsorted(rows: Sequence[Any]) -> Answer:
    """Return the answer of a statement without an order."""
    return Answer([[normal(row) for row in rows]])


def grouped(
    rows: Sequence[Any],
    orders: Sequence[tuple[Callable[[Any], Any], bool]],
    shown: Callable[[Any], Any],
) -> list[list[Any]]:
    """Return rows in their order, those that are equal to it together, as they are shown."""
    found: dict[Any, list[Any]] = {}
    for row in sorted_by(rows, orders):
        key = tuple(normal(value(row)) for value, _ in orders)
        found.setdefault(key, []).append(normal(shown(row)))
    return list(found.values())


@dataclass(frozen=True)
class Read:
    """A statement that reads: its rows, their number, and whether there are any."""

    stmt: Spelled
    answer: Answer
    explained: bool = False
    # Whether its rows can be counted, without reading them.
    counted: bool = True
    # What becomes of the cells that are found, before they are compared.
    cells: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None = None

    async def ask(self, session: Any) -> None:
        """Ask for the rows, a count, and whether there are any."""
        stmt = real(self.stmt)
        text = stmt.build(session.driver.dialect).text
        self.answer.check(await self._found(session, stmt), text)
        if not self.counted:
            return
        count = await session.count(stmt)
        assert count == self.answer.total, f"counted {count}, not {self.answer.total}\n{text}"
        some = await session.exists(stmt)
        assert some == bool(self.answer.length), f"exists: {some}\n{text}"
        if self.explained:
            assert str(await session.explain(stmt)).strip()

    async def _found(self, session: Any, stmt: Any) -> list[Any]:
        if stmt.returns_entities:
            return [shown(entity) for entity in await session.scalars(stmt)]
        rows = [tuple(map(shown, row.values())) for row in await session.all_rows(stmt)]
        return [normal(self.cells(row) if self.cells else row) for row in rows]

    def __str__(self) -> str:
        return f"stmt = {self.stmt}"


def shown(cell: Any) -> Any:
    """Return a cell with the keys of entities in their place."""
    if isinstance(cell, Node):
        return cell.id  # type: ignore[attr-defined]
    if isinstance(cell, Edge):
        return "edge", getattr(cell, "since", None), getattr(cell, "how", None)
    if isinstance(cell, Path):
        assert len(cell) == len(cell.edges) == len(cell.nodes) - 1
        ends = zip(cell.edges, cell.nodes[:-1], cell.nodes[1:], strict=True)
        for edge, one, other in ends:
            if isinstance(edge, Edge):
                assert {edge.source.id, edge.target.id} == {one.id, other.id}  # type: ignore[union-attr]
        return "path", *(node.id for node in cell.nodes)  # type: ignore[attr-defined]
    return [shown(each) for each in cell] if isinstance(cell, list) else cell
