"""`update` and `delete`: change or remove every node that satisfies criteria, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.meta import node_info
from runic.ogm.query.assigned import Assignment, assignments, outline_all
from runic.ogm.query.change import (
    OnNodes,
    Returning,
    assigned_text,
    cleared_text,
    counted,
    next_version,
    node_class,
    required,
)
from runic.ogm.query.columns import write_columns
from runic.ogm.query.pattern import ROOT, Pattern
from runic.ogm.query.select import RowSelect
from runic.ogm.query.shapes import Column
from runic.ogm.query.values import Value
from runic.ogm.query.writer import Writer

_ONLY_VALUES = "delete returns values, as .returning(User.id), not entities"


def update(entity: type[Any]) -> Update:
    """Return a statement that sets fields of every node of a class that it finds.

    `update(User).where(User.city == "Rome").values(active=False)`

    Raises:
        StatementError: It is not a node class.
    """
    return Update(Pattern.of(node_class(entity, "update")))


def delete(entity: type[Any]) -> Delete:
    """Return a statement that deletes every node of a class that it finds, with its edges.

    `delete(User).where(User.active == False)`

    Raises:
        StatementError: It is not a node class.
    """
    return Delete(Pattern.of(node_class(entity, "delete")))


@dataclass(frozen=True, eq=False, repr=False)
class Update(OnNodes, Returning):
    """A statement that sets fields of nodes."""

    assigned: tuple[Assignment, ...] = ()

    @property
    @override
    def written(self) -> tuple[str, ...]:
        return tuple(each.attribute.name for each in self.assigned)

    def values(self, /, **fields: Any) -> Self:
        """Set fields to values, each validated as the field is, or to expressions.

        None removes the property. A version field counts up by itself.

        Raises:
            StatementError: There is no such field, or it is a primary key or version.
            FieldValidationError: The model would refuse a value.
        """
        added = assignments(self.entity, fields)
        kept = [old for old in self.assigned if old.attribute.name not in fields]
        return self._with(assigned=(*kept, *added))

    @override
    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        outline_all(self.assigned, shape, values)

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        required(self.assigned, "update sets nothing: add .values(name=…)")
        alias, info = writer.alias(ROOT), node_info(self.entity)
        found = self.found(writer)
        cleared = cleared_text(writer, alias, self.assigned)
        clear = f" SET {', '.join(cleared)} WITH {alias}" if cleared else ""
        sets = assigned_text(writer, alias, self.assigned) + next_version(writer, alias, info)
        text = f"{found}{clear}{counted(writer)} SET {', '.join(sets)}"
        return text, writer.dialect.node_id(alias)


@dataclass(frozen=True, eq=False, repr=False)
class Delete(OnNodes, Returning):
    """A statement that deletes nodes and their edges."""

    @override
    def returning(self, *columns: Any) -> Self:
        """Return values that the deleted nodes had.

        Raises:
            StatementError: No column is named: a deleted node is no entity any more.
        """
        if not columns:
            raise StatementError(_ONLY_VALUES)
        made = super().returning(*columns)
        if any(item.place is not None for item in made.items):
            raise StatementError(_ONLY_VALUES)
        return made

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        return self.found(writer), writer.dialect.node_id(writer.alias(ROOT))

    @override
    def ending(self, writer: Writer, touched: str, tracked: bool) -> tuple[str, tuple[Column, ...]]:
        alias = writer.alias(ROOT)
        texts: list[str] = []
        columns: tuple[Column, ...] = ()
        if self.items:
            texts, columns = write_columns(writer, RowSelect(self.pattern, self.items))
        # What a node had is read before it is gone.
        kept = ", ".join([alias, *texts, f"{touched} AS touched"])
        gone = f"WITH {kept} DETACH DELETE {alias} RETURN"
        if self.items:
            names = [writer.dialect.quote(item.name) for item in self.items]
            return f"{gone} {', '.join([*names, 'touched'])}", columns
        listed = ", collect(touched)" if tracked else ""
        return f"{gone} count(touched) AS affected{listed}", ()
