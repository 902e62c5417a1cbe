"""Which fields of an entity were given: to the constructor, by assignment, or by a change in place.

Asked where an entity is written over what is stored (`merge`, `relate`, edges that are added): that
takes what was given and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runic.ogm.model.description import EntityInfo
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info
from runic.ogm.model.state import values_of

# What is known to make an equal value each time; others may count or take the time.
_CONSTANT: Mapping[Any, Any] = {list: [], dict: {}, set: set()}


def given_fields(entity: Entity) -> frozenset[str]:
    """Return the names of the stored fields of an entity that were given."""
    info = entity_info(type(entity))
    given: frozenset[str] = frozenset(entity.model_fields_set)
    grown = [
        name
        for name, default in _changing_defaults(info).items()
        if name not in given and values_of(entity).get(name, default) != default
    ]
    if grown:
        given = given.union(grown)
    return given if given <= info.properties.keys() else given.intersection(info.properties)


def _changing_defaults(info: EntityInfo) -> Mapping[str, Any]:
    """Return the defaults that can be changed in place, as `tags.append(…)` does."""
    found: Mapping[str, Any] | None = info.memo.get(_changing_defaults)
    if found is None:
        fields = info.entity.__pydantic_fields__
        found = info.memo[_changing_defaults] = {
            name: _CONSTANT.get(fields[name].default_factory, fields[name].default)
            for name in info.comparison.kept
            if _is_known(fields[name])
        }
    return found


def _is_known(field: Any) -> bool:
    if field.default_factory is None:
        return not field.is_required()
    return field.default_factory in _CONSTANT
