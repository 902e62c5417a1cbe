"""The operators that every expression has: comparisons and arithmetic.

What arithmetic makes is in `computed`, which builds on expressions and hands itself in here:
expressions cannot import what is made of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runic.ogm.errors import StatementError
from runic.ogm.query.criteria import Criterion, NullCheck
from runic.ogm.query.part import Part

if TYPE_CHECKING:
    from runic.ogm.query.computed import Computed

Combine = Callable[[str, Any, Any], Any]
_combine: list[Combine] = []


def provide_operations(combine: Combine) -> None:
    """Let operators make what `combine(operator, left, right)` returns."""
    _combine[:] = [combine]


class Comparisons:
    """Adds `==` and the like to expressions, each of which knows what comparing it makes."""

    __slots__ = ()

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Criterion:  # type: ignore[override]
        return self._compared("=", other)

    def __ne__(self, other: object) -> Criterion:  # type: ignore[override]
        return self._compared("<>", other)

    def __lt__(self, other: Any) -> Criterion:
        return self._compared("<", other)

    def __le__(self, other: Any) -> Criterion:
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> Criterion:
        return self._compared(">", other)

    def __ge__(self, other: Any) -> Criterion:
        return self._compared(">=", other)

    def _compared(self, operator: str, other: Any) -> Criterion:
        raise NotImplementedError


class Nullable(Part):
    """Adds the question whether there is a value."""

    __slots__ = ()

    def is_null(self) -> Criterion:
        """Keep where there is no value."""
        return NullCheck(self, missing=True)

    def is_not_null(self) -> Criterion:
        """Keep where there is a value."""
        return NullCheck(self, missing=False)

    def _against_none(self, operator: str) -> Criterion:
        if operator in ("=", "<>"):
            return NullCheck(self, missing=operator == "=")
        raise StatementError(f"{self} {operator} None has no answer; write {self}.is_null()")


class Operators:
    """Adds arithmetic to expressions. Integers stay integers, except under `/` and `**`."""

    __slots__ = ()

    def __add__(self, other: Any) -> Computed[Any]:
        return self._made("+", self, other)

    def __radd__(self, other: Any) -> Computed[Any]:
        return self._made("+", other, self)

    def __sub__(self, other: Any) -> Computed[Any]:
        return self._made("-", self, other)

    def __rsub__(self, other: Any) -> Computed[Any]:
        return self._made("-", other, self)

    def __mul__(self, other: Any) -> Computed[Any]:
        return self._made("*", self, other)

    def __rmul__(self, other: Any) -> Computed[Any]:
        return self._made("*", other, self)

    def __truediv__(self, other: Any) -> Computed[Any]:
        return self._made("/", self, other)

    def __rtruediv__(self, other: Any) -> Computed[Any]:
        return self._made("/", other, self)

    def __mod__(self, other: Any) -> Computed[Any]:
        return self._made("%", self, other)

    def __rmod__(self, other: Any) -> Computed[Any]:
        return self._made("%", other, self)

    def __pow__(self, other: Any) -> Computed[Any]:
        return self._made("^", self, other)

    def __rpow__(self, other: Any) -> Computed[Any]:
        return self._made("^", other, self)

    def __neg__(self) -> Computed[Any]:
        return self._made("-", 0, self)

    def _made(self, operator: str, left: Any, right: Any) -> Computed[Any]:
        made: Computed[Any] = _combine[0](operator, left, right)
        return made
