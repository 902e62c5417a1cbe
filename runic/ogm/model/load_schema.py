"""The schema that stored values pass when they are loaded, made of the one that given values pass.

What a user's before, after and wrap validators make of a value was stored; applied again, they
would hash a hash and split what is split. So they are left out, and with them all that changes text
or asks for the time of day and the disk. Types stay, and constraints unless they are to go too.

A schema is a tree of dicts (`pydantic_core.core_schema`); what needs no change is kept as the very
same object, which is how it is known that nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import NameEmail

from runic.ogm.model.user_validators import UserValidators

Schema = Mapping[str, Any]
Change = Callable[[Any], Any]

# Where a node of a schema has others.
_INNER = (
    "schema", "items_schema", "keys_schema", "values_schema", "choices", "steps", "lax_schema",
    "strict_schema", "json_schema", "python_schema", "fields", "arguments_schema",
    "var_args_schema", "var_kwargs_schema", "extras_schema", "extras_keys_schema", "definitions",
)  # fmt: skip

_FUNCTIONS = ("function-before", "function-after", "function-wrap")
CLASSES = ("model", "dataclass")

_ALWAYS: Mapping[str, frozenset[str]] = {
    "str": frozenset({"strip_whitespace", "to_lower", "to_upper"}),
    "date": frozenset({"now_op"}),
    "datetime": frozenset({"now_op"}),
}
_TEXT_SETTINGS = frozenset({"str_strip_whitespace", "str_to_lower", "str_to_upper"})
_LENGTH_SETTINGS = frozenset({"str_min_length", "str_max_length"})

_LENGTHS = frozenset({"min_length", "max_length"})
_BOUNDS = frozenset({"gt", "ge", "lt", "le"})
_STEPS = _BOUNDS | {"multiple_of", "allow_inf_nan"}
_CONSTRAINTS: Mapping[str, frozenset[str]] = {
    "str": _LENGTHS | {"pattern"},
    "int": _STEPS,
    "float": _STEPS,
    "decimal": _STEPS | {"max_digits", "decimal_places"},
    "uuid": frozenset({"version"}),
    **dict.fromkeys(("date", "time", "datetime", "timedelta"), _BOUNDS),
    **dict.fromkeys(("bytes", "list", "set", "frozenset", "tuple", "dict", "generator"), _LENGTHS),
    **dict.fromkeys(("url", "multi-host-url"), frozenset({"max_length"})),
}
# Pydantic checks these by functions where a type knows nothing of them.
_CHECKED_BY = _STEPS | _LENGTHS | {"max_digits", "decimal_places"}


def load_schema(schema: Schema, users: UserValidators, *, constraints: bool) -> Schema:
    """Return the schema for stored values; the same object if it does nothing else.

    `users` gets the validators of the classes in the schema, and of what these are made of.
    """
    # Not the classes that relations lead to, which are all of a graph's: each has its own schema.
    bare = _reachable(_without_relations(schema))
    for node in nodes(bare):
        if isinstance(node.get("cls"), type):
            users.look_into(node["cls"])
    made: Schema = _LoadSchema(users, constraints).changed(bare)
    return schema if made is bare else made


def model_in(schema: Schema) -> tuple[Schema, Change]:
    """Return the model that a schema is about, and what puts a schema beside its definitions."""
    known = {each["ref"]: each for each in schema.get("definitions", ())}
    node: Any = schema
    while node["type"] != "model":
        node = known[node["schema_ref"]] if node["type"] == "definition-ref" else node["schema"]
    frame = {"type": "definitions", "definitions": list(known.values())}
    return node, lambda inner: {**frame, "schema": inner} if known else inner


def below_default(node: Schema) -> Schema:
    """Return the schema of the values that a field is given."""
    inner: Schema = node["schema"] if node["type"] == "default" else node
    return inner if inner is node else below_default(inner)


def fields_of(model: Schema) -> Any:
    """Return the fields of a model's schema, by name."""
    inner = model["schema"]
    while inner["type"] != "model-fields":
        inner = inner["schema"]
    return inner["fields"]


# Of these an encoder takes exactly the values that are read back.
_ENCODED = frozenset({
    "str", "int", "float", "bool", "bytes", "datetime", "date", "time", "timedelta", "uuid",
    "decimal", "any",
})  # fmt: skip
_LISTS = frozenset({"list", "set", "frozenset", "tuple"})


def may_refuse(node: Schema) -> bool:
    """Tell whether a schema asks more of a list, set or dict than that it can be encoded."""
    while node["type"] in ("nullable", "default"):
        node = node["schema"]
    if _is_constrained(node):
        return True
    if node["type"] not in _LISTS:
        return False
    items = node.get("items_schema") or {"type": "any"}
    listed = items if isinstance(items, list) else [items]
    return any(item["type"] not in _ENCODED or _is_constrained(item) for item in listed)


def _is_constrained(node: Schema) -> bool:
    return not _CONSTRAINTS.get(node["type"], frozenset()).isdisjoint(node)


def runs_code(node: Schema) -> bool:
    """Tell whether a function has a part in making a value."""
    return any(each["type"].startswith("function-") for each in nodes(node))


def runs_foreign_code(node: Schema) -> bool:
    """Tell whether a function that is not Pydantic's own, or one that is not exact, takes part."""
    functions = (n["function"]["function"] for n in nodes(node) if _is_function(n))
    return not all(map(_is_exact, functions))


def _is_function(node: Schema) -> bool:
    return str(node["type"]).startswith("function-")


def _is_exact(function: Any) -> bool:
    """Tell whether a function gives a value of its type back as it is."""
    bare = function.func if isinstance(function, partial) else function
    module = str(getattr(bare, "__module__", ""))
    # What is written of a name with an address cannot be read for every name.
    return module.startswith(("pydantic.", "runic.ogm.")) and (
        getattr(bare, "__self__", None) is not NameEmail
    )


@dataclass(frozen=True, slots=True)
class _LoadSchema:
    """Changes the nodes of one schema."""

    users: UserValidators
    constraints: bool

    def changed(self, node: Any) -> Any:
        kind = node["type"]
        if kind in _FUNCTIONS and self._is_left_out(node["function"]["function"]):
            inner = self.changed(node["schema"])
            return {**inner, "ref": node["ref"]} if "ref" in node else inner
        return self._changed_class(node) if kind in CLASSES else self._changed_parts(node)

    def _changed_class(self, node: Any) -> Any:
        made = self._changed_parts(node)
        # A constructor would pass the values to the class's own validator.
        return {**made, "custom_init": False} if made.get("custom_init") else made

    def _changed_parts(self, node: Any) -> Any:
        kind = node["type"]
        removed = _ALWAYS.get(kind, frozenset())
        settings = _TEXT_SETTINGS
        if not self.constraints:
            removed |= _CONSTRAINTS.get(kind, frozenset())
            settings |= _LENGTH_SETTINGS
        return with_inner(_without_settings(_without(node, removed), settings), self.changed)

    def _is_left_out(self, function: Any) -> bool:
        if function in self.users or _asks_the_machine(function):
            return True
        return not self.constraints and _is_constraint(function)


def _asks_the_machine(function: Any) -> bool:
    """Tell whether a function is one of Pydantic's that look for a path: `FilePath` and others."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "")
    return module == "pydantic.types" and name.startswith("PathType.validate_")


def _is_constraint(function: Any) -> bool:
    """Tell whether a function is one with which Pydantic checks a constraint or a `Predicate`."""
    if isinstance(function, partial):
        own = function.func.__module__ == "pydantic._internal._validators"
        return own and function.keywords.keys() <= _CHECKED_BY
    module = getattr(function, "__module__", None)
    name = getattr(function, "__name__", "")
    return module == "pydantic._internal._known_annotated_metadata" or (
        module == "pydantic._internal._validators" and name == "forbid_inf_nan_check"
    )


def with_inner(node: Any, change: Change) -> Any:
    """Return a node with its inner ones changed; the same object if none has."""
    made: Any = None
    for key in _INNER:
        if key in node and (inner := _each(node[key], change)) is not node[key]:
            made = dict(node) if made is None else made
            made[key] = inner
    return node if made is None else made


def _each(value: Any, change: Change) -> Any:
    """Return a node, or a list, tuple or dict that holds nodes, with each of them changed."""
    if isinstance(value, Mapping):
        if isinstance(value.get("type"), str):
            return change(value)
        changed: Any = {key: _each(inner, change) for key, inner in value.items()}
        same = all(changed[key] is value[key] for key in value)
    elif isinstance(value, list | tuple):
        changed = type(value)([_each(inner, change) for inner in value])
        same = all(one is other for one, other in zip(changed, value, strict=True))
    else:
        return value
    return value if same else changed


def _without(node: Any, keys: frozenset[str]) -> Any:
    """Return a node without some keys and, in its settings, what changes text."""
    if not node.keys() & keys:
        return node
    return {key: value for key, value in node.items() if key not in keys}


def _without_settings(node: Any, settings: frozenset[str]) -> Any:
    if not node.get("config", {}).keys() & settings:
        return node
    return {**node, "config": _without(node["config"], settings)}


def _without_relations(node: Any) -> Any:
    names: frozenset[str] = getattr(node.get("cls"), "__runic_relations__", frozenset())
    return with_inner(_without_fields(node, names) if names else node, _without_relations)


def _without_fields(node: Any, names: frozenset[str]) -> Any:
    """Return the node of a model without some fields, which may stand below its validators."""
    if node["type"] == "model-fields":
        return {**node, "fields": _without(node["fields"], names)}
    return {**node, "schema": _without_fields(node["schema"], names)}


def nodes(schema: Any) -> Iterator[Any]:
    """Yield every node of a schema."""
    waiting = [schema]

    def see(inner: Any) -> Any:
        waiting.append(inner)
        return inner

    while waiting:
        node = waiting.pop()
        yield node
        with_inner(node, see)


def _reachable(schema: Any) -> Any:
    """Return a schema with the definitions that it refers to, and without the frame for none."""
    if schema["type"] != "definitions":
        return schema
    known = {each["ref"]: each for each in schema["definitions"]}
    root = schema["schema"]
    if root["type"] == "definition-ref":
        root = known[root["schema_ref"]]
    used = _definitions_of(root, known)
    if root.get("ref") in used:  # it holds others like itself
        root = schema["schema"]
    if not used:
        return root
    return {"type": "definitions", "schema": root, "definitions": list(used.values())}


def _definitions_of(root: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    used: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        for node in nodes(waiting.pop()):
            ref = node["schema_ref"] if node["type"] == "definition-ref" else None
            if ref is not None and ref not in used:
                used[ref] = known[ref]
                waiting.append(known[ref])
    return used
