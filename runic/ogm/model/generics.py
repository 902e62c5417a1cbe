"""Generic entity classes: `Box[int]` is stored as `Box` is, so one `Box[…]` can be stored.

Nodes do not tell of which of them they are: with two, each would read the other's values.
"""

from __future__ import annotations

import typing
from typing import Any

from runic.ogm.errors import MetadataError


def is_parametrised(cls: Any) -> bool:
    """Return whether a class is a `Box[int]`, Pydantic's own subclass of the generic `Box`."""
    return bool(cls.__pydantic_generic_metadata__.get("origin"))


def is_open(cls: Any) -> bool:
    """Return whether a generic class has types that are not chosen yet."""
    return bool(cls.__pydantic_generic_metadata__.get("parameters"))


def is_type_variable(annotation: Any) -> bool:
    """Return whether an annotation is, or contains, a type that is not chosen yet."""
    return isinstance(annotation, typing.TypeVar) or any(
        map(is_type_variable, typing.get_args(annotation))
    )


def claim_form(cls: Any) -> None:
    """Note that a generic class is stored with these types, at its first use.

    Raises:
        MetadataError: It is stored with others already.
    """
    if not is_parametrised(cls):
        return
    origin = cls.__pydantic_generic_metadata__["origin"]
    mine = {name: info.annotation for name, info in cls.__pydantic_fields__.items()}
    name, first = origin.__dict__.get("__runic_form__") or (cls.__name__, mine)
    if first != mine:
        raise MetadataError(
            f"{name} and {cls.__name__} are both stored as {origin.__name__}, and would read each"
            f" other's values; declare a class for each, which is stored under its own name, too:"
            f" class …({cls.__name__})"
        )
    origin.__runic_form__ = name, mine
