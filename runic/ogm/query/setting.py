"""What `update` of nodes and of edges have in common: the fields that they set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Never, Self

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.query.assigned import Assignment, assignments, outline_all
from runic.ogm.query.change import Change
from runic.ogm.query.values import Value


@dataclass(frozen=True, eq=False, repr=False)
class SettingFields(Change):
    """A statement that sets fields of what it finds."""

    assigned: tuple[Assignment, ...] = ()

    @property
    @override
    def written(self) -> tuple[str, ...]:
        return tuple(each.attribute.name for each in self.assigned)

    def values(self, /, *rows: Never, **fields: Any) -> Self:
        """Set fields to values, each validated as the field is, or to expressions.

        None removes the property. A version field counts up by itself.

        Raises:
            StatementError: There is no such field, or it is a primary key or version.
            FieldValidationError: The model would refuse a value.
        """
        if rows:
            raise StatementError(f"values takes fields by name, as values(name=…), not {rows[0]!r}")
        added = assignments(self.entity, fields)
        kept = [old for old in self.assigned if old.attribute.name not in fields]
        return self._with(assigned=(*kept, *added))

    @override
    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        outline_all(self.assigned, shape, values)
