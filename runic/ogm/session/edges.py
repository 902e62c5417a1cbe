"""`relate` and `unrelate`: one relationship, written at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from runic.ogm.driver.base import Result
from runic.ogm.errors import DriverError, EntityNotFoundError, StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, set_ends
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, State, notes_of, set_notes, values_of
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import CreateEdges, Found, Unlink
from runic.ogm.query.writes import compile_step, guard_failed
from runic.ogm.session.columns import entity_codec
from runic.ogm.session.links import Link, link_between
from runic.ogm.session.mirror import note_cut, note_made, show
from runic.ogm.session.settle import edge_ids, settle_cut, settle_edge
from runic.ogm.session.unit_of_work import UnitOfWork, describe

Run = Callable[[Query], Awaitable[Result]]


class EdgeWriter:
    """Writes single relationships of one session."""

    def __init__(self, unit: UnitOfWork, dialect: Dialect, run: Run) -> None:
        self._unit = unit
        self._dialect = dialect
        self._run = run

    async def relate(
        self, source: Node, relation: Any, target: Node, edge: Edge | None
    ) -> Edge | None:
        """Make the relationship, or find it there; see `AsyncSession.relate`."""
        info = relation_of(source, relation, target)
        link = _with_edge(link_between(source, info, target), info, edge)
        step = self._create_step(link)
        try:
            answer = (await self._run(compile_step(step, self._dialect))).rows[0][0]
        except DriverError as error:
            if not guard_failed(str(error)):
                raise
            raise EntityNotFoundError(
                f"{describe(source)} or {describe(target)} is not in the database; nothing was"
                " related"
            ) from error
        if edge is not None:
            self._track(edge, link)
            settle_edge(self._unit, link, edge_ids(step, answer)[0])
        show([link])
        note_made([link])
        return edge

    async def unrelate(self, source: Node, relation: Any, target: Node) -> None:
        """Delete the relationships between two nodes; see `AsyncSession.unrelate`."""
        info = relation_of(source, relation, target)
        link = link_between(source, info, target, merge=True)
        ends = [_stored(link.source).id, _stored(link.target).id]
        step = Unlink(type=link.type, directed=link.directed, rows=[ends], subjects=[link])
        try:
            await self._run(compile_step(step, self._dialect))
        except DriverError as error:
            if not guard_failed(str(error)):
                raise
            raise EntityNotFoundError(
                f"no {info.type} runs between {describe(source)} and {describe(target)}"
            ) from error
        settle_cut(self._unit, [link])
        note_cut([link])

    def _create_step(self, link: Link) -> CreateEdges:
        codec = entity_codec(link.edge_class, self._dialect) if link.edge_class else None
        names = list(codec.info.properties) if codec else []
        values: list[Any] = (
            codec.rows([values_of(link.edge)], names)[0] if codec and link.edge else []
        )
        return CreateEdges(
            type=link.type,
            columns=codec.columns(names) if codec else (),
            source=_found(link.source),
            target=_found(link.target),
            merge=link.merge,
            directed=link.directed,
            rows=[[_place(link.source), _place(link.target), *values]],
            subjects=[link],
        )

    def _track(self, edge: Edge, link: Link) -> None:
        set_ends(edge, link.source, link.target)
        notes = notes_of(edge)
        if notes is None or notes.owner is None:
            set_notes(edge, EntityState(State.PENDING, self._unit))


def relation_of(source: Node, relation: Any, target: Node) -> RelationInfo:
    """Return the relation that an attribute or a name means on an entity.

    Raises:
        StatementError: The entity's class has no such relation, or it leads elsewhere.
    """
    name = relation if isinstance(relation, str) else getattr(relation, "name", None)
    relations = node_info(type(source)).relations
    if name is None or name not in relations:
        known = ", ".join(relations) or "none"
        raise StatementError(
            f"{type(source).__name__} has no relation {relation!r}; its relations: {known}"
        )
    info = relations[name]
    if not isinstance(target, info.target):
        raise StatementError(f"{info} leads to {info.target.__name__}, not {type(target).__name__}")
    return info


def _with_edge(link: Link, info: RelationInfo, edge: Edge | None) -> Link:
    if edge is None:
        return link
    if info.edge is None or not isinstance(edge, info.edge):
        wanted = (
            info.edge.__name__ if info.edge else "no edge model: give it Relation(edge_model=…)"
        )
        raise StatementError(f"{info} has {wanted}, not {type(edge).__name__}")
    return Link(link.type, link.source, link.target, link.directed, link.merge, edge)


def _found(node: Node) -> Found:
    info = node_info(type(node))
    return Found(info.label, info.key.stored)


def _place(node: Node) -> list[Any]:
    notes = _stored(node)
    return [notes.id, notes.key[1]]


def _stored(node: Node) -> EntityState:
    notes = notes_of(node)
    assert notes is not None
    return notes
