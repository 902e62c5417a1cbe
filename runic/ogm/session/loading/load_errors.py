"""Say which stored value does not fit its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from runic.ogm.errors import HydrationError
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import values_of
from runic.ogm.session.state.codecs import EntityCodec

# What decoding and validating raise for a value that does not fit.
MISFITS = (ValidationError, ValueError, TypeError, OverflowError)

Ends = tuple[Node | None, Node | None]

# Of what Pydantic finds, what says that a value of the right type is not one of those allowed.
_OF_CONSTRAINTS = frozenset({
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of",
    "string_too_short", "string_too_long", "string_pattern_mismatch", "bytes_too_short",
    "bytes_too_long", "too_short", "too_long", "decimal_max_digits", "decimal_max_places",
    "decimal_whole_digits", "finite_number", "url_too_long", "uuid_version", "predicate_failed",
    "not_operation_failed",
})  # fmt: skip


class _Problem(NamedTuple):
    path: tuple[int | str, ...]
    message: str
    type: str


def misfit(
    codec: EntityCodec, values: Mapping[str, Any], error: Exception, ends: Ends | None
) -> HydrationError:
    """Return the error for stored values; `ends` are the nodes at the ends of an edge."""
    name = codec.info.name
    problems = list(_problems(codec, values, error))
    what = "; ".join(f"{'.'.join(map(str, (name, *p.path)))}: {p.message}" for p in problems)
    key = _key_of(codec, values) if ends is None else tuple(map(_key_of_end, ends))
    shown = repr(key) if ends is None else " to ".join(map(repr, key))
    return HydrationError(
        f"a stored {name} ({shown}) does not fit its model: {what}. {_next_step(name, problems)}",
        entity=name,
        key=key,
        field=str(problems[0].path[0]) if problems[0].path else None,
    )


def _problems(
    codec: EntityCodec, values: Mapping[str, Any], error: Exception
) -> Iterator[_Problem]:
    undecoded = list(_undecoded(codec, values))
    yield from undecoded or _told_by(error)


def _undecoded(codec: EntityCodec, values: Mapping[str, Any]) -> Iterator[_Problem]:
    for name, decode in codec.decoders.items():
        try:
            if values.get(name) is not None:
                decode(values[name])
        except MISFITS as error:
            for found in _told_by(error):
                yield found._replace(path=(name, *found.path))


def _told_by(error: Exception) -> Iterator[_Problem]:
    if not isinstance(error, ValidationError):
        yield _Problem((), str(error), "")
        return
    for found in error.errors():
        yield _Problem(found["loc"], found["msg"].lower(), found["type"])


def _key_of(codec: EntityCodec, values: Mapping[str, Any]) -> Any:
    key = getattr(codec.info, "key", None)
    return None if key is None else values.get(key.name)


def _key_of_end(node: Node | None) -> Any:
    return None if node is None else values_of(node).get(node_info(type(node)).key.name)


def _next_step(name: str, problems: list[_Problem]) -> str:
    if {problem.type for problem in problems} <= _OF_CONSTRAINTS:
        return (
            f'Correct the stored value: class {name}(…, validate_on_load="types") reads it without'
            " asking for constraints"
        )
    return "Correct the stored value, or give the field a type or default that takes it"
