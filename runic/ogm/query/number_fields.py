"""Fields of numbers that a database can take for one another: `1` and `1.0`, `0.0` and `-0.0`.

Such numbers are equal and no less two values. Made once for each field; `row_writes` and the
statements that write ask it which values need care, and `Dialect.assigned` takes the care.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.kinds import Kind, native_types


@dataclass(frozen=True, slots=True)
class NumberField:
    """What a field's stored values can be: floats or several kinds of number; `many` in a list."""

    floats_only: bool
    many: bool

    def has_equals(self, stored: Any) -> bool:
        """Return whether other stored values of the field can be equal to this one."""
        if not isinstance(stored, list | tuple):
            return stored == 0 if self.floats_only else type(stored) in _NUMBERS
        if self.floats_only:
            return 0 in stored
        return not _NUMBERS.isdisjoint(map(type, stored))


_NUMBERS = frozenset({int, float})


def number_field(info: PropertyInfo) -> NumberField | None:
    """Return what a field's numbers are; None where equal values are stored alike."""
    try:
        found: NumberField | None = info.memo[NumberField]
    except KeyError:
        found = info.memo[NumberField] = _number_field(info)
    return found


def _number_field(info: PropertyInfo) -> NumberField | None:
    if info.converter is not None:
        return NumberField(floats_only=False, many=False)
    many = info.kind is Kind.LIST
    kind = info.type.item if many else info.kind
    floats = any(issubclass(cls, float) for cls in native_types(info.annotation))
    if kind is Kind.FLOAT or (kind is Kind.SCALAR and floats):
        return NumberField(kind is Kind.FLOAT, many)
    return None
