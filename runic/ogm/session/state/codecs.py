"""How the fields of a class become the columns of a write, and columns of a read fields.

Worked out once per class and dialect. Values are converted a column at a time: a loop over one kind
of value is several times faster than a loop over entities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal

from runic.ogm.model.assembly import Types, plain_types
from runic.ogm.model.converters import LOST_NONE, PORTABLE, Codec, refused
from runic.ogm.model.description import EdgeInfo, NodeInfo, PropertyInfo
from runic.ogm.model.kinds import Kind
from runic.ogm.model.load_check import load_check_of
from runic.ogm.model.meta import entity_info
from runic.ogm.model.missing import refuse_missing
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.number_fields import number_field
from runic.ogm.query.plan import Column
from runic.ogm.query.stored_as_is import stored_as_is

Row = Sequence[Any]
Validate = Callable[..., Any]

# What an encoder raises for a value it cannot take.
REFUSALS = (ValueError, OverflowError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class FieldCodec:
    """One field with the form its values are stored in."""

    info: PropertyInfo
    codec: Codec
    column: Column
    check: Callable[[PropertyInfo, Sequence[Any]], None] | None
    plain: bool
    loses_none: bool

    def encode(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return the stored forms of a column of values; None stays None.

        It is the same object when every value is stored as it is.

        Raises:
            FieldValidationError: One of them cannot be stored unchanged.
        """
        try:
            return self._encode(values)
        except REFUSALS:
            for value in values:
                self.encode_one(value)
            raise

    def encode_one(self, value: Any) -> Any:
        """Return the stored form of one value."""
        try:
            return self._encode([value])[0]
        except REFUSALS as error:
            raise refused(value, self.info.name, self.info.owner, error) from error

    def as_stored(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return the stored forms without asking what an index would make of them.

        Raises one of `REFUSALS` for a value that has none.
        """
        encode = self.codec.encode
        if encode is None or (self.plain and stored_as_is(self.info.kind, values)):
            return values
        return [v if v is None else encode(v) for v in values]

    def _encode(self, values: Sequence[Any]) -> Sequence[Any]:
        stored = self.as_stored(values)
        # Plain ones that stay as they are have been looked at.
        if self.loses_none and not (self.plain and stored is values) and None in stored:
            raise ValueError(LOST_NONE)
        if self.check is not None:
            self.check(self.info, stored)
        return stored


@dataclass(frozen=True, slots=True)
class EntityCodec:
    """The fields of one class, ready to be written and read."""

    info: NodeInfo | EdgeInfo
    fields: dict[str, FieldCodec]
    decoders: dict[str, Callable[[Any], Any]]
    validate: Validate
    keeps_none: frozenset[str]
    by_stored: dict[str, str]
    encode_key: Callable[[Any], Any] | None
    # The types that the database's values can have to be the fields' values as they are.
    plain: Types | None

    def rows(self, values: Sequence[dict[str, Any]], names: Sequence[str]) -> list[Row]:
        """Return a row of stored forms for each entity's `__dict__`."""
        if not values:
            return []
        rows = self._cells(values, names)
        columns = list(zip(*rows, strict=True))
        stored = [self.fields[n].encode(c) for n, c in zip(names, columns, strict=True)]
        if all(one is other for one, other in zip(stored, columns, strict=True)):
            return rows
        return list(zip(*stored, strict=True))

    def _cells(self, values: Sequence[dict[str, Any]], names: Sequence[str]) -> list[Row]:
        try:
            if len(names) < 2:  # an itemgetter of one name returns no tuple
                return [tuple(each[name] for name in names) for each in values]
            return list(map(itemgetter(*names), values))
        except KeyError as error:
            refuse_missing(self.info, values, error)
            raise

    def columns(self, names: Sequence[str]) -> tuple[Column, ...]:
        """Return the columns that these fields are written to."""
        return tuple(self.fields[name].column for name in names)


def entity_codec(cls: type[Any], dialect: Dialect) -> EntityCodec:
    """Return how entities of a class are written and read through a dialect."""
    info = entity_info(cls)
    found: EntityCodec | None = info.memo.get(dialect.variant)
    if found is None:
        found = info.memo[dialect.variant] = _make_codec(info, dialect)
    return found


def _make_codec(info: NodeInfo | EdgeInfo, dialect: Dialect) -> EntityCodec:
    if isinstance(info, NodeInfo):
        dialect.check_class(info)
    fields = {name: _field_codec(made, dialect) for name, made in info.properties.items()}
    decoders = {n: f.codec.decode for n, f in fields.items() if f.codec.decode is not None}
    return EntityCodec(
        info=info,
        fields=fields,
        decoders=decoders,
        validate=load_check_of(info.entity).validator.validate_python,
        keeps_none=frozenset(n for n, f in fields.items() if _keeps_none(f.info)),
        by_stored={made.stored: name for name, made in info.properties.items()},
        encode_key=fields[info.key.name].codec.encode if isinstance(info, NodeInfo) else None,
        plain=None if decoders else plain_types(info.entity, list(fields)),
    )


def _field_codec(info: PropertyInfo, dialect: Dialect) -> FieldCodec:
    codec = dialect.codec(info)
    checked = type(dialect).check_stored is not Dialect.check_stored and dialect.checks(info)
    return FieldCodec(
        info,
        codec,
        Column(
            info.stored,
            dialect.stored_through(info, codec),
            number_field(info),
            unique=_unique_as(info),
        ),
        dialect.check_all_stored if checked else None,
        plain=codec is PORTABLE.get(info.kind),
        # The planner says what a key of None means.
        loses_none=info.loses_none and not info.primary_key,
    )


def _unique_as(info: PropertyInfo) -> Literal["number", "text"] | None:
    if not info.unique:
        return None
    return "number" if info.kind in (Kind.INT, Kind.FLOAT, Kind.TIMEDELTA) else "text"


def _keeps_none(info: PropertyInfo) -> bool:
    # A field that takes None was stored as an absent property; its default would be another value.
    return info.takes_none or not info.has_default
