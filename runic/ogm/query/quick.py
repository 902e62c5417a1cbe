"""Quick construction of frozen values.

A frozen dataclass sets each field through `object.__setattr__`, which takes longer than all the
rest of building and compiling a statement. What statements are made of sets its slots itself.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar, cast

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots an `__init__` of the same arguments that is fast."""
    known: dict[str, Any] = {"MISSING": MISSING}
    parameters, lines = [], []
    for each in fields(cast(Any, cls)):
        known[f"set_{each.name}"] = getattr(cls, each.name).__set__
        if each.init:
            parameters.append(_parameter(each, known))
        if each.init or each.default_factory is not MISSING:
            lines.append(f"    set_{each.name}(self, {_argument(each, known)})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    source = "\n".join([f"def __init__(self, {', '.join(parameters)}):", *lines])
    # As dataclasses make theirs: the names are those of the class's own fields.
    exec(source, known)
    made = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = cls.__init__.__annotations__
    type.__setattr__(cls, "__init__", made)
    return cls


def _parameter(each: Field[Any], known: dict[str, Any]) -> str:
    if each.default is MISSING and each.default_factory is MISSING:
        return each.name
    known[f"default_{each.name}"] = each.default
    return f"{each.name}=default_{each.name}"


def _argument(each: Field[Any], known: dict[str, Any]) -> str:
    if each.default_factory is MISSING:
        return each.name
    known[f"make_{each.name}"] = each.default_factory
    if not each.init:
        return f"make_{each.name}()"
    return f"make_{each.name}() if {each.name} is MISSING else {each.name}"
