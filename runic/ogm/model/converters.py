"""The portable stored forms: how each kind of value becomes text or a number, and comes back.

A dialect uses these where its database has nothing better. Each form gives the value back
unchanged, and those marked `ordered` sort in the database as the values do in Python:

    datetime, aware   "2026-01-31T12:00:00.000000Z", always UTC; sorts by instant
    datetime, naive   the same without the Z
    date, time        ISO 8601
    timedelta         microseconds, an int
    UUID, Enum        text, the member's value
    Decimal           text (equality only)
    bytes             base64 text (equality only)
    models, dicts     JSON text (equality only)
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import re
import uuid
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, Optional, cast

from pydantic import ConfigDict, SecretBytes, SecretStr, TypeAdapter
from pydantic_core import CoreConfig

from runic.ogm.errors import FieldValidationError
from runic.ogm.model.kinds import Kind
from runic.ogm.model.load_check import LoadCheck
from runic.ogm.model.round_trip import (
    CLOSER_TYPE,
    check_reads_back,
    is_plain_json,
    shown_value,
)

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
MICROSECOND = dt.timedelta(microseconds=1)
_WITHOUT_OFFSET = len("2026-01-31T12:00:00.000000")

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Codec:
    """The stored form of one kind of value.

    `encode` and `decode` are None where the value is stored as it is; neither sees None.
    `function` is the database function that makes the stored value from its parameter.
    `ordered` promises that the database sorts and compares stored forms as Python does values.
    """

    encode: Convert | None = None
    decode: Convert | None = None
    function: str | None = None
    ordered: bool = True


def encode_str(value: Any) -> str:
    """Return text the database keeps whole.

    A member of a str Enum or another subclass becomes a plain str.
    """
    text = value if type(value) is str else str.__str__(value)
    if "\x00" in text:
        raise ValueError("contains a NUL character, at which databases cut text off; remove it")
    if not text.isascii():
        _check_surrogates(text)
    return text


def _check_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"holds a lone surrogate at position {error.start}, which is not valid Unicode; decode"
            " its source with errors='replace'"
        ) from error


def encode_int(value: Any) -> int:
    """Return an int that fits into 64 bits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"is a {type(value).__name__} and not an int")
    if not INT64_MIN <= value <= INT64_MAX:
        raise ValueError("does not fit into 64 bits; store it as str")
    return int(value)


def encode_float(value: Any) -> float:
    """Return a float that can be compared with itself."""
    if not isinstance(value, float | int) or isinstance(value, bool):
        raise ValueError(f"is a {type(value).__name__} and not a float")
    if value != value:
        raise ValueError("is NaN, which no database compares or sorts; use None")
    return float(value)


def encode_bool(value: Any) -> bool:
    """Return a bool; other values that count as true are a mistake."""
    if not isinstance(value, bool):
        raise ValueError(f"is a {type(value).__name__} and not a bool")
    return value


def encode_scalar(value: Any) -> Any:
    """Return a str, int, float or bool, checked."""
    for cls, encode in ((bool, bool), (str, encode_str), (int, encode_int), (float, encode_float)):
        if isinstance(value, cls):
            return encode(value)
    raise ValueError(f"is a {type(value).__name__}; only str, int, float and bool are stored as is")


def encode_datetime(value: dt.datetime) -> str:
    """Return fixed-width ISO 8601 text: in UTC and with a Z when the value is aware."""
    if getattr(value, "nanosecond", 0):
        raise ValueError("has nanoseconds, and datetime has microseconds; round it first")
    if value.tzinfo is None or value.utcoffset() is None:
        _refuse_fold(value)
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    instant = value if value.tzinfo is dt.UTC else value.astimezone(dt.UTC)
    return instant.isoformat(timespec="microseconds")[:_WITHOUT_OFFSET] + "Z"


def _refuse_fold(value: dt.datetime | dt.time) -> None:
    if value.fold:
        raise ValueError(
            "has fold=1, which is not stored of a value without a time zone; give it a zone, or"
            " .replace(fold=0)"
        )


def encode_date(value: dt.date) -> str:
    """Return ISO 8601 text."""
    if isinstance(value, dt.datetime):
        raise ValueError("is a datetime, whose time of day would be lost; use its date()")
    return dt.date.isoformat(value)


def encode_time(value: dt.time) -> str:
    """Return fixed-width ISO 8601 text."""
    if value.tzinfo is not None and value.utcoffset() is None:
        raise ValueError("has a time zone whose offset depends on the date; use datetime")
    if value.tzinfo is None:
        _refuse_fold(value)
    if (value.utcoffset() or dt.timedelta()) % dt.timedelta(minutes=1):
        raise ValueError("has an offset that is not whole minutes; use datetime")
    return value.isoformat(timespec="microseconds")


def encode_timedelta(value: dt.timedelta) -> int:
    """Return whole microseconds."""
    if getattr(value, "nanoseconds", 0):
        raise ValueError("has nanoseconds, and timedelta has microseconds; round it first")
    return encode_int(value // MICROSECOND)


def encode_uuid(value: uuid.UUID) -> str:
    """Return the 36 characters."""
    if not isinstance(value, uuid.UUID):
        raise ValueError(f"is a {type(value).__name__} and not a UUID")
    return str(value)


def encode_text(value: Any) -> str:
    """Return what Pydantic restores the value from."""
    return encode_str(value.get_secret_value() if isinstance(value, SecretStr) else str(value))


def encode_decimal(value: Decimal) -> str:
    """Return the exact digits."""
    if not value.is_finite():
        raise ValueError("is not a finite number")
    return str(value)


def encode_bytes(value: bytes | SecretBytes) -> str:
    """Return base64 text (RFC 4648)."""
    if isinstance(value, SecretBytes):
        value = value.get_secret_value()
    return base64.b64encode(value).decode("ascii")


def encode_enum(value: Any) -> Any:
    """Return the member's value."""
    return encode_scalar(value.value if isinstance(value, Enum) else value)


def encode_vector(value: Any) -> list[float]:
    """Return finite numbers as a vector of 32 bits has them, where the database has a list, too."""
    # Compared values come as they are given: rounded, they equal what was stored.
    numbers = array("f", map(float, value)).tolist()
    if not all(map(math.isfinite, numbers)):
        raise ValueError("has an infinite or NaN component")
    return numbers


def encode_geo(value: Any) -> dict[str, float]:
    """Return the map that the database's point function takes."""
    return {"latitude": value.latitude, "longitude": value.longitude}


def decode_timedelta(value: int) -> dt.timedelta:
    """Return the duration of so many microseconds."""
    return dt.timedelta(microseconds=value)


def json_codec(annotation: Any, check: LoadCheck) -> Codec:
    """Return the codec that keeps values of this type as JSON text.

    Every value is read back before it is written: one that JSON would change (a tuple in a plain
    dict, a NaN) is refused.
    """
    adapter = _json_adapter(annotation)
    decode = check.reads_json(adapter, annotation, _JSON_SETTINGS)
    takes_all = annotation in _ANYTHING

    def encode(value: Any) -> str:
        try:
            text = adapter.dump_json(value, by_alias=True, round_trip=True, warnings=False).decode()
        except ValueError as error:
            raise ValueError(f"has no form in JSON: {error}; {_json_advice(error)}") from error
        if not (takes_all and is_plain_json(value)) or _has_long_number(text):
            check_reads_back(decode, text, value, "as JSON")
        return encode_str(text)

    return Codec(encode, decode, ordered=False)


# Python reads no longer numbers: `sys.int_info.default_max_str_digits`.
_LONGEST_NUMBER = 4300
_LONG_NUMBER = re.compile(rf"\d{{{_LONGEST_NUMBER}}}")


def _has_long_number(text: str) -> bool:
    return len(text) >= _LONGEST_NUMBER and _LONG_NUMBER.search(text) is not None


# Why a field of which no None is read takes none.
LOST_NONE = (
    "is stored as no property, which the field's type does not read as None; declare it as … | None"
)


def kept_by(to_graph: Convert, function: str | None) -> Convert:
    """Return a converter's encoder, which refuses what is not stored as it is.

    None is stored as an absent property, which is read as None, whatever the value was. What a
    function of the database is given may be anything.
    """
    convert = _told(to_graph, "to_graph")

    def kept(value: Any) -> Any:
        stored = convert(value)
        if stored is None:
            shown = shown_value(value, 60)
            raise ValueError(f"{shown} is None to its converter, and would be lost")
        if function is not None and not isinstance(stored, _SCALARS):
            return stored
        try:
            return _encode_made(stored)
        except ValueError as error:
            made = shown_value(stored, 60)
            raise ValueError(f"becomes {made} by its converter, which {error}") from error

    return kept


def read_by(from_graph: Convert) -> Convert:
    """Return a converter's decoder, whose errors are all told as those of values."""
    return _told(from_graph, "from_graph")


def _told(convert: Convert, name: str) -> Convert:
    def told(value: Any) -> Any:
        try:
            return convert(value)
        except ValueError:
            raise
        except Exception as error:  # a converter is somebody's own code, which may raise anything
            what = f"{type(error).__name__}: {error}"
            raise ValueError(f"makes {name} of its converter raise {what}") from error

    return told


_SCALARS = (bool, str, int, float)


def _encode_made(stored: Any) -> Any:
    # Lists in lists are for the databases that take them.
    listed = isinstance(stored, list | tuple)
    return list(map(_encode_made, stored)) if listed else encode_scalar(stored)


def checked_codec(codec: Codec, read: Convert) -> Codec:
    """Return a codec that refuses values which `read` makes others of, once they are decoded.

    It is for types with code of their own: a validator that hashes would hash a hash.
    """
    encode, decode = codec.encode or _as_it_is, codec.decode or _as_it_is

    def checked(value: Any) -> Any:
        stored = encode(value)
        check_reads_back(lambda form: read(decode(form)), stored, value, "and loaded")
        return stored

    return replace(codec, encode=checked)


def _as_it_is(value: Any) -> Any:
    return value


def json_text(annotation: Any) -> Convert:
    """Return what tells the JSON text of values of a type, without asking what is read of it."""
    adapter = _json_adapter(annotation)
    return partial(adapter.dump_json, by_alias=True, round_trip=True, warnings=False)


def _json_advice(error: ValueError) -> str:
    if "utf-8" not in str(error):
        return CLOSER_TYPE
    return (
        "for bytes that are no text give the nested model model_config ="
        " ConfigDict(ser_json_bytes='base64', val_json_bytes='base64')"
    )


# What takes every value of JSON as it is.
_ANYTHING = (Any, object, dict[str, Any], dict[str, object], list[Any], list[object])


# Without these, bytes that are no text cannot be written and infinities become null.
_JSON_SETTINGS: CoreConfig = {
    "ser_json_bytes": "base64",
    "val_json_bytes": "base64",
    "ser_json_inf_nan": "strings",
}


def _json_adapter(annotation: Any) -> TypeAdapter[Any]:
    # Pydantic takes no settings for a bare model, dataclass or TypedDict, but for one or None: a
    # model has settings of its own, and the others get these.
    nullable: Any = Optional[annotation]  # noqa: UP045 - what is annotated may be no class
    return TypeAdapter(nullable, config=cast(ConfigDict, _JSON_SETTINGS))


def enum_codec(members: Sequence[Enum]) -> Codec:
    """Return the codec of members of an Enum, which are stored as their values."""
    found: dict[Any, Enum] = {member.value: member for member in members}
    for member in members:
        if isinstance(member.value, float):  # as a database prints it that has 15 digits for it
            found.setdefault(float(f"{member.value:.15g}"), member)
    # What stands for no member is told by the validator.
    return Codec(encode_enum, lambda stored: found.get(stored, stored))


def open_codec(owner: str) -> Codec:
    """Return the codec of a field whose type is a parameter of a generic class: it has none."""

    def refuse(value: Any) -> Any:
        raise ValueError(
            f"is of a type that {owner} leaves open; use {owner}[…], or a class that chooses it:"
            f" class …({owner}[…])"
        )

    return Codec(refuse, refuse, ordered=False)


def list_codec(item: Codec) -> Codec:
    """Return the codec of a list whose items have this codec."""
    encode = _each(item.encode) or list

    def encode_all(values: Any) -> Any:
        if isinstance(values, str | bytes | Mapping):
            raise ValueError(f"is a {type(values).__name__} and no list")
        return encode(values)

    return Codec(encode_all, _each(item.decode), ordered=False)


def indexed_vector_codec(dimension: int) -> Codec:
    """Return the codec of a vector that an index has to take: of another dimension none would."""

    def encode(value: Any) -> list[float]:
        numbers = encode_vector(value)
        if len(numbers) != dimension:
            raise ValueError(
                f"has {len(numbers)} numbers, and its index is of {dimension}, so no search would"
                " find it"
            )
        return numbers

    return replace(PORTABLE[Kind.VECTOR], encode=encode)


def _each(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    one = convert
    return lambda values: [one(value) for value in values]


PORTABLE: dict[Kind, Codec] = {
    Kind.STR: Codec(encode_str),
    Kind.INT: Codec(encode_int),
    Kind.FLOAT: Codec(encode_float),
    Kind.BOOL: Codec(encode_bool),
    Kind.SCALAR: Codec(encode_scalar),
    Kind.BYTES: Codec(encode_bytes, base64.b64decode, ordered=False),
    Kind.DATETIME: Codec(encode_datetime),
    Kind.DATE: Codec(encode_date),
    Kind.TIME: Codec(encode_time),
    Kind.TIMEDELTA: Codec(encode_timedelta, decode_timedelta),
    Kind.UUID: Codec(encode_uuid),
    Kind.DECIMAL: Codec(encode_decimal, ordered=False),
    Kind.ENUM: Codec(encode_enum),
    Kind.TEXT: Codec(encode_text, ordered=False),
    Kind.VECTOR: Codec(encode_vector, function="vecf32", ordered=False),
    Kind.GEO: Codec(encode_geo, function="point", ordered=False),
}


def refused(value: Any, field: str, entity: str, error: Exception) -> FieldValidationError:
    """Return the error that says why a value cannot be stored in a field."""
    shown = shown_value(value, 60)
    return FieldValidationError(
        f"{entity}.{field} cannot be stored: {shown} {error}", entity=entity, field=field
    )
