"""Parameters by name: values that a statement leaves open until it is bound.

`select(User).where(User.age > param("least"))` is kept in a module; `stmt.bind(least=18)` is what
runs. A value is checked when it is bound, as it would be if it stood in the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.query.values import Param, Value

__all__ = ["Param", "check_early", "filled", "param", "parameter_names"]


def param(name: str) -> Any:
    """Return a value that is given later, by this name, with `.bind(name=value)`."""
    if not isinstance(name, str) or not name.isidentifier():
        raise StatementError(f"{name!r} cannot be the name of a parameter; use letters, digits, _")
    return Param(name)


def parameter_names(values: Iterable[Value]) -> set[str]:
    """Return the names that values leave open."""
    return {value.raw.name for value in values if type(value.raw) is Param}


def named(given: Any, call: str) -> Mapping[str, Any]:
    """Return values by their names, or none for None; `call` shows how they are given.

    Raises:
        StatementError: They are no mapping, or not all of its keys are text.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping) and all(isinstance(name, str) for name in given):
        return given
    raise StatementError(
        f"values of parameters are given by name, as {call}, not as {type(given).__name__}"
        f"{' with keys that are no text' if isinstance(given, Mapping) else ''}"
    )


def nameless(given: tuple[Any, ...]) -> None:
    """Raise if `bind` is given values without names.

    Raises:
        StatementError: It is; says how to write it.
    """
    if not given:
        return
    shown = "a dict" if isinstance(given[0], Mapping) else type(given[0]).__name__
    raise StatementError(
        f"bind takes values by name and was given {shown}; write .bind(name=value), or"
        " .bind(**values) for a dict"
    )


def check_early(values: Iterable[Value], given: Mapping[str, Any]) -> None:
    """Raise for what is given in the place of a value that is checked when it is bound.

    Raises:
        StatementError: A number of rows is none, or what is given is itself a parameter.
        FieldValidationError: The model refuses a value for the field it is written to.
    """
    for name, value in given.items():
        if type(value) is Param:
            raise StatementError(f"bind gives {name!r} a value, and {value} is a parameter itself")
    for value in values:
        if value.checked_early and type(value.raw) is Param and value.raw.name in given:
            value.given(given[value.raw.name])


def filled(value: Value, given: Mapping[str, Any]) -> Value:
    """Return a value with what is given for it where it is left open.

    Raises:
        StatementError: Nothing is, or it is not of the type of what it is compared with.
        FieldValidationError: The model refuses it for the field it is written to.
    """
    if type(value.raw) is not Param:
        return value
    name = value.raw.name
    if name not in given:
        raise StatementError(f"the parameter {name!r} has no value; bind it: .bind({name}=…)")
    raw = given[name]
    return value if type(raw) is Param else value.given(raw)
