"""`var`: a value that an earlier stage of the statement made, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import Computed, Named, kind_of, like_of, walk
from runic.ogm.query.expressions import Attribute, Expression, checked_name
from runic.ogm.query.functions import Aggregate
from runic.ogm.query.part import Part
from runic.ogm.query.related import Related

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Variable(Named[Any]):
    """The name of a value; `defined` is the expression that made it, once that is known."""

    name: str
    kind: Kind = Kind.SCALAR
    like: Attribute[Any] | None = None
    defined: Expression[Any] | None = None

    @override
    def write(self, writer: Writer) -> str:
        return writer.value(self.name)

    def __str__(self) -> str:
        return f"var({self.name!r})"


def var(name: str) -> Variable:
    """Return the value that `.with_(….as_(name))` or `.unwind(…, name)` made before.

    In columns an alias of the pattern is one as well: the whole node or edge.
    """
    return Variable(checked_name(name, "value"))


def known(variable: Variable, definition: Expression[Any]) -> Variable:
    """Return a variable that knows what it holds, so that it comes back as that type."""
    source = definition.defined if isinstance(definition, Variable) else definition
    kind = kind_of(definition) or Kind.SCALAR
    return replace(variable, kind=kind, like=like_of(definition), defined=source)


def check_names(part: Part, names: Mapping[str, Expression[Any]]) -> None:
    """Raise StatementError unless every name that a part reads has been made."""
    for inner in walk(part):
        if isinstance(inner, Variable) and inner.name not in names:
            raise unknown(inner, names)


def check_asked(part: Part, names: Mapping[str, Expression[Any]]) -> None:
    """Raise StatementError unless a part can be asked of each row where these names are known."""
    check_row(part)
    check_names(part, names)


def unknown(variable: Variable, names: Mapping[str, Expression[Any]]) -> StatementError:
    """Return the error that says that no stage made a value of this name."""
    have = ", ".join(names) or "none; make one with .with_(….as_('name'))"
    return StatementError(f"no value is called {variable.name!r} here; there are: {have}")


def check_row(part: Part) -> None:
    """Raise StatementError if a part that is asked of each row holds an aggregate."""
    for inner in walk(part):
        if isinstance(inner, Aggregate):
            raise StatementError(
                f"{part}: {inner} is a value of many rows; make it a column first,"
                f" .with_(…, {inner}.as_('x')), and then use var('x')"
            )


def has_aggregate(expression: Expression[Any]) -> bool:
    """Tell whether an expression is an aggregate, or computed of some.

    Raises:
        StatementError: It mixes values of each row with aggregates of many.
    """
    for inner in walk(expression):
        if isinstance(inner, Related):
            # What a relation leads to is asked about one by one.
            for criterion in inner.criteria:
                check_row(criterion)
    found = any(isinstance(inner, Aggregate) for inner in walk(expression))
    if found and not isinstance(expression, Aggregate):
        _refuse_mixture(expression)
    return found


def _refuse_mixture(expression: Part) -> None:
    for inner in _outside_aggregates(expression):
        if isinstance(inner, Attribute | Variable):
            raise StatementError(
                f"{expression} mixes {inner}, a value of each row, with aggregates of many; make"
                " the aggregate a column first: .with_(…, ….as_('x')), and then use var('x')"
            )


def _outside_aggregates(part: Part) -> list[Part]:
    if isinstance(part, Aggregate):
        return []
    if not isinstance(part, Computed):
        return [part]
    return [part, *(p for inner in part.parts for p in _outside_aggregates(inner))]
