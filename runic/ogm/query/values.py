"""Python values in statements: checked where they are written, encoded where they are compiled.

A value is compared with a property, so it must be of the property's type: what the field would
accept is accepted, and what can only be a mistake is refused when the expression is built.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pydantic import ValidationError
from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.converters import (
    INT64_MAX,
    INT64_MIN,
    encode_float,
    encode_int,
    encode_str,
)
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.kinds import Kind
from runic.ogm.model.round_trip import shown_value
from runic.ogm.query.literals import encoded
from runic.ogm.query.memory import adapter_of, codec_of
from runic.ogm.query.part import Part
from runic.ogm.query.quick import quick

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect
    from runic.ogm.query.expressions import Attribute
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True)
class Param:
    """Stands for a value that is given by name when the statement is bound."""

    name: str

    def __str__(self) -> str:
        return f"param({self.name!r})"

    __repr__ = __str__


# What is taken as it is. Everything else goes through the validator of the field's annotation.
_EXACT: dict[Kind, tuple[type[Any], ...]] = {
    Kind.STR: (str,),
    Kind.INT: (int, float),
    Kind.FLOAT: (int, float),
    Kind.BOOL: (bool,),
    Kind.SCALAR: (str, int, float, bool),
    Kind.BYTES: (bytes,),
    Kind.DATETIME: (dt.datetime,),
    Kind.DATE: (dt.date,),
    Kind.TIME: (dt.time,),
    Kind.TIMEDELTA: (dt.timedelta,),
    Kind.UUID: (uuid.UUID,),
    Kind.DECIMAL: (Decimal,),
    Kind.ENUM: (Enum,),
}

# The same without subclasses, of which bool and datetime are to be told from int and date.
_PLAIN: dict[Kind, frozenset[type[Any]]] = {
    kind: frozenset(types) for kind, types in _EXACT.items() if kind is not Kind.ENUM
}
_NOTHING: frozenset[type[Any]] = frozenset()

# What an encoder raises for a value it cannot take.
REFUSALS = (ValueError, OverflowError, TypeError, AttributeError)

# No conversion here: a number in place of a text, or the other way round, is a mistake.
_NATIVE = frozenset({Kind.STR, Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.SCALAR})


def accepted(attribute: Attribute[Any], value: Any) -> Any:
    """Return a value as it will be compared with the property.

    Raises:
        StatementError: It is not of the property's type; names the field.
    """
    info = attribute.info
    if type(value) in _PLAIN.get(info.kind, _NOTHING) or type(value) is Param:
        return value
    return _checked(attribute, info.kind, value, lambda: adapter_of(attribute.entity, info))


def accepted_item(attribute: Attribute[Any], value: Any) -> Any:
    """Return a value as it will be compared with an item of a list property."""
    item = attribute.info.type.item
    assert item is not None
    if type(value) is Param:
        return value
    if isinstance(value, _EXACT.get(item, ())) and _stays(item, value):
        return _checked(attribute, item, value, None)
    if item in _NATIVE:
        raise _mismatch(attribute, value)
    items = accepted(attribute, [value])
    return next(iter(items))


def _checked(attribute: Attribute[Any], kind: Kind, value: Any, adapter: Any) -> Any:
    exact = _EXACT.get(kind, ())
    if isinstance(value, exact):
        # bool is an int and datetime a date to Python; as values of these fields they are mistakes.
        if type(value) is bool and kind in (Kind.INT, Kind.FLOAT):
            raise _mismatch(attribute, value)
        if _stays(kind, value):
            return value
    if kind in _NATIVE:
        raise _mismatch(attribute, value)
    if attribute.info.converter is not None:
        return value
    try:
        return adapter().validate_python(value)
    except ValidationError as error:
        raise _mismatch(attribute, value) from error


def _stays(kind: Kind, value: Any) -> bool:
    """Tell whether a value of a kind's own type is one of the field's: not every member may be."""
    return kind is not Kind.ENUM and not (kind is Kind.DATE and isinstance(value, dt.datetime))


def _mismatch(attribute: Attribute[Any], value: Any) -> StatementError:
    wanted = attribute.info.annotation
    shown = wanted.__name__ if isinstance(wanted, type) else str(wanted).replace("typing.", "")
    return StatementError(
        f"{attribute} is {shown} and cannot be compared with {shown_value(value)}"
        f" ({type(value).__name__}); convert the value first"
    )


Encode = Callable[[Any], Any]
Hides = Callable[[Any], bool]


class Coding(NamedTuple):
    """How values are sent: what makes the stored form, and whether an index would hide its equals.

    Without `encode` a value is sent as it is; without `hides` none is hidden.
    """

    encode: Encode | None = None
    hides: Hides | None = None


AS_IT_IS = Coding()

Form = Callable[[type[Any], PropertyInfo, "Dialect"], Coding]


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Value(Part):
    """A value of a statement: a parameter of its query.

    `form` says how values of this sort are encoded for a property; without it the value is sent
    as it is. `checked_early` tells that what is bound in its place is checked at once.
    """

    checked_early: ClassVar[bool] = False

    raw: Any
    attribute: Attribute[Any] | None = None
    form: Form | None = None

    def coding(self, dialect: Dialect) -> Coding:
        """Return how this value is sent, and every other that has its place in the same shape."""
        if self.form is None or self.attribute is None:
            return AS_IT_IS
        return coding_of(self.attribute, self.form, dialect)

    def encode(self, dialect: Dialect) -> tuple[Any, bool]:
        """Return the stored form of the value, and whether an index would hide its equals.

        Raises:
            StatementError: It has none.
        """
        encode, hides = self.coding(dialect)
        if type(self.raw) is Param:
            return self.raw, False
        try:
            stored = self.raw if encode is None else encode(self.raw)
        except REFUSALS as error:
            raise self.refused(error) from error
        return stored, hides is not None and hides(stored)

    def refused(self, error: Exception) -> Exception:
        """Return the error that says why the value has no stored form."""
        shown = shown_value(self.raw)
        return StatementError(f"{shown} cannot be compared with {self.attribute}: it {error}")

    def given(self, raw: Any) -> Value:
        """Return the value that stands here when an open parameter is bound.

        Raises:
            StatementError: It is not of the type of what it is compared with.
        """
        if self.form is None or self.attribute is None:
            return replace(self, raw=encoded(raw))
        return _MAKERS[self.form](self.attribute, raw)

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return ()

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.form)
        if self.attribute is not None:
            shape.append(self.attribute.shape)
        values.append(self)

    @override
    def write(self, writer: Writer) -> str:
        return writer.parameter(self)

    def __str__(self) -> str:
        return repr(list(self.raw) if isinstance(self.raw, tuple) else self.raw)


@quick
@dataclass(frozen=True, slots=True, eq=False)
class RowCount(Value):
    """How many rows to leave out, or to return at most."""

    checked_early: ClassVar[bool] = True

    @override
    def given(self, raw: Any) -> Value:
        return row_count(f"the parameter {self.raw.name!r}", raw)


def row_count(what: str, rows: Any) -> RowCount:
    """Return a number of rows, or the parameter that will be one.

    Raises:
        StatementError: It is not a whole number that is at least 0.
    """
    if type(rows) is Param or (type(rows) is int and rows >= 0):
        return RowCount(rows)
    raise StatementError(f"{what} takes a whole number ≥ 0, not {rows!r}")


def one(attribute: Attribute[Any], value: Any) -> Value:
    """Return a value to compare with a property."""
    return Value(accepted(attribute, value), attribute, one_form)


def many(attribute: Attribute[Any], values: Iterable[Any] | Param) -> Value:
    """Return values to look for a property among."""
    if isinstance(values, Param):
        return Value(values, attribute, many_form)
    checked = tuple(accepted(attribute, value) for value in _not_text(attribute, values))
    return Value(checked, attribute, many_form)


def item(attribute: Attribute[Any], value: Any) -> Value:
    """Return a value to look for in a list property."""
    return Value(accepted_item(attribute, value), attribute, item_form)


def items(attribute: Attribute[Any], values: Iterable[Any] | Param) -> Value:
    """Return values to look for in a list property."""
    if isinstance(values, Param):
        return Value(values, attribute, items_form)
    found = tuple(accepted_item(attribute, value) for value in _not_text(attribute, values))
    return Value(found, attribute, items_form)


def text(attribute: Attribute[Any], value: Any) -> Value:
    """Return text to search for in a property."""
    if not isinstance(value, str | Param):
        raise StatementError(f"text is searched for in {attribute}, not {value!r}; pass a str")
    return Value(value, attribute, text_form)


def _not_text(attribute: Attribute[Any], values: Iterable[Any]) -> Iterable[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise StatementError(f"{attribute} is compared with a list of values, not {values!r}")
    return values


def coding_of(attribute: Attribute[Any], form: Form, dialect: Dialect) -> Coding:
    """Return how values of a form are sent for a property; made once per class and dialect."""
    key = (form, dialect.variant)
    found: Coding | None = attribute.memo.get(key)
    if found is None:
        found = attribute.memo[key] = _class_coding(attribute, form, dialect)
    return found


def _class_coding(attribute: Attribute[Any], form: Form, dialect: Dialect) -> Coding:
    # Attributes that have an alias are made again for every statement.
    codings = attribute.memory.codings
    key = (attribute.name, form, dialect.variant)
    found: Coding | None = codings.get(key)
    if found is None:
        found = codings[key] = form(attribute.entity, attribute.info, dialect)
    return found


def one_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Coding:
    """Return how one value of a property is sent."""
    encode = _number if info.kind is Kind.INT else codec_of(entity, info, dialect).encode
    return Coding(encode, _hides(info, dialect))


def _hides(info: PropertyInfo, dialect: Dialect) -> Hides | None:
    # Not for indexed fields alone: an index may have been made without being declared.
    return partial(dialect.hides, info) if dialect.hides_values else None


def _number(raw: Any) -> Any:
    if type(raw) is int and INT64_MIN <= raw <= INT64_MAX:
        return raw
    # The form of an int would cut a fraction off; whole numbers are compared exactly as ints only.
    if not isinstance(raw, float):
        return encode_int(raw)
    return encode_int(int(raw)) if raw.is_integer() else encode_float(raw)


def many_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Coding:
    """Return how several values of a property are sent."""
    encode, hides = one_form(entity, info, dialect)
    encode_all: Callable[[Any], Any] = list if encode is None else lambda raw: [*map(encode, raw)]
    return Coding(encode_all, hides and partial(dialect.hides_any, info))


def items_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Coding:
    """Return how several items of a list property are sent."""
    encode = codec_of(entity, info, dialect).encode
    return Coding(list if encode is None else lambda values: encode(list(values)))


def item_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Coding:
    """Return how one item of a list property is sent."""
    encode = codec_of(entity, info, dialect).encode
    return Coding(None if encode is None else lambda raw: encode([raw])[0], _hides(info, dialect))


def text_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Coding:
    """Return how text that is searched for in a property is sent."""
    return Coding(encode_str)


# What makes a value of each form of what is bound to its place.
_MAKERS: dict[Form, Callable[[Attribute[Any], Any], Value]] = {
    one_form: one,
    many_form: many,
    item_form: item,
    items_form: items,
    text_form: text,
}
