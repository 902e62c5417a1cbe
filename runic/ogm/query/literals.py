"""Plain Python values in statements that no field gives a type to.

Each takes the form that a field of its own type would store. Used for operands of computed
expressions, for values of raw text, and for parameters that are given by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from runic.ogm.errors import StatementError
from runic.ogm.model.converters import PORTABLE
from runic.ogm.model.kinds import NATIVE, Kind

# In this order: bool is an int and datetime a date to Python.
PLAIN_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (Enum, Kind.ENUM),
    (str, Kind.STR),
    (bool, Kind.BOOL),
    (int, Kind.INT),
    (float, Kind.FLOAT),
    (dt.datetime, Kind.DATETIME),
    (dt.date, Kind.DATE),
    (dt.time, Kind.TIME),
    (dt.timedelta, Kind.TIMEDELTA),
    (UUID, Kind.UUID),
    (Decimal, Kind.DECIMAL),
    (bytes, Kind.BYTES),
)


TOO_DEEP = "nested too deeply to be sent; store it as JSON text"


def kind_of_value(value: Any) -> Kind | None:
    """Return the kind of a plain value; None for None and for what has no kind."""
    if isinstance(value, list | tuple):
        return Kind.LIST
    return next((kind for cls, kind in PLAIN_KINDS if isinstance(value, cls)), None)


def type_of(value: Any) -> Any:
    """Return what makes a plain value of its stored form: its type; None where they are the same.

    Of a list it is its class with what its items are, each or all of them.
    """
    if isinstance(value, list | tuple):
        items = tuple(type_of(item) for item in value)
        cls = tuple if isinstance(value, tuple) else list
        if cls is list and set(items) <= {None}:
            return None
        return cls, items[:1] if len(set(items)) == 1 else items
    return None if value is None or kind_of_value(value) in NATIVE else type(value)


def encoded(value: Any) -> Any:
    """Return the stored form of a plain value, of a list or of a map of them.

    Raises:
        StatementError: It has none.
    """
    try:
        return _encoded(value)
    except RecursionError:
        raise StatementError(f"a {type(value).__name__} is {TOO_DEEP}") from None


def _encoded(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _encoded(item) for key, item in value.items()}
    kind = kind_of_value(value)
    if kind is None:
        raise StatementError(
            f"{value!r} ({type(value).__name__}) cannot be a value of a statement; pass text, a"
            " number, a bool, a date, a list or a map of these, or a field of a class"
        )
    return _of_kind(value, kind)


def _of_kind(value: Any, kind: Kind) -> Any:
    encode = PORTABLE[kind].encode
    assert encode is not None
    try:
        return encode(value)
    except (ValueError, OverflowError) as error:
        raise StatementError(f"{value!r} cannot be a value of a statement: it {error}") from error
