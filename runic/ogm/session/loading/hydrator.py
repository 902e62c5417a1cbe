"""Turn records into entities. No I/O.

Called for every result of a query. An entity that the identity map already holds is returned as it
is: edits in memory win over the database. Values pass through the model's check of stored values
(`model.load_check`), by field name: their types and constraints are looked at, and none is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runic.ogm.driver.base import EdgeRecord, NodeRecord
from runic.ogm.driver.collector import collector_paused
from runic.ogm.errors import HydrationError
from runic.ogm.model.assembly import assembled
from runic.ogm.model.edge import Edge, ends_of, set_ends
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info, entity_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import kept_changes, take_snapshot, take_snapshots
from runic.ogm.model.state import (
    EntityState,
    Owner,
    State,
    notes_of,
    set_notes,
    set_notes_of_all,
    values_of,
)
from runic.ogm.query.dialect import Dialect
from runic.ogm.session.loading.load_errors import MISFITS, Ends, misfit
from runic.ogm.session.state.codecs import EntityCodec, entity_codec
from runic.ogm.session.state.identity_map import IdentityMap
from runic.ogm.session.state.unit_of_work import let_go

# A node's place in the identity map, and the row it is read from.
Placed = tuple[Any, Sequence[Any]]


class Hydrator:
    """Makes the entities of one session; with no identity map, entities nobody tracks."""

    def __init__(self, identity: IdentityMap | None, owner: Owner | None, dialect: Dialect) -> None:
        self._identity = identity
        self._held: dict[Any, Any] = {} if identity is None else identity.nodes
        self._owner = owner
        self._dialect = dialect

    def held(self) -> list[Node]:
        """Return the nodes that are tracked."""
        return list(self._held.values())

    def from_columns(
        self, cls: type[Node], fields: Sequence[str], rows: Sequence[Sequence[Any]], start: int
    ) -> list[Any]:
        """Return the node of each row: its id stands at `start`, then the values of `fields`."""
        with collector_paused(len(rows)):
            return self._from_columns(cls, fields, rows, start)

    def _from_columns(
        self, cls: type[Node], fields: Sequence[str], rows: Sequence[Sequence[Any]], start: int
    ) -> list[Any]:
        codec, info = entity_codec(cls, self._dialect), node_info(cls)
        root, key = info.root, start + 1 + fields.index(info.key.name)
        places: list[Any] = [None if row[start] is None else (root, row[key]) for row in rows]
        if self._identity is None:
            found = [(place, row) for place, row in zip(places, rows, strict=True) if place]
            fresh = iter(self._made(cls, codec, fields, found, start))
            return [None if place is None else next(fresh) for place in places]
        held = self._held
        new = {place: row for place, row in zip(places, rows, strict=True) if place not in held}
        new.pop(None, None)
        if len(new) < len(rows):
            self._refill_expired(codec, fields, zip(places, rows, strict=True), start)
        found = list(new.items())
        for place, node in zip(new, self._made(cls, codec, fields, found, start), strict=True):
            # Code of the class, as model_post_init, may have loaded the same node meanwhile.
            held.setdefault(place, node)
        return list(map(held.get, places))

    def _refill_expired(
        self, codec: EntityCodec, fields: Sequence[str], placed: Iterable[Placed], start: int
    ) -> None:
        for place, row in placed:
            node = self._held.get(place)
            if node is None:
                continue
            cls: Any = codec.info.entity
            if not _is_of(cls, cls, node):
                made = self._made(cls, codec, fields, [(place, row)], start)
                self._held[place] = made[0]
            elif _expired(node):
                self._refill(node, row[start], codec, _values_in(row, fields, start))

    def _made(
        self,
        cls: type[Node],
        codec: EntityCodec,
        fields: Sequence[str],
        placed: Sequence[Placed],
        start: int,
    ) -> list[Any]:
        """Return a new node for each place and row."""
        made = _all_made(cls, codec, fields, [row for _, row in placed], start)
        snapshots = take_snapshots(codec.info, list(map(vars, made)))
        owner, batch = self._owner, None if self._owner is None else list(made)
        status = State.DETACHED if owner is None else State.PERSISTENT
        notes = [
            EntityState(status, owner, row[start], place, snapshot, batch)
            for (place, row), snapshot in zip(placed, snapshots, strict=True)
        ]
        set_notes_of_all(made, notes)
        if owner is not None:
            owner.entered(made)
        return made

    def from_node(self, base: type[Node], record: NodeRecord | None, batch: list[Entity]) -> Any:
        """Return the entity of a whole node, as the most specific class its labels name."""
        if record is None:
            return None
        cls = base.__runic_registry__.most_specific(base, record.labels)
        codec = entity_codec(cls, self._dialect)
        found = record.properties
        place = (codec.info.root, found.get(codec.info.key.stored))  # type: ignore[union-attr]
        node = self._held.get(place)
        if node is not None and not _is_of(base, cls, node):
            node = None
        if node is not None and not _expired(node):
            return node
        values = {name: found.get(stored) for stored, name in codec.by_stored.items()}
        if node is None:
            node = self._new(codec, values, record.id, place, batch)
            if self._identity is not None:
                self._held[place] = node
            return node
        self._refill(node, record.id, codec, values)
        return node

    def from_edge(
        self, cls: type[Edge], record: EdgeRecord, source: Node | None, target: Node | None
    ) -> Any:
        """Return the entity of a relationship between two nodes."""
        info = edge_info(cls)
        key = (info.type, record.source, record.target, record.id)
        edge = self._identity.edges.get(key) if self._identity else None
        if edge is not None:
            _complete_ends(edge, source, target)
            if not _expired(edge):
                return edge
        codec = entity_codec(cls, self._dialect)
        values = {name: record.properties.get(stored) for stored, name in codec.by_stored.items()}
        if edge is not None:
            _take_values(edge, _validated(codec, values, ends_of(edge)), self._dialect)
            return edge
        ends = (source, target)
        fresh: Any = self._new(codec, values, record.id, key, [], ends)
        set_ends(fresh, *ends)
        if self._identity is not None:
            self._identity.place_edge(fresh, key)
        return fresh

    def _new(
        self,
        codec: EntityCodec,
        values: dict[str, Any],
        entity_id: Any,
        place: Any,
        batch: list[Entity],
        ends: Ends | None = None,
    ) -> Any:
        entity = _validated(codec, values, ends)
        snapshot = take_snapshot(codec.info, entity.__dict__)
        owner = self._owner
        if owner is None:
            notes = EntityState(State.DETACHED, None, entity_id, place, snapshot)
        else:
            notes = EntityState(State.PERSISTENT, owner, entity_id, place, snapshot, batch)
            batch.append(entity)
        set_notes(entity, notes)
        if owner is not None:
            owner.entered((entity,))
        return entity

    def _refill(self, node: Any, node_id: Any, codec: EntityCodec, values: dict[str, Any]) -> None:
        """Give an expired node the values that were read for it."""
        _take_values(node, _validated(codec, values), self._dialect)
        notes = notes_of(node)
        assert notes is not None
        notes.id = node_id


def _values_in(row: Sequence[Any], fields: Sequence[str], start: int) -> dict[str, Any]:
    return dict(zip(fields, row[start + 1 : start + 1 + len(fields)], strict=True))


def _all_made(
    cls: type[Entity],
    codec: EntityCodec,
    fields: Sequence[str],
    rows: Sequence[Sequence[Any]],
    start: int,
) -> list[Any]:
    """Return new entities with these stored values and no relation."""
    if _are_plain(codec, fields, rows, start):
        return assembled(cls, [_values_in(row, fields, start) for row in rows])
    try:
        made = [_quickly_validated(codec, _values_in(row, fields, start)) for row in rows]
    except MISFITS:
        return [_validated(codec, _values_in(row, fields, start)) for row in rows]
    _forget_defaults(cls, made)
    return made


def _are_plain(
    codec: EntityCodec, fields: Sequence[str], rows: Sequence[Sequence[Any]], start: int
) -> bool:
    """Tell whether the fields take these values as they are, by the types of each column."""
    plain = codec.plain
    if plain is None or len(fields) != len(plain):
        return False
    columns = list(zip(*rows, strict=True))[start + 1 : start + 1 + len(fields)]
    named = zip(fields, columns, strict=bool(rows))
    return all(plain[name].issuperset(map(type, column)) for name, column in named)


def _validated(codec: EntityCodec, values: dict[str, Any], ends: Ends | None = None) -> Any:
    """Return one such entity, or say what does not fit; `ends` are the nodes of an edge."""
    try:
        entity = _quickly_validated(codec, values)
    except MISFITS as error:
        raise misfit(codec, values, error, ends) from error
    _forget_defaults(codec.info.entity, [entity])
    return entity


def _quickly_validated(codec: EntityCodec, values: dict[str, Any]) -> Any:
    if codec.decoders or None in values.values():
        values = _decoded(codec, values)
    return codec.validate(values, strict=False, extra="ignore", by_alias=False, by_name=True)


def _forget_defaults(cls: type[Entity], entities: Iterable[Any]) -> None:
    # An absent key means "not loaded"; the default [] would look like "nothing there".
    for entity in entities if cls.__runic_relations__ else ():
        for name in cls.__runic_relations__:
            entity.__dict__.pop(name, None)


def _decoded(codec: EntityCodec, values: dict[str, Any]) -> dict[str, Any]:
    """Return what the validator takes: decoded values, and no None where a default stands."""
    keeps_none = codec.keeps_none
    present = {n: v for n, v in values.items() if v is not None or n in keeps_none}
    for name, decode in codec.decoders.items():
        if present.get(name) is not None:
            present[name] = decode(present[name])
    return present


def _complete_ends(edge: Edge, source: Node | None, target: Node | None) -> None:
    """Give an edge that was read without a node at its end the one that is known now.

    An end that was expunged makes way for the object that the session holds instead.
    """
    ends = ends_of(edge)
    start, end = _end(ends[0], source), _end(ends[1], target)
    if start is not ends[0] or end is not ends[1]:
        set_ends(edge, start, end)


def _end(before: Node | None, read: Node | None) -> Node | None:
    if read is None or read is before:
        return before
    notes = None if before is None else notes_of(before)
    return read if notes is None or notes.owner is None else before


def _expired(entity: Entity) -> bool:
    notes = notes_of(entity)
    return notes is not None and notes.expired


def _is_of(wanted: type[Any], read: type[Any], held: Node) -> bool:
    """Tell whether the object that the session holds for a key can be the one that was read.

    An expired one of another class is let go: the node it stood for has made way for this one.

    Raises:
        HydrationError: It is not of the class that is wanted, and was read or changed as it is.
    """
    notes = notes_of(held)
    if notes is not None and notes.expired:
        if isinstance(held, wanted) and issubclass(read, type(held)):
            return True
        let_go([held])
        return False
    if isinstance(held, wanted):
        return True
    raise HydrationError(
        f"a {wanted.__name__} was read whose key is that of a {type(held).__name__} in this"
        " session: two nodes have one key, or the labels of one were changed; delete one of them,"
        " or session.expunge(…) what is held"
    )


def _take_values(entity: Any, fresh: Any, dialect: Dialect) -> None:
    """Give an expired entity the field values of another one of its class.

    What was assigned since it expired stays, to be written at the next flush.
    """
    notes = notes_of(entity)
    assert notes is not None
    info = entity_info(type(entity))
    values, stored = values_of(entity), values_of(fresh)
    own = kept_changes(info, values, notes.snapshot, dialect.reads)
    notes.snapshot = take_snapshot(info, stored)
    values.update((name, stored[name]) for name in info.properties if name not in own)
    notes.expired = False
