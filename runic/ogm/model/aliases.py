"""Tell whether a type alias has itself inside of it: `type Tree = list[Tree] | int`.

The values of such a type have no fixed shape, so that they are stored as JSON, whole.
"""

from __future__ import annotations

import types
import typing
from typing import Any

from typing_inspection.typing_objects import is_typealiastype


def is_recursive(alias: Any) -> bool:
    """Return whether a type alias is named inside of what it stands for, at any depth."""
    return _names(alias.__value__, alias, [])


def takes_none(annotation: Any, seen: tuple[Any, ...] = ()) -> bool:
    """Return whether None is a value of a type, through the aliases in it."""
    if is_typealiastype(annotation):
        inside = (*seen, annotation)
        return annotation not in seen and takes_none(annotation.__value__, inside)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return takes_none(annotation.__origin__, seen)
    if origin in (typing.Union, types.UnionType):
        return any(takes_none(part, seen) for part in typing.get_args(annotation))
    return annotation is type(None)


def _names(annotation: Any, alias: Any, seen: list[Any]) -> bool:
    # An alias made by hand names itself by text, as Python 3.11 has no other way.
    if annotation is alias or getattr(annotation, "__forward_arg__", annotation) == alias.__name__:
        return True
    if any(annotation is each for each in seen):
        return False
    if is_typealiastype(annotation):
        seen.append(annotation)
        return _names(annotation.__value__, alias, seen)
    parts = (typing.get_origin(annotation), *typing.get_args(annotation))
    return any(_names(part, alias, seen) for part in parts if part is not None)
