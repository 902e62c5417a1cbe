"""Criteria: what a `where` keeps. Immutable; combined with `&`, `|` and `~`.

Comparisons follow the database's three-valued logic: a missing property satisfies neither
`== 5` nor `!= 5`, nor the negation of either. Ask for it with `.is_null()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.query.enclosed import enclosed
from runic.ogm.query.part import Part
from runic.ogm.query.quick import quick

if TYPE_CHECKING:
    from runic.ogm.query.expressions import Attribute
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer


class Criterion(Part):
    """Base of everything that `where` takes."""

    __slots__ = ()

    def __and__(self, other: Any) -> Criterion:
        return _joined("AND", self, checked(other))

    def __or__(self, other: Any) -> Criterion:
        return _joined("OR", self, checked(other))

    def __xor__(self, other: Any) -> Criterion:
        return _joined("XOR", self, checked(other))

    def __invert__(self) -> Criterion:
        return Negation(self)

    __rand__ = __and__
    __ror__ = __or__
    __rxor__ = __xor__

    def __bool__(self) -> NoReturn:
        raise StatementError(
            f"{self} has no truth value; combine criteria with &, | and ~, each in parentheses,"
            " instead of and, or, not, if and chained comparisons"
        )

    def __iter__(self) -> NoReturn:
        raise StatementError(f"{self} is one criterion, not a list; pass several as arguments")

    def __repr__(self) -> str:
        return str(self)


def checked(criterion: Any) -> Criterion:
    """Return the criterion, or say what was passed instead of one."""
    if isinstance(criterion, Criterion):
        return criterion
    hint = (
        "compare a field of the class (User.name == 'Ada'), not of an instance or a plain value"
        if isinstance(criterion, bool)
        else "write a comparison, as User.name == 'Ada'"
    )
    raise StatementError(f"{criterion!r} is not a criterion; {hint}")


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Criterion):
    """Two operands and the operator between them."""

    left: Part
    operator: str
    right: Part

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.left.attributes + self.right.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.operator)
        self.left.outline(shape, values)
        self.right.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return writer.comparison(self)

    def __str__(self) -> str:
        return f"{self.left} {_SPELLED.get(self.operator, self.operator)} {self.right}"


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FieldComparison(Comparison):
    """A field and a value of its own that it is compared with: what most criteria are."""

    left: Attribute[Any]
    right: Value

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return (self.left,)

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        # As that of a comparison, without a call for each part.
        shape.append((self.operator, self.left.shape))
        values.append(self.right)

    @override
    def write(self, writer: Writer) -> str:
        return writer.compared(self)


_SPELLED = {"=": "==", "<>": "!="}
_SIGNS = {"AND": " & ", "OR": " | ", "XOR": " ^ "}

ORDERING = frozenset({"<", "<=", ">", ">="})


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Matches(Criterion):
    """A whole text matches a regular expression."""

    operand: Part
    pattern: Value

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.operand.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("=~")
        self.operand.outline(shape, values)
        self.pattern.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        writer.dialect.require("regex")
        return writer.dialect.matches(self.operand.write(writer), self.pattern.write(writer))

    def __str__(self) -> str:
        return f"{self.operand}.matches({self.pattern})"


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Membership(Criterion):
    """A list property holds some (`any`) or every one (`all`) of several values."""

    quantifier: str
    operand: Part
    wanted: Value

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.operand.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.quantifier)
        self.operand.outline(shape, values)
        self.wanted.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        parts = (self.wanted, self.operand)
        return writer.closed(parts, parts[1:], lambda: self._text(writer))

    def _text(self, writer: Writer) -> str:
        operand, wanted = self.operand.write(writer), self.wanted.write(writer)
        return writer.dialect.quantified(self.quantifier, "x", wanted, f"x IN {operand}")

    def __str__(self) -> str:
        return f"{self.operand}.{self.quantifier}_of({self.wanted})"


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NullCheck(Criterion):
    """A property is missing, or is there."""

    operand: Part
    missing: bool

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.operand.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("null" if self.missing else "not null")
        self.operand.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return f"{self.operand.write(writer)} IS {'' if self.missing else 'NOT '}NULL"

    def __str__(self) -> str:
        return f"{self.operand}.{'is_null' if self.missing else 'is_not_null'}()"


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Junction(Criterion):
    """Criteria joined by AND, OR or XOR; chains of one of these are one junction."""

    word: str
    parts: tuple[Criterion, ...]

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return tuple(a for part in self.parts for a in part.attributes)

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append((self.word, len(self.parts)))
        for part in self.parts:
            part.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        text = f" {self.word} ".join([self._part(part, writer) for part in self.parts])
        return writer.dialect.exclusive(text) if self.word == "XOR" else enclosed(text)

    def _part(self, part: Criterion, writer: Writer) -> str:
        text = part.write(writer)
        if isinstance(part, Junction) and _TIGHTNESS[part.word] > _TIGHTNESS[self.word]:
            return writer.dialect.alone(text)
        return text

    def __str__(self) -> str:
        return _SIGNS[self.word].join(f"({part})" for part in self.parts)


# Which of them comes first where there are no parentheses.
_TIGHTNESS = {"OR": 0, "XOR": 1, "AND": 2}


def _joined(word: str, *criteria: Criterion) -> Junction:
    parts: list[Criterion] = []
    for each in criteria:
        same = isinstance(each, Junction) and each.word == word
        parts += each.parts if same else [each]  # type: ignore[attr-defined]
    return Junction(word, tuple(parts))


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negation(Criterion):
    """What a criterion does not keep (where it is neither true nor unknown)."""

    part: Criterion

    @override
    def __invert__(self) -> Criterion:
        return self.part

    @property
    @override
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.part.attributes

    @override
    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("not")
        self.part.outline(shape, values)

    @override
    def write(self, writer: Writer) -> str:
        return f"NOT ({writer.dialect.alone(self.part.write(writer))})"

    def __str__(self) -> str:
        return f"~({self.part})"
