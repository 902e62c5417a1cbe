"""Find the validators that a user gave to a type: the decorated functions and those in `Annotated`.

A core schema shows functions and not where they come from. A before, after or wrap validator works
on what users give; a function in the schema of a type (`EmailStr`, a class with
`__get_pydantic_core_schema__`) makes the type's values. So the former are looked for where Pydantic
looks for them: in annotations, and on the classes these name.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, cast

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, BeforeValidator, WrapValidator
from pydantic._internal._decorators import PydanticDescriptorProxy
from pydantic.fields import FieldInfo
from typing_extensions import get_type_hints, is_typeddict
from typing_inspection.typing_objects import is_typealiastype

from runic.ogm.model.relation import RelationDefault

_DECORATED = ("field_validators", "model_validators", "validators", "root_validators")
_CHANGING = (BeforeValidator, AfterValidator, WrapValidator)

# What an annotation with a name that stands nowhere raises.
_UNKNOWN = (NameError, AttributeError, TypeError, SyntaxError)


class UserValidators:
    """The functions of the before, after and wrap validators below some types.

    `names` are what text in annotations may name beside what stands in the module of its class.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = dict(names)
        # By id, and kept, so that no other object gets the id meanwhile.
        self._functions: dict[int, Any] = {}
        self._seen: dict[int, Any] = {}

    def __contains__(self, function: Any) -> bool:
        return id(_bare(function)) in self._functions

    def look_into(self, annotation: Any) -> None:
        """Add the validators of a type and of every type it is made of."""
        if id(annotation) in self._seen:
            return
        self._seen[id(annotation)] = annotation
        if isinstance(annotation, type) and typing.get_origin(annotation) is None:
            self._look_into_class(annotation)
        for inner in _parts_of(annotation):
            self.look_into(self._evaluated(inner, getattr(annotation, "__module__", "")))
        for metadata in getattr(annotation, "__metadata__", ()):
            self._look_at(metadata)

    def _look_at(self, metadata: Any) -> None:
        if isinstance(metadata, _CHANGING):
            self._add(metadata.func)
        elif isinstance(metadata, FieldInfo):
            self._look_into_field(metadata)
        elif isinstance(metadata, GroupedMetadata):
            for each in metadata:
                self._look_at(each)

    def _look_into_field(self, field: FieldInfo) -> None:
        if isinstance(field.default_factory, RelationDefault):
            return  # stored elsewhere, and its classes have schemas of their own
        self.look_into(field.annotation)
        for metadata in field.metadata:
            self._look_at(metadata)

    def _look_into_class(self, cls: type[Any]) -> None:
        for function in _decorated(cls):
            self._add(function)
        fields: Mapping[str, FieldInfo] | None = cls.__dict__.get("__pydantic_fields__")
        for field in (fields or {}).values():
            self._look_into_field(field)
        if fields is None and _has_typed_fields(cls):
            for annotation in self._hints(cls):
                self.look_into(annotation)

    def _add(self, function: Callable[..., Any]) -> None:
        bare = _bare(function)
        self._functions[id(bare)] = bare

    def _hints(self, cls: type[Any]) -> Iterable[Any]:
        try:
            return list(get_type_hints(cls, None, self._names, include_extras=True).values())
        except _UNKNOWN:  # of one annotation: leave that one out
            return [each for base in cls.__mro__ for each in self._own_hints(base)]

    def _own_hints(self, cls: type[Any]) -> Iterable[Any]:
        for annotation in inspect.get_annotations(cls).values():
            yield self._evaluated(annotation, cls.__module__)

    def _evaluated(self, annotation: Any, module: str) -> Any:
        """Return what text in an annotation says; None if it names what is known nowhere."""
        text = getattr(annotation, "__forward_arg__", annotation)
        if not isinstance(text, str):
            return annotation
        # As `get_type_hints` does, which stops at the first unknown name.
        names = {**vars(sys.modules.get(module, sys)), **self._names}
        return _quietly(partial(eval, text, names))


def _bare(function: Any) -> Any:
    # Each look at a class method makes another bound object of the same function.
    return getattr(function, "__func__", function)


def _decorated(cls: type[Any]) -> Iterator[Callable[..., Any]]:
    found = getattr(cls, "__pydantic_decorators__", None)
    for decorator in chain(*(getattr(found, kind, {}).values() for kind in _DECORATED)):
        if decorator.info.mode != "plain":
            yield decorator.func
    # On a class that is not Pydantic's, a standard dataclass, they stay as they were written.
    for written in chain(*(vars(base).values() for base in cls.__mro__)):
        mode = getattr(getattr(written, "decorator_info", None), "mode", "plain")
        if isinstance(written, PydanticDescriptorProxy) and mode != "plain":
            yield cast(Callable[..., Any], written.wrapped)


def _has_typed_fields(cls: type[Any]) -> bool:
    named = issubclass(cls, tuple) and hasattr(cls, "_fields")
    return dataclasses.is_dataclass(cls) or is_typeddict(cls) or named


def _parts_of(annotation: Any) -> Iterable[Any]:
    """Return the types that an annotation is made of; those of a class are its fields'."""
    if is_typealiastype(annotation):
        return (_quietly(lambda: annotation.__value__),)
    if isinstance(annotation, typing.NewType):
        return (annotation.__supertype__,)
    if isinstance(annotation, typing.TypeVar):
        return (annotation.__bound__, *annotation.__constraints__)
    if hasattr(annotation, "__metadata__"):
        return (annotation.__origin__,)
    return (typing.get_origin(annotation), *typing.get_args(annotation))


def _quietly(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except _UNKNOWN:
        return None
