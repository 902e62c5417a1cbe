"""Fields with a name that their class has already: `schema`, `copy`, `json`, a mixin's method.

Python looks up the attributes of a class before it asks the metaclass, so `Table.schema` would be
Pydantic's method, and `Table.schema == "public"` a plain False. Such a field gets a descriptor,
which comes before the attributes of the bases. Names that Pydantic or runic needs are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from runic.ogm.errors import MetadataError

# Old methods of Pydantic's, each of which has another name today and is called under no other.
_FREE = frozenset({
    "construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw",
    "schema", "schema_json", "update_forward_refs", "validate",
})  # fmt: skip


class ShadowingField:
    """Gives the expression of a field on the class, whatever its bases have under the name."""

    def __init__(self, name: str, expression: Callable[[Any, str], Any]) -> None:
        self._name = name
        self._expression = expression

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        # An object that has the field is not asked here: its own `__dict__` comes first.
        if instance is None:
            return self._expression(owner, self._name)
        raise AttributeError(f"{type(instance).__name__!r} object has no {self._name!r}")


def let_fields_show(cls: Any, expression: Callable[[Any, str], Any]) -> None:
    """Put the fields of a class before what its bases have under the same names.

    Raises:
        MetadataError: A field takes a name that is needed otherwise.
    """
    for name, hidden, base in _shadowing(cls):
        _check_name(cls, name, hidden, base)
        type.__setattr__(cls, name, ShadowingField(name, expression))


def _shadowing(cls: Any) -> Iterator[tuple[str, Any, type[Any]]]:
    for name in cls.__pydantic_fields__:
        base = next((base for base in cls.__mro__ if name in base.__dict__), None)
        if base is not None and not isinstance(base.__dict__[name], ShadowingField):
            yield name, base.__dict__[name], base


def _check_name(cls: Any, name: str, hidden: Any, base: type[Any]) -> None:
    ours = issubclass(base, BaseModel) and base.__module__.startswith(("pydantic.", "runic.ogm."))
    taken = ours and name not in _FREE
    # Pydantic takes what a base has for the field's default, if none was given.
    method = callable(hidden) or hasattr(hidden, "__get__")
    as_default = method and cls.__pydantic_fields__[name].default is getattr(base, name, None)
    if taken or as_default:
        raise MetadataError(
            f"{cls.__name__}.{name} is a field and also {_of(base)} of {base.__name__}; rename the"
            f" field and keep its other names: {name}_ … = Field(property={name!r}, alias={name!r})"
        )


def _of(base: type[Any]) -> str:
    return "an attribute" if base.__module__.startswith("pydantic.") else "a member"
