"""Python values in statements: checked where they are written, encoded where they are compiled.

A value is compared with a property, so it must be of the property's type: what the field would
accept is accepted, and what can only be a mistake is refused when the expression is built.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.converters import encode_float, encode_int, encode_str
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.kinds import Kind
from runic.ogm.query.memory import adapter_of, codec_of, memory_of
from runic.ogm.query.part import Part

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
        f"{attribute} is {shown} and cannot be compared with {value!r}"
        f" ({type(value).__name__}); convert the value first"
    )


# From a value to what is sent, and whether an index would hide what equals it.
Encode = Callable[[Any], tuple[Any, bool]]
Form = Callable[[type[Any], PropertyInfo, "Dialect"], Encode]


@dataclass(frozen=True, slots=True, eq=False)
class Value(Part):
    """A value of a statement: a parameter of its query.

    `form` says how values of this sort are encoded for a property; without it the value is sent
    as it is.
    """

    raw: Any
    attribute: Attribute[Any] | None = None
    form: Form | None = None

    def encode(self, dialect: Dialect) -> tuple[Any, bool]:
        """Return the stored form of the value.

        Raises:
            StatementError: It has none.
        """
        if self.form is None or self.attribute is None or type(self.raw) is Param:
            return self.raw, False
        try:
            return encoder_of(self.attribute, self.form, dialect)(self.raw)
        except (ValueError, OverflowError, TypeError, AttributeError) as error:
            raise StatementError(
                f"{self.raw!r} cannot be compared with {self.attribute}: it {error}"
            ) from error

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return ()

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("$")
        values.append(self)

    @override
    def write(self, writer: Writer) -> str:
        return writer.parameter(self)

    def __str__(self) -> str:
        return repr(list(self.raw) if isinstance(self.raw, tuple) else self.raw)


@dataclass(frozen=True, slots=True, eq=False)
class RowCount(Value):
    """How many rows to leave out, or to return at most."""


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


def encoder_of(attribute: Attribute[Any], form: Form, dialect: Dialect) -> Encode:
    """Return what encodes values of a form for a property; made once per class and dialect."""
    encoders = memory_of(attribute.entity).encoders
    key = (attribute.name, form, dialect.variant)
    found: Encode | None = encoders.get(key)
    if found is None:
        found = encoders[key] = form(attribute.entity, attribute.info, dialect)
    return found


def one_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Encode:
    """Return what encodes one value of a property."""
    encode = codec_of(entity, info, dialect).encode or _as_it_is
    if info.kind is Kind.INT:
        encode = _number
    if not info.indexed:
        return lambda raw: (encode(raw), False)
    return lambda raw: (encoded := encode(raw), dialect.hides(info, encoded))


def _as_it_is(raw: Any) -> Any:
    return raw


def _number(raw: Any) -> Any:
    # The form of an int would cut a fraction off; whole numbers are compared exactly as ints only.
    return encode_float(raw) if isinstance(raw, float) and not raw.is_integer() else encode_int(raw)


def many_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Encode:
    """Return what encodes several values of a property."""
    encode = one_form(entity, info, dialect)

    def encode_all(values: tuple[Any, ...]) -> tuple[Any, bool]:
        pairs = [encode(raw) for raw in values]
        return [encoded for encoded, _ in pairs], any(hidden for _, hidden in pairs)

    return encode_all


def items_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Encode:
    """Return what encodes several items of a list property."""
    encode = codec_of(entity, info, dialect).encode or _as_it_is
    return lambda values: (encode(list(values)), False)


def item_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Encode:
    """Return what encodes one item of a list property."""
    encode = codec_of(entity, info, dialect).encode or _as_it_is
    return lambda raw: (encode([raw])[0], False)


def text_form(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Encode:
    """Return what encodes text that is searched for in a property."""
    return lambda raw: (encode_str(raw), False)
