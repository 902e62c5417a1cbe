"""Remember an entity's fields as they are stored, and tell what has changed since.

Comparing at flush sees every kind of change: assignment, `tags.append(…)`, an edit inside a nested
model. What counts is what would be stored, see `same_value`; only the kinds of value that can
change in place are copied, see `comparison`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import attrgetter, is_not, itemgetter, ne
from typing import TYPE_CHECKING, Any, TypeVar

from runic.ogm.errors import FieldValidationError
from runic.ogm.model.comparison import (
    EXACT_READS,
    Reads,
    all_like_frozen,
    thawed_value,
    unlike_frozen,
)
from runic.ogm.model.description import EntityInfo
from runic.ogm.model.meta import entity_info
from runic.ogm.model.missing import refuse_missing

if TYPE_CHECKING:
    from runic.ogm.model.entity import Entity

E = TypeVar("E", bound="Entity")


def take_snapshot(info: EntityInfo, values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an entity as they are now, safe from later changes in place."""
    if len(values) == len(info.properties):  # no relation is loaded: a copy in C
        snapshot = values.copy()
    else:
        snapshot = {name: values[name] for name in info.properties}
    for name, keep in info.comparison.kept.items():
        snapshot[name] = keep(snapshot[name])
    return snapshot


def take_snapshots(info: EntityInfo, values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the same of many entities of one class."""
    if info.comparison.kept or set(map(len, values)) != {len(info.properties)}:
        return [take_snapshot(info, each) for each in values]
    return list(map(dict.copy, values))


def differing(entities: Iterable[E]) -> Iterator[E]:
    """Yield those of a session's entities that may have changed: the quick look, mostly in C."""
    listed = list(entities)
    classes = set(map(type, listed))
    for cls in classes:
        alike = listed if len(classes) == 1 else [each for each in listed if type(each) is cls]
        try:
            yield from _differing(entity_info(cls), alike)
        except KeyError as error:
            refuse_missing(entity_info(cls), map(vars, alike), error)
            raise


def _differing(info: EntityInfo, entities: list[E]) -> Iterator[E]:
    if not (info.comparison.loose or info.comparison.frozen):  # one look says all
        for entity in compress(entities, map(ne, map(vars, entities), map(_snapshot_of, entities))):
            if differs(info, vars(entity), _snapshot_of(entity)):
                yield entity
        return
    values, snapshots = list(map(vars, entities)), list(map(_snapshot_of, entities))
    suspects: set[int] = set()
    for column in _looks(info, values, snapshots):
        seen = list(column)
        if True in seen:
            suspects.update(compress(range(len(seen)), seen))
    for place in sorted(suspects):
        # Where a relation is loaded there is more to compare than the snapshot has.
        if differs(info, values[place], snapshots[place]):
            yield entities[place]


def _looks(info: EntityInfo, values: list[Any], snapshots: list[Any]) -> Iterator[Iterable[bool]]:
    """Yield columns that say of each entity whether it differs in a way."""
    compared = info.comparison
    if compared.frozen:
        yield map(ne, map(compared.equal, values), map(compared.equal, snapshots))
    else:
        yield map(ne, values, snapshots)
    for get in map(itemgetter, compared.loose):
        yield map(is_not, map(get, values), map(get, snapshots))
    for get in map(itemgetter, compared.frozen):
        now, kept = list(map(get, values)), list(map(get, snapshots))
        if not all_like_frozen(now, kept):
            yield map(unlike_frozen, now, kept)


_snapshot_of = attrgetter("__runic_notes__.snapshot")


def differs(info: EntityInfo, values: Mapping[str, Any], snapshot: Mapping[str, Any]) -> bool:
    """Tell whether a field may have changed: it has not where this says no."""
    compared = info.comparison
    if compared.frozen or values != snapshot:
        # Where a relation is loaded there is more to compare than the snapshot has.
        alone = not compared.frozen and len(values) == len(snapshot)
        if alone or compared.equal(values) != compared.equal(snapshot):
            return True
    for name in compared.loose:
        if values[name] is not snapshot[name]:
            return True
    for name in compared.frozen:  # noqa: SIM110 - a generator takes as long as the comparison
        if unlike_frozen(values[name], snapshot[name]):
            return True
    return False


def changed_fields(
    info: EntityInfo,
    values: dict[str, Any],
    snapshot: Mapping[str, Any],
    reads: Reads = EXACT_READS,
) -> dict[str, Any]:
    """Return the fields that differ from the snapshot, with their values of now.

    `reads` is the dialect's: what the database gives back as the same is no change.
    """
    try:
        if snapshot and not differs(info, values, snapshot):  # a new entity has none
            return {}
        return {name: values[name] for name in _changed_names(info, values, snapshot, reads)}
    except KeyError as error:
        refuse_missing(info, [values], error)
        raise


def kept_changes(
    info: EntityInfo,
    values: dict[str, Any],
    snapshot: Mapping[str, Any],
    reads: Reads = EXACT_READS,
) -> dict[str, Any]:
    """Return the same for what is read over an entity: of one that lacks a field, nothing.

    That is refused where the entity is written; here it would be after a statement was carried out.
    """
    try:
        return changed_fields(info, values, snapshot, reads)
    except FieldValidationError:
        return {}


def changed_names(
    info: EntityInfo,
    values: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    reads: Reads = EXACT_READS,
) -> tuple[str, ...]:
    """Return the names of the fields that differ from the snapshot, looking at each."""
    try:
        return tuple(_changed_names(info, values, snapshot, reads))
    except KeyError as error:
        refuse_missing(info, [values], error)
        raise


def _changed_names(
    info: EntityInfo, values: Mapping[str, Any], snapshot: Mapping[str, Any], reads: Reads
) -> list[str]:
    frozen = info.comparison.frozen
    return [
        name
        for name, same in info.comparison.same(reads).items()
        if (now := values[name]) is not (then := snapshot.get(name, _MISSING))
        and (then is _MISSING or not same(now, thawed_value(then) if name in frozen else then))
    ]


_MISSING = object()


def fill_in(info: EntityInfo, values: dict[str, Any], snapshot: Mapping[str, Any]) -> None:
    """Give an entity what it lacks of its fields."""
    for name in snapshot.keys() - values.keys():
        values[name] = copied(info, name, snapshot[name])


def copied(info: EntityInfo, name: str, value: Any) -> Any:
    """Return a value of the snapshot for use outside of it."""
    return info.comparison.taken_out(name, value)


def kept(info: EntityInfo, name: str, value: Any) -> Any:
    """Return a value of an entity as a snapshot holds it."""
    return info.comparison.put_in(name, value)
