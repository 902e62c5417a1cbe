"""Keep loaded relations in step with the relationships that were written. No I/O.

A relationship shows in memory at up to two nodes, in several relations of each, as the node at its
other end or as an edge entity. Whichever of them was changed, after a flush all that are loaded
agree. Called by `post_flush`, and by `relate` for a relationship that is written on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any

from runic.ogm.model.backref import hold
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import note_relation, notes_of, values_of
from runic.ogm.session.state.cascade import as_tuple
from runic.ogm.session.state.relationships import Link, Replaced

Place = tuple[Node, RelationInfo, Any]


def places_of(link: Link) -> list[Place]:
    """Return where a link may show: a node, a relation of it, and what that holds of the link."""
    # A list, for it is asked three times of every edge that is written.
    source, target = link.source, link.target
    found: list[Place] = []
    _add_places(found, link, source, target)
    if source is not target:
        _add_places(found, link, target, source)
    return found


def _add_places(found: list[Place], link: Link, node: Node, other: Node) -> None:
    for relation in relations_of_type(node, link.type):
        if not _runs(relation, node, link):
            continue
        held = link.edge if relation.holds_edges else other
        wanted = relation.edge if relation.holds_edges else relation.target
        if wanted is not None and isinstance(held, wanted):
            found.append((node, relation, held))


def relations_of_type(node: Node, type_: str) -> tuple[RelationInfo, ...]:
    """Return the relations of a node that run over relationships of a type."""
    info = node_info(type(node))
    found: tuple[RelationInfo, ...] | None = info.memo.get(("over", type_))
    if found is None:
        relations = info.relations.values()
        found = info.memo["over", type_] = tuple(r for r in relations if r.type == type_)
    return found


def _runs(relation: RelationInfo, node: Node, link: Link) -> bool:
    if relation.direction == "BOTH" or link.source is link.target:
        return True
    return (relation.direction == "OUTGOING") is (node is link.source)


def show(links: Sequence[Link]) -> None:
    """Put links that were written into the loaded relations at both their ends."""
    gained: dict[tuple[int, str], tuple[Node, RelationInfo, list[Any]]] = {}
    # Most show nowhere but in the relation they come from; asked once for each kind of link.
    kinds = list(map(_kind, links))
    shown = {kind: _shows(link) for kind, link in dict(zip(kinds, links, strict=True)).items()}
    for link in compress(links, map(shown.__getitem__, kinds)):
        _gain(link, gained)
    for node, relation, new in gained.values():
        if relation.many:
            _extend(node, relation, new)
        else:
            values_of(node)[relation.name] = new[-1]
        notes = notes_of(node)
        if notes is not None and notes.owner is not None:
            notes.owner.filled(relation, (node,))


_kind = attrgetter("type", "held_by", "source.__class__", "target.__class__")


def _shows(link: Link) -> bool:
    return any(relation is not link.held_by for _, relation, _ in places_of(link))


def _gain(link: Link, gained: dict[tuple[int, str], Any]) -> None:
    for node, relation, held in places_of(link):
        if relation.name in values_of(node):
            place = gained.setdefault((id(node), relation.name), (node, relation, []))
            place[2].append(held)


def _extend(node: Node, relation: RelationInfo, new: list[Any]) -> None:
    held: list[Any] = values_of(node)[relation.name]
    missing = Counter(map(id, new))
    if relation.options.multiple and not relation.holds_edges:
        missing.update(map(id, _stored(node, relation)))
    else:
        missing = Counter(missing.keys())
    missing.subtract(map(id, held))
    for one in new:
        if missing[id(one)] > 0:
            list.append(held, one)  # the list's own append would tell the other side
            missing[id(one)] -= 1


def hide(links: Iterable[Link]) -> None:
    """Take links that were cut out of the loaded relations at both their ends."""
    for link in links:
        for node, relation, held in places_of(link):
            if relation.name not in values_of(node):
                continue
            # Edges that run parallel to the one that was cut are still there.
            if link.edge is not None and relation.options.multiple and held is not link.edge:
                _take_one(values_of(node)[relation.name], held)
            else:
                take(node, relation, held)


def hide_replaced(replaced: Sequence[Replaced], nodes: Iterable[Any]) -> None:
    """Take nodes whose to-one relation was assigned unloaded out of where they were before."""
    for node, relation, held in _left_behind(replaced, nodes, values_of):
        take(node, relation, held)


def note_replaced(replaced: Sequence[Replaced], nodes: Iterable[Any]) -> None:
    """Take what `hide_replaced` takes out for gone, where other changes are not yet written."""
    for node, relation, held in _left_behind(replaced, nodes, _stored_relations):
        rest = tuple(_without(_stored(node, relation), held))
        _note(node, relation, rest)


def _stored_relations(node: Node) -> Mapping[str, Any]:
    notes = notes_of(node)
    return {} if notes is None else notes.relations


def _left_behind(
    replaced: Sequence[Replaced],
    nodes: Iterable[Any],
    relations: Callable[[Node], Mapping[str, Any]],
) -> Iterator[Place]:
    moved = {(id(one.node), one.type): one for one in replaced}
    for node in nodes:
        for relation in node_info(type(node)).relations.values():
            for held in as_tuple(relations(node).get(relation.name)):
                one = moved.get((id(held), relation.type))
                if one is not None and one.cuts_off(node) and _faces(relation, one):
                    yield node, relation, held


def _faces(relation: RelationInfo, one: Replaced) -> bool:
    return not one.directed or relation.direction == ("INCOMING" if one.outgoing else "OUTGOING")


def _take_one(held: list[Any], gone: Any) -> None:
    if gone in held:
        list.remove(held, gone)


def take(node: Node, relation: RelationInfo, held: Any) -> None:
    """Take something out of a relation without telling the other side."""
    kept = _without(as_tuple(values_of(node)[relation.name]), held)
    hold(node, relation.name, kept if relation.many else next(iter(kept), None))


def _without(held: Iterable[Any], gone: Any) -> list[Any]:
    return [one for one in held if one is not gone]


def note_made(links: Iterable[Link]) -> None:
    """Take links for stored, in their relations only: other changes still have to be written."""
    for link in links:
        for node, relation, held in places_of(link):
            if relation.name not in values_of(node):
                continue
            stored = _stored(node, relation)
            rest = stored if relation.options.multiple else _without(stored, held)
            _note(node, relation, (*rest, held))


def note_cut(links: Iterable[Link]) -> None:
    """Take links for gone, in their relations only."""
    for link in links:
        for node, relation, held in places_of(link):
            if relation.name in values_of(node):
                _note(node, relation, tuple(_without(_stored(node, relation), held)))


def forget_cut(link: Link) -> None:
    """Take a link that a statement has cut out of the loaded relations, and of what is stored."""
    for node, relation, held in places_of(link):
        notes = notes_of(node)
        loaded = notes is not None and relation.name in notes.relations.keys() & values_of(node)
        if loaded and not relation.options.multiple:  # else another one may run beside it
            take(node, relation, held)
            _note(node, relation, tuple(_without(_stored(node, relation), held)))


def _stored(node: Node, relation: RelationInfo) -> tuple[Any, ...]:
    notes = notes_of(node)
    assert notes is not None
    stored: tuple[Any, ...] = as_tuple(notes.relations.get(relation.name))
    return stored


def _note(node: Node, relation: RelationInfo, stored: tuple[Any, ...]) -> None:
    notes = notes_of(node)
    assert notes is not None
    if relation.name in values_of(node):
        one = stored[-1] if stored else None
        note_relation(notes, relation.name, stored if relation.many else one)
