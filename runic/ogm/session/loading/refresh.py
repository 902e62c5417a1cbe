"""Read again what the session holds: `refresh` at once, `expire` when it is next met."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import EntityNotFoundError, SessionError
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import (
    EntityState,
    State,
    forget_relation,
    note_whole,
    notes_of,
    values_of,
)
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.lookup import key_lookup
from runic.ogm.query.writes import compile_edges_read
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.relation_loader import Branch, Paths, RelationLoader
from runic.ogm.session.loading.result_rows import read_column
from runic.ogm.session.state.relation_undo import take_back
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe, restore

Run = Callable[[Query], Awaitable[Result]]


class Refresher:
    """Reads entities of one session again."""

    def __init__(
        self,
        unit: UnitOfWork,
        hydrator: Hydrator,
        loader: RelationLoader,
        dialect: Dialect,
        run: Run,
    ) -> None:
        self._unit = unit
        self._hydrator = hydrator
        self._loader = loader
        self._dialect = dialect
        self._run = run

    def expire(self, entity: Entity) -> None:
        """Drop an entity's changes and relations, and fill it when a query next meets it."""
        notes = self._stored_notes(entity)
        if isinstance(entity, Node):
            take_back(entity, self._unit.related)
        self._unit.forgets(entity)
        restore(entity)
        forget_loaded(entity, notes)

    async def refresh(self, entity: Entity) -> None:
        """Fill an entity from the database now."""
        notes = self._stored_notes(entity)
        loaded: Paths = {name: Branch(notes.parts.get(name)) for name in notes.relations}
        self.expire(entity)
        if isinstance(entity, Edge):
            await self._read_edge(entity, notes)
            return
        assert isinstance(entity, Node)
        await self._read_node(entity, notes)
        await self._loader.load([entity], loaded, again=True)

    async def _read_node(self, node: Node, notes: EntityState) -> None:
        lookup = key_lookup(type(node), self._dialect)
        hidden = self._dialect.hides(node_info(type(node)).key, notes.key[1])
        text = lookup.scan if hidden else lookup.text
        rows = (await self._run(Query(text, {"pk": notes.key[1]}, read_only=True))).rows
        if not rows:
            raise _gone(node)
        read_column(lookup.column, rows, self._hydrator)

    async def _read_edge(self, edge: Edge, notes: EntityState) -> None:
        type_, source, target, edge_id = notes.key
        rows = (await self._run(compile_edges_read(type_, [[source, edge_id]], self._dialect))).rows
        if not rows or rows[0][0].target != target:
            raise _gone(edge)
        self._hydrator.from_edge(type(edge), rows[0][0], *ends_of(edge))

    def _stored_notes(self, entity: Entity) -> EntityState:
        notes = notes_of(entity)
        if notes is None or notes.status is not State.PERSISTENT:
            raise SessionError(f"{describe(entity)} is not in the database yet; flush() first")
        return notes


def forget_loaded(entity: Entity, notes: EntityState) -> None:
    """Have a stored entity filled when a query next meets it; its relations are not loaded."""
    notes.expired = True
    forget_relation(notes)
    note_whole(notes)
    for name in type(entity).__runic_relations__:
        values_of(entity).pop(name, None)


def _gone(entity: Any) -> EntityNotFoundError:
    kind = edge_info(type(entity)).type if isinstance(entity, Edge) else "entity"
    return EntityNotFoundError(
        f"{describe(entity)} is no longer in the database; session.expunge(…) this {kind}"
    )
