"""Tell whether two values are stored alike, which Python's `==` does not say.

`1 == True == 1.0`, `0.0 == -0.0` and `Decimal("1.1") == Decimal("1.10")`, and each of them is
another value once it is stored; NaN is not equal to itself, and two clocks that show the same
instant are. `snapshot` compares fields by this, and lets nothing else compare them.
"""

from __future__ import annotations

import datetime as dt
import marshal
import math
import uuid
from collections.abc import Callable, Iterator, Set
from decimal import Decimal
from operator import eq
from types import NoneType
from typing import Any

from pydantic import BaseModel

Same = Callable[[Any, Any], bool]

# The one that can tell values apart by their bytes: later ones write references, 1 no floats.
MARSHAL_VERSION = 2

_MISSING = object()
_EPOCH = dt.datetime(1970, 1, 1)


def same_value(now: Any, then: Any) -> bool:
    """Return whether two values are the same in type and all that is stored of them.

    Order counts in lists, tuples and dicts, not in sets. Aware datetimes are compared by instant, a
    `time` with its offset. Of models count the fields; of other objects what `copy` would copy.
    """
    if now is then:
        return True
    cls = now.__class__
    if cls is not then.__class__:
        return False
    return (_SAME.get(cls) or _comparison_for(cls))(now, then)


def _comparison_for(cls: type[Any]) -> Same:
    for base, same in ((BaseModel, _same_model), (dt.datetime, _same_datetime)):
        if issubclass(cls, base):
            return same
    return _same_set if issubclass(cls, Set) else _same_object


def _same_float(now: float, then: float) -> bool:
    if now != then:
        return now != now and then != then  # NaN
    return bool(now) or math.copysign(1.0, now) == math.copysign(1.0, then)


def _same_decimal(now: Decimal, then: Decimal) -> bool:
    return now.as_tuple() == then.as_tuple()


def _same_complex(now: complex, then: complex) -> bool:
    return _same_float(now.real, then.real) and _same_float(now.imag, then.imag)


def instant(value: dt.datetime) -> tuple[dt.timedelta, int | None]:
    """Return the time that a datetime tells: in UTC, or as its clock shows, with its `fold`."""
    # Differences do not overflow at the ends of the calendar, and know `fold` by the offset.
    offset, clock = value.utcoffset(), value.replace(tzinfo=None) - _EPOCH
    return (clock, value.fold) if offset is None else (clock - offset, None)


def clock_and_offset(value: dt.time) -> tuple[dt.time, dt.timedelta | None, int]:
    """Return the parts of a time that are stored, and the `fold` of one without an offset."""
    offset = value.utcoffset()
    return value.replace(tzinfo=None), offset, value.fold if offset is None else 0


def _same_datetime(now: dt.datetime, then: dt.datetime) -> bool:
    return instant(now) == instant(then)


def _same_time(now: dt.time, then: dt.time) -> bool:
    return clock_and_offset(now) == clock_and_offset(then)


def _same_sequence(now: Any, then: Any) -> bool:
    return len(now) == len(then) and all(map(same_value, now, then))


def _same_dict(now: dict[Any, Any], then: dict[Any, Any]) -> bool:
    if len(now) != len(then):
        return False
    for (key, value), (other_key, other) in zip(now.items(), then.items(), strict=True):
        if key is not other_key and not same_value(key, other_key):
            return False
        if value is not other and not same_value(value, other):
            return False
    return True


def _same_set(now: Set[Any], then: Set[Any]) -> bool:
    if len(now) != len(then):
        return False
    found = {item: item for item in then}
    return all(same_value(item, found.get(item, _MISSING)) for item in now)


def _same_model(now: BaseModel, then: BaseModel) -> bool:
    values, others = now.__dict__, then.__dict__
    if now.__pydantic_extra__ is then.__pydantic_extra__ and _same_bytes(values, others):
        return True
    for name in type(now).__pydantic_fields__:
        one, other = values.get(name, _MISSING), others.get(name, _MISSING)
        if one is not other and not same_value(one, other):
            return False
    return same_value(now.__pydantic_extra__, then.__pydantic_extra__)


def _same_bytes(now: Any, then: Any) -> bool:
    """Return True for most values that are the same: they tell types, signs and order apart."""
    try:
        return marshal.dumps(now, MARSHAL_VERSION) == marshal.dumps(then, MARSHAL_VERSION)
    except ValueError:  # there is an object in it
        return False


def _same_object(now: Any, then: Any) -> bool:
    """Compare what the two would be copied from; where nothing says it, by `==`."""
    try:
        parts, others = _parts_of(now), _parts_of(then)
    except Exception:  # noqa: BLE001 - the object's own code, which may raise anything
        return bool(now == then)
    return same_value(parts, others)


def _parts_of(value: Any) -> Any:
    parts = value.__reduce_ex__(4)
    if isinstance(parts, str):  # the name of a global, as which it is unique
        return value
    return tuple(list(part) if isinstance(part, Iterator) else part for part in parts)


_SAME: dict[type[Any], Same] = {
    float: _same_float,
    Decimal: _same_decimal,
    complex: _same_complex,
    dt.datetime: _same_datetime,
    dt.time: _same_time,
    list: _same_sequence,
    tuple: _same_sequence,
    dict: _same_dict,
    set: _same_set,
    frozenset: _same_set,
    # Of these `==` says all that is stored, once the types are the same.
    **dict.fromkeys(
        (bool, int, str, bytes, bytearray, NoneType, dt.date, dt.timedelta, uuid.UUID, type), eq
    ),
}
