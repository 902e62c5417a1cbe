"""Ask a search of the database, and turn its rows into entities with scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runic.ogm.driver.base import NodeRecord
from runic.ogm.errors import DriverError, HydrationError, SchemaError
from runic.ogm.model.entity import Entity
from runic.ogm.model.node import Node
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.search import HybridSearch, SearchStatement, TextSearch, VectorSearch, fused
from runic.ogm.query.shapes import Compiled, EdgeColumn
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.relation_loader import RelationLoader, path_tree
from runic.ogm.session.loading.result_rows import read_column
from runic.ogm.session.loading.row_reader import Run

Scored = list[tuple[Any, float]]


class Searcher:
    """Searches for one session."""

    def __init__(
        self, hydrator: Hydrator, loader: RelationLoader, dialect: Dialect, run: Run
    ) -> None:
        self._hydrator = hydrator
        self._loader = loader
        self._dialect = dialect
        self._run = run

    async def scored(self, search: SearchStatement[Any], timeout: float | None) -> Scored:
        """Return what a search finds, with scores, and the relations it names loaded."""
        tree = path_tree(search.statement.bound_paths)
        found = await self._found(search, timeout)
        if tree:
            await self._loader.load([entity for entity, _ in found], tree)
        return found

    async def _found(self, search: SearchStatement[Any], timeout: float | None) -> Scored:
        if isinstance(search, HybridSearch):
            return await self._fused(search, timeout)
        if isinstance(search, TextSearch) and search.is_empty:
            return []
        if isinstance(search, VectorSearch):
            return await self._nearest(search, timeout)
        return await self._read(search.compile(self._dialect), timeout)

    async def _nearest(self, search: VectorSearch[Any], timeout: float | None) -> Scored:
        if search.wanted == 0:
            return []
        found = await self._indexed(search, timeout)
        if len(found) == search.wanted:
            return found
        # Criteria left too few of the nearest, or the index has lost some: measure them all.
        return await self._read(search.compile_exact(self._dialect), timeout)

    async def _indexed(self, search: VectorSearch[Any], timeout: float | None) -> Scored:
        try:
            return await self._read(search.compile(self._dialect), timeout)
        except DriverError as error:
            if not self._dialect.index_missing(str(error)):
                raise
            name = search.entity.__name__
            raise SchemaError(
                f"{search.attribute} has no vector index in this graph; make it with the schema"
                f" manager: create_all({name})"
            ) from error

    async def _fused(self, search: HybridSearch[Any], timeout: float | None) -> Scored:
        rankings = [
            [entity for entity, _ in await self._found(each, timeout)]
            for each in (search.text, search.vectors)
        ]
        offset, maximum = search.statement.page()
        start = offset or 0
        end = None if maximum is None else start + maximum
        return fused(rankings, search.rank_constant)[start:end]

    async def _read(self, compiled: Compiled, timeout: float | None) -> Scored:
        rows = (await self._run(compiled.query, timeout)).rows
        column, score = compiled.columns
        if isinstance(column, EdgeColumn):
            found = self._edges(column, rows)
        else:
            found = read_column(column, rows, self._hydrator)
        return list(zip(found, read_column(score, rows, self._hydrator), strict=True))

    def _edges(self, column: EdgeColumn, rows: Sequence[Sequence[Any]]) -> list[Any]:
        assert column.entity is not None
        cls = column.entity
        batch: list[Entity] = []
        return [
            self._hydrator.from_edge(
                cls, row[0], self._end(cls, row[1], batch), self._end(cls, row[2], batch)
            )
            for row in rows
        ]

    def _end(self, edge: Any, record: NodeRecord, batch: list[Entity]) -> Any:
        """Return the entity at an end of an edge; None where no model is for it."""
        try:
            cls = edge.__runic_registry__.most_specific(Node, record.labels)
        except HydrationError:
            return None
        return self._hydrator.from_node(cls, record, batch)
