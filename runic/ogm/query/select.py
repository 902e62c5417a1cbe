"""`select`: read entities, or rows of what is found along a pattern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, Self, TypeVar, cast, overload

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import entity_info
from runic.ogm.model.node import Node
from runic.ogm.query.element import Element, element_at, element_of
from runic.ogm.query.expressions import Attribute, Expression, Labelled, checked_name
from runic.ogm.query.fetching import fetchable
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.grouping import require_held
from runic.ogm.query.into import fields_into, maker, require_columns
from runic.ogm.query.pattern import Pattern, Place, attribute_at
from runic.ogm.query.returned import edge_item, element_item, path_item, refuse_twins
from runic.ogm.query.stages import carried, staged, unwound
from runic.ogm.query.statement import Item, Statement, Yields
from runic.ogm.query.steps import names_after
from runic.ogm.query.values import Value
from runic.ogm.query.variables import Variable, has_aggregate

E = TypeVar("E", bound=Node)
T = TypeVar("T")
A = TypeVar("A", bound=Node)
B = TypeVar("B", bound=Entity)
C = TypeVar("C", bound=Entity)


@overload
def select(entity: type[E], /) -> Select[E]: ...


@overload
def select(entity: type[A], second: type[B], /) -> TupleSelect[tuple[A, B]]: ...


@overload
def select(entity: type[A], second: type[B], third: type[C], /) -> TupleSelect[tuple[A, B, C]]: ...


@overload
def select(
    entity: type[Any], second: type[Any], third: type[Any], fourth: type[Any], /, *more: type[Any]
) -> TupleSelect[tuple[Any, ...]]: ...


def select(entity: type[Any], /, *others: type[Any]) -> Select[Any] | TupleSelect[Any]:
    """Return a statement that reads the entities of a node class.

    With several classes, of nodes and edges, each row is a tuple with an entity of each. The first
    is where the statement starts; for the others `traverse` has to go there.

    Raises:
        StatementError: The first is not a node class, or another is not an entity class.
    """
    # Asked by name: issubclass on Pydantic's classes takes longer than all the rest.
    if getattr(entity, "__runic_entity__", None) != "node" or not isinstance(entity, type):
        raise StatementError(f"select starts from a Node class, not {entity!r}; {_meant(entity)}")
    if not others:
        return Select(Pattern.of(entity))
    for other in others:
        if element_of(other) is None:
            raise StatementError(f"select takes Node and Edge classes, not {other!r}")
    tuples: TupleSelect[Any] = TupleSelect(Pattern.of(entity), classes=(entity, *others))
    return tuples.changed()


def _meant(given: object) -> str:
    """Return what to write in place of what select was given."""
    if isinstance(given, str):
        return f"pass the class itself, select({given})"
    if isinstance(given, Node):
        return f"pass its class, select({type(given).__name__})"
    if isinstance(given, Attribute):
        return f"values are selected with select({given.entity.__name__}).project({given})"
    if isinstance(given, Expression):
        return "values are selected with select(User).project(…) or .aggregate(…)"
    return "edges are reached with .traverse(…, edge_alias=…).return_edge(…)"


@dataclass(frozen=True, eq=False, repr=False)
class Select(Statement, Yields[E], Generic[E]):
    """A statement whose rows are entities."""

    __hash__ = object.__hash__

    @property
    @override
    def returns_entities(self) -> bool:
        return len(self.items) < 2 and all(item.place is not None for item in self.items)

    def with_(self, *columns: Any, distinct: bool = False) -> Select[Any]:
        """Go on with these columns only, as a new stage: aliases to carry, and values to compute.

        An aggregate among them (`count("*").as_("total")`) groups by the others; `where` after it
        filters groups, with `var("total") > 3`. What sorts and cuts rows before (`order_by`,
        `skip`, `limit`) does so within its stage. The statement then returns the first node it
        carries, or else the values.

        Raises:
            StatementError: A column is unknown, or has no name of its own: give it `.as_(name)`.
        """
        items = tuple(carried(self, column) or self._column(column) for column in columns)
        if not items:
            raise StatementError("with_ needs something to go on with: aliases, values with .as_()")
        refuse_twins(items)
        for each in items:
            _is_aggregate(each)
            if each.place is not None and each.name != self.pattern.alias(each.place):
                raise StatementError(
                    f"an element keeps its alias in with_; leave .as_({each.name!r}) out of it"
                )
        return staged(self, items, distinct)

    def unwind(self, items: Any, name: str) -> Select[E]:
        """Have a row for each item of a list, which `var(name)` reads from then on.

        The list is a field, an expression, values, or a `param`. A row whose list is empty or
        missing goes.

        Raises:
            StatementError: It is no list, or the name is taken.
        """
        return unwound(self, items, name)

    def return_target(self, alias: str | None = None) -> Select[Any]:
        """Return the last node of the pattern, or the one of this alias, in place of the first."""
        last = Place(False, len(self.pattern.nodes) - 1)
        place = last if alias is None else self.pattern.place(alias)
        if place.is_edge:
            raise StatementError(f"{alias!r} is an edge; use .return_edge({alias!r})")
        made = self._with(items=(element_item(self, place),))
        fetchable(made.node_classes, made.paths)
        return made

    def return_nodes(self, *aliases: str) -> RowSelect:
        """Return several nodes in each row, in the order of the aliases."""
        places = [self.pattern.place(alias) for alias in aliases]
        if not places or any(place.is_edge for place in places):
            raise StatementError(f"return_nodes takes aliases of nodes, of: {self.pattern}")
        return self._rows(tuple(element_item(self, place) for place in places))

    def return_edge(self, alias: str | None = None) -> RowSelect:
        """Return an edge beside what is returned already; the last one unless named."""
        return self._rows((*self.contents, edge_item(self, alias)))

    def return_path(self, alias: str | None = None) -> RowSelect:
        """Return a path beside what is returned already; the last one unless named."""
        return self._rows((*self.contents, path_item(self, alias)))

    def project(self, *columns: Any) -> RowSelect:
        """Return values in place of entities: fields, paths (`"n.name"`), `User.name.as_("x")`."""
        items = tuple(self._column(column) for column in columns)
        for item in items:
            if _is_aggregate(item):
                raise StatementError(f"{item.name} is an aggregate; use .aggregate(…, group_by=…)")
        return self._rows(items)

    def aggregate(
        self, *aggregates: Aggregate[Any] | Labelled[Any], group_by: Any = ()
    ) -> RowSelect:
        """Return one row for each group: what it is grouped by, then its aggregates.

        Without `group_by` there is one row for everything. Columns are named as written
        (`n.city`, `count(*)`) or by `.as_(name)`.
        """
        if not aggregates:
            raise StatementError("aggregate needs at least one, as count('*').as_('total')")
        groups = tuple(group_by) if isinstance(group_by, (list, tuple)) else (group_by,)
        items = tuple(self._column(column) for column in (*groups, *aggregates))
        for item in items[len(groups) :]:
            if not _is_aggregate(item):
                raise StatementError(f"{item.name} is no aggregate; put it into group_by")
        for item in items[: len(groups)]:
            if _is_aggregate(item):
                raise StatementError(f"{item.name} is an aggregate and cannot be grouped by")
        return self._rows(items)

    def into(self, model: type[T]) -> SingleSelect[T]:
        """Return objects of a class: the entity's fields that have the names of its fields.

        Raises:
            StatementError: A field that the class requires is none of the entity's.
        """
        place = self.returned
        alias, entity = self.pattern.alias(place), self.pattern.entity(place)
        names = [name for name in fields_into(model) if name in entity_info(entity).properties]
        require_columns(model, names)
        assert entity is not None
        columns: list[Labelled[Any]] = [Attribute(entity, n, alias).as_(n) for n in names]
        return self.project(*columns).into(model)

    def with_edges(self) -> RowSelect:
        """Return each entity with the edge it was reached by."""
        return self.return_edge(None)

    def _rows(self, items: tuple[Item, ...]) -> RowSelect:
        if not items:
            raise StatementError("nothing to return: name at least one column")
        refuse_twins(items)
        made = object.__new__(RowSelect)
        made.__dict__.update(self.__dict__, memo={}, items=items)
        require_held(made)
        fetchable(made.node_classes, made.paths)
        return made

    def _column(self, column: Any) -> Item:
        label = column.label if isinstance(column, Labelled) else None
        expression = self._expression(column.expression if label is not None else column)
        name = label if label is not None else self._written(expression)
        if isinstance(expression, Element):
            # A node in a column of its own is read as those of a select are.
            return Item(checked_name(name, "column"), expression.place)
        return Item(checked_name(name, "column"), None, expression)

    def _expression(self, column: Any) -> Expression[Any]:
        if isinstance(column, str):
            column = self._at(column)
        element = element_of(column)
        if element is not None:
            column = element
        if not isinstance(column, Expression):
            raise StatementError(f"{column!r} is no column; use a field, a path or a function")
        return self.meaning(column)

    def _at(self, path: str) -> Expression[Any]:
        if path in names_after(self.steps) or element_at(self.pattern, path) is not None:
            return Variable(path)
        return attribute_at(self.pattern, path, self.returned)

    def _written(self, expression: Expression[Any]) -> str:
        """Return the name of an unlabelled column."""
        if isinstance(expression, Attribute):
            place = self.pattern.place_of(expression, None, len(self.pattern.nodes))
            return f"{self.pattern.alias(place)}.{expression.name}"
        if isinstance(expression, Variable):
            return expression.name
        if not isinstance(expression, Aggregate):
            return _without_values(expression)
        operand = expression.operand
        return expression.spelled(operand if isinstance(operand, str) else self._written(operand))


@dataclass(frozen=True, eq=False, repr=False)
class RowSelect(Statement):
    """A statement whose rows are tuples: of values, or of entities and edges."""

    __hash__ = object.__hash__

    @property
    @override
    def returns_entities(self) -> bool:
        return False

    @property
    @override
    def groups(self) -> bool:
        return any(_is_aggregate(item) for item in self.items)

    def into(self, model: type[T]) -> SingleSelect[T]:
        """Return each row as an object of a Pydantic model or dataclass, its columns as the fields.

        `session.scalars` returns a list of them.

        Raises:
            StatementError: A field that the class requires has no column of its name.
        """
        require_columns(model, [item.name for item in self.items])
        made: SingleSelect[T] = object.__new__(SingleSelect)
        made.__dict__.update(self.__dict__, memo={}, model=model)
        return made

    def return_edge(self, alias: str | None = None) -> RowSelect:
        """Return one more edge in each row; the last of the pattern unless named."""
        return self._more(edge_item(self, alias))

    def return_path(self, alias: str | None = None) -> RowSelect:
        """Return one more path in each row; the last of the pattern unless named."""
        return self._more(path_item(self, alias))

    def _more(self, item: Item) -> RowSelect:
        items = (*self.items, item)
        refuse_twins(items)
        return self._with(items=items)


@dataclass(frozen=True, eq=False, repr=False)
class SingleSelect(RowSelect, Yields[T], Generic[T]):
    """A statement each of whose rows makes one value: `session.scalars` returns a list of these."""

    model: type[T] | None = None

    __hash__ = object.__hash__

    @override
    def _more(self, item: Item) -> NoReturn:
        raise StatementError(
            f"each row of this statement makes one object already, without {item.name!r}; return"
            " it before .into(…), or give select(…) its class as well"
        )

    @property
    def made(self) -> Callable[[Sequence[Any]], T]:
        """What makes the value of a row."""
        if self.model is None:
            return _first
        found: Callable[[Sequence[Any]], T] | None = self.memo.get("made")
        if found is None:
            found = self.memo["made"] = maker(self.model, [item.name for item in self.items])
        return found


@dataclass(frozen=True, eq=False, repr=False)
class TupleSelect(SingleSelect[T]):
    """A statement each of whose rows is a tuple of entities, one of each class.

    A class stands for the first element of the pattern that is of it and that none before took:
    `select(User, User).traverse(User.friends)` has who and the friend.
    """

    classes: tuple[type[Any], ...] = ()

    __hash__ = object.__hash__

    def changed(self, **changes: Any) -> Self:
        """Return the statement with other values of its fields."""
        return self._with(**changes)

    def _with(self, **changes: Any) -> Self:
        made = super()._with(**changes)
        places = made.pattern.places_of(self.classes)
        items = tuple(Item(made.pattern.alias(place), place) for place in places)
        made.__dict__["items"] = items
        return made

    @property
    @override
    def node_classes(self) -> tuple[type[Any], ...]:
        return tuple(each for each in self.classes if issubclass(each, Node))

    @property
    @override
    def contents(self) -> tuple[Item, ...]:
        if len(self.items) < len(self.classes):
            names = ", ".join(each.__name__ for each in self.classes)
            raise StatementError(
                f"select({names}) has not all of them in its pattern ({self.pattern}); traverse to"
                " the others"
            )
        return self.items

    @property
    @override
    def made(self) -> Callable[[Sequence[Any]], T]:
        return cast("Callable[[Sequence[Any]], T]", tuple)


def _without_values(expression: Expression[Any]) -> str:
    values: list[Value] = []
    expression.outline([], values)
    if values:
        raise StatementError(
            f"{expression} has no name of its own: values never stand in the text of a query. Name"
            " the column: .as_('name')"
        )
    return str(expression)


def _first(row: Sequence[Any]) -> Any:
    return row[0]


def _is_aggregate(item: Item) -> bool:
    return item.expression is not None and has_aggregate(item.expression)
