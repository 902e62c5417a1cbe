"""`case()`: a value that depends on criteria."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import Computed, unified
from runic.ogm.query.criteria import Criterion, checked
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.part import Part

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer


def case() -> Cases:
    """Begin a value by cases: `case().when(User.age < 18, "minor").otherwise("adult")`."""
    return Cases()


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases to which others, or what holds otherwise, are added."""

    criteria: tuple[Criterion, ...] = ()
    results: tuple[Any, ...] = ()

    def when(self, criterion: Criterion | bool, value: Any) -> Case:
        """Add a case; the first whose criterion is true gives the value, or none does (None)."""
        return _case((*self.criteria, checked(criterion)), (*self.results, value))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case(Computed[Any]):
    """The value of the first criterion that is true; of none, the last one, if there is one more.

    `results` are the operands that hold what each case was given.
    """

    criteria: tuple[Criterion, ...]
    results: tuple[Part, ...]
    given: tuple[Any, ...]
    kind: Kind
    like: Attribute[Any] | None = None

    def when(self, criterion: Criterion | bool, value: Any) -> Case:
        """Add a case, which counts where no case before it does."""
        self._require_open()
        return _case((*self.criteria, checked(criterion)), (*self.given, value))

    def otherwise(self, value: Any) -> Case:
        """Return the expression with the value that counts where no case does."""
        self._require_open()
        return _case(self.criteria, (*self.given, value))

    def _require_open(self) -> None:
        if len(self.results) > len(self.criteria):
            raise StatementError(f"{self} ends with otherwise; add cases before it")

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        pairs = zip(self.criteria, self.results, strict=False)
        rest = self.results[len(self.criteria) :]
        return (*(part for pair in pairs for part in pair), *rest)

    @override
    def write(self, writer: Writer) -> str:
        texts = [writer.dialect.alone(part.write(writer)) for part in self._flat]
        count = len(texts) // 2 * 2
        whens = [f"WHEN {texts[i]} THEN {texts[i + 1]}" for i in range(0, count, 2)]
        rest = f" ELSE {texts[count]}" if len(texts) > count else ""
        return f"CASE {' '.join(whens)}{rest} END"

    @property
    def _flat(self) -> Iterator[Part]:
        """Its parts; those of another case that it ends with, in place of that."""
        parts = self.parts
        while len(parts) % 2 and isinstance(parts[-1], Case):
            yield from parts[:-1]
            parts = parts[-1].parts
        yield from parts

    def __str__(self) -> str:
        pairs = zip(self.criteria, self.results, strict=False)
        whens = "".join(f".when({criterion}, {result})" for criterion, result in pairs)
        rest = "".join(f".otherwise({r})" for r in self.results[len(self.criteria) :])
        return f"case(){whens}{rest}"


def _case(criteria: tuple[Criterion, ...], given: tuple[Any, ...]) -> Case:
    parts, kind, like = unified("case", given)
    return Case(criteria, parts, given, kind, like)
