"""Write query parameters as the text FalkorDB reads them from.

The server has no binary parameters: it parses ``CYPHER `name`=<literal> …`` in front of the query.
So this file is the border against injection and silent damage: only exact built-in types pass, and
whatever the server would clamp, cut or misread is refused with the parameter's name. Called by
`wire` for every query; does no I/O.

Lists are where the volume is. Encoders of JSON write the same literals several times faster than
Python can, so a list goes that way when a quick look at the text shows that the two agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import chain
from types import NoneType
from typing import Any

from pydantic_core import to_json

from runic.ogm.errors import FieldValidationError, StatementError

MAX_DEPTH = 100
"""Nesting that is still sent; a hundred thousand levels crash the server."""

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
# Every digit becomes 0 and everything else a space, so that one search finds any long number.
_DIGITS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else ord(" ") for byte in range(256))
_LONG_RUN = b"0" * 19
_to_json = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


class _Refused(Exception):
    """A value or a name that must not be sent; `kind` is the public error to raise."""

    def __init__(self, reason: str, kind: type[StatementError | FieldValidationError]) -> None:
        super().__init__(reason)
        self.kind = kind


def encode_params(params: Mapping[str, Any]) -> str:
    """Return the prefix that gives a query its parameters, empty when there are none.

    Accepts str, int, float, bool, None, and lists, tuples and dicts of these. Raises
    `FieldValidationError` for a value that would not arrive as it is (NUL, lone surrogates, NaN,
    integers beyond 64 bits), `StatementError` for a type or a name that cannot be sent.
    """
    if not params:
        return ""
    return "CYPHER " + "".join([_assignment(name, value) for name, value in params.items()])


def _assignment(name: str, value: Any) -> str:
    try:
        return f"`{_checked_name(name)}`={_literal(value, 0)} "
    except _Refused as refusal:
        raise _explained(name, refusal) from None


def _explained(name: str, refusal: _Refused) -> StatementError | FieldValidationError:
    message = f"parameter {name!r}: {refusal}"
    if refusal.kind is FieldValidationError:
        return FieldValidationError(message, field=str(name))
    return StatementError(message)


def _literal(value: Any, depth: int) -> str:
    encode = _ENCODERS.get(type(value))
    return encode(value, depth) if encode else _subclass(value)


def _subclass(value: Any) -> str:
    # The base class's own methods: __str__ of an Enum or of a stranger could say anything.
    if isinstance(value, str):
        return _text(str.__str__(value), 0)
    if isinstance(value, int):
        return _integer(int.__add__(value, 0), 0)
    if isinstance(value, float):
        return _float(float.__add__(value, 0.0), 0)
    raise _Refused(
        f"{type(value).__qualname__} cannot be sent to FalkorDB; give str, int, float, bool, None "
        "or lists and dicts of these (entities convert their fields by themselves)",
        StatementError,
    )


def _text(value: str, depth: int) -> str:
    if "\x00" in value:
        raise _Refused("FalkorDB cannot store NUL (\\x00) in text; remove it", FieldValidationError)
    if not value.isascii():
        _check_surrogates(value)
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if '"' in value:
        value = value.replace('"', '\\"')
    return f'"{value}"'


def _check_surrogates(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _Refused(
            f"text holds a lone surrogate at position {error.start}, which is not valid Unicode; "
            "decode the source with errors='replace'",
            FieldValidationError,
        ) from None


def _integer(value: int, depth: int) -> str:
    if _INT_MIN <= value <= _INT_MAX:
        return repr(value)
    raise _Refused(
        "integer is beyond 64 bits and FalkorDB would clamp it; store it as text",
        FieldValidationError,
    )


def _float(value: float, depth: int) -> str:
    if value != value:
        raise _Refused("NaN cannot be stored; use None for a missing number", FieldValidationError)
    if value - value != 0:
        # No word for infinity is understood; a number too large to hold reads as one.
        return "1e400" if value > 0 else "-1e400"
    return repr(value)


def _boolean(value: bool, depth: int) -> str:
    return "true" if value else "false"


def _null(value: None, depth: int) -> str:
    return "null"


def _list(value: list[Any] | tuple[Any, ...], depth: int) -> str:
    if len(value) > 3 and depth == 0:
        text = _as_json(value)
        if text is not None:
            return text
    _check_depth(depth)
    return "[" + ",".join([_literal(item, depth + 1) for item in value]) + "]"


def _map(value: dict[str, Any], depth: int) -> str:
    _check_depth(depth)
    pairs = [f"`{_checked_name(k)}`:{_literal(v, depth + 1)}" for k, v in value.items()]
    return "{" + ",".join(pairs) + "}"


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise _Refused(
            f"nested deeper than {MAX_DEPTH} levels; store it as JSON text", FieldValidationError
        )


def _checked_name(name: Any) -> str:
    if type(name) is not str or not name or "`" in name or "\x00" in name:
        raise _Refused(
            f"{name!r} is not a usable name; names are non-empty str without backtick and NUL",
            StatementError,
        )
    if not name.isascii():
        _check_surrogates(name)
    return name


def _as_json(value: list[Any] | tuple[Any, ...]) -> str | None:
    """Return the list as JSON where the server reads the same from it, None where it may not."""
    raw = _flat_json(value)
    if raw is None:
        try:
            raw = _to_json(value).encode()
        except (TypeError, ValueError, RecursionError):
            return None  # a strange type, NaN, a surrogate, depth: the strict encoder names it
    return None if _misread(raw) else raw.decode()


def _flat_json(value: list[Any] | tuple[Any, ...]) -> bytes | None:
    """Return a list of plain values, or of rows of them, as JSON: most lists are one of these.

    Pydantic writes it in half the time. It takes many more types than the server does, which are
    told here by looking at each.
    """
    types = set(map(type, value))
    if types <= _ROWS:
        types = set(map(type, chain.from_iterable(value)))
    if not types <= _FLAT:
        return None
    try:
        raw = to_json(value)
    except ValueError:  # a surrogate
        return None
    strange = float in types and (b"NaN" in raw or b"Infinity" in raw)
    return None if strange else raw


_ROWS, _FLAT = frozenset({list, tuple}), frozenset({str, int, float, bool, NoneType})


def _misread(raw: bytes) -> bool:
    """Tell whether the server might read something else; some harmless text looks like it too."""
    # A single character is found twenty times faster than a pair.
    if b"\\" in raw and b"\\u" in raw:
        return True  # a control character: the server reads no \u escapes
    if b"{" in raw and (b'{"' in raw or b"{}" in raw):
        return True  # a map: the server reads no quoted keys
    return _LONG_RUN in raw.translate(_DIGITS)  # an integer that may be beyond 64 bits


_ENCODERS: dict[type, Callable[[Any, int], str]] = {
    str: _text,
    int: _integer,
    float: _float,
    bool: _boolean,
    type(None): _null,
    list: _list,
    tuple: _list,
    dict: _map,
}
