"""What every statement that writes to what it finds is made of.

Like reading statements they are immutable values; `session.execute(stmt)` carries them out. A
change is one text: what it finds, what it writes, and an ending that counts, returns, or names the
database's ids of what was touched, so that the session can bring its entities up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.description import NodeInfo
from runic.ogm.model.meta import node_info
from runic.ogm.query.assigned import Assignment, function_of
from runic.ogm.query.bindable import Bindable, dialect_of
from runic.ogm.query.columns import write_columns
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.filterable import Filterable
from runic.ogm.query.match import write_match
from runic.ogm.query.pattern import ROOT, Filter, Pattern
from runic.ogm.query.planned import Wording, planned
from runic.ogm.query.related import hoisted
from runic.ogm.query.select import RowSelect, Select
from runic.ogm.query.set_items import SetItem, counted_up
from runic.ogm.query.shapes import Column
from runic.ogm.query.statement import Item
from runic.ogm.query.steps import PipelineStep
from runic.ogm.query.values import Value
from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True)
class CompiledChange:
    """The query of a change and how to read its rows.

    With `columns` each row holds them, and in its last cell what was touched. Without, there is one
    row: how many were affected and, if the change is tracked, the list of what was touched.
    """

    query: Query
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Change(Bindable):
    """Base of the statements that write."""

    pattern: Pattern
    filters: tuple[Filter, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def entity(self) -> type[Any]:
        """The class whose entities are written."""
        return self.pattern.nodes[0].entity

    @property
    def written(self) -> tuple[str, ...]:
        """The fields of stored entities that the change may set, beside their version."""
        return ()

    def build(self, dialect: Dialect | None = None) -> Query:
        """Return the text and parameters, for the dialect or in plain openCypher."""
        return self._readable().compile(dialect_of(dialect)).query

    def compile(self, dialect: Dialect, *, tracked: bool = False) -> CompiledChange:
        """Return the query; `tracked` asks for the ids of what it touches.

        Raises:
            StatementError: Something is missing in the statement.
            FieldValidationError: The backend cannot keep a value as it is.
        """
        shape, values = self.outline()
        written, params = planned(
            self.pattern.memory,
            (tracked, dialect.variant, self.pattern.generation, shape),
            values,
            self.bindings,
            dialect,
            lambda hidden: self._written(Writer(self.pattern, dialect, hidden), tracked),
        )
        return CompiledChange(Query(written.text, params), written.columns)

    def _written(self, writer: Writer, tracked: bool) -> Wording:
        text, touched = self.write(writer)
        ending, columns = self.ending(writer, touched, tracked)
        return Wording(f"{text}{counted(writer)} {ending}", columns)

    @override
    def all_values(self) -> Sequence[Value]:
        return self.outline()[1]

    def outline(self) -> tuple[tuple[Any, ...], list[Value]]:
        """Return what decides the text, hashable, and the values in the order of `write`."""
        shape: list[Any] = [type(self), self.pattern.shape, len(self.filters)]
        values: list[Value] = []
        for kept in self.filters:
            kept.outline(shape, values)
        self.outline_writes(shape, values)
        for item in self.items:
            item.outline(shape, values)
        return tuple(shape), values

    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text of what is written, and its values."""

    def write(self, writer: Writer) -> tuple[str, str]:
        """Return the clauses that find and write, and the expression of what a row touched."""
        raise NotImplementedError

    def ending(self, writer: Writer, touched: str, tracked: bool) -> tuple[str, tuple[Column, ...]]:
        """Return the RETURN clause and what it holds."""
        if not self.items:
            listed = f", collect({touched}) AS touched" if tracked else ""
            return f"RETURN count({touched}) AS affected{listed}", ()
        texts, columns = write_columns(writer, RowSelect(self.pattern, self.items))
        return f"RETURN {', '.join(texts)}, {touched} AS touched", columns

    def __repr__(self) -> str:
        return f"<{type(self).__name__}[{self.entity.__name__}] {self._shown()}>"

    def _shown(self) -> str:
        try:
            return self.build().text
        except StatementError as error:
            return f"unfinished: {error}"

    def _with(self, **changes: Any) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__, **changes)
        return made


R = TypeVar("R", bound=Change)


class Filtered(Filterable, Change):
    """Base of the changes that say with criteria what they write to."""

    steps: tuple[PipelineStep, ...] = ()


class OnNodes(Filtered):
    """Base of the changes to the nodes of one class."""

    def traverse(self, relation: Any, *, edge_alias: str | None = None) -> Self:
        """Write only to nodes from which a relation leads on; `where` can then ask about both."""
        return self._with(pattern=self.pattern.extended(relation, edge_alias, False))

    def found(self, writer: Writer) -> str:
        """Return the clauses that bind each node to be written once."""
        match = write_match(writer, self.filters)
        # A node stands in as many rows as the hops find edges, and is written once.
        once = f" WITH DISTINCT {writer.alias(ROOT)}" if self.pattern.hops else ""
        writer.focus(ROOT, 1)
        return match + once


class Returning(Change):
    """Base of the changes that can return the nodes they wrote."""

    def returning(self, *columns: Any) -> Self:
        """Return the written entities or, with columns, their values; see `select(…).project`.

        The rows of `session.execute(…)` hold them.
        """
        alone = Pattern.of(self.entity)
        if not columns:
            return self._with(items=(Item(alone.alias(ROOT), ROOT),))
        return self._with(items=Select(alone).project(*columns).items)


def only_values(change: R, columns: Sequence[Any]) -> R:
    """Return a deleting change that returns values; raise StatementError if it returns others."""
    if columns and all(item.place is None for item in change.items):
        return change
    raise StatementError("delete returns values, as .returning(User.id), not entities")


def gone_ending(
    change: Change, writer: Writer, deletion: str, carried: tuple[str, str], tracked: bool
) -> tuple[str, tuple[Column, ...]]:
    """Return what deletes an element, and the RETURN clause with what it had.

    `carried` is the element and the expression of what a row touched.
    """
    texts: Sequence[str] = ()
    columns: tuple[Column, ...] = ()
    if change.items:
        texts, columns = write_columns(writer, RowSelect(change.pattern, change.items))
    # What an element had is read before it is gone.
    element, touched = carried
    once = "DISTINCT " if writer.reads_first else ""
    gone = f"WITH {once}{', '.join([element, *texts, f'{touched} AS touched'])} {deletion} RETURN"
    if change.items:
        names = [writer.dialect.column(item.name) for item in change.items]
        return f"{gone} {', '.join([*names, 'touched'])}", columns
    listed = ", collect(touched)" if tracked else ""
    return f"{gone} count(touched) AS affected{listed}", ()


def counted(writer: Writer) -> str:
    """Return the stage that makes columns of counts, of which the text after it has the names."""
    return hoisted(writer.taken(), [])


def read_first(writer: Writer, alias: str) -> str:
    """Return the stage that keeps what is written from changing what is still to be read.

    What sorts has to have all rows.
    """
    return f" WITH * ORDER BY {writer.dialect.node_id(alias)}" if writer.reads_first else ""


def worked_out_first(writer: Writer, alias: str, items: list[SetItem]) -> tuple[str, list[SetItem]]:
    """Return the stage that all values come of before one is set, and what then is set.

    What sorts has to have all rows.
    """
    dialect = writer.dialect
    if not (dialect.sets_by_row and writer.counting):
        return read_first(writer, alias), items
    names = [writer.counts.fresh("s") for _ in items]
    columns = [f"{item.value} AS {name}" for item, name in zip(items, names, strict=True)]
    stage = f" WITH {', '.join(['*', *columns])} ORDER BY {dialect.node_id(alias)}"
    return stage, [item._replace(value=n) for item, n in zip(items, names, strict=True)]


def assigned_items(writer: Writer, assigned: Sequence[Assignment]) -> list[SetItem]:
    """Return the items of a SET for assignments to an element of the pattern."""
    quote = writer.dialect.quote
    return [
        SetItem(
            quote(each.attribute.info.stored),
            writer.assigned(each.to),
            each.removes,
            each.sticks,
        )
        for each in assigned
    ]


def cleared_items(writer: Writer, assigned: Sequence[Assignment]) -> list[SetItem]:
    """Return what takes away the values that the database may fail to replace.

    Raises:
        UnsupportedFeatureError: One of them is read to set another, or itself.
    """
    dialect = writer.dialect
    cleared = [
        each.attribute
        for each in assigned
        if function_of(each.attribute, dialect) in dialect.sticky
    ]
    read = {attribute.name for each in assigned for attribute in each.to.attributes}
    for attribute in cleared:
        if attribute.name in read:
            dialect.refuse(
                f"way to set {attribute} and read it in one statement: it is cleared first; read"
                " the value before, or set the fields one after the other"
            )
    return [SetItem(dialect.quote(each.info.stored), "null", removes=True) for each in cleared]


def set_clause(dialect: Dialect, alias: str, items: Sequence[SetItem], verb: str = "SET") -> str:
    """Return the clause that sets properties of an element, or nothing where there are none."""
    return f" {dialect.assigned(alias, items, verb)}" if items else ""


def next_version(writer: Writer, alias: str, info: NodeInfo) -> list[SetItem]:
    """Return what counts versions up: that of the class, or those of classes below it."""
    dialect = writer.dialect
    if info.version is not None:
        return [counted_up(alias, dialect.quote(info.version.stored))]
    found: dict[str, list[str]] = {}
    for cls in info.entity.__runic_registry__.subclasses(info.entity):
        below = None if cls.__runic_abstract__ else node_info(cls)
        if below is not None and below.version is not None:
            labels = found.setdefault(dialect.quote(below.version.stored), [])
            labels.append(dialect.has_label(alias, below.label))
    return [
        SetItem(
            name,
            f"CASE WHEN {' OR '.join(labels)} THEN coalesce({alias}.{name}, 0) + 1"
            f" ELSE {alias}.{name} END",
        )
        for name, labels in found.items()
    ]


def required(condition: object, what: str) -> None:
    """Raise StatementError unless the statement is complete."""
    if not condition:
        raise StatementError(what)


def node_class(entity: Any, verb: str) -> Any:
    """Return a node class, or say what was given in its place."""
    if getattr(entity, "__runic_entity__", None) != "node" or not isinstance(entity, type):
        raise StatementError(
            f"{verb} takes a Node class, not {entity!r}; edges are made with connect(…)"
        )
    return entity
