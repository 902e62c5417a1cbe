"""What a session held when its transaction began to write, to go back there.

Entities that were flushed in a transaction look stored; when the database undoes it, they must be
what they were before. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterable

from runic.ogm.model.entity import Entity
from runic.ogm.model.state import EntityState, State, notes_of, set_notes, values_of
from runic.ogm.session.loading.refresh import forget_loaded
from runic.ogm.session.state.unit_of_work import UnitOfWork, let_go


class Memento:
    """The entities of a session and its notes on them, as they were when this was made."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._nodes = dict(unit.identity.nodes)
        self._edges = dict(unit.identity.edges)
        self._pending = dict(unit.pending)
        self._doomed = dict(unit.doomed)
        self._doubles = unit.doubles.copy()
        held = ((entity, notes_of(entity)) for entity in unit.tracked())
        self._held = [(entity, notes, notes.copy()) for entity, notes in held if notes is not None]
        # What is deleted since stands behind this place, whether it was held then or loaded later.
        unit.buried = [] if unit.buried is None else unit.buried
        self._buried = len(unit.buried)
        # What the database has seen for the first time since, with the keys it gave.
        self._born: list[tuple[Entity, str | None]] = []

    def note_born(self, entities: Iterable[Entity], generated: str | None = None) -> None:
        """Remember entities that were created since; `generated` names a key field to empty."""
        self._born += [(entity, generated) for entity in entities]

    def let_all_go(self) -> None:
        """Restore nothing of what the session held: all of it was let go since, and stays out."""
        for part in (self._nodes, self._edges, self._pending, self._doomed):
            part.clear()
        self._held.clear()
        self._doubles.clear()

    def restore(self) -> None:
        """Give the session and every entity the notes of then.

        Entities that were created since are transient; those that were loaded since, deleted or
        not, stay and are filled anew when they are next met. What was expunged since stays out.
        """
        unit = self._unit
        left = [e for e, *_ in self._held if e not in unit and unit.was_expunged(e)]
        for entity, generated in self._born:
            _unbear(unit, entity, generated)
        known = {id(entity) for entity, *_ in (*self._held, *self._born)}
        loaded = [entity for entity in unit.tracked() if id(entity) not in known]
        unit.pending.clear()
        unit.doomed.clear()
        for entity, notes, before in self._held:
            notes.become(before)
            set_notes(entity, notes)
        gone = set(map(id, left))
        unit.identity.nodes |= {k: e for k, e in self._nodes.items() if id(e) not in gone}
        unit.identity.edges |= {k: e for k, e in self._edges.items() if id(e) not in gone}
        unit.pending |= self._pending
        unit.doomed |= self._doomed
        for entity in left:
            unit.release(entity)
        unit.doubles = self._doubles.copy()
        for entity in loaded:
            _unload(unit, entity)
        for entity, notes in self._unburied():
            if id(entity) not in known:
                _revive(unit, entity, notes)

    def _unburied(self) -> list[tuple[Entity, EntityState]]:
        """Return what was deleted since, and take it for deleted no longer."""
        buried = self._unit.buried or []
        since, buried[self._buried :] = buried[self._buried :], []
        return since


def _unbear(unit: UnitOfWork, entity: Entity, generated: str | None) -> None:
    notes = notes_of(entity)
    if notes is not None:
        unit.identity.remove(entity)
    set_notes(entity, None)
    if generated is not None:
        values_of(entity)[generated] = None


def _unload(unit: UnitOfWork, entity: Entity) -> None:
    notes = notes_of(entity)
    assert notes is not None
    if notes.status is not State.PERSISTENT:
        unit.identity.remove(entity)
        let_go([entity])
        return
    notes.deleting = False
    forget_loaded(entity, notes)


def _revive(unit: UnitOfWork, entity: Entity, notes: EntityState) -> None:
    """Hold an entity again that was loaded and deleted since: the database has it."""
    if notes_of(entity) is not notes or notes.status is not State.DELETED:
        return  # added again, or held again, meanwhile
    if unit.identity.has_place_of(entity, notes):
        notes.status = State.DETACHED  # another object was loaded for it
        return
    unit.identity.put_back(entity, notes)
    notes.owner, notes.status, notes.deleting = unit, State.PERSISTENT, False
    forget_loaded(entity, notes)
