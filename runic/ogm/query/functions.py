"""Aggregating functions: one value for many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import Computed, kind_of, like_of, walk
from runic.ogm.query.element import element_of
from runic.ogm.query.expressions import Attribute, Expression, RelatedCount, of_kind
from runic.ogm.query.values import Value

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer

T = TypeVar("T")

_SUMMABLE = frozenset({Kind.INT, Kind.FLOAT, Kind.SCALAR, Kind.TIMEDELTA})

_KINDS = {
    "count": Kind.INT,
    "avg": Kind.FLOAT,
    "stDev": Kind.FLOAT,
    "stDevP": Kind.FLOAT,
    "percentileCont": Kind.FLOAT,
    "collect": Kind.LIST,
}

Everything = Literal["*"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Aggregate(Expression[T], Generic[T]):
    """A function over all rows of a group; `operand` is a field, a path, or "*" for the rows."""

    function: str
    operand: Expression[Any] | str
    distinct: bool = False
    # Further arguments of the function.
    rest: tuple[Value, ...] = ()

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return () if isinstance(self.operand, str) else self.operand.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append((self.function, self.distinct))
        if not isinstance(self.operand, str):
            self.operand.outline(shape, values)
        for argument in self.rest:
            argument.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        operand = self.operand
        if isinstance(operand, str):
            return writer.dialect.aggregated(self.function, self.spelled(operand))
        like = like_of(operand)
        if like is not None and self.function in ("min", "max"):
            writer.require_order(like)
        if self.distinct:
            writer.dialect.require_apart(kind_of(operand))
        texts = [writer.alone(operand), *(each.write(writer) for each in self.rest)]
        return writer.dialect.aggregated(self.function, self.spelled(", ".join(texts)))

    def spelled(self, operand: str) -> str:
        """Return the call of the function on an operand's text."""
        return f"{self.function}({'DISTINCT ' if self.distinct else ''}{operand})"

    @property
    def kind(self) -> Kind:
        """The kind of its value; text as an operand is a path that is not looked up yet."""
        if self.function in _KINDS:
            return _KINDS[self.function]
        return (
            Kind.SCALAR if isinstance(self.operand, str) else kind_of(self.operand) or Kind.SCALAR
        )

    def __str__(self) -> str:
        return self.spelled(str(self.operand))


def count(what: Any = "*", *, distinct: bool = False) -> Aggregate[int]:
    """Count rows, or with a field the rows where it is there; `distinct` counts its values once.

    With a class or an alias the nodes or edges that are there are counted.
    """
    if distinct and isinstance(what, str) and what == "*":
        raise StatementError('count("*", distinct=True) has no meaning; count a field distinct')
    return Aggregate("count", _operand("count", what), distinct)


def avg(field: Any) -> Aggregate[float]:
    """Return the mean of a number; None of no values."""
    return Aggregate("avg", _summable("avg", field))


def sum_(field: T | Expression[T]) -> Aggregate[T]:
    """Return the sum of a number; 0 of no values. An int beyond 2**53 is not exact everywhere."""
    return Aggregate("sum", _summable("sum_", field))


def stdev(field: Any) -> Aggregate[float]:
    """Return the standard deviation of numbers that are a sample; 0 of fewer than two."""
    return Aggregate("stDev", _summable("stdev", field))


def stdev_p(field: Any) -> Aggregate[float]:
    """Return the standard deviation of numbers that are all there is."""
    return Aggregate("stDevP", _summable("stdev_p", field))


def percentile(field: Any, fraction: float) -> Aggregate[float]:
    """Return the number below which a fraction of the numbers lies, between two of them if need be.

    `percentile(User.age, 0.5)` is the median.
    """
    return Aggregate("percentileCont", _summable("percentile", field), rest=(_share(fraction),))


def percentile_disc(field: T | Expression[T], fraction: float) -> Aggregate[T]:
    """Return the one of the numbers below which a fraction of them lies."""
    operand = _summable("percentile_disc", field)
    return Aggregate("percentileDisc", operand, rest=(_share(fraction),))


def _share(fraction: float) -> Value:
    if type(fraction) not in (int, float) or not 0 <= fraction <= 1:
        raise StatementError(f"a percentile is asked with a number from 0 to 1, not {fraction!r}")
    return Value(float(fraction))


@overload
def min_(field: Expression[T]) -> Aggregate[T]: ...


@overload
def min_(field: T) -> Aggregate[T]: ...


def min_(field: Any) -> Aggregate[Any]:
    """Return the least value; None of no values."""
    return Aggregate("min", _operand("min_", field))


@overload
def max_(field: Expression[T]) -> Aggregate[T]: ...


@overload
def max_(field: T) -> Aggregate[T]: ...


def max_(field: Any) -> Aggregate[Any]:
    """Return the greatest value; None of no values."""
    return Aggregate("max", _operand("max_", field))


@overload
def collect(field: Expression[T], *, distinct: bool = ...) -> Aggregate[list[T]]: ...


@overload
def collect(field: T, *, distinct: bool = ...) -> Aggregate[list[T]]: ...


def collect(field: Any, *, distinct: bool = False) -> Aggregate[Any]:
    """Return the list of the values that are there; with a class or an alias, of the entities."""
    return Aggregate("collect", _operand("collect", field), distinct)


def _operand(function: str, what: Any) -> Expression[Any] | str:
    element = element_of(what) if function in ("count", "collect") else None
    if element is not None:
        return element
    if isinstance(what, Computed):
        return _without_aggregates(function, what)
    if isinstance(what, Attribute | RelatedCount) or (isinstance(what, str) and what != "*"):
        return what
    if isinstance(what, str) and function == "count":
        return what
    raise StatementError(f"{function} takes a field, as {function}(User.age), not {what!r}")


def _without_aggregates(function: str, what: Computed[Any]) -> Computed[Any]:
    inner = next((part for part in walk(what) if isinstance(part, Aggregate)), None)
    if inner is None:
        return what
    raise StatementError(
        f"{function}({what}) is an aggregate of {inner}, which is one already; make a column of"
        f" that first: .with_({inner}.as_('x')), then {function}(var('x'))"
    )


def _summable(function: str, what: Any) -> Expression[Any] | str:
    operand = _operand(function, what)
    if not isinstance(operand, str):
        require_summable(function, operand)
    return operand


def require_summable(function: str, operand: Expression[Any]) -> None:
    """Raise StatementError unless values of the field or expression can be added."""
    found = kind_of(operand)
    if found is not None and found not in _SUMMABLE:
        kind = of_kind(found)
        raise StatementError(f"{function} adds numbers, and {operand} is {kind}; use min_ or max_")
