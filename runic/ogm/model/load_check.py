"""Check stored values of an entity class when they are loaded.

There is one check for each class. Hydration asks it for whole entities, projections for single
fields, and the codec of JSON for what is nested; each of them is made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from pydantic import TypeAdapter
from pydantic._internal._model_construction import unpack_lenient_weakvaluedict
from pydantic_core import CoreConfig, SchemaValidator

from runic.ogm.model.fresh_validator import fresh_validator
from runic.ogm.model.load_schema import (
    Schema,
    below_default,
    fields_of,
    load_schema,
    may_refuse,
    model_in,
    runs_code,
    runs_foreign_code,
)
from runic.ogm.model.registry import Registry
from runic.ogm.model.user_validators import UserValidators
from runic.ogm.model.validate_on_load import validates_on_load

Read = Callable[[Any], Any]

# The commonest of which it is known; of others it is asked.
_NEVER_NONE = frozenset(
    {"str", "int", "float", "bool", "bytes", "datetime", "date", "list", "dict"}
)


class LoadCheck:
    """What stored values of one class have to pass."""

    def __init__(self, cls: type[Any]) -> None:
        self._cls: Any = cls
        self._option = validates_on_load(cls)
        self._fields: dict[str, Read] = {}
        self._items: dict[str, Read] = {}

    @cached_property
    def schema(self) -> Schema:
        """The schema of whole entities, without their relations."""
        own: Schema = self._cls.__pydantic_core_schema__
        if self._option is True:
            return own
        return load_schema(own, self._users, constraints=self._option is False)

    @cached_property
    def validator(self) -> SchemaValidator:
        """Makes an entity of the values of its fields, by field name."""
        if self.schema is self._cls.__pydantic_core_schema__:
            own: SchemaValidator = self._cls.__pydantic_validator__
            return own
        return fresh_validator(self.schema)

    def reads_json(self, adapter: TypeAdapter[Any], annotation: Any, config: CoreConfig) -> Read:
        """Return what makes a value of JSON text, nested in an entity, as the adapter does."""
        if self._option is True:
            return adapter.validate_json
        reduced = self._reduced(adapter, annotation, constraints=self._option is False)
        same = reduced is adapter.core_schema
        return (adapter.validator if same else fresh_validator(reduced, config)).validate_json

    def reads_field(self, name: str) -> Read:
        """Return what makes the value of a field that is read by itself: its type is checked."""
        found = self._fields.get(name)
        if found is None:
            model, inside = model_in(self._types)
            made = fresh_validator(inside(self._type_of(name)), model.get("config"))
            # Strict types take no stored form; whole entities are loaded in the same way.
            found = self._fields[name] = partial(made.validate_python, strict=False)
        return found

    def reads_loaded(self, name: str) -> Read:
        """Return what makes the value of a field as loading does, constraints included."""
        model, inside = model_in(self.schema)
        made = fresh_validator(inside(self._loaded(name)), model.get("config"))
        return partial(made.validate_python, strict=False)

    def may_refuse(self, name: str) -> bool:
        """Tell whether loading a list, set or dict may refuse what was put into it in place."""
        return self._option is not True and may_refuse(self._loaded(name))

    def _loaded(self, name: str) -> Schema:
        model, _ = model_in(self.schema)
        return below_default(fields_of(model)[name]["schema"])

    def takes_none(self, name: str) -> bool:
        """Tell whether None is a value of a field, as it is loaded."""
        node = self._loaded(name)
        if node["type"] in ("any", "nullable"):
            return True
        if node["type"] in _NEVER_NONE:
            return False
        try:
            return self.reads_loaded(name)(None) is None
        except Exception:  # noqa: BLE001 - a type's own code, which may raise anything
            return False

    def reads_item(self, name: str, annotation: Any) -> Read:
        """Return the same for an item of a field, of this type."""
        found = self._items.get(name)
        if found is None:
            reduced = self._reduced(TypeAdapter(annotation), annotation, constraints=False)
            made = fresh_validator(reduced)
            found = self._items[name] = partial(made.validate_python, strict=False)
        return found

    def runs_code(self, name: str) -> bool:
        """Tell whether a field's values are made by code, and not only looked at."""
        return runs_code(self._type_of(name))

    def runs_foreign_code(self, name: str) -> bool:
        """Tell whether the code is of somebody who need not give a stored value back as it is."""
        return runs_foreign_code(self._type_of(name))

    def _type_of(self, name: str) -> Schema:
        model, _ = model_in(self._types)
        return below_default(model["schema"]["fields"][name]["schema"])

    @cached_property
    def _types(self) -> Schema:
        own: Schema = self._cls.__pydantic_core_schema__
        return load_schema(own, self._users, constraints=False)

    def _reduced(self, adapter: TypeAdapter[Any], annotation: Any, *, constraints: bool) -> Schema:
        self._users.look_into(annotation)
        return load_schema(adapter.core_schema, self._users, constraints=constraints)

    @cached_property
    def _users(self) -> UserValidators:
        local = unpack_lenient_weakvaluedict(self._cls.__pydantic_parent_namespace__) or {}
        found = UserValidators({**_other_entities(self._cls), **local})
        found.look_into(self._cls)
        return found


def load_check_of(cls: Any) -> LoadCheck:
    """Return the check of a class's stored values; there is one for each class."""
    # Of the class's own dict: a parent's says nothing about the fields of this one.
    found: LoadCheck | None = cls.__dict__.get("__runic_load_check__")
    if found is None:
        found = cls.__runic_load_check__ = LoadCheck(cls)
    return found


def _other_entities(cls: Any) -> dict[str, Any]:
    registry: Registry | None = getattr(cls, "__runic_registry__", None)
    return {} if registry is None else registry.names()
