"""Turn single stored values into the Python values of their fields, for projections."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runic.ogm.model.kinds import NATIVE, Kind
from runic.ogm.query.computed import Computed
from runic.ogm.query.expressions import Attribute, Expression, Labelled
from runic.ogm.query.functions import Aggregate, decoder
from runic.ogm.query.memory import adapter_of, codec_of
from runic.ogm.query.variables import Variable

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect

Decode = Callable[[Any], Any]


def decode_expression(expression: Expression[Any], dialect: Dialect) -> Decode | None:
    """Return what makes the Python value of an expression from its cell; None for nothing."""
    if isinstance(expression, Labelled):
        return decode_expression(expression.expression, dialect)
    if isinstance(expression, Attribute):
        return decode_attribute(expression, dialect)
    if isinstance(expression, Variable) and expression.defined is not None:
        return decode_expression(expression.defined, dialect)
    if isinstance(expression, Computed):
        return None if expression.like is None else decode_attribute(expression.like, dialect)
    if not isinstance(expression, Aggregate):
        return None
    operand = expression.operand
    inner = None if isinstance(operand, str) else decode_expression(operand, dialect)
    return decoder(expression, inner)


def decode_attribute(attribute: Attribute[Any], dialect: Dialect) -> Decode | None:
    """Return what makes a field's value from its stored form, validated as the field is."""
    info = attribute.info
    decode = codec_of(attribute.entity, info, dialect).decode
    if info.kind is Kind.JSON or info.kind in NATIVE | {Kind.SCALAR} or _is_plain_list(attribute):
        return decode
    validate: Decode = adapter_of(attribute.entity, info).validate_python
    if decode is None:
        return validate
    first = decode
    return lambda cell: validate(first(cell))


def _is_plain_list(attribute: Attribute[Any]) -> bool:
    info = attribute.info
    return info.type.item in NATIVE and typing.get_origin(info.annotation) is list
