"""Refuse types of which nothing could be read back, as Pydantic describes them.

What is looked at is the description of a field in the class's core schema, down to the models in
it: what these hold is checked value by value (`round_trip`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic.types import EncodedBytes, EncodedStr

from runic.ogm.errors import MetadataError

Schema = Mapping[str, Any]

# Where a description has those of parts of its values.
_PARTS = ("schema", "items_schema", "keys_schema", "values_schema", "json_schema", "lax_schema")

_NATIVE = (str, int, float, bool, list, dict)


def refuse_unreadable(cls: Any, name: str, where: str) -> None:
    """Raise if values of a field of a complete class have no form that gives them back.

    Raises:
        MetadataError: Names the field, the type and what to declare in its place.
    """
    fields, known = _fields_of(cls.__pydantic_core_schema__)
    reason = _Reader(known).reason(fields[name]["schema"])
    if reason is not None:
        raise MetadataError(f"{where}: {reason}")


def _fields_of(schema: Schema) -> tuple[Mapping[str, Schema], Mapping[str, Schema]]:
    known: dict[str, Any] = {}
    node: Any = schema
    while node["type"] != "model-fields":
        known |= {each["ref"]: each for each in node.get("definitions", ())}
        node = known[node["schema_ref"]] if node["type"] == "definition-ref" else node["schema"]
    return node["fields"], known


class _Reader:
    """Looks through one field; `known` are the descriptions that others refer to by name."""

    def __init__(self, known: Mapping[str, Schema]) -> None:
        self._known = known
        self._seen: set[str] = set()

    def reason(self, node: Schema) -> str | None:
        """Return why values of a description cannot be read back; None if they may."""
        own = _REASONS.get(node["type"])
        if own is not None:
            return own(node)
        if _decodes(node):
            return _DECODES
        if node["type"] == "union":
            found = [self.reason(each) for each in self._choices(node)]
            return found[0] if all(found) else None
        return next(filter(None, map(self.reason, self._parts_of(node))), None)

    def _choices(self, node: Schema) -> Iterator[Schema]:
        for choice in node["choices"]:
            yield choice[0] if isinstance(choice, tuple) else choice

    def _parts_of(self, node: Schema) -> Iterator[Schema]:
        ref = node.get("schema_ref")
        if ref is not None and ref in self._known and ref not in self._seen:
            self._seen.add(ref)
            yield self._known[ref]
        for part in filter(None, map(node.get, _PARTS)):
            yield from part if isinstance(part, list) else (part,)  # a list: of a tuple


def _of_class(node: Schema) -> str | None:
    cls = node["cls"]
    if any(_is_subclass(each, cls) for each in _NATIVE):
        return None
    return (
        f"values of {cls.__name__} have no stored form; use Field(converter=…), or make it a"
        " Pydantic model or a dataclass"
    )


def _is_subclass(cls: type[Any], other: Any) -> bool:
    try:
        return issubclass(cls, other)
    except TypeError:  # a protocol that cannot be asked
        return False


def _decodes(node: Schema) -> bool:
    function = node["function"].get("function") if "function" in node else None
    return isinstance(getattr(function, "__self__", None), EncodedBytes | EncodedStr)


def _nothing(node: Schema) -> None:
    return None


def _says(reason: str) -> Callable[[Schema], str | None]:
    return lambda node: reason


_DECODES = (
    "an encoded type decodes what it is given, and would decode a stored value again; declare bytes"
    " or str and decode in a BeforeValidator, or use Field(converter=…)"
)

_REASONS: Mapping[str, Callable[[Schema], str | None]] = {
    "is-instance": _of_class,
    "is-subclass": _says("a class has no stored form; store its name, or use Field(converter=…)"),
    "callable": _says("a function has no stored form; store its name, or use Field(converter=…)"),
    "generator": _says("an iterator can be read once, and so not be stored; declare a list"),
    "json": _says(
        "Json[…] takes text and holds what is in it, which is no input for it again; declare the"
        " type inside and parse in a BeforeValidator, or use Field(converter=…)"
    ),
    "function-plain": _nothing,
    # What these hold is looked at value by value.
    **dict.fromkeys(("model", "dataclass", "typed-dict", "call", "arguments"), _nothing),
}
