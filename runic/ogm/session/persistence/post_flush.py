"""After a plan is carried out: move entities to their new state. No I/O.

Nothing here runs before the last write succeeded, so a failed flush leaves every entity as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from runic.ogm.driver.collector import collector_paused
from runic.ogm.model.backref import hold
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info, entity_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import take_snapshots
from runic.ogm.model.state import State, note_relation, notes_of, notes_of_all, values_of
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    DeleteEdges,
    DeleteNodes,
    Step,
    Together,
    Unlink,
    UnlinkOthers,
    UpdateEdges,
    UpdateNodes,
    VacateEdges,
    VacateNodes,
)
from runic.ogm.session.persistence.post_flush_edges import (
    find_ends,
    settle_cut,
    settle_cut_edge,
    settle_deleted,
    settle_edges,
)
from runic.ogm.session.state.cascade import as_tuple
from runic.ogm.session.state.relation_sync import hide, hide_replaced, note_cut, note_made, show
from runic.ogm.session.state.relationships import known_link
from runic.ogm.session.state.unit_of_work import UnitOfWork


@singledispatch
def settle_step(step: Any, unit: UnitOfWork, answer: Any) -> None:
    """Move the subjects of a carried-out step; `answer` is what the step returned."""
    raise TypeError(f"nothing is settled by {step!r}")


@settle_step.register
def _(step: CreateNodes, unit: UnitOfWork, answer: Any) -> None:
    if not step.subjects:
        return
    with collector_paused(len(step.subjects)):
        _settle_created(unit, step.subjects, answer, step.generated)


@settle_step.register(UpdateNodes)
@settle_step.register(UpdateEdges)
def _(step: Step, unit: UnitOfWork, answer: Any) -> None:
    with collector_paused(len(step.subjects)):
        _settle_changed(step.subjects)


@settle_step.register(VacateNodes)
@settle_step.register(VacateEdges)
def _(step: Step, unit: UnitOfWork, answer: Any) -> None:
    """Leave everything to the step that gives the final values."""


@settle_step.register
def _(step: Together, unit: UnitOfWork, answer: Any) -> None:
    for each, answered in zip(step.steps, answer, strict=True):
        settle_step(each, unit, answered)


@settle_step.register
def _(step: DeleteNodes, unit: UnitOfWork, answer: Any) -> None:
    find_ends(unit)
    settle_deleted(unit, step.subjects)


@settle_step.register
def _(step: DeleteEdges, unit: UnitOfWork, answer: Any) -> None:
    find_ends(unit)
    settle_deleted(unit, step.subjects)
    links = map(known_link, step.subjects)
    hide(link for link in links if link is not None)


@settle_step.register
def _(step: CreateEdges, unit: UnitOfWork, answer: Any) -> None:
    settle_edges(unit, step, answer)
    with collector_paused(len(step.subjects)):
        show(step.subjects)


@settle_step.register
def _(step: Unlink, unit: UnitOfWork, answer: Any) -> None:
    settle_cut(unit, step.subjects)


@settle_step.register
def _(step: UnlinkOthers, unit: UnitOfWork, answer: Any) -> None:
    find_ends(unit)
    nodes = [entity for entity in unit.tracked() if isinstance(entity, Node)]
    hide_replaced(step.subjects, nodes)
    _settle_replaced_edges(unit, step)


def settle_part(unit: UnitOfWork, step: Step, answer: Any) -> None:
    """Move the subjects of a step that stays carried out even if the next one fails."""
    settle_step(step, unit, answer)
    if isinstance(step, CreateNodes):
        for node in step.subjects:
            _note_no_relations(node)
    elif isinstance(step, CreateEdges):
        note_made(step.subjects)
    elif isinstance(step, Unlink):
        note_cut(step.subjects)


def _note_no_relations(node: Node) -> None:
    # Its relations have yet to be written, and nothing else can be stored for a new node.
    notes = notes_of(node)
    assert notes is not None
    for name, relation in node_info(type(node)).relations.items():
        if name in values_of(node):
            note_relation(notes, name, () if relation.many else None)


def _settle_replaced_edges(unit: UnitOfWork, step: UnlinkOthers) -> None:
    """Let edge entities go that stood for relationships nobody had loaded a relation of."""
    moved = {id(one.node): one for one in step.subjects}
    for edge in list(unit.identity.edges.values()):
        for end, other in (ends_of(edge), ends_of(edge)[::-1]):
            one = moved.get(id(end))
            leaves = one is not None and (not one.directed or one.outgoing is (end is edge.source))
            if one is not None and leaves and one.cuts_off(other) and _is_over(edge, step):
                settle_cut_edge(unit, edge)


def _is_over(edge: Edge, step: UnlinkOthers) -> bool:
    return edge_info(type(edge)).type == step.type


def settle_relations(unit: UnitOfWork) -> None:
    """Take what relations hold now for what is stored."""
    nodes = unit.related()
    for node, notes in zip(nodes, notes_of_all(nodes), strict=True):
        values = values_of(node)
        for name in type(node).__runic_relations__ & values.keys():
            value = values[name]
            note_relation(notes, name, tuple(value) if isinstance(value, list) else value)


def _settle_created(
    unit: UnitOfWork, nodes: Sequence[Node], ids: Sequence[Any], generated: str | None
) -> None:
    info, values, notes = node_info(type(nodes[0])), list(map(vars, nodes)), notes_of_all(nodes)
    if generated is not None:
        ids = _take_keys(info.key.name, values, ids)
    persistent, snapshots = State.PERSISTENT, take_snapshots(info, values)
    for each, node_id, snapshot in zip(notes, ids, snapshots, strict=True):
        each.id, each.status, each.snapshot = node_id, persistent, snapshot
    for place in map(id, nodes):
        unit.pending.pop(place, None)
    if generated is not None:
        for node, each in zip(nodes, notes, strict=True):
            unit.identity.place(node, each)


def _take_keys(name: str, values: Sequence[dict[str, Any]], told: Sequence[Any]) -> list[Any]:
    """Fill in the keys that the database gave; return the ids that came with them."""
    for each, (_, key) in zip(values, told, strict=True):
        each[name] = key
    return [node_id for node_id, _ in told]


def _settle_changed(entities: Sequence[Entity]) -> None:
    info, notes = entity_info(type(entities[0])), notes_of_all(entities)
    values = list(map(values_of, entities))
    if info.version is not None:
        name = info.version.name
        for held, each in zip(values, notes, strict=True):
            held[name] = each.snapshot[name] + 1
    for each, snapshot in zip(notes, take_snapshots(info, values), strict=True):
        each.snapshot = snapshot


def drop_deleted(unit: UnitOfWork) -> None:
    """Take deleted entities out of the relations that still hold them; edges go with nodes."""
    edges = unit.identity.edges.values()
    settle_deleted(unit, [edge for edge in edges if _is_deleted(edge)])
    for edge in list(unit.pending.values()):
        if isinstance(edge, Edge) and _is_deleted(edge):
            unit.release(edge)
    for node in unit.related():
        for name in type(node).__runic_relations__ & values_of(node).keys():
            _drop_deleted_from(node, name)


def _drop_deleted_from(node: Node, name: str) -> None:
    value = values_of(node)[name]
    kept = [other for other in as_tuple(value) if not _is_deleted(other)]
    if len(kept) < len(as_tuple(value)):
        hold(node, name, kept if isinstance(value, list) else None)


def _is_deleted(other: Any) -> bool:
    if isinstance(other, Edge):
        ends = [end for end in (other.source, other.target) if end is not None]
        if any(_is_deleted(end) for end in ends):
            return True
    notes = notes_of(other)
    return notes is not None and notes.status is State.DELETED
