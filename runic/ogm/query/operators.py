"""The arithmetic operators that every expression has.

What they make is in `computed`, which builds on expressions and hands itself in here: expressions
cannot import what is made of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runic.ogm.query.computed import Computed

Combine = Callable[[str, Any, Any], Any]
_combine: list[Combine] = []


def provide_operations(combine: Combine) -> None:
    """Let operators make what `combine(operator, left, right)` returns."""
    _combine[:] = [combine]


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
