"""What nodes and edges share: Pydantic models whose identity is the object itself.

A relation that is not loaded has no key in the entity's `__dict__`. Serialisation and `repr` see
only what is there; reading it comes to `Node.__getattr__`, which asks the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from runic.ogm.errors import FieldValidationError, SessionError
from runic.ogm.model.dump import dump_entity
from runic.ogm.model.meta import EntityMeta
from runic.ogm.model.registry import DEFAULT_REGISTRY, Registry
from runic.ogm.model.state import bind_slot, notes_of, values_of
from runic.ogm.model.validate_on_load import ValidateOnLoad

# What models write themselves with in other libraries.
_WRITES = {
    "save": "session.add(entity) and session.commit()",
    "insert": "session.add(entity) and session.commit()",
    "delete": "session.delete(entity) and session.commit()",
    "refresh": "session.refresh(entity)",
    "reload": "session.refresh(entity)",
}


class Entity(BaseModel, metaclass=EntityMeta):
    """Base of `Node` and `Edge`. Equal means: the same object."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid")

    # A slot and not a PrivateAttr: that runs code for every object and triples hydration.
    __slots__ = ("__runic_notes__",)

    __runic_registry__: ClassVar[Registry] = DEFAULT_REGISTRY
    __runic_relations__: ClassVar[frozenset[str]] = frozenset()
    __runic_abstract__: ClassVar[bool] = True
    # Whether validators see the whole entity, so that what they refuse has to be taken back.
    __runic_guarded__: ClassVar[bool] = False
    __runic_labels__: ClassVar[tuple[str, ...]] = ()
    __runic_validate_on_load__: ClassVar[ValidateOnLoad] = False

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    if not TYPE_CHECKING:  # a type checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            if name == "__pydantic_fields_set__":
                return _fields_set_of(self)
            if name in _WRITES:
                raise AttributeError(
                    f"{type(self).__name__} has no {name!r}: a session writes entities, as"
                    f" {_WRITES[name]}"
                )
            return super().__getattr__(name)

    def __delattr__(self, name: str) -> None:
        if name in type(self).__pydantic_fields__:
            raise FieldValidationError(
                f"{type(self).__name__}.{name} cannot be deleted, since an entity has all of its"
                " fields; set it to None, or a relation to []",
                entity=type(self).__name__,
                field=name,
            )
        super().__delattr__(name)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        # Entities reached through relations are counted, not shown: graphs have cycles.
        for name, value in super().__repr_args__():
            yield name, _Summary(value) if name in type(self).__runic_relations__ else value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        target: Any = schema
        while target["type"] == "definitions":
            target = target["schema"]
        if "serialization" not in target:
            target["serialization"] = core_schema.wrap_serializer_function_ser_schema(dump_entity)
        return schema


bind_slot(Entity.__dict__["__runic_notes__"])


def refuse_second_init(entity: Entity) -> None:
    """Raise if `__init__` is called of an entity that a session knows.

    Raises:
        SessionError: It would be another entity, in the place of the one that is stored.
    """
    if notes_of(entity) is not None:
        raise SessionError(
            f"this {type(entity).__name__} is made and known to a session: __init__ makes new"
            " entities; assign its fields"
        )


def _fields_set_of(entity: Entity) -> set[str]:
    """Make the set of the fields that were given, for an entity that was loaded without one."""
    # Few ask, and for a small entity it takes more memory than all else of it.
    given = set(values_of(entity)) - type(entity).__runic_relations__
    object.__setattr__(entity, "__pydantic_fields_set__", given)
    return given


class _Summary:
    """Shows how much a loaded relation holds."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __repr__(self) -> str:
        if isinstance(self._value, list):
            return f"<{len(self._value)} loaded>"
        return "None" if self._value is None else f"<{type(self._value).__name__}>"
