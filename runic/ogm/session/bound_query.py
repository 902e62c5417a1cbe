"""Statements bound to a session: `session.query(User).where(…).all()`.

A bound query holds a statement and hands every building method on to it; only the endings use the
session. Bound queries are immutable like statements.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Never, Self, TypeVar

from runic.ogm.model.node import Node
from runic.ogm.query import RowSelect, Select
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.habits import StatementHabits
from runic.ogm.session.blocking import blocking, blocking_iter

if TYPE_CHECKING:
    from runic.ogm.session.async_session import AsyncSession

E = TypeVar("E", bound=Node)


class _Building(StatementHabits, Generic[E]):
    """The building methods, the same on both faces."""

    def __init__(self, session: Any, statement: Any) -> None:
        self._session = session
        self.statement = statement

    def _with(self, statement: Any) -> Self:
        return type(self)(self._session, statement)

    def where(self, /, *criteria: Criterion | bool, on: str | None = None, **equal: Never) -> Self:
        """Keep only what satisfies every criterion."""
        return self._with(self.statement.where(*criteria, on=on, **equal))

    def bind(self, /, *given: Never, **values: Any) -> Self:
        """Give values to parameters that `param(name)` left open."""
        return self._with(self.statement.bind(*given, **values))

    def order_by(self, by: Any, *, desc: bool = False) -> Self:
        """Sort by a field."""
        return self._with(self.statement.order_by(by, desc=desc))

    def skip(self, rows: int) -> Self:
        """Leave out the first rows."""
        return self._with(self.statement.skip(rows))

    def limit(self, rows: int) -> Self:
        """Return at most so many rows."""
        return self._with(self.statement.limit(rows))

    def distinct(self) -> Self:
        """Return equal rows once."""
        return self._with(self.statement.distinct())

    def alias(self, name: str) -> Self:
        """Name the last node of the pattern."""
        return self._with(self.statement.alias(name))

    def traverse(
        self, relation: Any, *, edge_alias: str | None = None, optional: bool = False
    ) -> Self:
        """Go on along a relation."""
        return self._with(
            self.statement.traverse(relation, edge_alias=edge_alias, optional=optional)
        )

    def repeat(
        self,
        relation: Any,
        *,
        min_hops: int = 1,
        max_hops: int | None = None,
        where: Criterion | Sequence[Criterion] = (),
        path_alias: str | None = None,
        optional: bool = False,
    ) -> Self:
        """Go on along a relation again and again."""
        return self._with(
            self.statement.repeat(
                relation,
                min_hops=min_hops,
                max_hops=max_hops,
                where=where,
                path_alias=path_alias,
                optional=optional,
            )
        )

    def return_path(self, alias: str | None = None) -> Self:
        """Return a path beside the node; end with `rows()`."""
        return self._with(self.statement.return_path(alias))

    def return_target(self, alias: str | None = None) -> Self:
        """Return the last node of the pattern in place of the first."""
        return self._with(self.statement.return_target(alias))

    def return_nodes(self, *aliases: str) -> Self:
        """Return several nodes in each row; end with `rows()` or `with_edges()`."""
        return self._with(self.statement.return_nodes(*aliases))

    def return_edge(self, alias: str | None = None) -> Self:
        """Return an edge beside the node; end with `rows()` or `with_edges()`."""
        return self._with(self.statement.return_edge(alias))

    def fetch(self, *paths: Any) -> Self:
        """Load relations with the entities."""
        return self._with(self.statement.fetch(*paths))

    def project(self, *columns: Any) -> Self:
        """Return values in place of entities; end with `rows()`."""
        return self._with(self.statement.project(*columns))

    def into(self, model: type[Any]) -> Self:
        """Return objects of a Pydantic model or dataclass; end with `all()` or `first()`."""
        return self._with(self.statement.into(model))

    def aggregate(self, *aggregates: Any, group_by: Any = ()) -> Self:
        """Return one row for each group; end with `rows()`."""
        return self._with(self.statement.aggregate(*aggregates, group_by=group_by))


class AsyncBoundQuery(_Building[E]):
    """A query on an `AsyncSession`: build it, then await an ending."""

    _session: AsyncSession
    statement: Select[E] | RowSelect

    async def all(self) -> list[E]:
        """Return the entities."""
        return await self._session.scalars(self.statement)  # type: ignore[arg-type]

    async def first(self) -> E | None:
        """Return the first entity, or None."""
        return await self._session.first(self.statement)  # type: ignore[arg-type]

    async def one(self) -> E:
        """Return the only entity.

        Raises:
            EntityNotFoundError: There is none.
            MultipleResultsError: There are several.
        """
        return await self._session.one(self.statement)  # type: ignore[arg-type]

    async def scalar(self) -> Any:
        """Return the first entity or value, or None."""
        return await self._session.scalar(self.statement)

    async def count(self) -> int:
        """Return how many rows there are, whatever its skip and limit; see `session.count`."""
        return await self._session.count(self.statement)

    async def exists(self) -> bool:
        """Tell whether there is any row."""
        return await self._session.exists(self.statement)

    async def rows(self) -> list[dict[str, Any]]:
        """Return each row as a dict by the names of the columns."""
        return await self._session.all_rows(self.statement)

    async def with_edges(self) -> list[tuple[Any, ...]]:
        """Return each row as a tuple: the entities, then the edges the statement goes over."""
        return await self._session.all_with_edges(self.statement)

    async def explain(self) -> str:
        """Return the server's plan of the statement; nothing is run."""
        return await self._session.explain(self.statement)

    async def stream(self, *, chunk_size: int = 1000) -> AsyncIterator[E]:
        """Yield the entities, untracked, read a chunk at a time."""
        async for entity in self._session.stream(self.statement, chunk_size=chunk_size):  # type: ignore[arg-type]
            yield entity


class BoundQuery(_Building[E]):
    """A query on a `Session`: build it, then call an ending."""

    @property
    def _core(self) -> AsyncBoundQuery[E]:
        return AsyncBoundQuery(self._session._core, self.statement)

    all = blocking(AsyncBoundQuery[E].all)
    first = blocking(AsyncBoundQuery[E].first)
    one = blocking(AsyncBoundQuery[E].one)
    scalar = blocking(AsyncBoundQuery[E].scalar)
    count = blocking(AsyncBoundQuery[E].count)
    exists = blocking(AsyncBoundQuery[E].exists)
    rows = blocking(AsyncBoundQuery[E].rows)
    with_edges = blocking(AsyncBoundQuery[E].with_edges)
    explain = blocking(AsyncBoundQuery[E].explain)
    stream = blocking_iter(AsyncBoundQuery[E].stream)
