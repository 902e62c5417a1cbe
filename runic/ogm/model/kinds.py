"""Which kind of value a field holds, read from its annotation.

The kind decides the stored form; the dialect of each database has the last word on it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import pathlib
import types
import typing
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    FutureDate,
    FutureDatetime,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    Secret,
    SecretBytes,
    SecretStr,
)
from pydantic.networks import EmailStr, NameEmail, _BaseMultiHostUrl, _BaseUrl
from typing_inspection.typing_objects import is_typealiastype

from runic.ogm.errors import MetadataError
from runic.ogm.model.aliases import is_recursive, takes_none
from runic.ogm.model.types import GeoLocation, VectorMarker


class Kind(Enum):
    """The kinds of value that have a stored form."""

    STR = "str"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    SCALAR = "scalar"  # a union of the four above
    BYTES = "bytes"
    DATETIME = "datetime"
    DATE = "date"
    TIME = "time"
    TIMEDELTA = "timedelta"
    UUID = "uuid"
    DECIMAL = "decimal"
    ENUM = "enum"
    TEXT = "text"  # what Pydantic restores from its str(): URLs, addresses, paths
    VECTOR = "vector"
    GEO = "geo"
    LIST = "list"
    JSON = "json"
    CUSTOM = "custom"


NATIVE = frozenset({Kind.STR, Kind.INT, Kind.FLOAT, Kind.BOOL})

# What may be an item of a stored list; lists of anything else are stored as JSON.
LISTABLE = NATIVE | {
    Kind.SCALAR, Kind.BYTES, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.TIMEDELTA,
    Kind.UUID, Kind.DECIMAL, Kind.ENUM, Kind.TEXT,
}  # fmt: skip

_EXACT: dict[Any, Kind] = {
    str: Kind.STR,
    int: Kind.INT,
    float: Kind.FLOAT,
    bool: Kind.BOOL,
    bytes: Kind.BYTES,
    bytearray: Kind.BYTES,
    dt.datetime: Kind.DATETIME,
    dt.date: Kind.DATE,
    dt.time: Kind.TIME,
    dt.timedelta: Kind.TIMEDELTA,
    uuid.UUID: Kind.UUID,
    Decimal: Kind.DECIMAL,
    EmailStr: Kind.STR,
    AwareDatetime: Kind.DATETIME,
    NaiveDatetime: Kind.DATETIME,
    PastDatetime: Kind.DATETIME,
    FutureDatetime: Kind.DATETIME,
    PastDate: Kind.DATE,
    FutureDate: Kind.DATE,
    GeoLocation: Kind.GEO,
}

_TEXT_TYPES = (
    SecretStr, NameEmail, _BaseUrl, _BaseMultiHostUrl, pathlib.PurePath,
    ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network,
    ipaddress.IPv4Interface, ipaddress.IPv6Interface,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValueType:
    """The kind of a field's values, of its items when it is a list, and whether None is one."""

    kind: Kind
    item: Kind | None = None
    nullable: bool = False
    # Of an Enum, or of the items of a list of them: what the stored values stand for.
    members: tuple[Enum, ...] = ()


def value_type(annotation: Any, metadata: Sequence[Any], where: str) -> ValueType:
    """Read the kind of value from a resolved annotation.

    Raises:
        MetadataError: Values of this type have no stored form that returns them unchanged.
    """
    if any(isinstance(m, VectorMarker) for m in metadata):
        return ValueType(Kind.VECTOR)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(annotation)
        return value_type(inner, [*metadata, *more], where)
    if origin in (typing.Union, types.UnionType):
        return _union(typing.get_args(annotation), metadata, where)
    if is_typealiastype(annotation):
        if is_recursive(annotation):
            return ValueType(Kind.JSON, nullable=takes_none(annotation))
        return value_type(annotation.__value__, metadata, where)
    if isinstance(annotation, typing.NewType):
        return value_type(annotation.__supertype__, metadata, where)
    if origin is Literal:
        return _literal(typing.get_args(annotation), where)
    return _plain(annotation, origin, where)


def _union(members: Sequence[Any], metadata: Sequence[Any], where: str) -> ValueType:
    parts = [value_type(m, metadata, where) for m in members if m is not type(None)]
    nullable = len(parts) < len(members) or any(part.nullable for part in parts)
    kinds = {part.kind for part in parts}
    if len(parts) == 1 or (len(kinds) == 1 and kinds <= NATIVE):
        return replace(parts[0], nullable=nullable)
    if kinds <= NATIVE | {Kind.SCALAR}:
        return ValueType(Kind.SCALAR, None, nullable)
    if kinds == {Kind.JSON}:
        return ValueType(Kind.JSON, None, nullable)
    raise MetadataError(
        f"{where}: a value of {' | '.join(map(str, members))} cannot be told apart once stored;"
        " use one type, or Field(converter=…)"
    )


def _plain(annotation: Any, origin: Any, where: str) -> ValueType:
    if annotation in (list, tuple, set, frozenset):
        return ValueType(Kind.JSON)
    if origin is Secret or annotation is Secret:
        raise MetadataError(
            f"{where}: values of Secret[…] are written as asterisks; use SecretStr or SecretBytes,"
            " or Field(converter=…)"
        )
    if origin in (list, set, frozenset, tuple):
        return _list_of(typing.get_args(annotation), origin, where)
    if annotation is Any or annotation is dict or origin is not None:
        return ValueType(Kind.JSON)
    if not isinstance(annotation, type):
        return ValueType(Kind.JSON)
    kind = _class_kind(annotation)
    return ValueType(kind, members=_members(annotation, where) if kind is Kind.ENUM else ())


def _list_of(args: Sequence[Any], origin: Any, where: str) -> ValueType:
    uniform = origin is not tuple or (len(args) == 2 and args[1] is Ellipsis)
    item = value_type(args[0], (), where) if uniform and args else None
    # No database keeps None inside a list, so such lists go into JSON whole.
    if item is None or item.nullable or item.kind not in LISTABLE:
        return ValueType(Kind.JSON)
    return ValueType(Kind.LIST, item.kind, members=item.members)


def _class_kind(cls: type[Any]) -> Kind:
    if cls in _EXACT:
        return _EXACT[cls]
    if issubclass(cls, Enum):
        return Kind.ENUM
    if issubclass(cls, _TEXT_TYPES):
        return Kind.TEXT
    if issubclass(cls, SecretBytes):
        return Kind.BYTES
    if issubclass(cls, BaseModel):
        return Kind.JSON
    for base, kind in _EXACT.items():
        if issubclass(cls, base):
            return kind
    return Kind.JSON


def _literal(values: Sequence[Any], where: str) -> ValueType:
    kinds = {_class_kind(type(value)) for value in values if value is not None}
    nullable = None in values
    if kinds == {Kind.ENUM}:
        return ValueType(Kind.ENUM, None, nullable, _told_apart(values, where))
    if len(kinds) == 1:
        return ValueType(kinds.pop(), None, nullable)
    if kinds <= NATIVE and len(set(values)) == len(values):
        return ValueType(Kind.SCALAR, None, nullable)
    raise MetadataError(f"{where}: literals of several kinds cannot be told apart once stored")


def _members(cls: type[Enum], where: str) -> tuple[Enum, ...]:
    for member in cls:
        if not isinstance(member.value, str | int | float | bool):
            raise MetadataError(
                f"{where}: {member} has the value {member.value!r}, and only str, int, float and"
                " bool are stored for members; use Field(converter=…)"
            )
    return tuple(cls)


def _told_apart(values: Sequence[Any], where: str) -> tuple[Enum, ...]:
    found = [value for value in values if value is not None]
    if len({member.value for member in found}) < len(found):
        raise MetadataError(f"{where}: members of equal value cannot be told apart once stored")
    return tuple(found)


def native_types(annotation: Any) -> set[type[Any]]:
    """Return the types of stored values that a union, literal or Enum of native values has."""
    if is_typealiastype(annotation):
        return set() if is_recursive(annotation) else native_types(annotation.__value__)
    if isinstance(annotation, typing.NewType):
        return native_types(annotation.__supertype__)
    if typing.get_origin(annotation) is Literal:
        return {type(_member_value(v)) for v in typing.get_args(annotation)} - {type(None)}
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {type(member.value) for member in annotation}
    if isinstance(annotation, type):
        return {annotation} - {type(None)}
    return {t for part in typing.get_args(annotation) for t in native_types(part)}


def _member_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
