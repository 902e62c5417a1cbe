"""Carry out the statements that write to what they find, and let the session's entities know.

Only a session that holds entities of the class asks which ones were touched. Those it holds take
the written fields from the database, with one read; their own unwritten changes stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import OgmError, PartialCommitError, StatementError
from runic.ogm.model.edge import Edge
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import kept, kept_changes
from runic.ogm.model.state import (
    State,
    note_relation,
    notes_of,
    values_of,
)
from runic.ogm.query.change import Change, CompiledChange
from runic.ogm.query.connect import Connect, Disconnect, OnEdges
from runic.ogm.query.connect_one import given_several, sides_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.edge_changes import EdgeDelete, EdgeUpdate
from runic.ogm.query.insert import Insert
from runic.ogm.query.lookup import id_lookup
from runic.ogm.query.update import Delete
from runic.ogm.query.writes import compile_edges_read
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.result import QueryResult, joined
from runic.ogm.session.loading.result_rows import read_column, read_rows
from runic.ogm.session.loading.row_reader import Run
from runic.ogm.session.persistence.post_flush import drop_deleted
from runic.ogm.session.persistence.post_flush_edges import find_ends, settle_deleted
from runic.ogm.session.persistence.replaced_relations import cut_replaced
from runic.ogm.session.state.relation_sync import forget_cut
from runic.ogm.session.state.relationships import Link
from runic.ogm.session.state.unit_of_work import UnitOfWork


class Changer:
    """Carries out set-based writes for one session."""

    def __init__(self, unit: UnitOfWork, hydrator: Hydrator, dialect: Dialect, run: Run) -> None:
        self._unit = unit
        self._hydrator = hydrator
        self._dialect = dialect
        self._run = run

    async def execute_in_batches(
        self, change: Change, size: int, timeout: float | None
    ) -> QueryResult:
        """Carry out an insert or a merge so many rows at a time."""
        if not isinstance(change, Insert):
            raise StatementError("batch_size is for rows, of insert(…) and merge(…)")
        results: list[QueryResult] = []
        whole = change.joined(self._dialect)
        for number, part in enumerate(whole.batches(size)):
            try:
                results.append(await self.execute(part, timeout))
            except OgmError as error:
                # With the transaction the batches before it are gone as well.
                if number == 0 or "transactions" in self._dialect.capabilities:
                    raise
                written = whole.rows[: number * size]
                raise PartialCommitError(
                    f"{len(written)} of {len(whole.rows)} rows were written, in batches of {size};"
                    f" the next batch was refused: {error}",
                    written=written,
                ) from error
        return joined(results)

    async def execute(self, change: Change, timeout: float | None) -> QueryResult:
        """Carry out a change; see `AsyncSession.execute`."""
        if isinstance(change, Connect) and sides_of(change.pattern):
            await self._refuse_several(change, timeout)
        compiled = change.compile(self._dialect, tracked=self._holds_any(change))
        result = await self._run(compiled.query, timeout)
        affected, touched = _read_ending(compiled, result.rows)
        await self._catch_up(change, touched)
        return self._answer(change, compiled, result, affected)

    async def _refuse_several(self, change: Connect, timeout: float | None) -> None:
        """Raise where a relation to one entity would get several, before anything is written."""
        compiled = change.pairs().compile(self._dialect, tracked=True)
        _, pairs = _read_ending(compiled, (await self._run(compiled.query, timeout)).rows)
        relation = given_several(change.pattern, pairs)
        if relation is not None:
            raise StatementError(
                f"{relation} holds one entity, and the criteria of connect({change.relation}) give"
                " it several: narrow them; nothing was related"
            )

    def _answer(
        self, change: Change, compiled: CompiledChange, result: Result, affected: int
    ) -> QueryResult:
        rows = read_rows(compiled.columns, result.rows, self._hydrator) if compiled.columns else []
        return QueryResult([item.name for item in change.items], rows, result.stats, affected)

    def _holds_any(self, change: Change) -> bool:
        held = self._unit.identity
        if isinstance(change, EdgeUpdate):
            return any(isinstance(edge, change.entity) for edge in held.edges.values())
        if isinstance(change, EdgeDelete):
            return bool(held.nodes or held.edges)
        if isinstance(change, Connect) and change.written and self._holds_edges(change):
            return True
        classes = tuple(node.entity for node in change.pattern.nodes)
        return any(isinstance(entity, classes) for entity in held.nodes.values())

    async def _catch_up(self, change: Change, touched: Sequence[Any]) -> None:
        if isinstance(change, OnEdges):
            cut = isinstance(change, Disconnect)
            if not cut:
                self._forget_replaced(change, touched)
            self._forget_relations(change.relation.type, touched, cut=cut)
            if change.written:
                await self._take_written_edges(change.relation.type, change.written, touched)
        elif isinstance(change, EdgeDelete):
            self._forget_relations(change.edge_type, touched, cut=True)
        elif isinstance(change, EdgeUpdate):
            await self._take_written_edges(change.edge_type, change.written, touched)
        elif isinstance(change, Delete):
            self._forget_deleted(change, set(touched))
        elif change.written:
            await self._take_written(change, set(touched))

    async def _take_written(self, change: Change, touched: set[Any]) -> None:
        held = self._held(change.entity, touched)
        if not held:
            return
        lookup = id_lookup(change.entity, self._dialect)
        rows = (await self._run(lookup.query(held))).rows
        # Nobody tracks these: they only carry the stored values over.
        untracked = Hydrator(None, None, self._dialect)
        for fresh in read_column(lookup.column, rows, untracked):
            notes = notes_of(fresh)
            assert notes is not None
            if (node := held.get(notes.id)) is not None:
                take_fields(node, fresh, change.written, self._dialect)

    def _held(self, cls: type[Any], ids: set[Any]) -> dict[Any, Node]:
        found = {}
        for node in self._unit.identity.nodes.values():
            notes = notes_of(node)
            if notes is not None and notes.id in ids and isinstance(node, cls):
                found[notes.id] = node
        return found

    def _forget_deleted(self, change: Change, touched: set[Any]) -> None:
        gone = self._held(change.entity, touched)
        find_ends(self._unit)
        settle_deleted(self._unit, list(gone.values()))
        if gone:
            drop_deleted(self._unit)
            for node in self._unit.related():
                _note_deleted(node)

    def _holds_edges(self, change: Connect) -> bool:
        held = self._unit.identity.edges.values()
        edge = change.relation.edge
        return edge is not None and any(isinstance(each, edge) for each in held)

    async def _take_written_edges(
        self, type_: str, written: Sequence[str], touched: Sequence[Any]
    ) -> None:
        held = self._unit.identity.edges
        keys = {(type_, *ids) for ids in map(tuple, touched)} & held.keys()
        if not keys:
            return
        ids = [[source, edge] for _, source, _, edge in keys]
        read = await self._run(compile_edges_read(type_, ids, self._dialect))
        untracked = Hydrator(None, None, self._dialect)
        for (record,) in read.rows:
            key = (type_, record.source, record.target, record.id)
            if key in keys:
                fresh = untracked.from_edge(type(held[key]), record, None, None)
                take_fields(held[key], fresh, written, self._dialect)
        self._unit.doubles.tell()

    def _forget_relations(self, type_: str, touched: Sequence[Any], *, cut: bool) -> None:
        if cut:
            self._forget_edges(type_, touched)
        held = self._held(Node, {end for *ends, _ in touched for end in ends})
        for source, target, _ in touched if cut else ():
            if source in held and target in held:
                forget_cut(Link(type_, held[source], held[target]))
        for node in held.values():
            for relation in node_info(type(node)).relations.values():
                if relation.type == type_:
                    self._unit.unload(node, relation)

    def _forget_replaced(self, change: OnEdges, touched: Sequence[Any]) -> None:
        """Forget what a relation to one entity held until now, wherever it shows."""
        if not sides_of(change.pattern):
            return
        held = self._held(Node, {end for *ends, _ in touched for end in ends})
        made = [(held.get(source), held.get(target)) for source, target, _ in touched]
        for node, relation in cut_replaced(self._unit, sides_of(change.pattern), made):
            self._unit.unload(node, relation)

    def _forget_edges(self, type_: str, touched: Iterable[Any]) -> None:
        for source, target, number in touched:
            edge: Edge | None = self._unit.identity.edges.get((type_, source, target, number))
            if edge is not None:
                settle_deleted(self._unit, [edge])


def _read_ending(compiled: CompiledChange, rows: Sequence[Sequence[Any]]) -> tuple[int, list[Any]]:
    """Return how many were affected, and what was touched as far as it was asked for."""
    if compiled.columns:
        return len(rows), [row[-1] for row in rows]
    # A row for each part, where a merge creates and changes apart.
    touched = [one for row in rows for listed in row[1:] for one in listed]
    return sum(row[0] for row in rows), touched


def take_fields(entity: Entity, fresh: Entity, names: Iterable[str], dialect: Dialect) -> None:
    """Give an entity the stored values of some fields; what it changed itself stays changed.

    An expired one takes all of them: this is the next query that meets it.
    """
    notes, stored = notes_of(entity), values_of(fresh)
    assert notes is not None
    info = entity_info(type(entity))
    if notes.expired:
        names, notes.expired = info.properties, False
    own = kept_changes(info, values_of(entity), notes.snapshot, dialect.reads)
    counted = () if info.version is None else (info.version.name,)
    taken = {*names, *counted}
    notes.snapshot = {**notes.snapshot, **{n: kept(info, n, stored[n]) for n in taken}}
    for name in taken:
        if name not in own:
            values_of(entity)[name] = stored[name]


def _note_deleted(node: Node) -> None:
    notes = notes_of(node)
    assert notes is not None
    for name, stored in list(notes.relations.items()):
        if isinstance(stored, tuple):
            note_relation(notes, name, tuple(each for each in stored if not _is_gone(each)))
        elif stored is not None and _is_gone(stored):
            note_relation(notes, name, None)


def _is_gone(entity: Any) -> bool:
    notes = notes_of(entity)
    return notes is not None and notes.status is State.DELETED
