"""Convert the parameters of raw Cypher: each Python value takes the form a field would store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.converters import PORTABLE
from runic.ogm.model.entity import Entity
from runic.ogm.model.kinds import Kind
from runic.ogm.model.types import GeoLocation
from runic.ogm.query.literals import PLAIN_KINDS, TOO_DEEP

_KINDS: tuple[tuple[type[Any], Kind], ...] = (*PLAIN_KINDS, (GeoLocation, Kind.GEO))


def encoded_parameters(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as the database takes them.

    Raises:
        StatementError: A value has no stored form; names the parameter.
    """
    return {name: _parameter(value, name) for name, value in params.items()}


def _parameter(value: Any, name: str) -> Any:
    try:
        return _encoded(value, name)
    except RecursionError:
        raise StatementError(f"parameter ${name} is {TOO_DEEP}") from None


def _encoded(value: Any, name: str) -> Any:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [_encoded(item, name) for item in value]
    if isinstance(value, Mapping):
        return {key: _encoded(item, name) for key, item in value.items()}
    for cls, kind in _KINDS:
        if isinstance(value, cls):
            return _plain(value, kind, name)
    hint = "; pass its key" if isinstance(value, Entity) else ""
    raise StatementError(
        f"parameter ${name} is a {type(value).__name__}, which no database takes{hint}"
    )


def _plain(value: Any, kind: Kind, name: str) -> Any:
    encode = PORTABLE[kind].encode
    assert encode is not None
    try:
        return encode(value)
    except (ValueError, OverflowError) as error:
        raise StatementError(f"parameter ${name} {error}") from error
