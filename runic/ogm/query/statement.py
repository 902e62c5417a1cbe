"""What every reading statement is made of: a pattern, filters, an order and a page.

Statements are immutable values without ties to a session: build one at import, share it between
tasks. Every method returns a new one and checks its arguments at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.query.bindable import dialect_of
from runic.ogm.query.compile import compile_select
from runic.ogm.query.computed import Computed
from runic.ogm.query.criteria import Criterion, checked
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.expressions import (
    Attribute,
    Expression,
    Labelled,
    RelatedCount,
)
from runic.ogm.query.fetch import values_in
from runic.ogm.query.fetching import Fetching
from runic.ogm.query.filterable import Filterable
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.grouping import require_held
from runic.ogm.query.hops import Span, span
from runic.ogm.query.learning import learned
from runic.ogm.query.meaning import Surroundings
from runic.ogm.query.params import filled
from runic.ogm.query.part import Part
from runic.ogm.query.pattern import ROOT, Filter, Pattern, Place, Reach, attribute_at
from runic.ogm.query.quick import quick
from runic.ogm.query.related import EveryEdge
from runic.ogm.query.steps import (
    PipelineStep,
    alive_places,
    names_after,
    require_alive,
    require_apart,
)
from runic.ogm.query.values import RowCount, Value, row_count
from runic.ogm.query.variables import Variable, check_asked, check_row, known

if TYPE_CHECKING:
    from runic.ogm.query.compiled import Query
    from runic.ogm.query.fetch import Fetch


T = TypeVar("T", covariant=True)
P = TypeVar("P", bound=Part)


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What to sort by: an expression, or the name of a column."""

    by: Expression[Any] | str
    descending: bool
    place: Place | None = None

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text, and its values."""
        shape.append((self.descending, self.place))
        if isinstance(self.by, str):
            shape.append(self.by)
        else:
            self.by.outline(shape, values)


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """Something a row holds: an element of the pattern, or an expression under a name."""

    name: str
    place: Place | None = None
    expression: Expression[Any] | None = None

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text, and its values."""
        shape.append((self.name, self.place))
        if self.expression is not None:
            self.expression.outline(shape, values)


class Yields(Generic[T]):
    """A statement each of whose rows makes a T: what `session.scalars` and the like take."""


# Without slots, so that a changed copy is one update of a dict.
@dataclass(frozen=True, eq=False, repr=False)
class Statement(Filterable, Fetching):
    """Base of the reading statements."""

    pattern: Pattern
    items: tuple[Item, ...] = ()
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    skipped: RowCount | None = None
    maximum: RowCount | None = None
    once: bool = False
    paths: tuple[str | Fetch, ...] = ()
    steps: tuple[PipelineStep, ...] = ()
    # The parts of a union, and whether equal rows stay.
    branches: tuple[Statement, ...] = ()
    everything: bool = False
    # True of a subquery that starts at a node of the statement outside.
    imported: bool = False
    # What the compiler worked out for this statement; a new statement starts without.
    memo: dict[Any, Any] = field(init=False, default_factory=dict)

    __hash__ = object.__hash__

    @property
    def entity(self) -> type[Any]:
        """The class of the node the statement starts from."""
        return self.pattern.nodes[0].entity

    @property
    @override
    def node_classes(self) -> tuple[type[Any], ...]:
        places = [item.place for item in self.contents if item.place is not None]
        nodes = [self.pattern.nodes[place.number] for place in places if not place.is_edge]
        return tuple(dict.fromkeys(node.entity for node in nodes))

    @property
    def generation(self) -> object:
        """What changes when classes are defined or dropped, of the registries of its classes."""
        if self.branches:
            return tuple([branch.pattern.generation for branch in self.branches])
        registry = self.pattern.registry
        return self.pattern.generation if registry is None else registry.generation

    @property
    def contents(self) -> tuple[Item, ...]:
        """What each row holds: the first node, unless the statement says otherwise."""
        return self.items or (Item(self.pattern.alias(ROOT), ROOT),)

    @property
    def groups(self) -> bool:
        """True when rows are groups of what the pattern finds."""
        return False

    @property
    def returned(self) -> Place:
        """The element that the statement is about: the first it returns."""
        for item in self.items:
            if item.place is not None:
                return item.place
        return ROOT

    @property
    def returns_entities(self) -> bool:
        """True when each row is one entity."""
        raise NotImplementedError

    @override
    def all_values(self) -> Sequence[Value]:
        own = self.outline()[1]
        if not self.paths:
            return own
        return [*own, *(value for path in self.paths for value in values_in(path))]

    @override
    def _bound(self, bindings: Mapping[str, Any]) -> Self:
        # What it is bound to changes nothing about it; most are kept in a module and bound often.
        outline = self.memo["outline"] = self.outline()
        made = self._with(bindings=bindings)
        made.memo["outline"] = outline
        return made

    def order_by(self, by: Any, *, desc: bool = False) -> Self:
        """Sort by a field (`User.name`, `"name"`, `"u.name"`, `"-name"`) or a column's name.

        Further calls sort what is equal before.

        Raises:
            StatementError: There is no such field or column, or rows that stand for several, as
                groups do, have none of it.
        """
        order = self._order(by, desc)
        return self._checked(orders=(*self.orders, order))

    def skip(self, rows: int) -> Self:
        """Leave out the first rows: so many, or as many as a `param(…)` says."""
        return self._with(skipped=row_count("skip", rows))

    def limit(self, rows: int) -> Self:
        """Return at most so many rows, or as many as a `param(…)` says."""
        return self._with(maximum=row_count("limit", rows))

    def distinct(self) -> Self:
        """Return equal rows once."""
        return self._checked(once=True)

    def alias(self, name: str) -> Self:
        """Name the last node of the pattern (the first is called `n` until it is named)."""
        pattern = self.pattern.rename_last(name)
        require_apart(names_after(self.steps), pattern)
        return self._with(pattern=pattern)

    def traverse(
        self, relation: Any, *, edge_alias: str | None = None, optional: bool = False
    ) -> Self:
        """Follow a relation to the nodes at its other end.

        There is a row for each edge that is followed: an article that is reached twice is there
        twice, unless the statement is `.distinct()`. With `optional`, what has no such edge
        stays, and its target is None.

        Args:
            relation: `User.articles`, or its name for a relation of the last node; or a list of
                relations of one node and direction, each of which is followed. Of several nodes
                of a class the last one is left, or the one of `User.articles.on("alias")`.
            edge_alias: A name for the edge, to filter on it or return it.
            optional: Keep rows that have nothing to follow.

        Raises:
            StatementError: The relation does not leave a node of the pattern.
        """
        return self._with(pattern=self._extended(relation, edge_alias, optional))

    def repeat(
        self,
        relation: Any,
        *,
        min_hops: int = 1,
        max_hops: int | None = None,
        where: Criterion | Sequence[Criterion] = (),
        path_alias: str | None = None,
        optional: bool = False,
    ) -> Self:
        """Follow a relation again and again, to the nodes at the end of every path there is.

        There is a row for each path: a node that two ways lead to is there twice, unless the
        statement is `.distinct()`. No path goes over an edge twice; databases differ in whether it
        may pass a node twice.

        Args:
            relation: A relation between nodes of one class, or a list of relations.
            min_hops: The least number of edges; with 0 a node is at the end of its own path, too.
            max_hops: The greatest number; None for any, which may take very long.
            where: Criteria that every edge of the path satisfies: fields of its edge class.
            path_alias: A name for the path, to return it.
            optional: Keep rows that have nothing to follow.

        Raises:
            StatementError: The relation cannot be repeated, or the bounds make no sense.
        """
        hops = span(min_hops, max_hops)
        pattern = self._extended(relation, path_alias, optional, hops)
        listed = where if isinstance(where, list | tuple) else [where]
        criteria = tuple(checked(each) for each in listed)
        if not criteria:
            return self._with(pattern=pattern)
        kept = every_edge(pattern, criteria, names_after(self.steps))
        return self._with(pattern=pattern, filters=(*self.filters, kept))

    @staticmethod
    def item(name: str, place: Place | None, expression: Expression[Any] | None) -> Item:
        """Return something that a row holds."""
        return Item(name, place, expression)

    def build(self, dialect: Dialect | None = None) -> Query:
        """Return the text and parameters, for the dialect or in plain openCypher."""
        return compile_select(self._readable(), dialect_of(dialect)).query

    def whole(self) -> Self:
        """Return the statement without its own order, skip and limit: what `count` counts.

        What its stages, its subqueries and the parts of a union cut off stays cut off.
        """
        if not self.orders and self.skipped is None and self.maximum is None:
            return self
        # Kept, so that what is compiled of it is.
        made: Self | None = self.memo.get("whole")
        if made is None:
            made = self._with(orders=(), skipped=None, maximum=None)
            self.memo["whole"] = made
        return made

    def page(self) -> tuple[int | None, int | None]:
        """Return the numbers of its skip and limit, with the parameters among them filled in.

        Raises:
            StatementError: One is a parameter without a value.
        """
        offset, maximum = (
            None if rows is None else filled(rows, self.bindings).raw
            for rows in (self.skipped, self.maximum)
        )
        return offset, maximum

    def outline(self) -> tuple[tuple[Any, ...], tuple[Value, ...]]:
        """Return what decides the text, hashable, and the values of the parameters in order."""
        return self.memo.get("outline") or _outline(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}[{self.entity.__name__}] {self._shown()}>"

    def _shown(self) -> str:
        if self.imported:
            return "within another statement"
        try:
            return self.build().text
        except StatementError as error:
            return f"unfinished: {error}"

    def _with(self, **changes: Any) -> Self:
        # dataclasses.replace does the same and takes five times as long.
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__, memo={}, **changes)
        return made

    def _checked(self, **changes: Any) -> Self:
        made = self._with(**changes)
        # Which entities are returned may still be said after this; columns are what they are.
        if any(item.expression is not None for item in made.items):
            require_held(made)
        return made

    def restated(self, **changes: Any) -> Self:
        """Return the statement with other values of its fields, unchecked."""
        return self._with(**changes)

    def _extended(
        self, relation: Any, alias: str | None, optional: bool, hops: Span | None = None
    ) -> Pattern:
        alive = alive_places(self.steps, self.pattern) if self.steps else None
        pattern = self.pattern.extended(relation, alias, optional, hops, alive)
        require_alive(self.steps, self.pattern, Place(False, pattern.hops[-1].source))
        require_apart(names_after(self.steps), pattern)
        return pattern

    def _order(self, by: Any, desc: bool) -> Order:
        if isinstance(by, str):
            return self._named_order(by, desc)
        if isinstance(by, Labelled):
            if self._has_column(by.label) or by.label in names_after(self.steps):
                return self._named_order(by.label, desc)
            by = by.expression
        if isinstance(by, Computed):
            return self._computed_order(by, desc)
        if isinstance(by, Aggregate):
            return self._named_order(str(by), desc)
        if isinstance(by, RelatedCount):
            for attribute in by.attributes:
                found = self.pattern.place_of(attribute, None, len(self.pattern.nodes))
                require_alive(self.steps, self.pattern, found)
            check_asked(by, names := names_after(self.steps))
            return Order(learned(by, names) if names else by, desc)
        if not isinstance(by, Attribute):
            raise StatementError(f"order_by takes a field, as User.name, or its name, not {by!r}")
        return Order(by, desc, self._place_to_sort(by))

    def _named_order(self, name: str, desc: bool) -> Order:
        if name.startswith("-") and not self._has_column(name):
            name, desc = name[1:], not desc
        if self._has_column(name):
            return Order(name, desc)
        if name in (names := names_after(self.steps)):
            return Order(known(Variable(name), names[name]), desc)
        by = attribute_at(self.pattern, name, self.returned)
        return Order(by, desc, self._place_to_sort(by))

    def _has_column(self, name: str) -> bool:
        return any(item.name == name for item in self.items if item.expression is not None)

    def _computed_order(self, by: Computed[Any], desc: bool) -> Order:
        check_row(by)
        return Order(self.meaning(by), desc)

    def meaning(self, part: P) -> P:
        """Return a part of an expression in which names mean what they do here.

        Raises:
            StatementError: A name means nothing here.
        """
        return Surroundings(self.pattern, self.steps, self.returned).meaning(part)

    def _place_to_sort(self, by: Attribute[Any]) -> Place:
        if by.alias is None and self.pattern.entity(returned := self.returned) is by.entity:
            place = returned
        else:
            place = self.pattern.place_of(by, None, len(self.pattern.nodes))
        require_alive(self.steps, self.pattern, place)
        return place


def every_edge(
    pattern: Pattern, criteria: tuple[Criterion, ...], names: Mapping[str, Expression[Any]]
) -> Filter:
    """Return the filter that every edge of the last hop's path satisfies criteria.

    Raises:
        StatementError: The edges have no class, or a field belongs to nothing in the pattern.
    """
    number = len(pattern.hops) - 1
    relation = pattern.hops[number].relation
    if relation.edge is None:
        raise StatementError(
            f"the edges of {relation} have no fields to ask about; give it edge_model="
        )
    every, known = EveryEdge(number, relation.edge, criteria), len(pattern.nodes)
    for attribute in every.attributes:
        pattern.place_of(attribute, None, known)
    check_asked(every, names)
    every = learned(every, names) if names else every
    return Filter(every, Reach(None, known, stage=number + 1))


def _outline(stmt: Statement) -> tuple[tuple[Any, ...], tuple[Value, ...]]:
    shape: list[Any] = [stmt.pattern.shape, len(stmt.filters), stmt.everything, stmt.imported]
    values: list[Value] = []
    for branch in stmt.branches:
        outline, inner = branch.outline()
        shape.append(outline)
        values += inner
    reach = None
    for kept in stmt.filters:
        if kept.reach is not reach:
            reach = kept.reach
            shape.append(reach)
        kept.criterion.outline(shape, values)
    for step in stmt.steps:
        step.outline(shape, values)
    for item in stmt.items:
        item.outline(shape, values)
    if stmt.skipped is not None:
        shape.append("skip")
        values.append(stmt.skipped)
    if stmt.maximum is not None:
        shape.append("limit")
        values.append(stmt.maximum)
    # Last, as in the text: counts of the rows leave the order out with its parameters.
    for order in stmt.orders:
        order.outline(shape, values)
    shape.append(stmt.once)
    return tuple(shape), tuple(values)
