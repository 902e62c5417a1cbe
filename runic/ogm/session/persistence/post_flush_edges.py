"""After relationships were written or cut: move their edge entities to their new state. No I/O.

An edge that was there keeps the fields that were not given, so they are taken from the record that
came back. Called by `post_flush` for flushes, and by `relate` for what is written at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from runic.ogm.driver.base import EdgeRecord
from runic.ogm.errors import HydrationError
from runic.ogm.model.edge import Edge, ends_of, set_ends
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import take_snapshot
from runic.ogm.model.state import State, notes_of, notes_of_all, values_of
from runic.ogm.query.plan import CreateEdges
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.persistence.given_fields import edge_values
from runic.ogm.session.state.relation_sync import hide, note_cut
from runic.ogm.session.state.relationships import Link, known_link
from runic.ogm.session.state.unit_of_work import UnitOfWork


class WrittenEdge(NamedTuple):
    """A relationship as it is stored now; the record where that may differ from what was sent."""

    source: Any
    target: Any
    id: Any
    record: EdgeRecord | None = None


def settle_edges(unit: UnitOfWork, step: CreateEdges, answer: Any) -> None:
    """Move the edge entities of a step whose relationships have been written."""
    if step.bare:
        return
    reread = _Reread(step, unit) if step.told else None
    for link, row, written in zip(step.subjects, step.rows, _written(step, answer), strict=True):
        if link.twins:
            values_of(link.edge).update(edge_values(link))
        if reread is not None:
            reread.take(link.edge, row, written.record)
        if not step.directed and written.source != _id_of(link.source):
            set_ends(link.edge, link.target, link.source)
        _settle_edge(unit, link, written)


def _written(step: CreateEdges, answer: Any) -> Iterator[WrittenEdge]:
    ends = [(_id_of(link.source), _id_of(link.target)) for link in step.subjects]
    if not step.merge:
        yield from (WrittenEdge(*ids, number) for ids, number in zip(ends, answer, strict=True))
        return
    told = (WrittenEdge(one.source, one.target, one.id, one) for one in answer)
    listed = told if step.told else map(WrittenEdge._make, _plain(answer))
    found = {one[:2]: one for one in listed}
    for ids in ends:
        yield found[ids] if step.directed or ids in found else found[ids[::-1]]


def _plain(answer: Any) -> Iterator[tuple[Any, ...]]:
    return ((*ids, None) for ids in answer)


def _id_of(node: Node) -> Any:
    notes = notes_of(node)
    assert notes is not None
    return notes.id


class _Reread:
    """Gives the edges of a step the fields that were not given, where they are stored otherwise."""

    def __init__(self, step: CreateEdges, unit: UnitOfWork) -> None:
        self._unit = unit
        self._stored = [column.stored for column in step.columns]
        self._others = [i for i in range(len(step.columns)) if i not in step.on_match]
        self._hydrator = Hydrator(None, None, unit.identity.dialect)

    def take(self, edge: Edge, row: Sequence[Any], record: EdgeRecord | None) -> None:
        """Take them from the record, unless they are as they were sent."""
        assert record is not None
        get, stored = record.properties.get, self._stored
        told = [get(stored[i]) for i in self._others]
        sent = [row[i + 2] for i in self._others]
        # By their texts: 1 and True are equal, and so are 0.0 and -0.0.
        if repr(told) == repr(sent):
            return
        try:
            fresh = self._hydrator.from_edge(type(edge), record, None, None)
        except HydrationError as error:
            # It is written: all else is settled first.
            self._unit.misfits.append(error)
            return
        names = list(edge_info(type(edge)).properties)
        for name in (names[i] for i in self._others):
            values_of(edge)[name] = values_of(fresh)[name]


def _settle_edge(unit: UnitOfWork, link: Link, written: WrittenEdge) -> None:
    edge = link.edge
    assert edge is not None
    notes, info = notes_of(edge), edge_info(type(edge))
    assert notes is not None
    notes.id, notes.status = written.id, State.PERSISTENT
    notes.snapshot = take_snapshot(info, values_of(edge))
    unit.pending.pop(id(edge), None)
    key = (info.type, *written[:3])
    if notes.key not in (None, key):
        unit.identity.remove(edge)  # it was cut meanwhile, and made again
    before = unit.identity.edges.get(key)
    unit.identity.place_edge(edge, key)
    if before is not None and before is not edge:
        _follow(unit, before, edge)
    for twin in link.twins:
        _follow(unit, twin, edge)


def _follow(unit: UnitOfWork, double: Edge, kept: Edge) -> None:
    unit.pending.pop(id(double), None)
    _hide_edge(double)
    unit.doubles.add(double, kept)


def _hide_edge(edge: Edge) -> None:
    if (link := known_link(edge)) is not None:
        hide([link])
        note_cut([link])


def settle_cut(unit: UnitOfWork, links: Sequence[Link]) -> None:
    """Take cut links out of memory, with the edge entities that stood for them."""
    find_ends(unit)
    hide(links)
    cut = {key for link in links for key in _ends_of_link(link)}
    for edge in list(unit.identity.edges.values()):
        source, target = ends_of(edge)
        if (edge_info(type(edge)).type, id(source), id(target)) in cut:
            settle_cut_edge(unit, edge)


def settle_cut_edge(unit: UnitOfWork, edge: Edge) -> None:
    """Take an edge entity out of memory whose relationship was cut."""
    settle_deleted(unit, [edge])
    _hide_edge(edge)


def find_ends(unit: UnitOfWork) -> None:
    """Give edges the ends that were loaded after them: what is cut at these is cut of the edges."""
    edges = [edge for edge in unit.identity.edges.values() if None in ends_of(edge)]
    if not edges:
        return
    near = {_id_of(node): node for node in unit.identity.nodes.values()}
    for edge, notes in zip(edges, notes_of_all(edges), strict=True):
        ends = zip(ends_of(edge), notes.key[1:3], strict=True)
        set_ends(edge, *(near.get(key) if end is None else end for end, key in ends))


def _ends_of_link(link: Link) -> list[tuple[str, int, int]]:
    ends = (link.type, id(link.source), id(link.target))
    return [ends] if link.directed else [ends, (link.type, id(link.target), id(link.source))]


def settle_deleted(unit: UnitOfWork, entities: Sequence[Entity]) -> None:
    """Move entities that are no longer in the database."""
    deleted, doomed = State.DELETED, unit.doomed
    found = notes_of_all(entities)
    unit.identity.remove_all(entities, found)
    if unit.buried is not None:
        unit.buried += zip(entities, found, strict=True)
    for entity, notes in zip(entities, found, strict=True):
        doomed.pop(id(entity), None)
        notes.owner = notes.batch = None
        notes.status = deleted
