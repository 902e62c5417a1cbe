"""Criteria: what a `where` keeps. Immutable; combined with `&`, `|` and `~`.

A criterion writes itself in two passes. `outline` lists its shape, equal for criteria that differ
only in their values, and its values in order; `write` returns its text and meets the values in
the same order. The compiler keeps one text per shape.

Comparisons follow the database's three-valued logic: a missing property satisfies neither
`== 5` nor `!= 5`, nor the negation of either. Ask for it with `.is_null()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from runic.ogm.errors import StatementError

if TYPE_CHECKING:
    from runic.ogm.query.expressions import Attribute
    from runic.ogm.query.values import Value
    from runic.ogm.query.writer import Writer


class Operand(Protocol):
    """A side of a comparison."""

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]: ...

    def outline(self, shape: list[Any], values: list[Value]) -> None: ...

    def write(self, writer: Writer) -> str: ...


class Criterion:
    """Base of everything that `where` takes."""

    __slots__ = ()

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        """The attributes it reads, in order."""
        raise NotImplementedError

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append what decides the text to `shape`, and the values in order to `values`."""
        raise NotImplementedError

    def write(self, writer: Writer) -> str:
        """Return the text."""
        raise NotImplementedError

    def __and__(self, other: Any) -> Criterion:
        return Junction("AND", (self, checked(other)))

    def __or__(self, other: Any) -> Criterion:
        return Junction("OR", (self, checked(other)))

    def __invert__(self) -> Criterion:
        return Negation(self)

    __rand__ = __and__
    __ror__ = __or__

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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Criterion):
    """Two operands and the operator between them."""

    left: Operand
    operator: str
    right: Operand

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.left.attributes + self.right.attributes

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.operator)
        self.left.outline(shape, values)
        self.right.outline(shape, values)

    def write(self, writer: Writer) -> str:
        left, right = writer.sides(self)
        return f"{left} {self.operator} {right}"

    def __str__(self) -> str:
        return f"{self.left} {_SPELLED.get(self.operator, self.operator)} {self.right}"


_SPELLED = {"=": "==", "<>": "!="}

ORDERING = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Matches(Criterion):
    """A whole text matches a regular expression."""

    operand: Operand
    pattern: Value

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.operand.attributes

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("=~")
        self.operand.outline(shape, values)
        self.pattern.outline(shape, values)

    def write(self, writer: Writer) -> str:
        writer.dialect.require("regex")
        return writer.dialect.matches(self.operand.write(writer), self.pattern.write(writer))

    def __str__(self) -> str:
        return f"{self.operand}.matches({self.pattern})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Membership(Criterion):
    """A list property holds some (`any`) or every one (`all`) of several values."""

    quantifier: str
    operand: Operand
    wanted: Value

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.operand.attributes

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append(self.quantifier)
        self.operand.outline(shape, values)
        self.wanted.outline(shape, values)

    def write(self, writer: Writer) -> str:
        operand, wanted = self.operand.write(writer), self.wanted.write(writer)
        return f"{self.quantifier}(x IN {wanted} WHERE x IN {operand})"

    def __str__(self) -> str:
        return f"{self.operand}.{self.quantifier}_of({self.wanted})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NullCheck(Criterion):
    """A property is missing, or is there."""

    operand: Operand
    missing: bool

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.operand.attributes

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("null" if self.missing else "not null")
        self.operand.outline(shape, values)

    def write(self, writer: Writer) -> str:
        return f"{self.operand.write(writer)} IS {'' if self.missing else 'NOT '}NULL"

    def __str__(self) -> str:
        return f"{self.operand}.{'is_null' if self.missing else 'is_not_null'}()"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Junction(Criterion):
    """Criteria joined by AND or OR."""

    word: str
    parts: tuple[Criterion, ...]

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return tuple(a for part in self.parts for a in part.attributes)

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append((self.word, len(self.parts)))
        for part in self.parts:
            part.outline(shape, values)

    def write(self, writer: Writer) -> str:
        return "(" + f" {self.word} ".join(part.write(writer) for part in self.parts) + ")"

    def __str__(self) -> str:
        sign = " & " if self.word == "AND" else " | "
        return sign.join(f"({part})" for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negation(Criterion):
    """What a criterion does not keep (where it is neither true nor unknown)."""

    part: Criterion

    @property
    def attributes(self) -> tuple[Attribute[Any], ...]:
        return self.part.attributes

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        shape.append("not")
        self.part.outline(shape, values)

    def write(self, writer: Writer) -> str:
        return f"NOT ({self.part.write(writer)})"

    def __str__(self) -> str:
        return f"~({self.part})"
