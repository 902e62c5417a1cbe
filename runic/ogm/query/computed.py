"""Computed expressions: what functions and operators make of fields and values.

A computed expression knows the kind of its value, so that what can only be a mistake is refused
when it is built, and `like`, the field whose type its value has, so that it is encoded and decoded
as that field is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import NATIVE, Kind
from runic.ogm.query.comparisons import ComputedComparison, Contained, GivenComparison
from runic.ogm.query.criteria import Criterion, Matches, Negation
from runic.ogm.query.element import Element, element_of
from runic.ogm.query.enclosed import enclosed
from runic.ogm.query.expressions import Attribute, Expression, Labelled, RelationAttribute, of_kind
from runic.ogm.query.literals import encoded, kind_of_value, type_of
from runic.ogm.query.operators import Nullable, provide_operations
from runic.ogm.query.part import Part
from runic.ogm.query.quick import quick
from runic.ogm.query.values import Param, Value, one, text_form

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer

T = TypeVar("T")

# SCALAR also stands for what is known at run time only.
NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.SCALAR})
TEXTS = frozenset({Kind.STR, Kind.SCALAR, Kind.ENUM, Kind.UUID, Kind.TEXT})
LISTS = frozenset({Kind.LIST, Kind.SCALAR})
_PLAIN = NATIVE | {Kind.SCALAR}


class Computed(Nullable, Expression[T]):
    """Base of expressions that are compared, combined and returned as fields are."""

    __slots__ = ()
    __hash__ = object.__hash__
    is_computed: ClassVar[bool] = True

    kind: Kind
    like: Attribute[Any] | None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it is made of, in the order in which it is written."""
        raise NotImplementedError

    @property
    def form(self) -> object:
        """What decides its text beside its class and its parts; hashable."""
        return None

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return tuple(a for part in self.parts for a in part.attributes)

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append((type(self), self.form, len(self.parts)))
        for part in self.parts:
            part.outline(shape, values)

    def in_(self, options: Any) -> Criterion:
        """Keep where the value is one of a list: of values, or an expression that is a list."""
        return GivenComparison(self, "IN", _list_of(self, options), options)

    def not_in_(self, options: Any) -> Criterion:
        """Keep where there is a value, and none of a list."""
        return Negation(self.in_(options)) & self.is_not_null()

    def contains(self, part: Any) -> Criterion:
        """Keep where text contains this text, or a list this item."""
        if self.kind is Kind.LIST:
            return Contained(_beside(self, part), "IN", self, part)
        return self._searched("CONTAINS", part)

    def startswith(self, prefix: Any) -> Criterion:
        """Keep where text begins with this text."""
        return self._searched("STARTS WITH", prefix)

    def endswith(self, suffix: Any) -> Criterion:
        """Keep where text ends with this text."""
        return self._searched("ENDS WITH", suffix)

    def matches(self, pattern: str) -> Criterion:
        """Keep where the whole text matches a regular expression."""
        require("matches", self, TEXTS)
        return Matches(self, Value(encoded(pattern)))

    @override
    def _compared(self, operator: str, other: Any) -> Criterion:
        if other is None:
            return self._against_none(operator)
        right = _beside(self, other)
        _require_comparable(self, operator, right)
        return ComputedComparison(self, operator, right, other)

    def _searched(self, operator: str, part: Any) -> Criterion:
        require(operator.split()[0].lower(), self, TEXTS)
        wanted = _beside(self, part)
        if not (operator == "CONTAINS" and is_unknown(self)):
            require(operator.split()[0].lower(), wanted, TEXTS)
        return GivenComparison(self, operator, wanted, part)


class OfOperands(Computed[T]):
    """Base of what is made of any number of operands."""

    __slots__ = ()

    operands: tuple[Part, ...]

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return self.operands


class Named(Computed[T]):
    """Base of what is only a name in the text."""

    __slots__ = ()

    name: str

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return ()

    @property
    @override
    def form(self) -> object:
        return self.name


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Literal(Value):
    """A value that has a stored form of its own, and no field that says so.

    `type` is that of what was given, which its stored form is made into again; of a list what
    `type_of` says.
    """

    kind: Kind = Kind.SCALAR
    type: Any = None

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.type)
        values.append(self)


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation(Computed[T]):
    """Two operands and the operator between them."""

    operator: str
    left: Part
    right: Part
    kind: Kind
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (self.left, self.right)

    @property
    @override
    def form(self) -> object:
        return self.operator

    @override
    def write(self, writer: Writer) -> str:
        left, right = self._side(self.left, writer), self._side(self.right, writer, last=True)
        # 5 / 2 is 2.5, as in Python; the database divides integers down.
        left = f"toFloat({writer.dialect.alone(left)})" if self.operator == "/" else left
        return enclosed(f"{left} {self.operator} {right}")

    def _side(self, part: Part, writer: Writer, *, last: bool = False) -> str:
        text = part.write(writer)
        if not isinstance(part, Operation) or "^" in (part.operator, self.operator):
            return text
        here, there = _TIGHTNESS[self.operator], _TIGHTNESS[part.operator]
        # Operations of one rank go from left to right.
        return writer.dialect.alone(text) if there > here or (there == here and not last) else text

    def __str__(self) -> str:
        return f"({self.left} {'**' if self.operator == '^' else self.operator} {self.right})"


# Which operation comes first where there are no parentheses; databases differ in powers.
_TIGHTNESS = {"+": 0, "-": 0, "*": 1, "/": 1, "%": 1}


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(OfOperands[T]):
    """A function of the database and its arguments."""

    function: str
    operands: tuple[Part, ...]
    kind: Kind
    like: Attribute[Any] | None = None

    @property
    @override
    def form(self) -> object:
        return self.function

    @override
    def write(self, writer: Writer) -> str:
        operands = [part.write(writer) for part in self.parts]
        kinds = [kind_of(part) for part in self.parts]
        return writer.dialect.called(self.function, operands, kinds)

    def __str__(self) -> str:
        return f"{self.function}({', '.join(str(part) for part in self.parts)})"


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Computed[T]):
    """A value that stands in a statement on its own."""

    value: Value
    kind: Kind
    like: Attribute[Any] | None = None

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (self.value,)

    @override
    def write(self, writer: Writer) -> str:
        return self.value.write(writer)

    def __str__(self) -> str:
        return str(self.value)


def literal(value: Any) -> Constant[Any]:
    """Return a value as an expression: a column that is the same in each row, or an operand."""
    made = operand(value)
    if not isinstance(made, Value):
        raise StatementError(f"{value} is an expression already; use it as it is")
    if isinstance(value, list | tuple) and (type_ := type_of(value)) is not None:
        made = Literal(made.raw, kind=Kind.LIST, type=type_)
    return Constant(made, kind_of(made) or Kind.SCALAR)


def operand(raw: Any, like: Attribute[Any] | None = None) -> Part:
    """Return an expression as it is, and a value as what is sent for it.

    A Node or Edge class stands for the entity of the pattern that is of it. A value beside a field
    that has a stored form of its own takes that form.
    """
    if isinstance(raw, Labelled):
        return raw.expression
    if isinstance(raw, Expression):
        return raw
    if (element := element_of(raw)) is not None:
        return element
    if isinstance(raw, Criterion | RelationAttribute):
        raise StatementError(f"{raw} is no value; use a field, a function of fields, or case()")
    if isinstance(raw, Param):
        return one(like, raw) if like is not None else Value(raw)
    if like is not None and raw is not None and like.info.kind not in _PLAIN | {Kind.LIST}:
        return one(like, raw)
    kind = kind_of_value(raw)
    if kind is None or kind in _PLAIN | {Kind.LIST}:
        return Value(encoded(raw))
    return Literal(encoded(raw), kind=kind, type=type(raw))


def _beside(left: Computed[Any], raw: Any) -> Part:
    """Return what is compared with an expression; as it is what only a field can give a form."""
    try:
        return operand(raw, left.like)
    except StatementError:
        if not is_unknown(left) or isinstance(raw, Part):
            raise
        return Value(raw)


def is_unknown(part: Part) -> bool:
    """Tell whether something is made of a variable of which it is not known what it holds."""
    return any(getattr(inner, "defined", inner) is None for inner in walk(part))


def kind_of(part: Part) -> Kind | None:
    """Return the kind of an operand's value; None for a parameter and for None."""
    if isinstance(part, Attribute):
        return part.info.kind
    if isinstance(part, Literal):
        return part.kind
    if isinstance(part, Value):
        if part.attribute is not None:
            return Kind.STR if part.form is text_form else part.attribute.info.kind
        return kind_of_value(part.raw)
    if isinstance(part, Labelled):
        return kind_of(part.expression)
    found: Kind | None = getattr(part, "kind", Kind.SCALAR)
    return found


def like_of(part: object) -> Attribute[Any] | None:
    """Return the field whose type an operand's value has, if any."""
    if isinstance(part, Attribute):
        return part
    found: Attribute[Any] | None = getattr(part, "like", None)
    return found


def require(what: str, part: Part, kinds: Iterable[Kind]) -> None:
    """Raise StatementError unless an operand is of one of these kinds."""
    if isinstance(part, Element):
        raise StatementError(f"{what} is for values, and {part} is an entity; name a field of it")
    kind = kind_of(part)
    if kind is not None and kind not in kinds:
        wanted = " or ".join(sorted(k.value for k in kinds if k is not Kind.SCALAR))
        raise StatementError(f"{what} is for {wanted}, and {part} is {of_kind(kind)}")


def unified(what: str, raws: Sequence[Any]) -> tuple[tuple[Part, ...], Kind, Attribute[Any] | None]:
    """Return operands that are alternatives of one value, with the kind and field they share.

    Raises:
        StatementError: They are stored in different forms.
    """
    like = next((found for raw in raws if (found := like_of(raw)) is not None), None)
    parts = tuple(operand(raw, like) for raw in raws)
    kinds = {kind for part in parts if (kind := kind_of(part)) is not None}
    if len(kinds) == 1:
        return parts, kinds.pop(), like
    if kinds <= _PLAIN:
        return parts, Kind.SCALAR, None
    # What a variable holds is not known until it stands in a statement.
    known = {kind_of(part) for part in parts if getattr(part, "defined", part) is not None}
    if len(known - {None}) == 1:
        return parts, (known - {None}).pop() or Kind.SCALAR, like
    shown = ", ".join(f"{part} ({_named(part)})" for part in parts)
    raise StatementError(f"{what} of values that are stored differently: {shown}")


def walk(part: Part) -> Iterator[Part]:
    """Yield a part and everything it is made of."""
    found: list[Part] = []
    _add_parts(part, found)
    return iter(found)


def _add_parts(part: Part, found: list[Part]) -> None:
    # Not of generators in generators: statements with computed values ask for this several times.
    found.append(part)
    for name in _field_names(cast(Hashable, type(part))):
        value = getattr(part, name)
        if isinstance(value, Part):
            _add_parts(value, found)
        elif isinstance(value, tuple):
            for inner in value:
                if isinstance(inner, Part):
                    _add_parts(inner, found)


def inner_parts(part: Part) -> Iterator[Part]:
    """Yield what a part is directly made of."""
    for name in _field_names(cast(Hashable, type(part))):
        value = getattr(part, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Part):
                yield inner


def rebuilt(part: Part, change: Callable[[Part], Part]) -> Part:
    """Return a part whose every part, the inmost first, is what `change` makes of it."""
    made: dict[str, Any] = {}
    for name in _field_names(cast(Hashable, type(part))):
        value = getattr(part, name)
        new = _rebuilt_field(value, change)
        if new is not value:
            made[name] = new
    return change(replace(cast(Any, part), **made) if made else part)


def _rebuilt_field(value: Any, change: Callable[[Part], Part]) -> Any:
    if isinstance(value, Part):
        return rebuilt(value, change)
    if not isinstance(value, tuple):
        return value
    new = tuple(rebuilt(each, change) if isinstance(each, Part) else each for each in value)
    return value if all(a is b for a, b in zip(new, value, strict=True)) else new


@cache
def _field_names(cls: Hashable) -> tuple[str, ...]:
    # `like` and `defined` tell of a type; they are not read by the expression. `given` is what
    # `results` were made of: read as well, cases inside of cases would be read 2 ** depth times.
    names = [field.name for field in fields(cast(Any, cls))]
    return tuple(name for name in names if name not in ("like", "defined", "given"))


def _named(part: Part) -> str:
    kind = kind_of(part)
    return "unknown" if kind is None else kind.value


def _list_of(left: Computed[Any], options: Any) -> Part:
    if isinstance(options, Expression | Param):
        wanted = operand(options)
        require("in_", wanted, LISTS)
        return wanted
    if isinstance(options, str | bytes) or not isinstance(options, Iterable):
        raise StatementError(f"{left}.in_ takes a list of values, not {options!r}")
    like = left.like
    if like is not None and like.info.kind not in _PLAIN:
        return like.in_(options).right  # type: ignore[attr-defined, no-any-return]
    try:
        return Value(encoded(list(options)))
    except StatementError:
        if not is_unknown(left):
            raise
        return Value(list(options))


def _require_comparable(left: Part, operator: str, right: Part) -> None:
    if isinstance(right, Element):
        raise StatementError(f"{left} is compared with a value, and {right} is an entity")
    one_kind, other = kind_of(left), kind_of(right)
    kinds = {one_kind, other}
    if None in kinds or len(kinds) == 1 or Kind.SCALAR in kinds or kinds <= NUMBERS:
        return
    assert one_kind is not None
    assert other is not None
    raise StatementError(
        f"{left} is {of_kind(one_kind)} and {right} {of_kind(other)}; {operator} of them has no"
        " answer"
    )


def combined(operator: str, left: Any, right: Any) -> Operation[Any]:
    """Return what an arithmetic operator makes.

    Raises:
        StatementError: An operand is of a kind that it does not work on.
    """
    like = like_of(left) if like_of(left) is not None else like_of(right)
    one_side, other = operand(left, like), operand(right, like)
    if left is None or right is None:
        raise StatementError(f"{one_side} {operator} {other}: None makes everything None")
    kinds = {kind for part in (one_side, other) if (kind := kind_of(part)) is not None}
    if operator == "+" and Kind.LIST in kinds:
        return Operation(operator, one_side, other, Kind.LIST, like if like_is_list(like) else None)
    if operator == "+" and Kind.STR in kinds and kinds <= {Kind.STR, Kind.SCALAR}:
        return Operation(operator, one_side, other, Kind.STR)
    if operator in "+-" and kinds == {Kind.TIMEDELTA}:
        return Operation(operator, one_side, other, Kind.TIMEDELTA, like)
    for part in (one_side, other):
        require(f"arithmetic ({operator})", part, NUMBERS)
    return Operation(operator, one_side, other, _number_kind(operator, kinds))


def like_is_list(like: Attribute[Any] | None) -> bool:
    """Tell whether the field is a list."""
    return like is not None and like.info.kind is Kind.LIST


def _number_kind(operator: str, kinds: set[Kind]) -> Kind:
    if operator in "/^" or Kind.FLOAT in kinds:
        return Kind.FLOAT
    return Kind.INT if kinds == {Kind.INT} else Kind.SCALAR


provide_operations(combined)
