"""Typed expressions: what a field read from its class is, and what can be asked about it.

`User.name` on the class is an `Attribute`, `User.articles` a `RelationAttribute`. Expressions are
values: nothing that is done with one changes it. Importing the query room teaches the model room
to answer with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar, overload

from typing_extensions import override

from runic.ogm.errors import MetadataError, StatementError
from runic.ogm.model.description import PropertyInfo, RelationInfo
from runic.ogm.model.identifiers import checked_identifier
from runic.ogm.model.kinds import NATIVE, Kind
from runic.ogm.model.meta import node_info, provide_expressions
from runic.ogm.query.criteria import (
    Comparison,
    Criterion,
    FieldComparison,
    Matches,
    Membership,
    Negation,
    NullCheck,
)
from runic.ogm.query.habits import ExpressionHabits, RelationHabits
from runic.ogm.query.memory import Memory, memory_of
from runic.ogm.query.operators import Comparisons, Nullable, Operators
from runic.ogm.query.part import Part
from runic.ogm.query.quick import quick
from runic.ogm.query.related import Related, RelatedExists, related
from runic.ogm.query.values import Param, Value, item, items, many, one, text

if TYPE_CHECKING:
    from runic.ogm.model.converters import Codec
    from runic.ogm.model.entity import Entity
    from runic.ogm.query.dialect import Dialect
    from runic.ogm.query.fetch import Fetch
    from runic.ogm.query.writer import Writer

T = TypeVar("T")
N = TypeVar("N", bound="Entity")

# Kinds that every database stores as text, so that text can be searched in them.
_TEXTUAL = frozenset({Kind.STR, Kind.SCALAR, Kind.ENUM, Kind.UUID, Kind.TEXT, Kind.CUSTOM})
_NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.SCALAR})


class Expression(ExpressionHabits, Comparisons, Operators, Part, Generic[T]):
    """Base of what has a value in each row."""

    __slots__ = ()

    # True of what is compared as fields are, though it is none; see `computed`.
    is_computed: ClassVar[bool] = False

    def as_(self, name: str) -> Labelled[T]:
        """Return the expression as a column of this name."""
        return Labelled(self, checked_name(name, "column"))

    def __bool__(self) -> NoReturn:
        raise StatementError(
            f"{self} has no truth value; compare it (== True, .is_not_null()), and combine criteria"
            " with &, | and ~"
        )

    def __iter__(self) -> NoReturn:
        raise StatementError(f"{self} cannot be iterated: it stands for a value in the database")

    def __contains__(self, value: object) -> NoReturn:
        raise StatementError(
            f"`in` does not work on {self}; write {self}.contains(…), or {self}.in_([…])"
        )

    @override
    def _compared(self, operator: str, other: Any) -> Criterion:
        sign = {"=": "==", "<>": "!="}.get(operator, operator)
        raise StatementError(
            f"{self} {sign} … is not a criterion: only fields are compared, before they are"
            " aggregated; filter the rows that come back"
        )

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Labelled(Expression[T]):
    """An expression with the name of its column."""

    expression: Expression[T]
    # Said to have no default: below it stands the answer to `label` of other libraries.
    label: str = field()

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.expression.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        self.expression.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return self.expression.write(writer)

    def __str__(self) -> str:
        return f"{self.expression}.as_({self.label!r})"


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribute(Nullable, Expression[T]):
    """A stored property of an entity class; `alias` says of which node or edge of the pattern.

    Without an alias it belongs to the one element of the pattern that is of its class.
    """

    entity: type[Any]
    name: str
    alias: str | None = None
    known: PropertyInfo | None = None
    # What tells it from others in the shape of a statement.
    shape: tuple[Any, ...] = field(init=False)
    # Its stored form and its codings, as they were looked up.
    memo: dict[Any, Any] = field(init=False, default_factory=dict)

    __hash__ = object.__hash__

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", (self.entity, self.name, self.alias))

    @property
    def info(self) -> PropertyInfo:
        """How the property is stored."""
        if self.known is None:
            object.__setattr__(self, "known", self.memory.info.properties[self.name])
        assert self.known is not None
        return self.known

    @property
    def memory(self) -> Memory:
        """What the query room remembers about the class."""
        # Not when the attribute is made: its class may name classes that come later.
        return memory_of(self.entity)

    def codec(self, dialect: Dialect) -> Codec:
        """Return the stored form of the property."""
        variant = dialect.variant
        found: Codec | None = self.memo.get(variant)
        if found is None:
            found = self.memo[variant] = self.memory.codec(self.info, dialect)
        return found

    def on(self, alias: str) -> Attribute[T]:
        """Return the same property of the node or edge that has this alias."""
        return replace(self, alias=alias)

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return (self,)

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.shape)

    @override
    def write(self, writer: Writer) -> str:
        return writer.attribute(self)

    def __str__(self) -> str:
        return f"{self.alias or self.entity.__name__}.{self.name}"

    def in_(self, options: Iterable[Any] | Param) -> Criterion:
        """Keep where the property equals one of the values; none of no values."""
        listed = options if isinstance(options, Param) else _without_none(self, options)
        return Comparison(self, "IN", many(self, listed))

    def not_in_(self, options: Iterable[Any] | Param) -> Criterion:
        """Keep where the property is there and equals none of the values."""
        return Negation(self.in_(options)) & NullCheck(self, missing=False)

    def contains(self, part: Any) -> Criterion:
        """Keep where text contains this text, or a list this item."""
        if self.info.kind is Kind.LIST:
            wanted = part if _is_read(part) else item(self, part)
            return Comparison(wanted, "IN", self)
        return self._search("CONTAINS", part)

    def any_of(self, options: Iterable[Any]) -> Criterion:
        """Keep where a list has at least one of these items."""
        return self._membership("any", options)

    def all_of(self, options: Iterable[Any]) -> Criterion:
        """Keep where a list has every one of these items."""
        return self._membership("all", options)

    def startswith(self, prefix: str) -> Criterion:
        """Keep where text begins with this text."""
        return self._search("STARTS WITH", prefix)

    def endswith(self, suffix: str) -> Criterion:
        """Keep where text ends with this text."""
        return self._search("ENDS WITH", suffix)

    def matches(self, pattern: str) -> Criterion:
        """Keep where the whole text matches a regular expression (in the database's syntax)."""
        self._require_text("matches")
        return Matches(self, text(self, pattern))

    @override
    def _compared(self, operator: str, other: Any) -> Criterion:
        if isinstance(other, Expression):
            return Comparison(self, operator, _comparable(self, other))
        if other is None:
            return self._against_none(operator)
        return FieldComparison(self, operator, one(self, other))

    def _search(self, operator: str, part: Any) -> Criterion:
        self._require_text(operator.split()[0].lower())
        wanted = part if _is_read(part) else text(self, part)
        return Comparison(self, operator, wanted)

    def _require_text(self, what: str) -> None:
        kind = self.info.kind
        if kind not in _TEXTUAL:
            fix = "use any_of or contains" if kind is Kind.LIST else "compare it with == or <"
            raise StatementError(f"{what} searches text, and {self} is {of_kind(kind)}; {fix}")

    def _membership(self, quantifier: str, options: Iterable[Any]) -> Criterion:
        if self.info.kind is not Kind.LIST:
            raise StatementError(
                f"{quantifier}_of is for lists, and {self} is {of_kind(self.info.kind)}; use in_"
            )
        return Membership(quantifier, self, items(self, options))


def _is_read(part: object) -> bool:
    """Tell whether something is read or computed in the database: no value to be sent."""
    return isinstance(part, Expression) and (isinstance(part, Attribute) or part.is_computed)


def of_kind(kind: Kind) -> str:
    """Return a kind with its article, for messages."""
    return f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}"


def _without_none(attribute: Attribute[Any], options: Iterable[Any]) -> Iterable[Any]:
    if isinstance(options, (str, bytes)) or not isinstance(options, Iterable):
        raise StatementError(f"{attribute}.in_ takes a list of values, not {options!r}")
    listed = list(options)
    if any(option is None for option in listed):
        raise StatementError(
            f"{attribute} is never equal to None; leave it out of the list and add"
            f" | {attribute}.is_null()"
        )
    return listed


def _comparable(left: Attribute[Any], right: Expression[Any]) -> Expression[Any]:
    if right.is_computed:
        return right
    if not isinstance(right, Attribute):
        raise StatementError(f"{left} is compared with a value or a field, not with {right}")
    kinds = {left.info.kind, right.info.kind}
    if len(kinds) > 1 and not kinds <= _NUMBERS and not (kinds <= NATIVE | {Kind.SCALAR}
                                                          and Kind.SCALAR in kinds):  # fmt: skip
        raise StatementError(
            f"{left} is {of_kind(left.info.kind)} and {right} {of_kind(right.info.kind)}; they are"
            " stored differently and cannot be compared"
        )
    return right


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RelationAttribute(RelationHabits, Generic[T]):
    """A relation of a node class: what `traverse` and `fetch` follow."""

    entity: type[Any]
    name: str
    alias: str | None = None

    __hash__ = object.__hash__

    @property
    def info(self) -> RelationInfo:
        """Where the relation leads."""
        return node_info(self.entity).relations[self.name]

    def where(self, *criteria: Criterion | bool) -> Fetch:
        """Return a fetch of the part that satisfies every criterion; see `Fetch.where`."""
        return _made_fetch[0](self).where(*criteria)

    def order_by(self, by: Any, *, desc: bool = False) -> Fetch:
        """Return a fetch of the relation in an order of its own; see `Fetch.order_by`."""
        return _made_fetch[0](self).order_by(by, desc=desc)

    def limit(self, count: int) -> Fetch:
        """Return a fetch of at most so many for each entity."""
        return _made_fetch[0](self).limit(count)

    def fetch(self, *paths: Any) -> Fetch:
        """Return a fetch of the relation and of relations below it; see `Fetch.fetch`."""
        return _made_fetch[0](self).fetch(*paths)

    @property
    def anchor(self) -> Attribute[Any]:
        """The key of the node that the relation leaves: it says which node of a pattern that is."""
        return Attribute(self.entity, node_info(self.entity).key.name, self.alias)

    def on(self, alias: str) -> RelationAttribute[T]:
        """Return the same relation of the node that has this alias."""
        return replace(self, alias=alias)

    def any(self, *criteria: Criterion | bool) -> Criterion:
        """Keep where the relation leads to something that satisfies every criterion.

        They read the target and the edge; `~User.articles.any()` keeps where it leads nowhere.
        """
        return RelatedExists(related(self, criteria))

    def count(self, *criteria: Criterion | bool) -> RelatedCount:
        """Return how many edges of the relation satisfy every criterion; parallel ones all count.

        It can be compared, sorted by and projected.
        """
        return RelatedCount(related(self, criteria))

    def __eq__(self, other: object) -> NoReturn:
        raise self._misused("==")

    def __ne__(self, other: object) -> NoReturn:
        raise self._misused("!=")

    def __bool__(self) -> NoReturn:
        raise self._misused("a truth value")

    def __iter__(self) -> NoReturn:
        raise self._misused("iteration")

    def __contains__(self, value: object) -> NoReturn:
        raise self._misused("in")

    def _misused(self, what: str) -> StatementError:
        return StatementError(
            f"{self} is a relation and has no {what} here; follow it with"
            f" select({self.entity.__name__}).traverse({self}), or load it with fetch="
        )

    def __str__(self) -> str:
        return f"{self.entity.__name__}.{self.name}"

    def __repr__(self) -> str:
        return str(self)


# What `fetch`, which imports this module, hands in: how a relation becomes a `Fetch`.
_made_fetch: list[Callable[[RelationAttribute[Any]], Fetch]] = []


def provide_fetch(make: Callable[[RelationAttribute[Any]], Fetch]) -> None:
    """Set what a relation with criteria is."""
    _made_fetch[:] = [make]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RelatedCount(Expression[int]):
    """The number of edges of a relation that satisfy criteria."""

    related: Related

    kind: ClassVar[Kind] = Kind.INT

    __hash__ = object.__hash__

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.related.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("count")
        self.related.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return self.related.write(writer)

    def __str__(self) -> str:
        return f"{self.related.relation}.count({self.related})"

    @override
    def _compared(self, operator: str, other: Any) -> Criterion:
        if isinstance(other, Expression):
            kind = other.info.kind if isinstance(other, Attribute) else getattr(other, "kind", None)
            if kind in _NUMBERS:
                return Comparison(self, operator, other)
        elif type(other) in (int, float, Param):
            return Comparison(self, operator, Value(other))
        raise StatementError(f"{self} is a number and cannot be compared with {other!r}")


def make_expression(entity: type[Any], name: str) -> Attribute[Any] | RelationAttribute[Any]:
    """Return what a field name read from a class is."""
    memory = entity.__dict__.get("__runic_queries__")
    made: Attribute[Any] | RelationAttribute[Any] | None = memory and memory.attributes.get(name)
    if made is None:
        leads = name in entity.__runic_relations__
        made = RelationAttribute(entity, name) if leads else Attribute(entity, name)
        if memory is not None:
            memory.attributes[name] = made
    return made


@overload
def col(value: list[N]) -> RelationAttribute[N]: ...  # type: ignore[overload-overlap]


@overload
def col(value: N | None) -> RelationAttribute[N]: ...  # type: ignore[overload-overlap]


@overload
def col(value: T) -> Attribute[T]: ...


def col(value: Any) -> Any:
    """Return a class's field as the expression it is, for type checkers.

    `col(User.age) > 3` is `User.age > 3`, and `col(User.articles).any()` is `User.articles.any()`:
    plain annotations make a type checker believe that `User.age` is an int, `User.articles` a list.

    Raises:
        StatementError: It is not a field or a relation read from a class.
    """
    if isinstance(value, Attribute | RelationAttribute):
        return value
    raise StatementError(f"col takes a field of a class, as col(User.name), not {value!r}")


def checked_name(name: object, what: str) -> str:
    """Return a name that can be quoted in a query.

    Raises:
        StatementError: It cannot.
    """
    try:
        return checked_identifier(name, "name")
    except MetadataError as error:
        raise StatementError(
            f"{str(name)[:40]!r} cannot be the name of a {what}; use letters, digits and _: {error}"
        ) from error


provide_expressions(make_expression)
