"""What a session knows of an entity, kept on the entity but outside its fields.

An entity without state is transient. Copies and unpickled entities have none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from runic.ogm.errors import StatementError

if TYPE_CHECKING:
    from runic.ogm.model.entity import Entity


class State(Enum):
    """Where an entity is in its life."""

    TRANSIENT = "transient"  # no session knows it
    PENDING = "pending"  # added, not yet written
    PERSISTENT = "persistent"  # in the database, held by a session
    DELETED = "deleted"  # its deletion has been written
    DETACHED = "detached"  # was in a session that let it go


class Owner(Protocol):
    """The session, as an entity sees it."""

    # Returns the value of a relation that is read and not loaded, or raises.
    relation_read: Callable[[Entity, str], Any]

    def edge_left(self, edge: Entity) -> None:
        """Take notice that an edge was taken out of a relation."""

    def readmit(self, entities: Iterable[Any]) -> None:
        """Take notice that entities were put into a relation."""

    def filled(self, relation: Any, owners: Sequence[Entity]) -> None:
        """Take notice that a relation of these entities shows what is stored."""

    def holder_of(self, entity: Entity, relation: Any, new: Any = None) -> Any:
        """Return the entity, other than a new one, whose loaded relation shows this one."""

    def entered(self, entities: Sequence[Entity]) -> None:
        """Take notice of entities that were read and are new to the session."""

    def forgets(self, entity: Entity) -> None:
        """Take notice that what an entity names in its relations is about to be forgotten."""


class LoadedPart(Protocol):
    """Which part of a relation was loaded, as `query.fetch` says it."""

    @property
    def leaves_out(self) -> bool:
        """True when the relation may lead to more."""
        ...


# Shared: most entities have no loaded relation, and a dict for each costs more than the rest.
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class EntityState:
    """The session's notes on one entity.

    `id` is the database's own id, `key` the entity's place in the identity map. `snapshot` holds
    the fields as they were last loaded or written, `relations` the loaded relations in the same
    sense: entity, None, or a tuple (what is not in it is not loaded). `parts` tells of those that
    were loaded in part, or sorted in another way, how; None for the limit the relation declares.
    `deleting` is set by `session.delete` until the flush, `expired` until the next load. `batch`
    holds the entities that were loaded together with this one.
    """

    __slots__ = (
        "batch",
        "deleting",
        "expired",
        "id",
        "key",
        "owner",
        "parts",
        "relations",
        "snapshot",
        "status",
    )

    def __init__(
        self,
        status: State,
        owner: Owner | None,
        id: int | str | None = None,
        key: Any = None,
        snapshot: Mapping[str, Any] = _NOTHING,
        batch: list[Entity] | None = None,
    ) -> None:
        self.status = status
        self.owner = owner
        self.id = id
        self.key = key
        self.snapshot = snapshot
        self.relations = _NOTHING
        self.parts: Mapping[str, LoadedPart | None] = _NOTHING
        self.deleting = False
        self.expired = False
        self.batch = batch

    def copy(self) -> EntityState:
        """Return notes that later changes of these leave alone."""
        snapshot = dict(self.snapshot)
        made = EntityState(self.status, self.owner, self.id, self.key, snapshot, self.batch)
        made.relations, made.parts = dict(self.relations), self.parts
        made.deleting, made.expired = self.deleting, self.expired
        return made

    def become(self, other: EntityState) -> None:
        """Take what a copy remembers."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))


def state_of(entity: Entity) -> State:
    """Return where the entity is in its life."""
    notes = notes_of(entity)
    return State.TRANSIENT if notes is None else notes.status


def relation_is_partial(entity: Entity, name: str) -> bool:
    """Tell whether a relation was loaded with criteria or a limit, so that there may be more.

    Raises:
        StatementError: The class has no relation of this name; lists those it has.
    """
    relations = getattr(type(entity), "__runic_relations__", {})
    if name not in relations:
        have = ", ".join(relations) or "none"
        raise StatementError(
            f"{type(entity).__name__} has no relation {name!r}; its relations: {have}"
        )
    notes = notes_of(entity)
    return notes is not None and is_part(notes, name)


def is_part(notes: EntityState, name: str) -> bool:
    """Tell the same from the notes."""
    if name not in notes.parts:
        return False
    part = notes.parts[name]
    return part is None or part.leaves_out


def note_relation(notes: EntityState, name: str, stored: Any) -> None:
    """Note what the database has in a relation: an entity, None, or a tuple."""
    if isinstance(notes.relations, dict):
        notes.relations[name] = stored
    else:
        notes.relations = {name: stored}


def forget_relation(notes: EntityState, name: str | None = None) -> None:
    """Note that a relation, or every one, is not loaded."""
    notes.relations = {k: v for k, v in notes.relations.items() if name not in (None, k)}


def note_part(notes: EntityState, name: str, part: LoadedPart | None) -> None:
    """Note that a relation was loaded in part; None for the limit it declares."""
    notes.parts = {**notes.parts, name: part}


def note_whole(notes: EntityState, name: str | None = None) -> None:
    """Forget that a relation, or every one, was loaded in part."""
    if notes.parts:
        notes.parts = {k: v for k, v in notes.parts.items() if name is not None and k != name}


def notes_of(entity: Entity) -> EntityState | None:
    """Return the session's notes, or None for a transient entity."""
    try:
        notes: EntityState | None = _read_notes(entity)
    except AttributeError:
        return None
    return notes


def notes_of_all(entities: Iterable[Entity]) -> list[EntityState]:
    """Return the notes of entities that a session holds."""
    return list(map(_read_notes, entities))


def are_transient(entities: Iterable[Entity]) -> bool:
    """Tell that no session knows any of these; False also where that is not quickly seen."""
    try:
        return not any(map(_read_notes, entities))
    except AttributeError:  # a copy, or made without `__init__`
        return False


def are_held_by(owner: Owner, entities: Iterable[Entity]) -> bool:
    """Tell that a session holds all of these; False also where that is not quickly seen."""
    try:
        return set(map(_owner_of, entities)) <= {owner}
    except AttributeError:  # of a transient one
        return False


_owner_of = attrgetter("__runic_notes__.owner")


def set_notes(entity: Entity, notes: EntityState | None) -> None:
    """Attach notes to an entity; None makes it transient."""
    _write_notes(entity, notes)


def set_notes_of_all(entities: Iterable[Entity], notes: Iterable[EntityState]) -> None:
    """Attach notes to as many entities."""
    deque(map(_write_notes, entities, notes), maxlen=0)


def values_of(entity: Entity) -> dict[str, Any]:
    """Return the fields and loaded relations of an entity, to read and to change unvalidated."""
    return vars(entity)


# Bound by the entity base class: reading the slot's own descriptor does not pass through
# `__getattr__`, which would look an unset slot up among the relations first.
_read_notes: Any = None
_write_notes: Any = None


def bind_slot(descriptor: Any) -> None:
    """Take the slot descriptor that holds the notes."""
    global _read_notes, _write_notes
    _read_notes, _write_notes = descriptor.__get__, descriptor.__set__
