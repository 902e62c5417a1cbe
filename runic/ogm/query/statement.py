"""What every reading statement is made of: a pattern, filters, an order and a page.

Statements are immutable values without ties to a session: build one at import, share it between
tasks. Every method returns a new one and checks its arguments at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from runic.ogm.errors import StatementError
from runic.ogm.query.compile import compile_select
from runic.ogm.query.criteria import checked
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.expressions import (
    Attribute,
    Expression,
    Labelled,
    RelatedCount,
    RelationAttribute,
)
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.pattern import ROOT, Filter, Pattern, Place, attribute_at, relation_named
from runic.ogm.query.values import Value

if TYPE_CHECKING:
    from runic.ogm.query.compiled import Query
    from runic.ogm.query.criteria import Criterion


_PLAIN = Dialect()


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What to sort by: an expression, or the name of a column."""

    by: Expression[Any] | str
    descending: bool
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """Something a row holds: an element of the pattern, or an expression under a name."""

    name: str
    place: Place | None = None
    expression: Expression[Any] | None = None


# Without slots, so that a changed copy is one update of a dict.
@dataclass(frozen=True, eq=False, repr=False)
class Statement:
    """Base of the reading statements."""

    pattern: Pattern
    items: tuple[Item, ...] = ()
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    offset: int | None = None
    maximum: int | None = None
    unique: bool = False
    paths: tuple[str, ...] = ()
    # What the compiler worked out for this statement; a new statement starts without.
    memo: dict[Any, Any] = field(init=False, default_factory=dict)

    __hash__ = object.__hash__

    @property
    def entity(self) -> type[Any]:
        """The class of the node the statement starts from."""
        return self.pattern.nodes[0].entity

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

    def where(self, *criteria: Criterion | bool, on: str | None = None) -> Self:
        """Keep only what satisfies every criterion; `on` names the element whose fields they read.

        A field belongs to the one node or edge of the pattern that is of its class. Criteria on
        the target of an optional hop decide what the hop finds, not which rows remain.

        Raises:
            StatementError: A field's class is not in the pattern, or is there twice.
        """
        place = None if on is None else self.pattern.place(on)
        known = len(self.pattern.nodes)
        added = [Filter(checked(criterion), place, known) for criterion in criteria]
        for kept in added:
            for attribute in kept.criterion.attributes:
                self.pattern.place_of(attribute, place, known)
        return self._with(filters=(*self.filters, *added))

    def order_by(self, by: Any, *, desc: bool = False) -> Self:
        """Sort by a field (`User.name`, `"name"`, `"u.name"`, `"-name"`) or a column's name.

        Further calls sort what is equal before.
        """
        order = self._order(by, desc)
        return self._with(orders=(*self.orders, order))

    def skip(self, rows: int) -> Self:
        """Leave out the first rows."""
        return self._with(offset=_whole("skip", rows))

    def limit(self, rows: int) -> Self:
        """Return at most so many rows."""
        return self._with(maximum=_whole("limit", rows))

    def distinct(self) -> Self:
        """Return equal rows once."""
        return self._with(unique=True)

    def alias(self, name: str) -> Self:
        """Name the last node of the pattern (the first is called `n` until it is named)."""
        return self._with(pattern=self.pattern.rename_last(name))

    def traverse(
        self, relation: Any, *, edge_alias: str | None = None, optional: bool = False
    ) -> Self:
        """Follow a relation to the nodes at its other end.

        There is a row for each edge that is followed: an article that is reached twice is there
        twice, unless the statement is `.distinct()`. With `optional`, what has no such edge
        stays, and its target is None.

        Args:
            relation: `User.articles`, or its name for a relation of the last node.
            edge_alias: A name for the edge, to filter on it or return it.
            optional: Keep rows that have nothing to follow.

        Raises:
            StatementError: The relation does not leave a node of the pattern.
        """
        return self._with(pattern=self.pattern.extended(relation, edge_alias, optional))

    def build(self, dialect: Dialect | None = None) -> Query:
        """Return the text and parameters, for the dialect or in plain openCypher."""
        return compile_select(self, dialect or _PLAIN).query

    def outline(self) -> tuple[tuple[Any, ...], tuple[Value, ...]]:
        """Return what decides the text, hashable, and the values of the parameters in order."""
        found: tuple[tuple[Any, ...], tuple[Value, ...]] | None = self.memo.get("outline")
        if found is None:
            found = self.memo["outline"] = _outline(self)
        return found

    def __repr__(self) -> str:
        return f"<{type(self).__name__}[{self.entity.__name__}] {self.build().text}>"

    def _with(self, **changes: Any) -> Self:
        # dataclasses.replace does the same and takes five times as long.
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__, memo={}, **changes)
        return made

    def _order(self, by: Any, desc: bool) -> Order:
        if isinstance(by, str):
            return self._named_order(by, desc)
        if isinstance(by, Labelled):
            return self._named_order(by.label, desc)
        if isinstance(by, Aggregate):
            return self._named_order(str(by), desc)
        if isinstance(by, RelatedCount):
            for attribute in by.attributes:
                self.pattern.place_of(attribute, None, len(self.pattern.nodes))
            return Order(by, desc)
        if not isinstance(by, Attribute):
            raise StatementError(f"order_by takes a field, as User.name, or its name, not {by!r}")
        return Order(by, desc, self._place_to_sort(by))

    def _named_order(self, name: str, desc: bool) -> Order:
        if name.startswith("-"):
            name, desc = name[1:], not desc
        if any(item.name == name for item in self.items if item.expression is not None):
            return Order(name, desc)
        return Order(attribute_at(self.pattern, name, self.returned), desc)

    def _place_to_sort(self, by: Attribute[Any]) -> Place:
        if by.alias is None and self.pattern.entity(returned := self.returned) is by.entity:
            return returned
        return self.pattern.place_of(by, None, len(self.pattern.nodes))


def _whole(what: str, rows: object) -> int:
    if type(rows) is not int or rows < 0:
        raise StatementError(f"{what} takes a whole number ≥ 0, not {rows!r}")
    return rows


def _outline(stmt: Statement) -> tuple[tuple[Any, ...], tuple[Value, ...]]:
    shape: list[Any] = [stmt.pattern.shape, len(stmt.filters)]
    values: list[Value] = []
    for kept in stmt.filters:
        shape.append((kept.place, kept.known))
        kept.criterion.outline(shape, values)
    for item in stmt.items:
        shape.append((item.name, item.place))
        if item.expression is not None:
            item.expression.outline(shape, values)
    for what, rows in (("skip", stmt.offset), ("limit", stmt.maximum)):
        if rows is not None:
            shape.append(what)
            values.append(Value(rows))
    # Last, as in the text: counts of the rows leave the order out with its parameters.
    for order in stmt.orders:
        shape.append((order.descending, order.place))
        _outline_order(order, shape, values)
    shape.append(stmt.unique)
    return tuple(shape), tuple(values)


def _outline_order(order: Order, shape: list[Any], values: list[Value]) -> None:
    if isinstance(order.by, str):
        shape.append(order.by)
    else:
        order.by.outline(shape, values)


def checked_paths(entity: type[Any], paths: tuple[Any, ...]) -> tuple[str, ...]:
    """Return relation paths as text: `User.articles` and `"articles.comments"`, each checked.

    Raises:
        StatementError: A step is not a relation of the class it starts from; lists those there are.
    """
    return tuple(_path(entity, path) for path in paths)


def _path(entity: type[Any], path: Any) -> str:
    name = path.name if isinstance(path, RelationAttribute) else path
    if not isinstance(name, str):
        raise StatementError(f"fetch takes relations, as User.articles or 'articles', not {path!r}")
    here = entity
    for step in name.split("."):
        here = relation_named(here, step).target
    return name
