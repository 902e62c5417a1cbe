"""Models whose validators are counted: every kind of validator, at every place it can stand.

`watched(place, kind)` makes the classes of one case, in a registry of their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from types import new_class
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pydantic.dataclasses
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    WrapValidator,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from runic.ogm.model import Edge, Node, Registry, Relation

T = TypeVar("T")

MODES = ("before", "after", "wrap")
KINDS = [f"{what} {mode}" for what in ("annotated", "field", "model") for mode in MODES]


@dataclass
class Watched:
    """A node or edge class, what its validated field is given, and what its validators saw."""

    entity: type[Any]
    given: Any
    calls: list[Any]
    field: str = "part"

    def made(self, **others: Any) -> Any:
        """Return an entity with the value that is validated."""
        return self.entity(**{self.field: self.given}, **others)


def _function(mode: str, calls: list[Any]) -> Callable[..., Any]:
    def look(value: Any) -> Any:
        calls.append(value)
        return value

    def wrap(value: Any, handler: Any) -> Any:
        calls.append(value)
        return handler(value)

    return wrap if mode == "wrap" else look


def _decorators(kind: str, calls: list[Any]) -> dict[str, Any]:
    """Return what a class that holds `text` is given to be watched."""
    what, mode = kind.split()
    function = _function(mode, calls)
    if what == "field":
        return {"look": field_validator("text", mode=mode)(_class_method(mode, function))}  # type: ignore[call-overload]
    if what == "model":
        if mode == "after":
            return {"look": model_validator(mode="after")(function)}
        return {"look": model_validator(mode=mode)(_class_method(mode, function))}  # type: ignore[call-overload]
    return {}


def _class_method(mode: str, function: Callable[..., Any]) -> Any:
    if mode == "wrap":
        return classmethod(lambda cls, value, handler: function(value, handler))
    return classmethod(lambda cls, value: function(value))


def _text(kind: str, calls: list[Any]) -> Any:
    """Return the type of the field that is watched."""
    what, mode = kind.split()
    if what != "annotated":
        return str
    validator = {"before": BeforeValidator, "after": AfterValidator, "wrap": WrapValidator}[mode]
    return Annotated[str, validator(_function(mode, calls))]


def _class(name: str, bases: tuple[Any, ...], fields: dict[str, Any], body: dict[str, Any]) -> Any:
    names = {"__annotations__": dict(fields), "__module__": __name__, **body}
    return new_class(name, bases, {}, lambda space: space.update(names))


def _model(kind: str, calls: list[Any], base: Any = BaseModel, **fields: Any) -> Any:
    return _class(
        "Holder", (base,), {**fields, "text": _text(kind, calls)}, _decorators(kind, calls)
    )


def _entity(field: Any, base: type[Any] | None = None, body: Any = None) -> Any:
    if base is not None:
        return _class("Watch", (base,), field, body or {})
    registry = Registry()
    root = new_class("Root", (Node,), {"abstract": True, "registry": registry})
    return _class("Watch", (root,), {"id": str, **field}, body or {})


def watched(place: str, kind: str) -> Watched:
    """Return the classes of one case."""
    return PLACES[place](kind, [])


def _in_node(kind: str, calls: list[Any]) -> Watched:
    cls = _entity({"text": _text(kind, calls)}, None, _decorators(kind, calls))
    return Watched(cls, "a", calls, "text")


def _inherited(kind: str, calls: list[Any]) -> Watched:
    parent = _in_node(kind, calls).entity
    cls = _class("Below", (parent,), {"more": int}, {"more": 1})
    return Watched(cls, "a", calls, "text")


def _generic_node(kind: str, calls: list[Any]) -> Watched:
    registry = Registry()
    root: Any = new_class("Root", (Node,), {"abstract": True, "registry": registry})
    fields = {"id": str, "text": _text(kind, calls), "other": T | None}
    body = {**_decorators(kind, calls), "other": None}
    box = _class("Box", (root, Generic[T]), fields, body)
    cls = _class("BoxOfInt", (box[int],), {}, {})
    return Watched(cls, "a", calls, "text")


def _in_edge(kind: str, calls: list[Any]) -> Watched:
    registry = Registry()
    root: Any = new_class("Root", (Edge,), {"abstract": True, "registry": registry})
    cls = _class("Tie", (root,), {"text": _text(kind, calls)}, _decorators(kind, calls))
    return Watched(cls, "a", calls, "text")


def _nested(annotation: Callable[[Any], Any], given: Callable[[Any], Any]) -> Any:
    def make(kind: str, calls: list[Any]) -> Watched:
        holder = _model(kind, calls)
        return Watched(_entity({"part": annotation(holder)}), given({"text": "a"}), calls)

    return make


def _in_dataclass(decorate: Callable[[Any], Any]) -> Any:
    def make(kind: str, calls: list[Any]) -> Watched:
        fields = {"text": _text(kind, calls)}
        holder = decorate(_class("Holder", (), fields, _decorators(kind, calls)))
        return Watched(_entity({"part": holder | None}), {"text": "a"}, calls)

    return make


def _in_typed_dict(kind: str, calls: list[Any]) -> Watched:
    # Class syntax would keep the type as text, of names that only this function has.
    holder = TypedDict("Holder", {"text": _text(kind, calls)})  # type: ignore[misc]  # noqa: UP013
    return Watched(_entity({"part": holder | None}), {"text": "a"}, calls)  # type: ignore[operator]


def _in_named_tuple(kind: str, calls: list[Any]) -> Watched:
    holder = NamedTuple("Holder", [("text", _text(kind, calls))])  # type: ignore[misc]  # noqa: UP014
    return Watched(_entity({"part": holder | None}), ["a"], calls)  # type: ignore[operator]


def _in_union(kind: str, calls: list[Any]) -> Watched:
    one = _model(kind, calls, tag=Literal["one"])
    two = create_model("Two", tag=(Literal["two"], ...), number=(int, 0))
    both = Annotated[one | two, Field(discriminator="tag")]
    return Watched(_entity({"part": both}), {"tag": "one", "text": "a"}, calls)


def _in_generic(kind: str, calls: list[Any]) -> Watched:
    box = _class("Box", (BaseModel, Generic[T]), {"inner": T}, {})
    cls = _entity({"part": box[_model(kind, calls)]})
    return Watched(cls, {"inner": {"text": "a"}}, calls)


def _recursive(kind: str, calls: list[Any]) -> Watched:
    fields = {"text": _text(kind, calls), "below": "list[Holder]"}
    holder = _class("Holder", (BaseModel,), fields, {**_decorators(kind, calls), "below": []})
    holder.model_rebuild(_types_namespace={"Holder": holder})
    return Watched(_entity({"part": holder}), {"text": "a", "below": []}, calls)


def _below_a_plain_model(kind: str, calls: list[Any]) -> Watched:
    outer = create_model("Outer", inner=(_model(kind, calls), ...), twin=(_model(kind, []), ...))
    given = {"inner": {"text": "a"}, "twin": {"text": "b"}}
    return Watched(_entity({"part": outer}), given, calls)


def _below_a_finished_model(kind: str, calls: list[Any]) -> Watched:
    """A model that is complete, and used twice: its validator is at hand for the core."""
    holder = _model(kind, calls)
    outer = create_model("Outer", inner=(holder, ...), more=(list[holder], []))  # type: ignore[valid-type]
    outer.model_validate({"inner": {"text": "warm"}})
    calls.clear()
    fields = {"part": outer, "again": outer | None}
    return Watched(_entity(fields, None, {"again": None}), {"inner": {"text": "a"}}, calls)


def _items(kind: str, calls: list[Any]) -> Watched:
    return Watched(_entity({"part": list[_text(kind, calls)]}), ["a"], calls)  # type: ignore[misc]


NODE_PLACES: dict[str, Any] = {
    "node": _in_node,
    "inherited": _inherited,
    "generic node": _generic_node,
    "nested": _nested(lambda holder: holder, lambda given: given),
    "nested or none": _nested(lambda holder: holder | None, lambda given: given),
    "list": _nested(lambda holder: list[holder], lambda given: [given]),
    "dict": _nested(lambda holder: dict[str, holder], lambda given: {"k": given}),
    "tuple": _nested(lambda holder: tuple[holder, int], lambda given: [given, 1]),
    "dataclass": _in_dataclass(dataclasses.dataclass),
    "frozen dataclass": _in_dataclass(dataclasses.dataclass(frozen=True, slots=True)),
    "pydantic dataclass": _in_dataclass(pydantic.dataclasses.dataclass),
    "typed dict": _in_typed_dict,
    "named tuple": _in_named_tuple,
    "union": _in_union,
    "generic": _in_generic,
    "recursive": _recursive,
    "below a plain model": _below_a_plain_model,
    "below a finished model": _below_a_finished_model,
    "items": _items,
}
PLACES: dict[str, Any] = {**NODE_PLACES, "edge": _in_edge}

# Where only the type of a field can be watched, as there is no class to decorate.
_WITHOUT_CLASS = ("typed dict", "named tuple", "items")


def _can_be(place: str, kind: str) -> bool:
    what = kind.split()[0]
    if place in _WITHOUT_CLASS:
        return what == "annotated"
    # A dataclass with slots is made anew, without what Pydantic has found on it.
    return not (place.endswith("dataclass") and what == "model" and place != "pydantic dataclass")


def given_once(place: str, kind: str) -> bool:
    """Tell whether Pydantic itself runs the validator once for one value."""
    return not (place == "recursive" and kind in ("model after", "model wrap"))


CASES = [(place, kind) for place in NODE_PLACES for kind in KINDS if _can_be(place, kind)]
EDGE_CASES = [("edge", kind) for kind in KINDS]


def relation_between(cls: type[Any]) -> type[Any]:
    """Return a node class that leads to nodes of a class, or by edges of it."""
    root: Any = new_class(
        "OwnerRoot", (Node,), {"abstract": True, "registry": cls.__runic_registry__}
    )
    if issubclass(cls, Edge):
        relation = Relation(cls.__runic_type__, target="Owner")
    else:
        relation = Relation("PART")
    return _class("Owner", (root,), {"id": str, "parts": list[cls]}, {"parts": relation})  # type: ignore[valid-type]
