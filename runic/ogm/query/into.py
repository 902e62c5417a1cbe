"""Rows as objects of a class of the caller's own: a Pydantic model or a dataclass."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from runic.ogm.errors import HydrationError, StatementError

T = TypeVar("T")


def fields_into(model: type[Any]) -> dict[str, bool]:
    """Return the names of a class's fields, each with whether it must be given.

    Raises:
        StatementError: It is neither a Pydantic model nor a dataclass.
    """
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {name: info.is_required() for name, info in model.model_fields.items()}
    if isinstance(model, type) and dataclasses.is_dataclass(model):
        return {f.name: _is_required(f) for f in dataclasses.fields(model) if f.init}
    raise StatementError(f"into takes a Pydantic model or a dataclass, not {model!r}")


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def require_columns(model: type[Any], names: Sequence[str]) -> None:
    """Raise StatementError unless every required field of a class has a column of its name."""
    missing = [name for name, needed in fields_into(model).items() if needed and name not in names]
    if missing:
        raise StatementError(
            f"{model.__name__} needs {', '.join(missing)}, and the columns are {', '.join(names)};"
            " name columns as the fields, with .as_(…)"
        )


def maker(model: type[T], names: Sequence[str]) -> Callable[[Sequence[Any]], T]:
    """Return what makes an object of a class from a row of columns of these names."""
    validate = TypeAdapter(model).validate_python

    def make(row: Sequence[Any]) -> T:
        values = dict(zip(names, row, strict=True))
        try:
            made: T = validate(values, by_name=True, by_alias=False)
        except ValidationError as error:
            raise HydrationError(
                f"a row does not fit {model.__name__}: {error}. Give the field a type or default"
                " that takes it"
            ) from error
        return made

    return make
