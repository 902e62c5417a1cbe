"""Dump entities whose loaded relations form cycles: each path ends before it meets itself.

Installed as the serialiser of every entity class, so `model_dump`, JSON and FastAPI responses all
come through here.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from pydantic import SerializerFunctionWrapHandler

# The ids of the entities that are being dumped, outermost first.
_dumping: ContextVar[tuple[int, ...]] = ContextVar("runic_dumping", default=())


def dump_entity(entity: Any, handler: SerializerFunctionWrapHandler) -> Any:
    """Dump an entity without the entities that lead to it."""
    relations = getattr(type(entity), "__runic_relations__", ())
    loaded = [name for name in relations if entity.__dict__.get(name)]
    if not loaded:
        return handler(entity)
    path = (*_dumping.get(), id(entity))
    token = _dumping.set(path)
    try:
        return handler(_without(entity, loaded, path))
    finally:
        _dumping.reset(token)


def _without(entity: Any, relations: list[str], path: tuple[int, ...]) -> Any:
    kept = dict(entity.__dict__)
    for name in relations:
        value = kept[name]
        if isinstance(value, list):
            kept[name] = [item for item in value if id(item) not in path]
        elif id(value) in path:
            del kept[name]
    return stand_in(entity, kept)


def stand_in(entity: Any, values: dict[str, Any]) -> Any:
    """Return an object of the entity's class with other values, which Pydantic takes for another.

    Its guard against recursion goes by the object, and an entity may well lead to itself.
    """
    view = object.__new__(type(entity))
    object.__setattr__(view, "__pydantic_extra__", entity.__pydantic_extra__)
    object.__setattr__(view, "__pydantic_private__", entity.__pydantic_private__)
    object.__setattr__(view, "__pydantic_fields_set__", entity.__pydantic_fields_set__)
    object.__setattr__(view, "__dict__", values)
    return view
