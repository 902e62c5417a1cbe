"""Full-text, vector and hybrid search: statements bound to a session, with awaited endings.

The methods build; only the endings of what they return ask the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, Never, Protocol, Self, TypeVar

from runic.ogm.errors import StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.habits import StatementHabits
from runic.ogm.query.search import (
    HybridSearch,
    Mode,
    SearchStatement,
    hybrid_search,
    text_search,
    vector_search,
)
from runic.ogm.session.blocking import blocking
from runic.ogm.session.loading.search_reader import Searcher
from runic.ogm.session.state.guard import Guard, exclusive

E = TypeVar("E", bound=Entity)


class _Seeking(StatementHabits, Generic[E]):
    """The building methods, the same on both faces. Immutable like statements."""

    def __init__(self, session: Any, search: SearchStatement[E]) -> None:
        self._session = session
        self.search = search

    def _with(self, search: SearchStatement[E]) -> Self:
        return type(self)(self._session, search)

    def where(self, *criteria: Criterion | bool, on: str | None = None, **equal: Never) -> Self:
        """Keep only what satisfies every criterion."""
        return self._with(self.search.where(*criteria, on=on, **equal))

    def bind(self, /, *given: Never, **values: Any) -> Self:
        """Give values to parameters that `param(name)` left open."""
        return self._with(self.search.bind(*given, **values))

    def order_by(self, by: Any, *, desc: bool = False) -> Self:
        """Sort by a field in place of the score."""
        return self._with(self.search.order_by(by, desc=desc))

    def skip(self, rows: int) -> Self:
        """Leave out the first rows."""
        return self._with(self.search.skip(rows))

    def limit(self, rows: int) -> Self:
        """Return at most so many rows."""
        return self._with(self.search.limit(rows))

    def fetch(self, *paths: Any) -> Self:
        """Load relations with the entities that are found."""
        return self._with(self.search.fetch(*paths))


class _Searched(Protocol):
    """What a search asks of its session."""

    async def _scored(
        self, search: SearchStatement[E], timeout: float | None
    ) -> list[tuple[E, float]]: ...

    async def explain(
        self, statement: SearchStatement[Any], *, timeout: float | None = None
    ) -> str: ...


class AsyncSearch(_Seeking[E]):
    """A search on an `AsyncSession`: build it, then await an ending."""

    _session: _Searched

    async def all(self, *, timeout: float | None = None) -> list[E]:
        """Return what is found, the best first."""
        return [entity for entity, _ in await self.scored(timeout=timeout)]

    async def first(self, *, timeout: float | None = None) -> E | None:
        """Return the best, or None."""
        found = await self.limit(1).all(timeout=timeout)
        return found[0] if found else None

    async def scored(self, *, timeout: float | None = None) -> list[tuple[E, float]]:
        """Return what is found with its score.

        Full text and hybrid: higher is better. Vectors: the distance, lower is nearer.
        """
        return await self._session._scored(self.search, timeout)

    async def explain(self, *, timeout: float | None = None) -> str:
        """Return the server's plan of the search, of a hybrid one both plans; nothing is run.

        Raises:
            StatementError: The text has no words, so that the database is asked for nothing.
            DriverError: The graph or its index does not exist yet.
        """
        asked = self.search.asked_for
        if not asked:
            raise StatementError("a text without words finds nothing, and no search is made")
        plans = [await self._session.explain(each, timeout=timeout) for each in asked]
        return "\n\n".join(plans)


class Search(_Seeking[E]):
    """A search on a `Session`: build it, then call an ending."""

    @property
    def _core(self) -> AsyncSearch[E]:
        return AsyncSearch(self._session._core, self.search)

    all = blocking(AsyncSearch[E].all)
    first = blocking(AsyncSearch[E].first)
    scored = blocking(AsyncSearch[E].scored)
    explain = blocking(AsyncSearch[E].explain)


class Searching:
    """The part of a session that searches; see `AsyncSession`."""

    _guard: Guard
    _searcher: Searcher

    def fulltext_search(
        self,
        entity: type[E],
        query: str,
        *,
        fields: Iterable[Any] | None = None,
        mode: Mode = "plain",
    ) -> AsyncSearch[E]:
        """Return a search of a class's full-text index: `await ….limit(10).all()`.

        Args:
            entity: A Node or Edge class with fields of `Field(fulltext=True)`.
            query: What to look for. Any text will do: its words must all be there.
            fields: Search these fields only.
            mode: "raw" hands the query to the index as it is, in the index's own language.

        Raises:
            StatementError: The class has no full-text field, or not these.
        """
        return AsyncSearch(self, text_search(entity, query, fields, mode))

    def vector_search(
        self, entity: type[E], *, field: Any, vector: Sequence[float], k: int = 10
    ) -> AsyncSearch[E]:
        """Return a search for the `k` entities whose vectors are nearest.

        Criteria are taken into account: `k` entities that satisfy them, if there are as many.

        Args:
            entity: A Node or Edge class.
            field: A field with `vector=VectorIndex(…)`, or its name.
            vector: Numbers, as many as the index has dimensions.
            k: How many to find.

        Raises:
            StatementError: The field has no vector index, or the vector another dimension.
            SchemaError: From the ending: the database does not have the index.
        """
        return AsyncSearch(self, vector_search(entity, field, vector, k))

    def hybrid_search(
        self,
        entity: type[E],
        query: str,
        *,
        field: Any,
        vector: Sequence[float],
        k: int = 10,
        fields: Iterable[Any] | None = None,
        rank_constant: int = 60,
    ) -> AsyncSearch[E]:
        """Return a search by words and by nearness, fused by reciprocal rank.

        Each of the two searches ranks four times `k` entities; `rank_constant` says how little the
        first ranks outweigh the others.

        Raises:
            StatementError: The class lacks an index, or the vector has another dimension.
        """
        reach = 4 * k if type(k) is int else k
        text = text_search(entity, query, fields)
        vectors = vector_search(entity, field, vector, reach)
        fusion: HybridSearch[E] = hybrid_search(text.limit(reach), vectors, k, rank_constant)
        return AsyncSearch(self, fusion)

    @exclusive
    async def _scored(
        self, search: SearchStatement[E], timeout: float | None
    ) -> list[tuple[E, float]]:
        return await self._searcher.scored(search, timeout)
