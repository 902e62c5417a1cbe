"""Find out before a value is stored whether it would be read back as the same value.

Where the type of a field proves it nothing is asked. Where it does not (JSON, types with code of
their own) the stored form is read back first, and the two values are compared.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from itertools import repeat
from types import NoneType
from typing import Any

from pydantic import BaseModel, ValidationError

from runic.ogm.model.same_value import same_value

Convert = Callable[[Any], Any]

# What reading raises for a stored form that it does not take. Types have code of their own.
_MISFITS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError)


def check_reads_back(read: Convert, stored: Any, value: Any, form: str) -> None:
    """Raise unless a stored form gives a value of the same type and content.

    Raises:
        ValueError: It does not; says what it gives, and where.
    """
    try:
        back = read(stored)
    except _MISFITS as error:
        raise ValueError(
            f"cannot be read back {form}: {_first_line(error)}; {CLOSER_TYPE}"
        ) from error
    if not _is_same(value, back) and (found := difference(value, back)) is not None:
        raise ValueError(f"changes when it is stored {form}: {found}; {CLOSER_TYPE}")


CLOSER_TYPE = "give the field a more exact type, or Field(converter=…)"


def _first_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error) or type(error).__name__
    problem = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


# Pydantic reads JSON of 200 levels.
_LEVELS = 190


def is_plain_json(value: Any, levels: int = _LEVELS) -> bool:
    """Return whether a value is of JSON's own types alone, so that JSON gives it back as it is.

    Floats are not looked at, among which are some that JSON does not have; nor is what is nested
    deeper than so many levels.
    """
    cls = value.__class__
    if cls is dict:
        return set(map(type, value)) <= _STR and _all_plain_json(value.values(), levels)
    return cls in _PLAIN or (cls is list and _all_plain_json(value, levels))


def _all_plain_json(values: Collection[Any], levels: int) -> bool:
    if set(map(type, values)) <= _PLAIN:
        return True
    return levels > 0 and all(map(is_plain_json, values, repeat(levels - 1)))


# Values of which `==` says all, once they are of the same type.
_PLAIN = frozenset({str, int, bool, NoneType})
_STR = frozenset({str})
_SINGLE = frozenset({
    float, bytes, Decimal, dt.datetime, dt.date, dt.time, dt.timedelta, uuid.UUID,
})  # fmt: skip
# An instance check of a model is a call of Python; this one sees no models of other metaclasses.
_MODEL = type(BaseModel)


def _is_same(value: Any, back: Any) -> bool:
    """Return True for most values that are the same, without looking for a difference."""
    cls = value.__class__
    if cls is not back.__class__:
        return False
    if cls is list:
        return _are_same(value, back)
    if cls is dict:
        if list(value) != list(back) or not set(map(type, value)) <= _STR:
            return False
        return _are_same(value.values(), back.values())
    if cls in _PLAIN:
        return bool(value == back)
    if cls in _SINGLE:
        return _is_same_single(value, back)
    if cls.__class__ is _MODEL and value.__pydantic_extra__ is None:
        values, others = vars(value), vars(back)
        return values.keys() == others.keys() and _are_same(values.values(), others.values())
    return False


def _are_same(values: Collection[Any], back: Collection[Any]) -> bool:
    if len(values) != len(back):
        return False
    types = list(map(type, values))
    if set(types) <= _PLAIN:
        return types == list(map(type, back)) and list(values) == list(back)
    return all(map(_is_same, values, back))


def difference(value: Any, back: Any, at: str = "it") -> str | None:
    """Return where and how a value that was read back is another one; None if it is the same.

    Of a subclass of `datetime` and the like (as tools for tests put in their place) only what it
    shows counts. NaN is not the same as itself, since no statement would find it.
    """
    if type(value) is not type(back):
        return None if _is_same_moment(value, back) else _told(value, back, at)
    parts = _parts_of(value)
    if parts is None:
        same = _is_same_single(value, back)
        return None if same else _own_difference(value, back, at) or _told(value, back, at)
    others = _parts_of(back) or {}
    if set(map(_typed, parts)) != set(map(_typed, others)):
        return _told(value, back, at)
    for name, part in parts.items():
        if (found := difference(part, others[name], f"{at}{_step(value, name)}")) is not None:
            return found
    return _own_difference(value, back, at)


# What values have beside what they show: containers their items, and moments their clock.
_OWN = (
    (deque, "maxlen"), (defaultdict, "default_factory"), (dt.datetime, "fold"), (dt.time, "fold"),
)  # fmt: skip


def _own_difference(value: Any, back: Any, at: str) -> str | None:
    for cls, name in _OWN:
        if isinstance(value, cls) and getattr(value, name) != getattr(back, name):
            return _told(getattr(value, name), getattr(back, name), f"{at}.{name}")
    return None


def _parts_of(value: Any) -> Mapping[Any, Any] | None:
    """Return the parts of a value that are compared one by one; None for a value without parts."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple | deque):
        return dict(enumerate(value))
    if isinstance(value, BaseModel):
        fields, extra = type(value).__pydantic_fields__, value.__pydantic_extra__ or {}
        return {n: vars(value)[n] for n in fields if n in vars(value)} | extra
    if dataclasses.is_dataclass(value):
        return {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
    return None


def _step(value: Any, name: Any) -> str:
    return f"[{name!r}]" if isinstance(value, dict | list | tuple | deque) else f".{name}"


def _is_same_moment(value: Any, back: Any) -> bool:
    if type(back) not in (dt.datetime, dt.date, dt.time, dt.timedelta):
        return False
    if getattr(value, "nanosecond", 0) or getattr(value, "nanoseconds", 0):
        return False
    return isinstance(value, type(back)) and bool(value == back)


def _is_same_single(value: Any, back: Any) -> bool:
    """Compare two values of one type that have no parts. NaN is no value to find again."""
    if isinstance(value, float | Decimal) and math.isnan(value):
        return False
    return same_value(value, back)


def _typed(item: Any) -> tuple[type[Any], Any]:
    return type(item), item


def _told(value: Any, back: Any, at: str) -> str:
    return f"{at} is {_shown(value)} and comes back as {_shown(back)}"


def _shown(value: Any) -> str:
    return f"{shown_value(value, 40)} ({type(value).__name__})"


def shown_value(value: Any, most: int | None = None) -> str:
    """Return what a value is called in a message: its `repr`, or the beginning of it."""
    try:
        text = repr(value)
    except RecursionError:
        return f"a deeply nested {type(value).__name__}"
    except Exception:  # noqa: BLE001 - it may be the user's, and run over a value that is refused
        return f"a value of {type(value).__name__}"
    return text if most is None or len(text) <= most else text[: most - 3] + "..."
