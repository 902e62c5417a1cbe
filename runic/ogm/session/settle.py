"""After a plan is carried out: move entities to their new state. No I/O.

Nothing here runs before the last write succeeded, so a failed flush leaves every entity as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runic.ogm.model.edge import Edge
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info, entity_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import take_snapshot
from runic.ogm.model.state import State, notes_of, values_of
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    DeleteEdges,
    DeleteNodes,
    Step,
    Unlink,
    UpdateEdges,
    UpdateNodes,
)
from runic.ogm.session.links import Link, as_tuple, relations_over
from runic.ogm.session.unit_of_work import UnitOfWork


def settle_step(unit: UnitOfWork, step: Step, answer: Any) -> None:
    """Move the subjects of a carried-out step; `answer` is what the step returned."""
    if isinstance(step, CreateNodes):
        for node, node_id in zip(step.subjects, answer, strict=True):
            _settle_created(unit, node, node_id, step.generated)
    elif isinstance(step, UpdateNodes | UpdateEdges):
        for entity in step.subjects:
            _settle_changed(entity)
    elif isinstance(step, DeleteNodes | DeleteEdges):
        for entity in step.subjects:
            _settle_deleted(unit, entity)
    elif isinstance(step, CreateEdges):
        _settle_edges(unit, step, answer)
    elif isinstance(step, Unlink):
        for link in step.subjects:
            _take_from_relations(link)


def settle_relations(unit: UnitOfWork) -> None:
    """Take what relations hold now for what is stored."""
    for entity in unit.tracked():
        if isinstance(entity, Node) and type(entity).__runic_relations__:
            _settle_relations_of(entity)


def _settle_relations_of(node: Node) -> None:
    notes = notes_of(node)
    assert notes is not None
    for name, relation in node_info(type(node)).relations.items():
        if name in values_of(node):
            value = values_of(node)[name]
            notes.relations[name] = tuple(value) if relation.many else value


def _settle_created(unit: UnitOfWork, node: Node, node_id: Any, generated: str | None) -> None:
    notes = notes_of(node)
    assert notes is not None
    info = node_info(type(node))
    if generated is not None and values_of(node)[info.key.name] is None:
        values_of(node)[info.key.name] = node_id
    notes.id, notes.status = node_id, State.PERSISTENT
    notes.snapshot = take_snapshot(info, values_of(node))
    unit.pending.pop(id(node), None)
    if generated is not None:
        unit.identity.place(node, notes)


def _settle_changed(entity: Entity) -> None:
    notes = notes_of(entity)
    assert notes is not None
    info = entity_info(type(entity))
    if info.version is not None:
        values_of(entity)[info.version.name] = notes.snapshot[info.version.name] + 1
    notes.snapshot = take_snapshot(info, values_of(entity))


def _settle_deleted(unit: UnitOfWork, entity: Entity) -> None:
    notes = notes_of(entity)
    assert notes is not None
    unit.identity.remove(entity)
    unit.doomed.pop(id(entity), None)
    notes.owner, notes.status, notes.batch = None, State.DELETED, None


def _settle_edges(unit: UnitOfWork, step: CreateEdges, answer: Any) -> None:
    ids = edge_ids(step, answer)
    for link, edge_id in zip(step.subjects, ids, strict=True):
        if link.edge is not None:
            settle_edge(unit, link, edge_id)
        else:
            _put_into_relations(link)


def edge_ids(step: CreateEdges, answer: Any) -> Sequence[Any]:
    """Return the id of each row's edge, from what a `CreateEdges` step returned."""
    if not step.merge:
        ids: Sequence[Any] = answer
        return ids
    found = {(source, target): edge for source, target, edge in answer}
    return [found[row[0][0], row[1][0]] for row in step.rows]


def settle_edge(unit: UnitOfWork, link: Link, edge_id: Any) -> None:
    """Move an edge entity whose relationship has been written."""
    edge = link.edge
    assert edge is not None
    notes, source, target = notes_of(edge), notes_of(link.source), notes_of(link.target)
    assert notes is not None
    assert source is not None
    assert target is not None
    info = edge_info(type(edge))
    notes.id, notes.status = edge_id, State.PERSISTENT
    notes.snapshot = take_snapshot(info, values_of(edge))
    unit.pending.pop(id(edge), None)
    unit.identity.place_edge(edge, (info.type, source.id, target.id, edge_id))


def _put_into_relations(link: Link) -> None:
    for node, other in ((link.source, link.target), (link.target, link.source)):
        for relation in relations_over(node, link):
            held = values_of(node).get(relation.name, node)
            if held is node or other in as_tuple(held):
                continue  # not loaded, or already there
            values_of(node)[relation.name] = [*held, other] if relation.many else other


def _take_from_relations(link: Link) -> None:
    for node, other in ((link.source, link.target), (link.target, link.source)):
        for relation in relations_over(node, link):
            held = values_of(node).get(relation.name, node)
            if held is node or other not in as_tuple(held):
                continue
            rest = [each for each in as_tuple(held) if each is not other]
            values_of(node)[relation.name] = rest if relation.many else None


def link_made(link: Link) -> None:
    """Show a relationship that was written on its own in the loaded relations of both ends."""
    _put_into_relations(link)
    _settle_link(link)


def link_cut(link: Link) -> None:
    """Take a relationship that was deleted on its own out of the relations of both ends."""
    _take_from_relations(link)
    _settle_link(link)


def _settle_link(link: Link) -> None:
    # Only these two entities: other changes in other relations still have to be written.
    for node, other in ((link.source, link.target), (link.target, link.source)):
        notes = notes_of(node)
        assert notes is not None
        for relation in relations_over(node, link):
            if relation.name in notes.relations:
                kept = [
                    each for each in as_tuple(notes.relations[relation.name]) if each is not other
                ]
                if other in as_tuple(values_of(node).get(relation.name)):
                    kept.append(other)
                one = kept[0] if kept else None
                notes.relations[relation.name] = tuple(kept) if relation.many else one


def drop_deleted(unit: UnitOfWork) -> None:
    """Take deleted entities out of the relations that still hold them."""
    for node in unit.tracked():
        if isinstance(node, Node):
            for name in type(node).__runic_relations__ & values_of(node).keys():
                _drop_deleted_from(node, name)


def _drop_deleted_from(node: Node, name: str) -> None:
    value = values_of(node)[name]
    gone = [other for other in as_tuple(value) if _is_deleted(other)]
    if gone:
        kept = [other for other in as_tuple(value) if other not in gone]
        values_of(node)[name] = kept if isinstance(value, list) else None


def _is_deleted(other: Any) -> bool:
    if isinstance(other, Edge):
        ends = [end for end in (other.source, other.target) if end is not None]
        if any(_is_deleted(end) for end in ends):
            return True
    notes = notes_of(other)
    return notes is not None and notes.status is State.DELETED
