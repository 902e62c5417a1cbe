"""Build a validator that does what its schema says.

The core puts the validator of a finished class in the place of a schema of that class, whatever the
schema says. Newer cores can be told not to. For others another class stands in the schema for each,
on which they find no validator, and whose objects are those of the real one.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import CoreConfig, SchemaValidator

from runic.ogm.model.load_schema import CLASSES, with_inner

_CAN_BE_TOLD = "_use_prebuilt" in (SchemaValidator.__text_signature__ or "")


def fresh_validator(schema: Any, config: CoreConfig | None = None) -> SchemaValidator:
    """Return the validator of a schema that may differ from those of the classes in it."""
    if _CAN_BE_TOLD:
        told: Any = {"_use_prebuilt": False}
        return SchemaValidator(schema, config, **told)
    return SchemaValidator(with_stand_ins(schema), config)


def with_stand_ins(schema: Any) -> Any:
    """Return a schema in which another class stands for each class that has a validator."""
    made = with_inner(schema, with_stand_ins)
    if schema["type"] not in CLASSES:
        return made
    real = schema["cls"]
    names = {"__stands_for__": real, "__new__": lambda _: real.__new__(real)}
    return {"cls_name": real.__name__, **made, "cls": _StandIn(real.__name__, (), names)}


class _StandIn(type):
    """Has the objects of a class pass for those of the one that stands for it."""

    __stands_for__: type[Any]

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__stands_for__)
