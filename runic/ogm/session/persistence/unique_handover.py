"""Find the unique values that stored entities hand to each other within one flush. No I/O.

A database that checks uniqueness as each row is written refuses a value that its owner gives up
only afterwards, and whichever row comes first, two that swap always are in each other's way. So
what gives up a value that another change takes is given one of its own for the time being.

The planner asks this for its changed nodes and for its changed edges.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from runic.ogm.model.description import NEVER_UNIQUE, PropertyInfo
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info
from runic.ogm.model.state import notes_of_all, values_of
from runic.ogm.session.state.codecs import EntityCodec

# A class and some of its fields, and the entities that are alike in that.
Shape = tuple[type[Any], tuple[str, ...]]
Groups = Mapping[Shape, list[Any]]

# From here to twice as far, integers below zero are exact in a double and in nobody's use.
_FAR = 2**52


@dataclass(slots=True)
class HandOver:
    """Who gives up which fields' values to others of the same flush, and all who take part."""

    givers: dict[Shape, list[Any]] = field(default_factory=dict)
    involved: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.givers)

    def parted(self, groups: Groups) -> tuple[Groups, Groups]:
        """Return what takes part, and the rest, grouped as it was."""
        inside, outside = (
            {
                shape: kept
                for shape, entities in groups.items()
                if (kept := [e for e in entities if (id(e) in self.involved) is wanted])
            }
            for wanted in (True, False)
        )
        return inside, outside


def hand_over(groups: Groups, *, any_field: bool) -> HandOver:
    """Return what changes hands among changed entities: values of the fields declared unique.

    `any_field` asks about every field, for constraints that no model declares, as one over several
    properties: part of what one entity takes may be the same as before.
    """
    found: HandOver = HandOver()
    asked = {shape: _asked(shape, any_field) for shape in groups}
    taking = {shape: _taking(shape, asked[shape], any_field) for shape in groups}
    taken: dict[str, set[Any]] = {}
    for shape, entities in groups.items():
        for info in taking[shape]:
            new = [values_of(entity)[info.name] for entity in entities]
            taken.setdefault(info.stored, set()).update(new)
    given: dict[str, set[Any]] = {}
    for shape, entities in groups.items():
        if asked[shape]:
            for entity, names in _giving(entities, asked[shape], taken, given):
                found.givers.setdefault((shape[0], names), []).append(entity)
                found.involved.add(id(entity))
    if found:
        _note_takers(found, groups, given, taking)
    return found


def _asked(shape: Shape, any_field: bool) -> list[PropertyInfo]:
    """Return the changed fields whose values may have to be unique."""
    properties = entity_info(shape[0]).properties
    changed = [properties[name] for name in shape[1]]
    if any_field:
        return [info for info in changed if info.kind not in NEVER_UNIQUE and not info.version]
    return [info for info in changed if info.unique]


def _taking(shape: Shape, asked: list[PropertyInfo], any_field: bool) -> Sequence[PropertyInfo]:
    if not any_field:
        return asked
    every = entity_info(shape[0]).properties.values()
    return [info for info in every if info.kind not in NEVER_UNIQUE and not info.version]


def _giving(
    entities: Sequence[Any],
    asked: Sequence[PropertyInfo],
    taken: Mapping[str, set[Any]],
    given: dict[str, set[Any]],
) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield those whose old value of a field is another's new one, with the fields."""
    old = [notes.snapshot for notes in notes_of_all(entities)]
    lost = [i for i in asked if not taken[i.stored].isdisjoint([each.get(i.name) for each in old])]
    for entity, snapshot in zip(entities, old, strict=True) if lost else ():
        names = []
        for info in lost:
            value = snapshot.get(info.name)
            if value is not None and value in taken[info.stored]:
                given.setdefault(info.stored, set()).add(value)
                names.append(info.name)
        if names:
            yield entity, tuple(names)


def _note_takers(
    found: HandOver,
    groups: Groups,
    given: Mapping[str, set[Any]],
    taking: Mapping[Shape, Sequence[PropertyInfo]],
) -> None:
    for shape, entities in groups.items():
        for info in taking[shape]:
            values = given.get(info.stored, ())
            takers = [id(e) for e in entities if values and values_of(e)[info.name] in values]
            found.involved.update(takers)


def stand_ins(codec: EntityCodec, names: Sequence[str], entities: Sequence[Entity]) -> list[Any]:
    """Return a row for each entity of values that no other entity has, each of its field's type."""
    numbers = count(_FAR + secrets.randbelow(_FAR // 2))
    word = f"runic:{secrets.token_hex(8)}:"
    rows = []
    for notes in notes_of_all(entities):
        stored = [_stored(codec, name, notes.snapshot[name]) for name in names]
        rows.append([_stand_in(value, next(numbers), word) for value in stored])
    return rows


def _stored(codec: EntityCodec, name: str, value: Any) -> Any:
    encode = codec.fields[name].codec.encode
    return value if encode is None else encode(value)


def _stand_in(value: Any, number: int, word: str) -> Any:
    if type(value) is int:
        return -number
    return -float(number) if type(value) is float else f"{word}{number}"
