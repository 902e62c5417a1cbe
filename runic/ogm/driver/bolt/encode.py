"""Check parameters before they are sent over Bolt, and count the bytes they take.

The client would raise errors of its own halfway through a message, and a server may close the
connection, or never answer, over what it cannot take. So this is the border: only plain values
pass, and whatever else is refused with the parameter's name. Called for every query; no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, LiteralString

from runic.ogm.errors import FieldValidationError, StatementError

MAX_DEPTH = 100
"""Nesting that is still sent; the client packs by recursion."""

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
# The longest header of a value in front of its bytes or items.
_HEADER = 5
_NUMBER = 9


class _BadParameter(Exception):
    """A value or a name that must not be sent; `kind` is the public error to raise."""

    def __init__(self, reason: str, kind: type[StatementError | FieldValidationError]) -> None:
        super().__init__(reason)
        self.kind = kind


def text_size(text: str) -> int:
    """Return how many bytes the text of a query takes; raises `StatementError` if it cannot."""
    try:
        return _text(text, 0)
    except _BadParameter as refusal:
        raise StatementError(f"this query cannot be sent: {refusal}") from None


def checked_size(params: Mapping[str, Any]) -> int:
    """Return how many bytes parameters take at most when they are sent.

    Accepts str, int, float, bool, None, and lists, tuples and dicts of these. Raises
    `FieldValidationError` for a value that would not arrive as it is (lone surrogates, integers
    beyond 64 bits, too deep nesting), `StatementError` for a type or a name that cannot be sent.
    """
    return _HEADER + sum([_pair(name, value) for name, value in params.items()])


def _pair(name: Any, value: Any) -> int:
    try:
        return _name(name) + _size(value, 0)
    except _BadParameter as refusal:
        message = f"parameter {name!r}: {refusal}"
        if refusal.kind is FieldValidationError:
            raise FieldValidationError(message, field=str(name)) from None
        raise StatementError(message) from None


def _size(value: Any, depth: int) -> int:
    measure = _MEASURES.get(type(value))
    return measure(value, depth) if measure else _subclass(value)


def _subclass(value: Any) -> int:
    if isinstance(value, str):
        return _text(value, 0)
    if isinstance(value, int):
        return _integer(value, 0)
    if isinstance(value, float):
        return _NUMBER
    raise _BadParameter(
        f"{type(value).__qualname__} cannot be sent; give str, int, float, bool, None or lists and"
        " dicts of these (sessions convert dates, UUIDs and the like by themselves)",
        StatementError,
    )


def _name(name: Any) -> int:
    if type(name) is not str or not name:
        raise _BadParameter(f"{name!r} is not a usable name; give a non-empty str", StatementError)
    return _text(name, 0)


def _text(value: str, depth: int) -> int:
    if value.isascii():
        return _HEADER + len(value)
    try:
        return _HEADER + len(value.encode())
    except UnicodeEncodeError as error:
        raise _BadParameter(
            f"text holds a lone surrogate at position {error.start}, which is not valid Unicode;"
            " decode the source with errors='replace'",
            FieldValidationError,
        ) from None


def _integer(value: int, depth: int) -> int:
    if _INT_MIN <= value <= _INT_MAX:
        return _NUMBER
    raise _BadParameter("integer is beyond 64 bits; store it as text", FieldValidationError)


def _number(value: Any, depth: int) -> int:
    return _NUMBER


def _list(value: list[Any] | tuple[Any, ...], depth: int) -> int:
    _check_depth(depth)
    return _HEADER + sum([_size(item, depth + 1) for item in value])


def _map(value: dict[str, Any], depth: int) -> int:
    _check_depth(depth)
    return _HEADER + sum([_name(key) + _size(item, depth + 1) for key, item in value.items()])


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise _BadParameter(
            f"nested deeper than {MAX_DEPTH} levels; store it as JSON text", FieldValidationError
        )


_MEASURES: dict[type, Callable[[Any, int], int]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _number,
    type(None): _number,
    list: _list,
    tuple: _list,
    dict: _map,
}


def literal(text: Any) -> LiteralString:
    """Return a text as the client's type hints want it: as one that holds no values.

    Values are parameters, whoever made the text.
    """
    found: LiteralString = text
    return found
