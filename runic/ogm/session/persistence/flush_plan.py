"""Compare what a session holds with what it last loaded or wrote, and plan the difference.

Order: deletions, changed nodes, new nodes, edges. A key or unique value that is given up can so be
given to a new entity in the same commit; edges come last because their ends must exist. Values that
stored entities hand to each other are freed by steps of their own; see `unique_handover`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from runic.ogm.driver.collector import collector_paused
from runic.ogm.errors import StatementError
from runic.ogm.model.description import NodeInfo
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.keys import refuse_given_key
from runic.ogm.model.meta import edge_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import changed_names, differing
from runic.ogm.model.state import EntityState, State, notes_of, notes_of_all, values_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    CreateNodes,
    DeleteEdges,
    DeleteNodes,
    Found,
    Plan,
    Step,
    Unlink,
    UnlinkOthers,
    single_steps,
)
from runic.ogm.session.persistence.contradictions import agreed
from runic.ogm.session.persistence.edge_steps import EdgeShape, edge_step
from runic.ogm.session.persistence.given_fields import given_fields
from runic.ogm.session.persistence.relation_changes import LinkChanges, collect_links
from runic.ogm.session.persistence.to_one import ends_of_changes, replaced_by
from runic.ogm.session.persistence.unique_conflicts import refuse_twins
from runic.ogm.session.persistence.update_steps import Updates, edge_place, node_places
from runic.ogm.session.state.codecs import entity_codec
from runic.ogm.session.state.relationships import Link, Replaced
from runic.ogm.session.state.unit_of_work import UnitOfWork, describe, ends_with_node


@dataclass(slots=True)
class Work:
    """A plan with what it settles once it is carried out."""

    plan: Plan = field(default_factory=Plan)
    # Whether a relation does not hold what is stored, if only in another order.
    moved: bool = False


def plan_work(
    unit: UnitOfWork, dialect: Dialect, *, any_field: bool = False, in_batches: bool = False
) -> Work:
    """Return everything the session owes the database, as a plan.

    Args:
        unit: What the session holds.
        dialect: Of its database.
        any_field: Look at every field, and not at unique ones alone, for values that change hands.
        in_batches: The steps are kept one by one; what changes hands is then one step.

    Raises:
        FieldValidationError: A value cannot be stored unchanged.
        StatementError: A primary key was changed, or a relation holds something that has no place
            or is to be deleted.
        UniqueViolationError: Two entities take a value that a third one gives up.
    """
    with collector_paused(len(unit.identity.nodes) + len(unit.pending)):
        unit.doubles.carry_over()
        changed = unit.cascade()
        staying = agreed(unit, changed)
        links = collect_links(unit, staying)
        links.replaced += replaced_by(links.added.values(), ends_of_changes(staying))
        updates = Updates(dialect, any_field, in_batches)
        plan = Plan(_Planner(unit, dialect, links, updates).steps())
        if plan.vacates or not dialect.checks_unique_at_once:
            refuse_twins(single_steps(plan.steps), dialect)
        return Work(plan, bool(changed))


class _Planner:
    def __init__(
        self, unit: UnitOfWork, dialect: Dialect, links: LinkChanges, updates: Updates
    ) -> None:
        self._unit = unit
        self._dialect = dialect
        self._links = links
        self._updates = updates
        # Where each end of a link is: a new node's step among CreateNodes and its row there, or how
        # a stored one is found.
        self._places: dict[int, tuple[int | Found, Any]] = {}

    def steps(self) -> list[Step]:
        return [
            *self._edge_deletes(),
            *self._unlinks(),
            *self._node_deletes(),
            *self._node_updates(),
            *self._node_creates(),
            *self._edge_updates(),
            *self._edge_creates(),
        ]

    # Nodes

    def _node_creates(self) -> Iterable[Step]:
        groups: dict[tuple[type[Node], str | None], list[Node]] = {}
        for cls, entities in _by_class(self._unit.pending.values()).items():
            if issubclass(cls, Node):
                groups |= _by_assigned_key(cls, entities)
        return [
            self._create_nodes(number, cls, generated, nodes)
            for number, ((cls, generated), nodes) in enumerate(groups.items())
        ]

    def _create_nodes(
        self, number: int, cls: type[Node], generated: str | None, nodes: list[Node]
    ) -> Step:
        codec = entity_codec(cls, self._dialect)
        info = node_info(cls)
        names = [name for name in info.properties if name != generated]
        if self._links.added:
            self._places.update((id(node), (number, row)) for row, node in enumerate(nodes))
        rows = codec.rows(list(map(values_of, nodes)), names)
        if generated is None:
            cell = itemgetter(names.index(info.key.name))
            self._require_keys(nodes, info, list(map(cell, rows)))
        return CreateNodes(
            labels=info.labels,
            columns=codec.columns(names),
            generated=info.properties[generated].stored if generated else None,
            rows=rows,
            subjects=list(nodes),
        )

    def _require_keys(self, nodes: list[Node], info: NodeInfo, stored: list[Any]) -> None:
        places = [notes.key and notes.key[1] for notes in notes_of_all(nodes)]
        if None in stored or places != stored:
            for node, key in zip(nodes, stored, strict=True):
                self._require_key(node, info, key)

    def _require_key(self, node: Node, info: NodeInfo, stored: Any) -> None:
        if stored is None:
            raise StatementError(
                f"a {info.name} has no {info.key.name}: a primary key cannot be None; give it one,"
                " or declare it Field(primary_key=True, generated=True)"
            )
        notes = _notes(node)
        if notes.key != (info.root, stored):  # it was changed after the node was added
            self._unit.identity.place(node, notes)

    def _node_updates(self) -> list[Step]:
        groups: dict[tuple[type[Node], tuple[str, ...]], list[Node]] = {}
        held: Iterable[Node] = self._unit.identity.nodes.values()
        reads = self._dialect.reads
        for others in (self._unit.pending, self._unit.doomed):
            held = [node for node in held if id(node) not in others] if others else held
        for node in differing(held):
            notes, info = _notes(node), node_info(type(node))
            if notes.status is not State.PERSISTENT:
                continue
            if changed := changed_names(info, values_of(node), notes.snapshot, reads):
                groups.setdefault((type(node), changed), []).append(node)
        return self._updates.of_nodes(groups)

    def _node_deletes(self) -> Iterable[Step]:
        for cls, nodes in _by_class(self._unit.doomed.values()).items():
            if not issubclass(cls, Node):
                continue
            info = node_info(cls)
            yield DeleteNodes(
                kind=Found.of(info),
                version=info.version.stored if info.version else None,
                rows=node_places(info, nodes),
                subjects=list(nodes),
            )

    # Edges

    def _edge_creates(self) -> Iterable[Step]:
        groups: dict[EdgeShape, list[Link]] = {}
        going = {_ends_key(edge_info(type(e)).type, *ends_of(e)) for e in self._doomed_edges()}
        links = self._links.added.values()
        nodes = {id(node): node for link in links for node in (link.source, link.target)}
        ends = {place: self._end(node) for place, node in nodes.items()}
        last: Any = None
        alike: list[Link] = []
        for link in links:
            source, target = ends[id(link.source)], ends[id(link.target)]
            merge, directed = link.merge, link.directed
            # An edge between new nodes cannot exist yet, and one that is going is not to be found.
            if merge and (source.__class__ is int or target.__class__ is int or _goes(link, going)):
                merge, directed = False, True
            given = given_fields(link) if merge else ()
            bare, cls = link.edge is None, link.edge_class or link.model
            shape = EdgeShape(link.type, cls, source, target, merge, directed, bare, given)
            if shape != last:  # most are like the one before
                last, alike = shape, groups.setdefault(shape, [])
            alike.append(link)
        return [self._create_edges(shape, links) for shape, links in groups.items()]

    def _create_edges(self, shape: EdgeShape, links: list[Link]) -> Step:
        ends = self._place(links[0].source)[0], self._place(links[0].target)[0]
        at = self._places
        places = [(at[id(link.source)][1], at[id(link.target)][1]) for link in links]
        return edge_step(shape, links, ends, places, self._dialect)

    def _end(self, node: Node) -> int | type[Node]:
        """Return what ends have in common that one step can find: their step, or their class."""
        found = self._place(node)[0]
        return found if isinstance(found, int) else type(node)

    def _place(self, node: Node) -> tuple[int | Found, Any]:
        place = self._places.get(id(node))
        if place is None:
            place = self._places[id(node)] = self._found(node)
        return place

    def _found(self, node: Node) -> tuple[Found, Any]:
        notes = _notes(node)
        if notes.deleting:
            raise StatementError(
                f"{describe(node)} is being deleted and cannot be related to; take it out of the"
                " relation, or do not delete it"
            )
        return Found.of(node_info(type(node))), [notes.id, notes.key[1]]

    def _edge_updates(self) -> list[Step]:
        groups: dict[tuple[type[Edge], tuple[str, ...]], list[Edge]] = {}
        for edge in differing(self._unit.identity.edges.values()):
            notes, info = _notes(edge), edge_info(type(edge))
            changed = changed_names(info, values_of(edge), notes.snapshot, self._dialect.reads)
            if changed and not notes.deleting and not self._goes(edge):
                groups.setdefault((type(edge), changed), []).append(edge)
        return self._updates.of_edges(groups)

    def _goes(self, edge: Edge) -> bool:
        """Tell whether an edge is cut with its nodes, or by what their relations hold now."""
        type_, ends = edge_info(type(edge)).type, ends_of(edge)
        one_way, any_way = (type_, tuple(map(id, ends))), (type_, frozenset(map(id, ends)))
        return (
            id(edge) in self._links.removed_edges
            or ends_with_node(edge)
            or not self._links.removed.keys().isdisjoint((one_way, any_way))
            or any(one.cuts(type_, *ends) for one in self._links.replaced)
        )

    def _edge_deletes(self) -> Iterable[Step]:
        doomed = self._doomed_edges()
        # An edge goes with its nodes; asking for it again would find nothing.
        alone = [edge for edge in doomed if not ends_with_node(edge)]
        for cls, edges in _grouped((type(e), e) for e in alone).items():
            info = edge_info(cls)
            yield DeleteEdges(
                type=info.type,
                version=info.version.stored if info.version else None,
                rows=list(map(edge_place, edges)),
                subjects=list(edges),
            )

    def _doomed_edges(self) -> list[Edge]:
        doomed: dict[int, Edge] = {}
        if any(issubclass(cls, Edge) for cls in set(map(type, self._unit.doomed.values()))):
            doomed = {id(e): e for e in self._unit.doomed.values() if isinstance(e, Edge)}
        return list((doomed | self._links.removed_edges).values())

    def _unlinks(self) -> Iterable[Step]:
        removed = _grouped(((k.type, k.directed), k) for k in self._links.removed.values())
        for (type_, directed), links in removed.items():
            rows = [[_notes(link.source).id, _notes(link.target).id] for link in links]
            yield Unlink(type=type_, directed=directed, rows=rows, subjects=list(links))
        yield from replacing_steps(self._links.replaced)


def replacing_steps(replaced: Iterable[Replaced]) -> list[UnlinkOthers]:
    """Return the steps that cut all links but one of relations that hold one entity."""
    shapes = ((one, (one.type, one.outgoing, one.directed, _label(one.target))) for one in replaced)
    groups = _grouped((shape, one) for one, shape in shapes)
    return [
        UnlinkOthers(
            type=type_,
            outgoing=outgoing,
            directed=directed,
            label=label,
            rows=[[_notes(one.node).id, _notes(one.kept).id if one.kept else None] for one in ones],
            subjects=list(ones),
        )
        for (type_, outgoing, directed, label), ones in groups.items()
    ]


def _label(cls: type[Any]) -> str | None:
    return None if cls.__runic_abstract__ else node_info(cls).label


def _notes(entity: Entity) -> EntityState:
    notes = notes_of(entity)
    assert notes is not None
    return notes


def _grouped(items: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for key, item in items:
        groups.setdefault(key, []).append(item)
    return groups


def _by_class(entities: Collection[Any]) -> dict[type[Any], list[Any]]:
    classes = set(map(type, entities))
    if len(classes) == 1:
        return {classes.pop(): list(entities)}
    return _grouped((type(entity), entity) for entity in entities)


def _by_assigned_key(
    cls: type[Node], nodes: list[Node]
) -> dict[tuple[type[Node], str | None], list[Node]]:
    """Group nodes by the key field that the database fills in; None: they have their keys."""
    key = node_info(cls).key
    if not key.numbered:
        return {(cls, None): nodes}
    for node in nodes:
        refuse_given_key(cls, key.name, values_of(node)[key.name])
    return {(cls, key.name): nodes}


def _ends_key(type_: str, source: Any, target: Any) -> tuple[str, int, int]:
    return type_, id(source), id(target)


def _goes(link: Link, going: set[Any]) -> bool:
    if not going:
        return False
    there = _ends_key(link.type, link.source, link.target)
    back = _ends_key(link.type, link.target, link.source)
    return there in going or (not link.directed and back in going)
