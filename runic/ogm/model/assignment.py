"""An assignment that is refused leaves the entity as it was.

Pydantic puts the new value in place before it runs the validators of the model, and leaves it there
when one of them raises; what they did to other fields stays as well. Called by the `__setattr__` of
nodes and edges, for the classes that have such validators: any other refusal comes before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from runic.ogm.errors import MetadataError
from runic.ogm.model.comparison import EXACT_READS
from runic.ogm.model.meta import entity_info
from runic.ogm.model.state import values_of

if TYPE_CHECKING:
    from runic.ogm.model.entity import Entity

_given = BaseModel.__dict__["__pydantic_fields_set__"]
_read_given, _write_given, _forget_given = _given.__get__, _given.__set__, _given.__delete__
_private = BaseModel.__dict__["__pydantic_private__"]
_read_private, _write_private = _private.__get__, _private.__set__
_NOTHING: Mapping[str, Any] = {}


class Before:
    """What an entity holds, to put it back: fields, those that were given, private attributes."""

    __slots__ = ("_entity", "_given", "_kept", "_private", "values")

    def __init__(self, entity: Entity) -> None:
        # Made for every assignment to such a class, nearly none of which are refused.
        self._entity = entity
        self.values = values = values_of(entity).copy()
        kept = _mutable_of(type(entity))
        self._kept = kept and {n: keep(values[n]) for n, keep in kept.items() if n in values}
        self._given = _given_of(entity)
        private = _read_private(entity)
        self._private = private and private.copy()

    def restore(self) -> None:
        """Put everything back."""
        entity, values = self._entity, self.values
        for name, kept in self._kept.items():
            values[name] = _as_it_was(entity, name, values[name], kept)
        object.__setattr__(entity, "__dict__", values)
        _write_private(entity, self._private)
        if self._given is not None:
            _write_given(entity, self._given)
        elif _given_of(entity) is not None:
            _forget_given(entity)


def _given_of(entity: Entity) -> set[str] | None:
    """Return a copy of the set of the fields that were given; None where it has not been made."""
    try:
        given: set[str] = _read_given(entity)
    except AttributeError:
        return None
    return given.copy()


def _mutable_of(cls: type[Entity]) -> Mapping[str, Any]:
    """Return the fields that a validator could change in place, with how to copy each."""
    info = cls.__dict__.get("__runic_info__")
    if info is None:
        try:
            info = entity_info(cls)
        except MetadataError:  # it is abstract, or leads to what is not defined yet
            return _NOTHING
    mutable: Mapping[str, Any] = info.comparison.kept
    return mutable


def _as_it_was(entity: Entity, name: str, value: Any, kept: Any) -> Any:
    """Return a value that may have been changed in place meanwhile: itself if it was not."""
    compared = entity_info(type(entity)).comparison
    before = compared.taken_out(name, kept)
    return value if compared.same(EXACT_READS)[name](value, before) else before
