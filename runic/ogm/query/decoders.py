"""Turn stored values into the Python values of their fields, for projections."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from runic.ogm.errors import HydrationError
from runic.ogm.model.converters import PORTABLE
from runic.ogm.model.kinds import NATIVE, Kind
from runic.ogm.query.computed import kind_of
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.literals import PLAIN_KINDS
from runic.ogm.query.memory import codec_of

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect

Decode = Callable[[Any], Any]


def read_attribute(attribute: Attribute[Any], dialect: Dialect) -> Decode | None:
    """Return the same as `decode_attribute`, which says what does not fit as a session does."""
    return _telling(decode_attribute(attribute, dialect), attribute)


def _telling(decode: Decode | None, attribute: Attribute[Any]) -> Decode | None:
    if decode is None:
        return None
    read, info = decode, attribute.info

    def told(cell: Any) -> Any:
        try:
            return read(cell)
        except (ValueError, TypeError, OverflowError) as error:
            raise HydrationError(
                f"a stored {attribute} does not fit its field: {_what(error)}. Correct the stored"
                " value, or give the field a type that takes it",
                entity=info.owner,
                field=info.name,
            ) from error

    return told


def _what(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(problem["msg"].lower() for problem in error.errors())
    return str(error)


def decode_attribute(attribute: Attribute[Any], dialect: Dialect) -> Decode | None:
    """Return what makes a field's value from its stored form; it is checked to be of its type."""
    info = attribute.info
    decode = codec_of(attribute.entity, info, dialect).decode
    if info.kind is Kind.JSON or _is_plain(attribute):
        return decode
    validate = info.check.reads_field(info.name)
    if decode is None:
        return validate
    first = decode
    return lambda cell: validate(first(cell))


def _is_plain(attribute: Attribute[Any]) -> bool:
    """Tell whether a field's values are as the database gives them."""
    memo = attribute.info.memo
    found: bool | None = memo.get(_is_plain)
    if found is None:
        found = memo[_is_plain] = _gives_as_is(attribute)
    return found


def _gives_as_is(attribute: Attribute[Any]) -> bool:
    info = attribute.info
    native = info.kind in NATIVE | {Kind.SCALAR} or _is_plain_list(attribute)
    return native and not info.check.runs_code(info.name)


def _is_plain_list(attribute: Attribute[Any]) -> bool:
    info = attribute.info
    return info.type.item in NATIVE and typing.get_origin(info.annotation) is list


def decode_item(attribute: Attribute[Any], dialect: Dialect) -> Decode | None:
    """Return what makes an item of a list field from its stored form."""
    info = attribute.info
    decode = codec_of(attribute.entity, info, dialect).decode
    if info.kind is not Kind.LIST or _is_plain_list(attribute):
        return None
    validate = info.check.reads_item(info.name, _item_type(info.annotation))
    if decode is None:
        return _telling(validate, attribute)
    whole = decode
    return _telling(lambda cell: validate(whole([cell])[0]), attribute)


def _item_type(annotation: Any) -> Any:
    """Return the type of the items of a list, which may be optional."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
    return next(iter(typing.get_args(annotation)), Any)


def decode_type(type_: Any) -> Decode:
    """Return what makes a plain value of a type of what comes back for it."""
    kind = next((kind for cls, kind in PLAIN_KINDS if issubclass(type_, cls)), None)
    return (kind and PORTABLE[kind].decode) or TypeAdapter(type_).validate_python


def decode_aggregate(aggregate: Aggregate[Any]) -> Decode | None:
    """Return what makes the Python value of a sum or mean."""
    kind = None if isinstance(aggregate.operand, str) else kind_of(aggregate.operand)
    if aggregate.function == "count":
        return None
    if kind is Kind.TIMEDELTA:
        return lambda microseconds: dt.timedelta(microseconds=microseconds)
    # FalkorDB answers every sum as a float.
    return int if aggregate.function == "sum" and kind is Kind.INT else None
