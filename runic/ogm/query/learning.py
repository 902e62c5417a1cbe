"""What criteria learn of the variables in them, once they stand in a statement.

`var("home") == Address(…)` is written before anybody knows what `home` is. In a statement that made
it of a field, the value takes the form in which that field is stored; and what a list contains is
looked for among its items, not in a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar, cast

from runic.ogm.model.kinds import NATIVE, Kind
from runic.ogm.query.comparisons import Contained, GivenComparison
from runic.ogm.query.computed import (
    Call,
    Operation,
    is_unknown,
    kind_of,
    like_of,
    operand,
    rebuilt,
)
from runic.ogm.query.criteria import Comparison, Criterion
from runic.ogm.query.expressions import Attribute, Expression
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.lists import Comprehension, EachItem, ItemAt
from runic.ogm.query.part import Part
from runic.ogm.query.values import Param, Value, item, items, many, one
from runic.ogm.query.variables import Variable, known

P = TypeVar("P", bound=Part)

_AS_THEY_ARE = NATIVE | {Kind.SCALAR}


class Model(NamedTuple):
    """The field in whose form a value is stored: as its value, or as an item of its list."""

    field: Attribute[Any]
    is_item: bool

    def value(self, raw: Any) -> Part:
        """Return a value in that form."""
        if self._is_plain:
            return operand(raw)
        return item(self.field, raw) if self.is_item else one(self.field, raw)

    def values(self, raw: Any) -> Part:
        """Return several."""
        if self._is_plain:
            return operand(raw if isinstance(raw, Param) else list(raw))
        return items(self.field, raw) if self.is_item else many(self.field, raw)

    @property
    def _is_plain(self) -> bool:
        info = self.field.info
        return (info.type.item if self.is_item else info.kind) in _AS_THEY_ARE


def learned(part: P, names: Mapping[str, Expression[Any]]) -> P:
    """Return a part whose variables know what they hold: what made the values of these names."""

    def change(inner: Part) -> Part:
        if isinstance(inner, Variable) and inner.name in names:
            return known(inner, names[inner.name])
        return remade(inner) if isinstance(inner, GivenComparison) else inner

    return cast(P, rebuilt(part, change))


def remade(comparison: GivenComparison) -> Criterion:
    """Return a comparison with what was given in the form of what it is compared with now."""
    if isinstance(comparison, Contained):
        return _contained(comparison)
    left, given = comparison.left, comparison.given
    if is_unknown(left):
        return comparison
    contains = comparison.operator == "CONTAINS" and kind_of(left) is Kind.LIST
    if isinstance(given, Part):
        return Comparison(comparison.right, "IN", left) if contains else comparison
    if contains:
        return Comparison(_value(item_model(left), given), "IN", left)
    if comparison.operator == "IN":
        return replace(comparison, right=_values(model_of(left), given))
    if isinstance(comparison.right, Value) and given is not None:
        return replace(comparison, right=_value(model_of(left), given))
    return comparison


def _contained(comparison: Contained) -> Criterion:
    listed, given = comparison.right, comparison.given
    if is_unknown(listed) or isinstance(given, Part):
        return comparison
    return replace(comparison, left=_value(item_model(listed), given))


def _value(model: Model | None, raw: Any) -> Part:
    return operand(raw) if model is None else model.value(raw)


def _values(model: Model | None, raw: Any) -> Part:
    if model is None:
        return operand(raw if isinstance(raw, Param) else list(raw))
    return model.values(raw)


def model_of(part: Any) -> Model | None:
    """Return the field in whose form the value of an expression is; None where it has its own."""
    if isinstance(part, Variable) and part.defined is not None:
        return model_of(part.defined)
    if isinstance(part, Aggregate):
        return model_of(part.operand) if part.function in ("min", "max") else None
    if isinstance(part, ItemAt | Call) and _takes_one(part):
        return item_model(part.operands[0])
    like = like_of(part)
    return None if like is None else Model(like, is_item=False)


def item_model(part: Any) -> Model | None:
    """Return the same of the items of a list."""
    if isinstance(part, Variable) and part.defined is not None:
        return item_model(part.defined)
    if isinstance(part, Aggregate):
        return model_of(part.operand) if part.function == "collect" else None
    if isinstance(part, Comprehension):
        return item_model(part.source) if isinstance(part.yields, EachItem) else None
    if isinstance(part, Operation):
        return item_model(part.left) or item_model(part.right)
    if isinstance(part, ItemAt | Call) and _takes_some(part):
        return item_model(part.operands[0])
    like = like_of(part)
    return None if like is None or like.info.kind is not Kind.LIST else Model(like, is_item=True)


def _takes_one(part: ItemAt | Call[Any]) -> bool:
    return not part.sliced if isinstance(part, ItemAt) else part.function in ("head", "last")


def _takes_some(part: ItemAt | Call[Any]) -> bool:
    return part.sliced if isinstance(part, ItemAt) else part.function in ("tail", "reverse")
