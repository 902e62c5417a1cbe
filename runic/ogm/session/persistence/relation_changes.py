"""What has changed in the relations a session holds: links to make and to cut. No I/O.

A link is one relationship between two nodes in memory. Both sides of a relationship may hold it
(`user.articles` and `article.author`); it is made and cut once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runic.ogm.errors import StatementError
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, State, is_part, notes_of
from runic.ogm.session.state.cascade import NOT_LOADED, RelationChange
from runic.ogm.session.state.relationships import (
    Link,
    Replaced,
    difference,
    joined_link,
    link_between,
    link_of_edge,
    replacement,
)

if TYPE_CHECKING:
    from runic.ogm.session.state.unit_of_work import UnitOfWork


@dataclass(slots=True)
class LinkChanges:
    """The links that differ from what was last loaded or written."""

    added: dict[Any, Link] = field(default_factory=dict)
    removed: dict[Any, Link] = field(default_factory=dict)
    removed_edges: dict[int, Edge] = field(default_factory=dict)
    replaced: list[Replaced] = field(default_factory=list)
    # The relations in which links without an edge entity were found.
    bare: dict[Any, RelationInfo] = field(default_factory=dict)


def collect_links(unit: UnitOfWork, changed: Iterable[RelationChange]) -> LinkChanges:
    """Return the links that the changed relations and the new edges make and cut.

    Raises:
        StatementError: A list was assigned to a relation whose stored links are not known.
    """
    changes = LinkChanges()
    for change in changed:
        if not change.notes.deleting:
            _collect(change, changes)
    for edge in unit.new_edges():
        link = link_of_edge(edge)
        changes.added[link.key] = joined_link(changes.added.get(link.key), link)
    for key, relation in changes.bare.items():
        link = changes.added[key]
        if link.edge is None:
            require_bare(relation)
            link.model = relation.edge
    for key in changes.added.keys() & changes.removed.keys():
        del changes.removed[key]
    _keep_written_again(changes)
    return changes


def _keep_written_again(changes: LinkChanges) -> None:
    """Let an edge stay that was taken out of a relation for another one at its place."""
    for place, edge in list(changes.removed_edges.items()):
        if link_of_edge(edge).key in changes.added:
            del changes.removed_edges[place]


def _collect(change: RelationChange, changes: LinkChanges) -> None:
    node, notes, relation, now, before = change
    if before is NOT_LOADED:
        before = ()
        if notes.status is not State.PENDING:
            changes.replaced.append(_replaced(node, relation, now))
    gained, lost = difference(now, before), difference(before, now)
    if relation.holds_edges or not relation.options.multiple:
        # How often a set holds something means nothing: what it still holds has not gone.
        gained, lost = _not_in(before, gained), _not_in(now, lost)
    if relation.holds_edges:
        changes.removed_edges.update((id(edge), edge) for edge in lost if not _going(edge))
        return  # edges gained are pending entities of their own
    _refuse_ambiguous(relation, now, lost, notes)
    _refuse_unknown(relation, before, now, notes)
    for link in _gained(node, notes, relation, gained):
        key = link.key
        changes.added.setdefault(key, link)
        if relation.edge is not None:
            changes.bare[key] = relation
    for other in lost:
        link = link_between(node, relation, other, merge=True)
        if not _going(other):
            changes.removed[link.key] = link


def _gained(
    node: Node, notes: EntityState, relation: RelationInfo, others: Sequence[Any]
) -> list[Link]:
    if not relation.options.cascade:  # else the session has taken them all in
        _require_held(relation, notes, others)
    type_, merge = relation.type, not relation.options.multiple
    if relation.direction == "INCOMING":
        return [Link(type_, other, node, True, merge, None, relation) for other in others]
    directed = relation.direction != "BOTH"
    held_by = relation if directed else None  # undirected, it is both sides' relation
    return [Link(type_, node, other, directed, merge, None, held_by) for other in others]


def require_bare(relation: RelationInfo) -> None:
    """Raise unless relationships of a relation can be made without an edge entity.

    Raises:
        StatementError: Its edge model has required fields; without them it could not be loaded.
    """
    if relation.edge is None:
        return
    required = [p.name for p in edge_info(relation.edge).properties.values() if not p.has_default]
    if required:
        edge = relation.edge.__name__
        raise StatementError(
            f"{relation} runs over {edge} edges, whose {', '.join(required)} has to be given: use"
            f" session.relate(…, edge={edge}(…)), or a relation that holds list[{edge}]"
        )


def _require_held(relation: RelationInfo, notes: EntityState, others: Iterable[Any]) -> None:
    for other in others:
        known = notes_of(other)
        if known is None or known.owner is not notes.owner:
            raise StatementError(
                f"{relation} holds a {type(other).__name__} that is not in this session, and"
                " cascade=False does not bring it in;"
                f" session.add({type(other).__name__.lower()}) it"
            )


def _replaced(node: Node, relation: RelationInfo, now: tuple[Any, ...]) -> Replaced:
    if relation.many:
        owner = type(node).__name__
        raise StatementError(
            f"{relation} was assigned a list, but what it holds in the database is not loaded and"
            f" would be lost: load it first (session.load({owner.lower()}, {relation})), or use"
            " session.relate(…) to add to it"
        )
    kept = now[0] if now else None
    if isinstance(kept, Edge):
        kept = next((end for end in ends_of(kept) if end is not node), node)
    kept_notes = notes_of(kept) if isinstance(kept, Node) else None
    stored = kept if kept_notes is not None and kept_notes.id is not None else None
    return replacement(node, relation, kept, stored)


def _refuse_unknown(
    relation: RelationInfo, before: tuple[Any, ...], now: tuple[Any, ...], notes: EntityState
) -> None:
    """Raise where a second entity could get into a relation that holds one."""
    part: Any = notes.parts.get(relation.name)
    if now and not before and not relation.many and part is not None and part.criteria:
        owner = relation.owner.__name__
        raise StatementError(
            f"{relation} holds one entity and was loaded with criteria that found none, so that"
            " another one may be there: load it without criteria first,"
            f" session.load({owner.lower()}, {relation})"
        )


def _refuse_ambiguous(
    relation: RelationInfo, now: tuple[Any, ...], lost: list[Any], notes: EntityState
) -> None:
    if relation.options.multiple and lost and is_part(notes, relation.name):
        raise StatementError(
            f"{relation} was loaded in part, and may lead to what was taken out over more edges"
            " than were loaded: load it without criteria and limit, or use a relation of edge"
            " objects"
        )
    if relation.options.multiple and any(other in now for other in lost):
        raise StatementError(
            f"{relation} held an entity several times and now holds it fewer times: which of its"
            " edges should go is unknown; use a relation of edge objects and remove one of these"
        )


def _not_in(held: tuple[Any, ...], found: list[Any]) -> list[Any]:
    places = set(map(id, held)) if found else ()
    return [item for item in found if id(item) not in places]


def _going(entity: Entity) -> bool:
    # A detached one is stored, and what leads to it can be cut.
    notes = notes_of(entity)
    return notes is None or notes.deleting or notes.status in (State.PENDING, State.DELETED)
