"""What a session holds and what it owes the database. No I/O.

Entities enter by `add` (pending) or by being loaded (persistent) and leave when they are deleted,
expunged, or the session closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from runic.ogm.errors import HydrationError, SessionError, StatementError
from runic.ogm.model.backref import hold
from runic.ogm.model.description import RelationInfo
from runic.ogm.model.edge import Edge, ends_of
from runic.ogm.model.edge_ends import require_fitting_ends
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import edge_info, entity_info, node_info
from runic.ogm.model.node import Node
from runic.ogm.model.snapshot import changed_fields, copied, fill_in
from runic.ogm.model.state import (
    EntityState,
    State,
    are_held_by,
    forget_relation,
    notes_of,
    notes_of_all,
    set_notes,
    values_of,
)
from runic.ogm.query.dialect import Dialect
from runic.ogm.session.state.add_many import stage_alike
from runic.ogm.session.state.cascade import (
    RelationChange,
    cascaded,
    changed_relations,
    is_unchanged,
    taken_in,
)
from runic.ogm.session.state.edge_twins import Doubles
from runic.ogm.session.state.expunged import Expunged
from runic.ogm.session.state.identity_map import IdentityMap
from runic.ogm.session.state.relation_holders import Holders
from runic.ogm.session.state.relation_undo import take_back, tell_again


class UnitOfWork:
    """The pending, persistent and doomed entities of one session, and their owner.

    `relation_read` is the session's answer to an entity whose relation is read unloaded.
    """

    def __init__(self, relation_read: Callable[[Entity, str], Any], dialect: Dialect) -> None:
        self.relation_read = relation_read
        self.identity = IdentityMap(dialect)
        self.pending: dict[int, Entity] = {}
        self.doomed: dict[int, Entity] = {}
        self.holders = Holders()
        self.filled, self.holder_of = self.holders.note, self.holders.of
        self.forgets = self.holders.note_named
        # None until there is any.
        self._expunged: Expunged | None = None
        self.doubles = Doubles()
        # What was deleted in a transaction that may still be undone, with the notes of then; None
        # where there is no such transaction.
        self.buried: list[tuple[Entity, EntityState]] | None = None
        # Relations with unwritten changes whose stored part a statement has changed since.
        self.outdated: dict[tuple[int, str], tuple[Node, RelationInfo]] = {}
        # What was written and cannot be read back as its model says, until somebody is told.
        self.misfits: list[HydrationError] = []

    def __contains__(self, entity: object) -> bool:
        notes = notes_of(entity) if isinstance(entity, Entity) else None
        return notes is not None and notes.owner is self

    def tracked(self) -> list[Entity]:
        """Return every entity the session holds, new ones last."""
        identity, pending = self.identity, self.pending
        held: list[Entity] = [*identity.nodes.values(), *identity.edges.values()]
        if pending:
            held = [entity for entity in held if id(entity) not in pending]
        held += [doomed for doomed in self.doomed.values() if not identity.holds(doomed)]
        return [*held, *pending.values()]

    def related(self) -> list[Node]:
        """Return the nodes that hold a relation, loaded or assigned, new ones last."""
        everywhere = (self.identity.nodes, self.pending, self.doomed)
        classes: set[Any] = set().union(*(map(type, part.values()) for part in everywhere))
        relations = {cls: names for cls in classes if (names := cls.__runic_relations__)}
        if not relations:
            return []
        held: list[Any] = [entity for entity in self.tracked() if type(entity) in relations]
        return [e for e in held if not relations[type(e)].isdisjoint(values_of(e))]

    def pending_edges(self) -> list[Edge]:
        """Return the edge entities that are not written."""
        if not any(issubclass(cls, Edge) for cls in set(map(type, self.pending.values()))):
            return []
        return [entity for entity in self.pending.values() if isinstance(entity, Edge)]

    def new_edges(self) -> list[Edge]:
        """Return the edge entities to write: all that are new but those that go with a node."""
        edges = self.pending_edges()
        return [edge for edge in edges if not ends_with_node(edge)] if self.doomed else edges

    def is_changed(self, entity: Entity) -> bool:
        """Tell whether a stored entity has field changes."""
        notes = notes_of(entity)
        if notes is None or notes.status is not State.PERSISTENT:
            return False
        info, reads = entity_info(type(entity)), self.identity.dialect.reads
        return bool(changed_fields(info, values_of(entity), notes.snapshot, reads))

    # Staging

    def add(self, entity: Any) -> None:
        """Stage an entity and all that its relations hold, or nothing when a part is refused."""
        if self._expunged:
            self._ask_back(entity)
        if not self._add_alone(entity):
            self._add_together(entity)

    def add_all(self, entities: Iterable[Any]) -> None:
        """Stage several entities, one after the other."""
        listed = list(entities)
        if self._expunged:
            for entity in listed:
                self._ask_back(entity)
        if len(listed) > 1 and stage_alike(self, listed, self.identity.dialect):
            return
        for entity in listed:
            if not self._add_alone(entity):
                self._add_together(entity)

    def _ask_back(self, entity: Any) -> None:
        """Take back what was expunged and is added now, and what a new entity was made with."""
        if not isinstance(entity, Entity):
            return
        back = self.was_expunged(entity)
        new = notes_of(entity) is None and not back
        self.readmit((entity, *(cascaded(entity) if new else ())))
        if back and isinstance(entity, Node):
            tell_again(entity)

    def _add_together(self, entity: Any) -> None:
        waiting: list[Entity] = []
        staged: list[Entity] = []
        try:
            if self._add_one(entity):
                staged.append(entity)
                waiting.extend(reversed(list(cascaded(entity))))
            while waiting:
                one = waiting.pop()
                if self._comes_along(one):
                    self._add_one(one)
                    staged.append(one)
                    waiting.extend(reversed(list(cascaded(one))))
        except Exception:
            for one in staged:
                self.release(one)
            raise

    def _comes_along(self, entity: Entity) -> bool:
        """Tell whether a walk brings an entity in: not one that is here, deleted or expunged."""
        notes = notes_of(entity)
        if notes is not None and (notes.owner is self or notes.status is State.DELETED):
            return False
        return not self.was_expunged(entity)

    def _add_alone(self, entity: Any) -> bool:
        """Stage a new node that holds no relation, as most are; tell whether it was one."""
        if not isinstance(entity, Node) or notes_of(entity) is not None:
            return False
        relations = type(entity).__runic_relations__
        if relations and not relations.isdisjoint(values_of(entity)):
            return False
        notes = EntityState(State.PENDING, self)
        self.identity.place(entity, notes)
        set_notes(entity, notes)
        self.pending[id(entity)] = entity
        return True

    def cascade(self) -> list[RelationChange]:
        """Stage what has been put into relations since their owners were added.

        What a relation has held all the time stays out if it was let go. Returns how relations then
        differ from what is stored.
        """
        changes = changed_relations(self.related())
        came = False
        for change in changes:
            if change.relation.options.cascade:
                came |= self._take_in(change)
        return changed_relations(self.related()) if came else changes

    def _take_in(self, change: RelationChange) -> bool:
        """Stage what a relation has gained and the session lacks; tell whether there was any."""
        held = taken_in(change.node, change.relation)
        if change.notes.deleting and change.relation.holds_edges:
            held = [end for edge in held for end in cascaded(edge)]  # the edges go with the node
        if are_held_by(self, held):
            return False
        came = False
        before = set(map(id, change.stored))
        for entity in held:
            if id(entity) not in before and self._comes_along(entity):
                self._add_together(entity)
                came = True
        return came

    def _add_one(self, entity: Any) -> bool:
        if not isinstance(entity, Entity):
            raise StatementError(
                f"a session stores Node and Edge objects, not {type(entity).__name__}"
                + ("; use add_all for several" if isinstance(entity, list | tuple) else "")
            )
        notes = notes_of(entity)
        if notes is None or notes.status is State.DELETED:
            self._begin(entity)
        elif notes.owner is self:
            self._undelete(entity, notes)
            return False
        elif notes.owner is None:
            self._attach(entity, notes)
        else:
            raise SessionError(
                f"{describe(entity)} belongs to another session; expunge it there first, or"
                " session.merge(…) it"
            )
        return True

    def _undelete(self, entity: Entity, notes: EntityState) -> None:
        if notes.deleting and isinstance(entity, Node):
            self.identity.place(entity, notes)  # its key may have been given away meanwhile
        notes.deleting = False
        self.doomed.pop(id(entity), None)

    def _attach(self, entity: Entity, notes: EntityState) -> None:
        """Take a detached entity back: it is in the database, as far as anyone knows."""
        if isinstance(entity, Node):
            self.identity.place(entity, notes)
        elif isinstance(entity, Edge):
            self._refuse_double(entity, notes)
            self.identity.place_edge(entity, notes.key)
        notes.owner, notes.status = self, State.PERSISTENT

    def _refuse_double(self, edge: Edge, notes: EntityState) -> None:
        if self.identity.edges.get(notes.key, edge) is not edge:
            raise SessionError(
                f"this session holds another {type(edge).__name__} for this edge, the one that was"
                " loaded or written last; change that object"
            )

    def _begin(self, entity: Entity) -> None:
        # An incomplete or abstract model is refused here, not at flush.
        notes = EntityState(State.PENDING, self)
        if isinstance(entity, Node):
            self.identity.place(entity, notes)
        else:
            edge_info(type(entity))
            _require_ends(entity)
        set_notes(entity, notes)
        self.pending[id(entity)] = entity

    def delete(self, entity: Any) -> None:
        """Stage a deletion; a pending entity is simply forgotten."""
        notes = notes_of(entity) if isinstance(entity, Entity) else None
        if notes is None or notes.owner is not self:
            raise SessionError(
                f"this {type(entity).__name__} is not in this session; session.get(…) it first, or"
                " session.add(…) it back when it is detached"
            )
        if notes.status is State.PENDING:
            self.expunge(entity)
            return
        if notes.deleting:
            return
        notes.deleting = True
        self.doomed[id(entity)] = entity

    # Letting go

    def edge_left(self, edge: Entity) -> None:
        """Let a new edge go that was taken out of its relation: it shall not be written."""
        if id(edge) in self.pending:
            self.release(edge)

    def expunge(self, entity: Entity) -> None:
        """Let an entity go: a pending one is transient again, a persistent one detached.

        It comes back by `add`, or by being put into a relation, and by no walk. What it was given
        and is not written goes with it.
        """
        self._require_held(entity)
        if isinstance(entity, Node):
            take_back(entity, self.related, given_only=True)
        self.release(entity)
        if self._expunged is None:
            self._expunged = Expunged()
        self._expunged.add(entity)

    def entered(self, entities: Sequence[Entity]) -> None:
        """Take notice of entities that were read: some were held as other objects before."""
        if self._expunged:
            self._expunged.succeed(entities, self.related)

    def release(self, entity: Entity) -> None:
        """Let an entity go that nobody asked to leave: it may come back as any other."""
        self._require_held(entity)
        self.identity.remove(entity)
        self.pending.pop(id(entity), None)
        self.doomed.pop(id(entity), None)
        let_go([entity])

    def _require_held(self, entity: Entity) -> None:
        if entity not in self:
            raise SessionError(f"this {type(entity).__name__} is not in this session")

    def was_expunged(self, entity: Entity) -> bool:
        """Tell whether an entity was expunged and has not been asked back since."""
        return self._expunged is not None and entity in self._expunged

    @property
    def has_expunged(self) -> bool:
        """Whether there may be entities in relations that the session does not hold."""
        return bool(self._expunged)

    def stand_in(self, entity: Any) -> Any:
        """Return the object that the session holds for an expunged one; if none, that itself."""
        notes = notes_of(entity)
        if notes is None or notes.status is not State.DETACHED:
            return entity
        return self.identity.places_for(entity).get(notes.key, entity)

    def readmit(self, entities: Iterable[Any]) -> None:
        """Take notice that entities were added, or put into a relation: they are asked back."""
        if self._expunged:
            self._expunged.readmit(entities)

    def expunge_all(self) -> None:
        """Let every entity go."""
        let_go(self.tracked())
        self.forget()

    def forget(self) -> None:
        """Empty the session's own lists."""
        self.identity.clear()
        self.pending.clear()
        self.doomed.clear()
        self.holders.clear()
        self._expunged = None
        self.doubles.clear()
        self.outdated.clear()

    # Taking back

    def rollback(self) -> None:
        """Restore what was last loaded or written, in memory."""
        for entity in list(self.pending.values()):
            self.release(entity)
        for entity in self.doomed.values():
            notes = notes_of(entity)
            assert notes is not None
            notes.deleting = False
            self.identity.put_back(entity, notes)
        self.doomed.clear()
        for entity in self.identity:
            restore(entity)
        self._unload_outdated()
        self.doubles.tell(undo=True)

    def unload(self, node: Node, relation: RelationInfo) -> None:
        """Forget what a relation held: reading it loads it anew. Unwritten changes stay till then.

        A relation with such changes is forgotten when they are written or dropped.
        """
        notes = notes_of(node)
        assert notes is not None
        if relation.name not in values_of(node):
            return
        if is_unchanged(node, notes, relation.name):
            self.forgets(node)
            values_of(node).pop(relation.name)
            forget_relation(notes, relation.name)
        else:
            self.outdated[id(node), relation.name] = node, relation

    def _unload_outdated(self) -> None:
        outdated, self.outdated = self.outdated, {}
        for node, relation in outdated.values():
            if node in self:
                self.unload(node, relation)

    def settled(self) -> None:
        """Tell the doubles of edges what was written, and raise what could not be read back.

        Raises:
            HydrationError: A stored edge that was written again does not fit its model.
        """
        if self.outdated:
            self._unload_outdated()
        if self.doubles:
            self.doubles.tell()
        misfits, self.misfits = self.misfits, []
        if misfits:
            raise misfits[0]


def _require_ends(edge: Any) -> None:
    if None in ends_of(edge):
        raise StatementError(
            f"{type(edge).__name__} has no ends: give it source= and target=, or put it into a"
            " relation"
        )
    require_fitting_ends(edge)


def ends_with_node(edge: Edge) -> bool:
    """Tell whether an edge goes because a node at its end is to be deleted."""
    notes = [notes_of(end) for end in ends_of(edge) if end is not None]
    return any(each is not None and each.deleting for each in notes)


def let_go(entities: Sequence[Entity]) -> None:
    """Make entities transient (they were never written) or detached."""
    pending, deleted, detached = State.PENDING, State.DELETED, State.DETACHED
    for entity, notes in zip(entities, notes_of_all(entities), strict=True):
        if notes.status is pending:
            set_notes(entity, None)
            continue
        notes.owner = notes.batch = None
        if notes.status is not deleted:
            notes.status = detached


def restore(entity: Entity) -> None:
    """Give an entity the values its session last loaded or wrote."""
    notes = notes_of(entity)
    assert notes is not None
    info = entity_info(type(entity))
    values = values_of(entity)
    fill_in(info, values, notes.snapshot)
    for name in changed_fields(info, values, notes.snapshot):
        values[name] = copied(info, name, notes.snapshot[name])
    for name in type(entity).__runic_relations__:
        if name not in notes.relations:
            values.pop(name, None)
            continue
        before = notes.relations[name]
        hold(entity, name, before)


def describe(entity: Entity) -> str:
    """Return an entity's class and key, for messages."""
    if isinstance(entity, Node):
        key = node_info(type(entity)).key.name
        return f"{type(entity).__name__} {values_of(entity).get(key)!r}"
    return f"{type(entity).__name__} [:{edge_info(type(entity)).type}]"
