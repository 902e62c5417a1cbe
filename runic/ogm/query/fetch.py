"""`Fetch`: a relation to load with an entity, and which part of what it leads to.

Made from a relation's attribute, as `User.articles.where(Article.published == True).limit(5)`, and
used wherever relations to load are named. Like statements, fetches are immutable values that check
what they are given at once. How one is read is in `relations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.meta import fits
from runic.ogm.query.bindable import Bindable, joined_bindings
from runic.ogm.query.criteria import checked
from runic.ogm.query.expressions import Attribute, RelationAttribute, provide_fetch
from runic.ogm.query.params import filled
from runic.ogm.query.pattern import field_named, relation_named
from runic.ogm.query.quick import quick
from runic.ogm.query.values import Param, RowCount, Value
from runic.ogm.query.variables import check_asked

if TYPE_CHECKING:
    from runic.ogm.query.criteria import Criterion


@dataclass(frozen=True, slots=True, eq=False)
class FetchOrder:
    """A field of the target, or of the edge, to sort by."""

    by: Attribute[Any]
    descending: bool


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Most(RowCount):
    """How many a fetch loads for each entity: at least one."""

    @override
    def given(self, raw: Any) -> Value:
        return _most(f"the parameter {self.raw.name!r}", raw)


def _most(what: str, count: Any) -> Most:
    if type(count) is Param or (type(count) is int and count >= 1):
        return Most(count)
    raise StatementError(f"{what} is a whole number ≥ 1, not {count!r}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fetch(Bindable):
    """What to load of a relation: what satisfies all criteria, in an order, so many at most.

    `below` are the relations to load of what was found. `maximum` counts for each entity that has
    the relation.
    """

    relation: RelationAttribute[Any]
    criteria: tuple[Criterion, ...] = ()
    orders: tuple[FetchOrder, ...] = ()
    maximum: Most | None = None
    below: tuple[str | RelationAttribute[Any] | Fetch, ...] = ()

    def where(self, *criteria: Criterion | bool) -> Fetch:
        """Load only what satisfies every criterion, on fields of the target or of the edge.

        `param(…)` in them is bound with the statement that fetches, or by `.bind(…)` of the fetch.

        Raises:
            StatementError: A field belongs to neither, or a criterion asks about other things.
        """
        added = tuple(checked(criterion) for criterion in criteria)
        for criterion in added:
            for attribute in criterion.attributes:
                self._require_own(attribute)
            check_asked(criterion, {})
        return replace(self, criteria=self.criteria + added)

    def order_by(self, by: Any, *, desc: bool = False) -> Fetch:
        """Sort by a field of the target (`Article.title`, `"-title"`) or of the edge.

        Further calls sort what is equal before.

        Raises:
            StatementError: Neither the target nor the edge has the field.
        """
        order = self._named_order(by, desc) if isinstance(by, str) else self._order(by, desc)
        return replace(self, orders=(*self.orders, order))

    def limit(self, count: int) -> Fetch:
        """Load at most so many for each entity that has the relation, or as a `param(…)` says."""
        return replace(self, maximum=_most(f"limit of {self.relation}", count))

    def fetch(self, *paths: Any) -> Fetch:
        """Load relations of what is found: `Article.comments`, `"comments.author"`, a `Fetch`.

        Raises:
            StatementError: A path is no relation of the target.
        """
        added = checked_paths(self.relation.info.target, paths)
        parts = [(str(self), self.bindings)]
        parts += [(str(each), each.bindings) for each in added if isinstance(each, Fetch)]
        return replace(self, below=self.below + added, bindings=joined_bindings(parts))

    @override
    def all_values(self) -> tuple[Value, ...]:
        return (*self.outline()[1], *[value for path in self.below for value in values_in(path)])

    @override
    def _with(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def bound(self, given: Mapping[str, Any] | None = None) -> Fetch:
        """Return the fetch with every parameter filled in, by its own bindings or those given.

        Raises:
            StatementError: A parameter has no value, or one of another type than its field.
        """
        bindings = {**self.bindings, **(given or {})}
        for value in self.outline()[1]:
            filled(value, bindings)
        below = tuple(p.bound(bindings) if isinstance(p, Fetch) else p for p in self.below)
        return replace(self, below=below, bindings=bindings)

    @property
    def selects(self) -> bool:
        """True when it loads another thing than the relation as it is declared."""
        return bool(self.criteria or self.orders) or self.maximum is not None

    @property
    def leaves_out(self) -> bool:
        """True when the relation may lead to more than is loaded."""
        limited = self.maximum is not None or self.relation.info.options.limit is not None
        return limited or bool(self.criteria)

    def selects_as(self, other: Fetch) -> bool:
        """Tell whether another fetch loads the same part in the same order."""
        mine, theirs = self.outline(), other.outline()
        return mine[0] == theirs[0] and self._exact(mine[1]) == other._exact(theirs[1])

    def _exact(self, values: Iterable[Value]) -> list[tuple[type, Any]]:
        # To Python, True equals 1.
        given = [filled(value, self.bindings).raw for value in values]
        return [(type(raw), raw) for raw in given]

    def outline(self) -> tuple[tuple[Any, ...], tuple[Value, ...]]:
        """Return what decides the text, hashable, and the values in order: the limit last."""
        shape: list[Any] = [len(self.criteria), self.maximum is not None]
        values: list[Value] = []
        for criterion in self.criteria:
            criterion.outline(shape, values)
        for order in self.orders:
            order.by.outline(shape, values)
            shape.append(order.descending)
        if self.maximum is not None:
            values.append(self.maximum)
        return tuple(shape), tuple(values)

    def _order(self, by: Any, desc: bool) -> FetchOrder:
        if not isinstance(by, Attribute):
            raise StatementError(f"order_by takes a field, as Article.title, not {by!r}")
        self._require_own(by)
        return FetchOrder(by, desc)

    def _named_order(self, name: str, desc: bool) -> FetchOrder:
        if name.startswith("-"):
            name, desc = name[1:], not desc
        target = self.relation.info.target
        return FetchOrder(Attribute(target, field_named(target, name)), desc)

    def _require_own(self, attribute: Attribute[Any]) -> None:
        info = self.relation.info
        own = fits(info.target, attribute.entity) or fits(info.edge, attribute.entity)
        if own and attribute.alias is None:
            return
        edge = f" or of the edge {info.edge.__name__}" if info.edge else ""
        raise StatementError(
            f"{attribute} cannot be asked of {self.relation}: use fields of"
            f" {info.target.__name__}{edge}, without an alias"
        )

    def __str__(self) -> str:
        steps = [str(self.relation)]
        if self.criteria:
            steps.append(f"where({', '.join(map(str, self.criteria))})")
        steps += [f"order_by({o.by}{', desc=True' * o.descending})" for o in self.orders]
        if self.maximum is not None:
            steps.append(f"limit({self.maximum})")
        if self.below:
            steps.append(f"fetch({', '.join(map(str, self.below))})")
        return ".".join(steps)

    def __repr__(self) -> str:
        return str(self)


def values_in(path: object) -> tuple[Value, ...]:
    """Return the values that a path to fetch holds."""
    return path.all_values() if isinstance(path, Fetch) else ()


def paths_of(paths: Any) -> tuple[Any, ...]:
    """Return fetch paths as a tuple; one alone need not stand in a list."""
    if isinstance(paths, tuple):
        return paths
    if isinstance(paths, str | RelationAttribute | Fetch) or not isinstance(paths, Iterable):
        return (paths,)
    return tuple(paths)


def checked_paths(entity: type[Any], paths: tuple[Any, ...]) -> tuple[str | Fetch, ...]:
    """Return relation paths, each checked: `User.articles` as text, a `Fetch` as it is.

    Raises:
        StatementError: A step is not a relation of the class it starts from; lists those there are.
    """
    return tuple(_checked_path(entity, path) for path in paths)


def _checked_path(entity: type[Any], path: Any) -> str | Fetch:
    if isinstance(path, Fetch):
        require_relation_of(entity, path)
        return path
    name = path.name if isinstance(path, RelationAttribute) else path
    if not isinstance(name, str):
        raise StatementError(f"fetch takes relations, as User.articles or 'articles', not {path!r}")
    here = entity
    for step in name.split("."):
        here = relation_named(here, step).target
    return name


def require_relation_of(entity: type[Any], fetch: Fetch) -> None:
    """Raise unless a fetch starts at entities of a class.

    Raises:
        StatementError: It starts at another class; lists the relations of this one.
    """
    relation = fetch.relation
    if not fits(entity, relation.entity):
        raise StatementError(
            f"{relation} is a relation of {relation.entity.__name__}, not of {entity.__name__}"
        )
    relation_named(entity, relation.name)


provide_fetch(Fetch)
