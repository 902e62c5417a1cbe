"""The steps that change stored entities, and how a row says which entity it is about. No I/O.

Made by the planner from entities that it has grouped by class and changed fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import EdgeInfo, NodeInfo
from runic.ogm.model.edge import Edge
from runic.ogm.model.meta import edge_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, notes_of, notes_of_all, values_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    Found,
    Step,
    Together,
    UpdateEdges,
    UpdateNodes,
    VacateEdges,
    VacateNodes,
)
from runic.ogm.session.persistence.unique_handover import Groups, hand_over, stand_ins
from runic.ogm.session.state.codecs import entity_codec

Make = Callable[[Any, tuple[str, ...], list[Any], Dialect], Step]


@dataclass(frozen=True, slots=True)
class Updates:
    """How changes become steps.

    `any_field` looks at every field, and not at unique ones alone, for values that change hands.
    `in_batches` makes one step of what takes part in that, since steps are kept one by one.
    """

    dialect: Dialect
    any_field: bool = False
    in_batches: bool = False

    def of_nodes(self, groups: Groups) -> list[Step]:
        """Return the steps that change nodes, after those that free the values they take."""
        return self._steps(groups, _update_nodes, _vacate_nodes)

    def of_edges(self, groups: Groups) -> list[Step]:
        """Return the steps that change edges, after those that free the values they take."""
        return self._steps(groups, _update_edges, _vacate_edges)

    def _steps(self, groups: Groups, update: Make, vacate: Make) -> list[Step]:
        handed = hand_over(groups, any_field=self.any_field)
        if not handed:
            return self._made(groups, update)
        freeing = handed.givers if self.dialect.checks_unique_at_once else {}
        first = self._made(freeing, vacate)
        if not self.in_batches:
            return first + self._made(groups, update)
        inside, outside = handed.parted(groups)
        together = Together.of(first + self._made(inside, update))
        return [together, *self._made(outside, update)]

    def _made(self, groups: Groups, make: Make) -> list[Step]:
        return [make(*shape, entities, self.dialect) for shape, entities in groups.items()]


def node_places(info: NodeInfo, nodes: Sequence[Node], *, versions: bool = True) -> list[list[Any]]:
    """Return the values each stored node is found by: id, key and version (if any)."""
    if info.version is None or not versions:
        return [[notes.id, notes.key[1]] for notes in notes_of_all(nodes)]
    return [[notes.id, notes.key[1], *_version(info, notes)] for notes in notes_of_all(nodes)]


def edge_place(edge: Edge) -> list[Any]:
    """Return the values a stored edge is found by: ids of source, edge, target, and version."""
    notes = notes_of(edge)
    assert notes is not None
    _, source_id, target_id, edge_id = notes.key
    return [source_id, edge_id, target_id, *_version(edge_info(type(edge)), notes)]


def _version(info: NodeInfo | EdgeInfo, notes: EntityState) -> list[Any]:
    return [notes.snapshot[info.version.name]] if info.version else []


def _update_nodes(
    cls: type[Node], changed: tuple[str, ...], nodes: list[Node], dialect: Dialect
) -> Step:
    codec, info = entity_codec(cls, dialect), node_info(cls)
    if info.key.name in changed:
        raise _new_key(nodes[0], info.key.name)
    names = _written(changed, info)
    values = codec.rows([values_of(node) for node in nodes], names)
    return UpdateNodes(
        kind=Found.of(info),
        version=info.version.stored if info.version else None,
        columns=codec.columns(names),
        rows=_joined(node_places(info, nodes), values),
        subjects=list(nodes),
    )


def _vacate_nodes(
    cls: type[Node], names: tuple[str, ...], nodes: list[Node], dialect: Dialect
) -> Step:
    codec, info = entity_codec(cls, dialect), node_info(cls)
    return VacateNodes(
        kind=Found.of(info),
        version=None,
        columns=codec.columns(names),
        rows=_joined(node_places(info, nodes, versions=False), stand_ins(codec, names, nodes)),
        subjects=list(nodes),
    )


def _update_edges(
    cls: type[Edge], changed: tuple[str, ...], edges: list[Edge], dialect: Dialect
) -> Step:
    codec, info = entity_codec(cls, dialect), edge_info(cls)
    names = _written(changed, info)
    values = codec.rows([values_of(edge) for edge in edges], names)
    return UpdateEdges(
        type=info.type,
        version=info.version.stored if info.version else None,
        columns=codec.columns(names),
        rows=_joined(map(edge_place, edges), values),
        subjects=list(edges),
    )


def _vacate_edges(
    cls: type[Edge], names: tuple[str, ...], edges: list[Edge], dialect: Dialect
) -> Step:
    codec = entity_codec(cls, dialect)
    return VacateEdges(
        type=edge_info(cls).type,
        version=None,
        columns=codec.columns(names),
        rows=_joined([edge_place(edge)[:3] for edge in edges], stand_ins(codec, names, edges)),
        subjects=list(edges),
    )


def _joined(places: Iterable[list[Any]], values: Iterable[Sequence[Any]]) -> list[list[Any]]:
    return [[*place, *row] for place, row in zip(places, values, strict=True)]


def _written(changed: tuple[str, ...], info: NodeInfo | EdgeInfo) -> tuple[str, ...]:
    # A version is counted up by the statement itself.
    counted = None if info.version is None else info.version.name
    return tuple(name for name in changed if name != counted)


def _new_key(node: Node, key: str) -> StatementError:
    notes = notes_of(node)
    assert notes is not None
    return StatementError(
        f"{type(node).__name__}.{key} of a stored entity was changed from"
        f" {notes.snapshot[key]!r} to {values_of(node)[key]!r}; a primary key stays: add a"
        " new entity and delete this one"
    )
