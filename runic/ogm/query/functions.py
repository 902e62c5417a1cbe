"""Aggregating functions: one value for many rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.expressions import Attribute, Expression, of_kind

if TYPE_CHECKING:
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer

T = TypeVar("T")

_SUMMABLE = frozenset({Kind.INT, Kind.FLOAT, Kind.SCALAR, Kind.TIMEDELTA})

Everything = Literal["*"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Aggregate(Expression[T], Generic[T]):
    """A function over all rows of a group; `operand` is a field, a path, or "*" for the rows."""

    function: str
    operand: Attribute[Any] | str
    distinct: bool = False

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return (self.operand,) if isinstance(self.operand, Attribute) else ()

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append((self.function, self.distinct))
        if isinstance(self.operand, Attribute):
            self.operand.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        operand = self.operand
        if isinstance(operand, Attribute):
            if self.function in ("min", "max"):
                writer.require_order(operand)
            return self.spelled(operand.write(writer))
        return self.spelled(operand)

    def spelled(self, operand: str) -> str:
        """Return the call of the function on an operand's text."""
        return f"{self.function}({'DISTINCT ' if self.distinct else ''}{operand})"

    def __str__(self) -> str:
        return self.spelled(str(self.operand))


def count(what: Any = "*", *, distinct: bool = False) -> Aggregate[int]:
    """Count rows, or with a field the rows where it is there; `distinct` counts its values once."""
    if distinct and isinstance(what, str) and what == "*":
        raise StatementError('count("*", distinct=True) has no meaning; count a field distinct')
    return Aggregate("count", _operand("count", what), distinct)


def avg(field: Any) -> Aggregate[float]:
    """Return the mean of a number; None of no values."""
    return Aggregate("avg", _summable("avg", field))


def sum_(field: T | Attribute[T]) -> Aggregate[T]:
    """Return the sum of a number; 0 of no values. An int beyond 2**53 is not exact everywhere."""
    return Aggregate("sum", _summable("sum_", field))


def min_(field: T | Attribute[T]) -> Aggregate[T]:
    """Return the least value; None of no values."""
    return Aggregate("min", _operand("min_", field))


def max_(field: T | Attribute[T]) -> Aggregate[T]:
    """Return the greatest value; None of no values."""
    return Aggregate("max", _operand("max_", field))


def collect(field: T | Attribute[T], *, distinct: bool = False) -> Aggregate[list[T]]:
    """Return the list of the values that are there."""
    return Aggregate("collect", _operand("collect", field), distinct)


def _operand(function: str, what: Any) -> Attribute[Any] | str:
    if isinstance(what, Attribute) or (isinstance(what, str) and what != "*"):
        return what
    if isinstance(what, str) and function == "count":
        return what
    raise StatementError(f"{function} takes a field, as {function}(User.age), not {what!r}")


def _summable(function: str, what: Any) -> Attribute[Any] | str:
    operand = _operand(function, what)
    if isinstance(operand, Attribute):
        require_summable(function, operand)
    return operand


def require_summable(function: str, operand: Attribute[Any]) -> None:
    """Raise StatementError unless values of the field can be added."""
    if operand.info.kind not in _SUMMABLE:
        kind = of_kind(operand.info.kind)
        raise StatementError(f"{function} adds numbers, and {operand} is {kind}; use min_ or max_")


def decoder(
    aggregate: Aggregate[Any], decode: Callable[[Any], Any] | None
) -> Callable[[Any], Any] | None:
    """Return what turns the database's answer into the Python value; None to leave it as it is.

    `decode` does so for one value of the operand.
    """
    if aggregate.function == "count":
        return None
    if aggregate.function == "collect":
        return (lambda values: [decode(v) for v in values]) if decode else None
    if aggregate.function in ("min", "max"):
        return decode
    assert isinstance(aggregate.operand, Attribute)
    return _number(aggregate.function, aggregate.operand.info.kind)


def _number(function: str, kind: Kind) -> Callable[[Any], Any] | None:
    # FalkorDB answers every sum as a float.
    if kind is Kind.TIMEDELTA:
        return lambda microseconds: dt.timedelta(microseconds=microseconds)
    return int if function == "sum" and kind is Kind.INT else None
