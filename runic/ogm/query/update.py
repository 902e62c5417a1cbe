"""`update` and `delete`: change or remove every node that satisfies criteria, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, overload

from typing_extensions import override

from runic.ogm.model.edge import Edge
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.query.change import (
    OnNodes,
    Returning,
    assigned_items,
    cleared_items,
    counted,
    gone_ending,
    next_version,
    node_class,
    only_values,
    required,
    set_clause,
    worked_out_first,
)
from runic.ogm.query.edge_changes import EdgeDelete, EdgeUpdate, edges_of
from runic.ogm.query.pattern import ROOT, Pattern
from runic.ogm.query.setting import SettingFields
from runic.ogm.query.shapes import Column
from runic.ogm.query.writer import Writer


@overload
def update(entity: type[Node]) -> Update: ...


@overload
def update(entity: type[Edge]) -> EdgeUpdate: ...


def update(entity: type[Any]) -> Update | EdgeUpdate:
    """Return a statement that sets fields of every node, or edge, of a class that it finds.

    `update(User).where(User.city == "Rome").values(active=False)`

    Raises:
        StatementError: It is neither a Node nor an Edge class.
    """
    if _is_edge_class(entity):
        return EdgeUpdate(edges_of(entity))
    return Update(Pattern.of(node_class(entity, "update")))


@overload
def delete(entity: type[Node]) -> Delete: ...


@overload
def delete(entity: type[Edge]) -> EdgeDelete: ...


def delete(entity: type[Any]) -> Delete | EdgeDelete:
    """Return a statement that deletes every node or edge of a class that it finds.

    `delete(User).where(User.active == False)`; nodes go with their edges.

    Raises:
        StatementError: It is neither a Node nor an Edge class.
    """
    if _is_edge_class(entity):
        return EdgeDelete(edges_of(entity))
    return Delete(Pattern.of(node_class(entity, "delete")))


def _is_edge_class(entity: object) -> bool:
    return isinstance(entity, type) and getattr(entity, "__runic_entity__", None) == "edge"


@dataclass(frozen=True, eq=False, repr=False)
class Update(SettingFields, OnNodes, Returning):
    """A statement that sets fields of nodes."""

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        required(self.assigned, "update sets nothing: add .values(name=…)")
        alias, info = writer.alias(ROOT), node_info(self.entity)
        found = self.found(writer)
        dialect = writer.dialect
        clear = set_clause(dialect, alias, cleared_items(writer, self.assigned))
        kept = f"{clear} WITH {alias}" if clear else ""
        items = assigned_items(writer, self.assigned) + next_version(writer, alias, info)
        first, items = worked_out_first(writer, alias, items)
        sets = set_clause(dialect, alias, items)
        return f"{found}{kept}{counted(writer)}{first}{sets}", dialect.node_id(alias)


@dataclass(frozen=True, eq=False, repr=False)
class Delete(OnNodes, Returning):
    """A statement that deletes nodes and their edges."""

    @override
    def returning(self, *columns: Any) -> Self:
        """Return values that the deleted nodes had.

        Raises:
            StatementError: No column is named: a deleted node is no entity any more.
        """
        return only_values(super().returning(*columns), columns)

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        return self.found(writer), writer.dialect.node_id(writer.alias(ROOT))

    @override
    def ending(self, writer: Writer, touched: str, tracked: bool) -> tuple[str, tuple[Column, ...]]:
        alias = writer.alias(ROOT)
        return gone_ending(self, writer, f"DETACH DELETE {alias}", (alias, touched), tracked)
