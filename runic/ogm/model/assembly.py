"""Make entities of values that are valid as they are.

Of a field that is declared `str`, `int`, `float` or `bool` and nothing more, Pydantic looks at the
type of each value and hands it back. For a large result the session looks at the types of whole
columns instead, and puts the entities together here. Classes that check more when they are loaded,
by constraints, configuration or code of their own, go through the validator for that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import repeat
from types import NoneType
from typing import Any

from pydantic import BaseModel
from pydantic_core import SchemaValidator

from runic.ogm.model.load_check import load_check_of

_PLAIN: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

# What Pydantic's description of a class may say where making an object runs no code of the class.
_SILENT = {
    "type", "cls", "schema", "config", "ref", "serialization", "metadata", "frozen",
    "custom_init", "root_model", "generic_origin",
}  # fmt: skip
_SILENT_SETTINGS = {"title", "extra_fields_behavior", "frozen", "hide_input_in_errors"}
# What it may say of a plain type, or of a default, without any effect on a value that is given.
_REMARKS = {"type", "metadata", "serialization", "ref"}
_OF_DEFAULTS = {"schema", "default", "default_factory", "default_factory_takes_data"}

Types = Mapping[str, frozenset[type]]


def plain_types(cls: type[BaseModel], names: Sequence[str]) -> Types | None:
    """Return the types that these fields of a class take as they are; None if that is not all."""
    schema = _model_schema(cls)
    if schema is None:
        return None
    fields = schema["schema"]["fields"]
    types = {name: _types_of(fields[name]["schema"]) for name in names}
    return None if not all(types.values()) else types


def assembled(cls: type[BaseModel], values: Sequence[dict[str, Any]]) -> list[Any]:
    """Return an object of the class for each dict of its fields, which becomes the object's own."""
    made = list(map(object.__new__, repeat(cls, len(values))))
    deque(map(_write_values, made, values), maxlen=0)
    # The set of the fields that were given is made when it is asked for, by `Entity`.
    for write in (_write_extra, _write_private):
        deque(map(write, made, repeat(None)), maxlen=0)
    return made


_write_values, _write_extra, _write_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_extra__", "__pydantic_private__")
)


def _model_schema(cls: type[BaseModel]) -> Any:
    """Return the description of a class of which an object can be made by its fields alone."""
    schema: Any = load_check_of(cls).schema
    known: dict[str, Any] = {}
    while schema["type"] in ("definitions", "definition-ref"):
        known |= {each["ref"]: each for each in schema.get("definitions", ())}
        schema = schema["schema"] if "schema" in schema else known[schema["schema_ref"]]
    silent = schema.keys() <= _SILENT and schema.get("config", {}).keys() <= _SILENT_SETTINGS
    own_code = (
        schema.get("custom_init")
        or cls.__private_attributes__
        or cls.__new__ is not object.__new__
        or type(cls.__pydantic_validator__) is not SchemaValidator  # a plugin watches it
        or cls.model_config.get("extra") == "allow"
    )
    plain = schema["type"] == "model" and schema["schema"]["type"] == "model-fields"
    return schema if silent and plain and not own_code else None


def _types_of(schema: Any) -> frozenset[type]:
    """Return the types a field takes as they are; none if it may do more than look at them."""
    if schema["type"] == "default" and schema.keys() <= _REMARKS | _OF_DEFAULTS:
        return _types_of(schema["schema"])
    if schema["type"] == "nullable" and schema.keys() <= _REMARKS | {"schema"}:
        inner = _types_of(schema["schema"])
        return inner | {NoneType} if inner else inner
    if schema["type"] in _PLAIN and schema.keys() <= _REMARKS:
        return frozenset({_PLAIN[schema["type"]]})
    return frozenset()
