"""`insert` and `merge`: write many nodes given as dicts, in one statement, without entities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import TYPE_CHECKING, Any, Never, Self

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.description import NodeInfo
from runic.ogm.model.keys import refuse_given_key
from runic.ogm.model.meta import node_info
from runic.ogm.query.assigned import (
    Assignment,
    assignments,
    entity_values,
    function_of,
    may_equal,
    outline_all,
    stored_columns,
    through,
)
from runic.ogm.query.change import (
    CompiledChange,
    Returning,
    assigned_items,
    counted,
    next_version,
    node_class,
    required,
    set_clause,
)
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.joined_rows import are_distinct, joined_rows
from runic.ogm.query.number_fields import number_field
from runic.ogm.query.pattern import ROOT, Pattern, field_named
from runic.ogm.query.planned import Wording
from runic.ogm.query.set_items import SetItem, removing
from runic.ogm.query.values import Coding, Value
from runic.ogm.query.writer import Writer, proven

if TYPE_CHECKING:
    from runic.ogm.query.dialect import Dialect


def insert(entity: type[Any]) -> Insert:
    """Return a statement that creates nodes: `insert(User).values([{"id": "ada"}, …])`.

    Raises:
        StatementError: It is not a node class.
    """
    return Insert(Pattern.of(node_class(entity, "insert")))


def merge(entity: type[Any]) -> Merge:
    """Return a statement that creates nodes, or changes those that are there.

    `merge(User).on(User.email).values([…]).on_create(joined=today).on_match(seen=today)`

    Raises:
        StatementError: It is not a node class.
    """
    return Merge(Pattern.of(node_class(entity, "merge")))


@dataclass(frozen=True, slots=True, eq=False)
class Rows(Value):
    """Validated rows as one parameter: a list for each row, its cells in the order of `fields`."""

    fields: tuple[Attribute[Any], ...] = ()
    # The fields by which stored nodes are looked up.
    keys: tuple[str, ...] = ()

    @override
    def coding(self, dialect: Dialect) -> Coding:
        fields = self.fields
        keys = [(at, each.info) for at, each in enumerate(fields) if each.name in self.keys]

        def stored(rows: tuple[Mapping[str, Any], ...]) -> list[list[Any]]:
            columns = stored_columns(fields, rows, dialect)
            return list(map(list, zip(*columns, strict=True)))

        def hides(rows: list[list[Any]]) -> bool:
            return any(dialect.hides_any(info, [row[at] for row in rows]) for at, info in keys)

        return Coding(stored, hides if keys and dialect.hides_values else None)


@dataclass(frozen=True, eq=False, repr=False)
class Insert(Returning):
    """A statement that creates nodes."""

    rows: tuple[Mapping[str, Any], ...] = field(default=(), kw_only=True)

    @property
    def info(self) -> NodeInfo:
        """What the class says of its nodes."""
        return node_info(self.entity)

    def values(self, rows: Iterable[Mapping[str, Any]] = (), **fields: Never) -> Self:
        """Add nodes: dicts of field values, validated as the model does, defaults included.

        Raises:
            StatementError: A row is no dict, or names what is no field.
            FieldValidationError: The model refuses a row.
        """
        listed = checked_rows(fields or rows, f"{type(self).__name__.lower()}(…).values")
        made = [
            entity_values(self.entity, row, f" (row {number})") for number, row in enumerate(listed)
        ]
        if self.info.key.numbered and self.info.key.name not in self.found_by:
            for row in made:
                refuse_given_key(self.entity, self.info.key.name, row[self.info.key.name])
        return self._with(rows=(*self.rows, *made))

    def batches(self, size: int) -> list[Self]:
        """Return statements that write the rows, so many each.

        Raises:
            StatementError: The size is not a positive number of rows.
        """
        if type(size) is not int or size < 1:
            raise StatementError(f"batch_size is a whole number ≥ 1, not {size!r}")
        starts = range(0, len(self.rows), size)
        return [self._with(rows=self.rows[start : start + size]) for start in starts] or [self]

    def joined(self, dialect: Dialect) -> Self:
        """Return the statement with the rows that it writes: of a merge one for each node."""
        return self

    @property
    def found_by(self) -> tuple[str, ...]:
        """The fields that tell whether a node is there: of an insert none do."""
        return ()

    @property
    def fields(self) -> tuple[Attribute[Any], ...]:
        """The fields of a row, in the order of its cells."""
        return tuple(Attribute(self.entity, name) for name in self.info.properties)

    @override
    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self._lacks_key)
        values.append(Rows(self.rows, fields=self.fields, keys=self.found_by))

    @property
    def _lacks_key(self) -> bool:
        name = self.info.key.name
        return _hold_none([row[name] for row in self.rows])

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        dialect, key = writer.dialect, self.info.key
        dialect.check_class(self.info)
        cells = ", ".join(
            f"{dialect.quote(each.info.stored)}: {through(each, f'r[{number}]', dialect)}"
            for number, each in enumerate(self.fields)
        )
        node = dialect.new_node("n", self.info.labels, cells)
        text = f"UNWIND {writer.next_name()} AS r CREATE {node}"
        if self._lacks_key:
            text += f" SET {dialect.stored('n', key)} = {dialect.generated_key('n')}"
        writer.focus(ROOT, 1)
        return text, dialect.node_id("n")


def checked_rows(rows: Any, where: str) -> list[Mapping[str, Any]]:
    """Return rows as a list, or say what was given in place of dicts."""
    one = isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable)
    listed: list[Any] = [] if one else list(rows)
    if one or not all(isinstance(row, Mapping) for row in listed):
        raise StatementError(f"{where} takes a list of dicts: [{{'id': 'ada', …}}, …]")
    return listed


@dataclass(frozen=True, eq=False, repr=False)
class Merge(Insert):
    """A statement that creates nodes or changes those it finds."""

    keys: tuple[str, ...] = field(default=(), kw_only=True)
    given: tuple[str, ...] = field(default=(), kw_only=True)
    created: tuple[Assignment, ...] = field(default=(), kw_only=True)
    matched: tuple[Assignment, ...] = field(default=(), kw_only=True)

    @property
    @override
    def written(self) -> tuple[str, ...]:
        return (*self.given, *(each.attribute.name for each in self.matched))

    @property
    @override
    def found_by(self) -> tuple[str, ...]:
        """The fields that tell whether a node is there: the primary key unless told."""
        return self.keys or (self.info.key.name,)

    def on(self, *fields: Any) -> Self:
        """Say by which fields a stored node is recognised; together they should be unique."""
        names = [_field_name(self.entity, each) for each in fields]
        required(names, "on takes at least one field, as .on(User.email)")
        return self._with(keys=tuple(names))

    @override
    def values(self, rows: Iterable[Mapping[str, Any]] = (), **fields: Never) -> Self:
        """Add nodes: dicts that all name the same fields.

        A node that is not there is created with every field, defaults included. On one that is
        there only the fields that the dicts name are set. Several dicts for one node are as one:
        of each field the last counts.

        Raises:
            StatementError: The dicts name different fields, or none of those of `on`.
            FieldValidationError: The model refuses a row.
        """
        listed = checked_rows(fields or rows, "merge(…).values")
        named = {frozenset(row) for row in listed}
        if self.rows:
            named.add(frozenset(self.given))
        if len(named) > 1:
            raise StatementError(
                "the rows of one merge name the same fields; write a merge for each kind of row"
            )
        given = tuple(name for name in self.info.properties if named and name in next(iter(named)))
        return super(Merge, self._with(given=given)).values(listed)

    def on_create(self, /, **fields: Any) -> Self:
        """Set these fields, too, of nodes that are created."""
        return self._with(created=(*self.created, *assignments(self.entity, fields)))

    def on_match(self, /, **fields: Any) -> Self:
        """Set these fields, too, of nodes that are there; values or expressions."""
        return self._with(matched=(*self.matched, *assignments(self.entity, fields)))

    @override
    def compile(self, dialect: Dialect, *, tracked: bool = False) -> CompiledChange:
        self._check()
        return super(Merge, self.joined(dialect)).compile(dialect, tracked=tracked)

    @override
    def joined(self, dialect: Dialect) -> Self:
        # Not left to the databases: of two rows for one node some keep the first, some the last,
        # and some make two nodes.
        if len(self.rows) < 2:
            return self
        keys: list[Attribute[Any]] = [Attribute(self.entity, name) for name in self.found_by]
        columns = stored_columns(keys, self.rows, dialect)
        if are_distinct(columns):
            return self
        rows = joined_rows(self.rows, list(zip(*columns, strict=True)), self._settable)
        return self if len(rows) == len(self.rows) else self._with(rows=tuple(rows))

    @override
    def outline_writes(self, shape: list[Any], values: list[Value]) -> None:
        super().outline_writes(shape, values)
        shape += (self.keys, self.given, self._removed, self._stuck)
        outline_all(self.created, shape, values)
        outline_all(self.matched, shape, values)

    @override
    def write(self, writer: Writer) -> tuple[str, str]:
        label, *others = sorted(self.info.labels, key=lambda each: each != self.info.label)
        dialect, rows = writer.dialect, writer.next_name()
        keys = ", ".join(self._cell(name, dialect) for name in self.found_by)
        merged = f"UNWIND {rows} AS r MERGE (n:{dialect.quote(label)} {{{keys}}})"
        writer.focus(ROOT, 1)
        text = merged + set_clause(dialect, "n", self._created(writer), "ON CREATE SET")
        text += set_clause(dialect, "n", self._matched(writer), "ON MATCH SET")
        if others:
            text += " SET n" + "".join(f":{dialect.quote(other)}" for other in others)
        return text + self._keyed(dialect) + self._again(dialect), dialect.node_id("n")

    def _keyed(self, dialect: Dialect) -> str:
        """Return what gives a new node the key that the database makes."""
        key = self.info.key
        if not key.numbered:
            return ""
        stored = dialect.stored("n", key)
        return f" SET {stored} = coalesce({stored}, {dialect.generated_key('n')})"

    @override
    def _written(self, writer: Writer, tracked: bool) -> Wording:
        # MERGE would look them up in an index that hides one of them, or finds too many.
        if writer.dialect.tells_created and not (
            writer.hides_next or self._doubted(writer.dialect)
        ):
            return super()._written(writer, tracked)
        stored, others = self._apart(writer)
        ending, columns = self.ending(writer, writer.dialect.node_id("n"), tracked)
        ending = f"{counted(writer)} {ending}"
        return Wording(f"{stored}{ending} UNION ALL {others}{ending}", columns)

    def _apart(self, writer: Writer) -> tuple[str, str]:
        """Return the text that changes what is there, and that which creates the rest."""
        hides, dialect, rows = writer.hides_next, writer.dialect, writer.next_name()
        dialect.check_class(self.info)
        writer.focus(ROOT, 1)
        created, matched = self._new_cells(writer), self._matched(writer)
        label, labels = self.info.label, self.info.labels
        match, other = (
            f"MATCH {dialect.node(alias, (label,), labels)} WHERE "
            + " AND ".join(
                self._equals(alias, name, dialect, hides=hides) for name in self.found_by
            )
            for alias in ("n", "o")
        )
        changed = set_clause(dialect, "n", matched) + self._again(dialect)
        first = f"{match} WITH r, n ORDER BY {dialect.node_id('n')}"  # see merged_apart
        return (
            f"UNWIND {rows} AS r {first}{counted(writer)}{changed}",
            f"UNWIND {rows} AS r OPTIONAL {other} WITH r, o WHERE o IS NULL"
            f" CREATE {dialect.new_node('n', labels, created)}{self._keyed(dialect)}",
        )

    def _doubted(self, dialect: Dialect) -> bool:
        return any(dialect.doubts_index(self.info.properties[n], "=") for n in self.found_by)

    def _equals(self, alias: str, name: str, dialect: Dialect, *, hides: bool) -> str:
        info, item = self.info.properties[name], self._item(name, dialect)
        plain = f"{alias}.{item.name} = {item.value}"
        around = f"{dialect.unindexed(f'{alias}.{item.name}', info)} = {item.value}"
        if hides:
            return around
        return proven(plain, "=", around) if dialect.doubts_index(info, "=") else plain

    def _new_cells(self, writer: Writer) -> str:
        over = {each.attribute.name for each in self.created}
        cells = [
            self._cell(name, writer.dialect) for name in self.info.properties if name not in over
        ]
        cells += [
            f"{writer.dialect.quote(each.attribute.info.stored)}: {each.to.write(writer)}"
            for each in self.created
        ]
        return ", ".join(cells)

    def _created(self, writer: Writer) -> list[SetItem]:
        over = {each.attribute.name for each in self.created} | set(self.found_by)
        names = [name for name in self.info.properties if name not in over]
        items = [self._item(name, writer.dialect) for name in names]
        return items + assigned_items(writer, self.created)

    def _matched(self, writer: Writer) -> list[SetItem]:
        dialect, sticky = writer.dialect, self._sticky(writer.dialect)
        items = [
            SetItem(dialect.quote(self.info.properties[name].stored), "null", removes=True)
            for name in sticky
        ]
        removed, stuck = self._removed, self._stuck
        items += [
            self._merged(name, dialect)._replace(removes=name in removed, sticks=name in stuck)
            for name in self._from_rows
            if name not in sticky
        ]
        items += assigned_items(writer, self.matched)
        # With nothing given a stored node stays as it is.
        return items + next_version(writer, "n", self.info) if items else []

    def _again(self, dialect: Dialect) -> str:
        """Return what sets the values that the database would not put in the place of others."""
        items = [self._item(name, dialect) for name in self._sticky(dialect)]
        return set_clause(dialect, "n", items, "WITH r, n SET")

    @property
    def _from_rows(self) -> list[str]:
        """The fields that stored nodes take from the rows."""
        own = {each.attribute.name for each in self.matched}
        return [name for name in self._settable if name not in own]

    @property
    def _removed(self) -> frozenset[str]:
        """Of these fields, those that a row may remove together with others."""
        names = self._from_rows
        if not any(_hold_none([row[name] for row in self.rows]) for name in names):
            return frozenset()
        rows = [[row[name] for name in names] for row in self.rows]
        # Some databases clear the values that functions make, as vectors, in the same SET.
        made = [n for n in names if self.info.properties[n].portable_codec().function is not None]
        beside = sum(each.removes for each in self.matched) + len(made)
        return frozenset(names[cell] for cell in removing(rows, range(len(names)), beside))

    @property
    def _stuck(self) -> frozenset[str]:
        """Of these fields, those with a number that the database may take for another."""
        properties = self.info.properties
        return frozenset(
            name
            for name in self._from_rows
            if number_field(properties[name])
            and may_equal(properties[name], [row[name] for row in self.rows])
        )

    @property
    def _settable(self) -> list[str]:
        info = self.info
        unset = {*(self.keys or ()), info.key.name}
        return [n for n in self.given if n not in unset and not info.properties[n].version]

    def _sticky(self, dialect: Dialect) -> list[str]:
        attributes: list[Attribute[Any]] = [Attribute(self.entity, n) for n in self._from_rows]
        return [a.name for a in attributes if function_of(a, dialect) in dialect.sticky]

    def _cell(self, name: str, dialect: Dialect) -> str:
        item = self._item(name, dialect)
        return f"{item.name}: {item.value}"

    def _merged(self, name: str, dialect: Dialect) -> SetItem:
        item, numbers = self._item(name, dialect), number_field(self.info.properties[name])
        if numbers is None:
            return item
        return item._replace(value=dialect.merged(f"n.{item.name}", item.value, numbers))

    def _item(self, name: str, dialect: Dialect) -> SetItem:
        attribute: Attribute[Any] = Attribute(self.entity, name)
        number = list(self.info.properties).index(name)
        stored = dialect.quote(attribute.info.stored)
        return SetItem(stored, through(attribute, f"r[{number}]", dialect))

    def _check(self) -> None:
        key = self.info.key
        if key.numbered and key.name in self.found_by:
            cls = self.entity.__name__
            raise StatementError(
                f"{cls}.{key.name} is made by the database, and merge could create a {cls} with a"
                f" given one: use update({cls}), session.merge(…) of a stored one, or"
                f" merge({cls}).on(…) another field"
            )
        for name in self.found_by:
            if _hold_none([row[name] for row in self.rows]):
                raise StatementError(
                    f"merge finds a {self.entity.__name__} by its {name}, which a row leaves out;"
                    " give it a value in each row"
                )


def _hold_none(values: Sequence[Any]) -> bool:
    # By type: the `==` of some values is no yes or no.
    return NoneType in set(map(type, values))


def _field_name(entity: type[Any], given: Any) -> str:
    name = given.name if isinstance(given, Attribute) else given
    if not isinstance(name, str):
        raise StatementError(f"on takes fields, as User.email, not {given!r}")
    return field_named(entity, name)
