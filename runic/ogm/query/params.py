"""Parameters by name: values that a statement leaves open until it is bound.

`select(User).where(User.age > param("least"))` is kept in a module; `stmt.bind(least=18)` is what
runs. A value is checked when it is bound, as it would be if it stood in the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runic.ogm.errors import StatementError
from runic.ogm.query import values as forms
from runic.ogm.query.literals import encoded
from runic.ogm.query.values import Param, RowCount, Value, row_count

if TYPE_CHECKING:
    from runic.ogm.query.expressions import Attribute

__all__ = ["Param", "bound", "check_row_counts", "param", "parameter_names"]


def param(name: str) -> Any:
    """Return a value that is given later, by this name, with `.bind(name=value)`."""
    if not isinstance(name, str) or not name.isidentifier():
        raise StatementError(f"{name!r} cannot be the name of a parameter; use letters, digits, _")
    return Param(name)


def parameter_names(values: Iterable[Value]) -> set[str]:
    """Return the names that values leave open."""
    return {value.raw.name for value in values if type(value.raw) is Param}


def check_row_counts(values: Iterable[Value], given: Mapping[str, Any]) -> None:
    """Raise StatementError if a value that is given for a number of rows is none."""
    for value in values:
        if isinstance(value, RowCount) and type(value.raw) is Param and value.raw.name in given:
            row_count(f"the parameter {value.raw.name!r}", given[value.raw.name])


def bound(values: Sequence[Value], given: Mapping[str, Any]) -> Sequence[Value]:
    """Return the values with those that are left open filled in.

    Raises:
        StatementError: One is not given, or is not of the type of what it is compared with.
    """
    if not any(type(value.raw) is Param for value in values):
        return values
    return [_filled(value, given) if type(value.raw) is Param else value for value in values]


def _filled(value: Value, given: Mapping[str, Any]) -> Value:
    name = value.raw.name
    if name not in given:
        raise StatementError(f"the parameter {name!r} has no value; bind it: .bind({name}=…)")
    raw = given[name]
    if type(raw) is Param:
        return value
    if isinstance(value, RowCount):
        return row_count(f"the parameter {name!r}", raw)
    if value.form is None or value.attribute is None:
        return replace(value, raw=encoded(raw))
    return _MAKERS[value.form](value.attribute, raw)


_MAKERS: dict[forms.Form, Callable[[Attribute[Any], Any], Value]] = {
    forms.one_form: forms.one,
    forms.many_form: forms.many,
    forms.item_form: forms.item,
    forms.items_form: forms.items,
    forms.text_form: forms.text,
}
