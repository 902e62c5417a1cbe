"""The metaclass: graph options in the class statement, expressions on the class.

`User.name` on the class is an expression although Pydantic removes field defaults from classes:
Python asks the metaclass for what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from pydantic import BaseModel, ConfigDict
from pydantic import Field as PydanticField
from pydantic._internal._model_construction import ModelMetaclass
from pydantic_core import PydanticUndefined

from runic.ogm.errors import MetadataError
from runic.ogm.model.description import (
    EdgeInfo,
    NodeInfo,
    check_relation,
    describe_properties,
    describe_relations,
    primary_key_name,
    property_options,
    relation_options,
)
from runic.ogm.model.fields import Field, PrimaryKey
from runic.ogm.model.fields import Property as StoredName
from runic.ogm.model.generics import claim_form, is_open, is_parametrised
from runic.ogm.model.identifiers import checked_identifier
from runic.ogm.model.keys import GeneratedKey
from runic.ogm.model.options import refuse_unknown
from runic.ogm.model.registry import Registry
from runic.ogm.model.shadowed import let_fields_show
from runic.ogm.model.validate_on_load import ValidateOnLoad, set_validate_on_load

if TYPE_CHECKING:
    from runic.ogm.model.entity import Entity

# While Pydantic builds a class it probes the parents' attributes; an expression found there
# would be taken for a default or for a shadowed name.
_building: ContextVar[bool] = ContextVar("runic_building", default=False)

# Expressions belong to the query room, which imports this one: it hands in how to make them.
_make_expression: list[Callable[[Any, str], Any]] = []


def provide_expressions(make: Callable[[Any, str], Any]) -> None:
    """Set what a field name read from a class becomes."""
    _make_expression[:] = [make]


@dataclass_transform(kw_only_default=True, field_specifiers=(Field, PydanticField))
class EntityMeta(ModelMetaclass):
    """Builds entity classes, keeps their description, answers field names with expressions."""

    __runic_entity__: ClassVar[str]
    __runic_abstract__: bool
    __runic_labels__: tuple[str, ...]
    __runic_label__: str
    __runic_type__: str
    __runic_registry__: Registry
    __runic_root__: Any

    # Pydantic's own ask the machinery of abstract classes, in Python, and sessions ask for each
    # entity; nothing registers as an entity without being one.
    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__

    def __new__(  # noqa: PLR0913 - each is an option of the class statement
        mcs,
        name: str,
        bases: tuple[type[Any], ...],
        namespace: dict[str, Any],
        *,
        labels: list[str] | tuple[str, ...] | None = None,
        primary_label: str | None = None,
        type: str | None = None,
        abstract: bool = False,
        registry: Registry | None = None,
        validate_on_load: ValidateOnLoad | None = None,
        **kwargs: Any,
    ) -> Any:
        """Build the class with Pydantic, then work out its place in the graph."""
        _refuse_unknown_options(name, bases, kwargs)
        token = _building.set(True)
        try:
            cls: Any = super().__new__(mcs, name, bases, namespace, **kwargs)
        finally:
            _building.reset(token)
        if any(
            isinstance(base, EntityMeta) and hasattr(base, "__runic_entity__") for base in bases
        ):
            set_validate_on_load(cls, validate_on_load)
            _set_up(cls, labels, primary_label, type, abstract, registry)
        return cls

    def __init__(  # noqa: PLR0913 - as above
        cls,
        name: str,
        bases: tuple[type[Any], ...],
        namespace: dict[str, Any],
        *,
        labels: list[str] | tuple[str, ...] | None = None,
        primary_label: str | None = None,
        type: str | None = None,
        abstract: bool = False,
        registry: Registry | None = None,
        validate_on_load: ValidateOnLoad | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, bases, namespace, **kwargs)

    # Type checkers are to know the names that are declared, and no others.
    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            """Return the expression of a field."""
            # Only the class's own dict: what a parent has says nothing about this class.
            own = cls.__dict__
            if name in own.get("__runic_names__", ()) and not _building.get() and _make_expression:
                return _make_expression[0](cls, name)
            if name.startswith("_") or "__runic_names__" not in own:
                return super().__getattr__(name)
            hint = ". Entities are read with a session: session.scalars(select(…))"
            raise AttributeError(
                f"{cls.__name__} has no field or attribute {name!r}; its fields:"
                f" {', '.join(cls.__pydantic_fields__)}{hint if name in _QUERIES else ''}",
                name=name,
                obj=cls,
            )


# What classes have in libraries whose models query by themselves.
_QUERIES = frozenset({"all", "find", "find_one", "get", "nodes", "objects", "query", "select"})

# What Python and Pydantic's settings take in a class statement, with what runic adds.
_CLASS_OPTIONS = frozenset(ConfigDict.__annotations__) | {
    "labels", "primary_label", "type", "abstract", "registry", "validate_on_load",
}  # fmt: skip


def _refuse_unknown_options(name: str, bases: tuple[Any, ...], given: dict[str, Any]) -> None:
    hooks = ("__init_subclass__", "__pydantic_init_subclass__")
    for base in (each for parent in bases for each in parent.__mro__):
        # A class of the user's takes options of its own; Pydantic's takes every one.
        own = base.__dict__.keys() & hooks
        if own and base is not BaseModel and base is not object:
            return
    options = (
        "the options are labels, primary_label, type, abstract, registry, validate_on_load and"
        " model settings"
    )
    refuse_unknown(given, _CLASS_OPTIONS, name, options)


def _set_up(
    cls: Any,
    labels: list[str] | tuple[str, ...] | None,
    primary_label: str | None,
    type_: str | None,
    abstract: bool,
    registry: Registry | None,
) -> None:
    parametrised = is_parametrised(cls)
    if not parametrised:  # as abstract as the class it is made of
        cls.__runic_abstract__ = abstract
    if registry is not None:
        cls.__runic_registry__ = registry
    _refuse_extras(cls)
    _bind_defaults(cls)
    let_fields_show(cls, _shown)
    if not parametrised:
        if cls.__runic_entity__ == "node":
            _set_labels(cls, labels, primary_label, type_)
        else:
            _set_type(cls, labels, primary_label, type_)
        if not abstract:
            _check_fields(cls)
            _register(cls)
    cls.__runic_names__ = frozenset(cls.__pydantic_fields__)
    complete_pending(cls.__runic_registry__)


def _shown(cls: Any, name: str) -> Any:
    """Return the expression of a field that a descriptor is asked for."""
    if _building.get() or not _make_expression:
        raise AttributeError(name)
    return _make_expression[0](cls, name)


def _refuse_extras(cls: Any) -> None:
    if cls.model_config.get("extra") == "allow":
        raise MetadataError(
            f'{cls.__name__} has extra="allow", and what is not declared is not stored; declare the'
            " fields, or one of type dict[str, Any] for what is not known before"
        )


def _check_fields(cls: Any) -> None:
    """Raise now for what is wrong in the annotations, if all of their names are known."""
    if cls.__runic_entity__ == "node":
        cls.__runic_key__ = primary_key_name(cls)
    if not cls.__pydantic_complete__:
        return  # told at the first use
    describe_properties(cls, cls.__runic_key__ if cls.__runic_entity__ == "node" else None)
    for name in () if is_open(cls) else cls.__runic_relations__:
        info = cls.__pydantic_fields__[name]
        check_relation(cls, name, info, info.default_factory)


def _bind_defaults(cls: Any) -> None:
    relations = []
    for name, info in cls.__pydantic_fields__.items():
        _generate_key(cls, info)
        if isinstance(info.default_factory, GeneratedKey):
            info.default_factory.bind(cls, name)
        options = relation_options(info)
        if options is not None:
            options.bind(cls, name)
            relations.append(name)
        elif StoredName in (found := property_options(info)):
            checked_identifier(found[StoredName].name, f"property name of {cls.__name__}.{name}")
    cls.__runic_relations__ = frozenset(relations)
    cls.__runic_guarded__ = _validates_whole(cls)


def _validates_whole(cls: Any) -> bool:
    """Tell whether the class has validators that see the entity with a new value in place."""
    # A schema of the class's own may have validators of its own round it.
    schema = cls.__get_pydantic_core_schema__.__func__.__module__
    return bool(cls.__pydantic_decorators__.model_validators) or schema != "runic.ogm.model.entity"


def _generate_key(cls: Any, info: Any) -> None:
    """Give a key that only its metadata calls generated the default that `Field` would give it."""
    option = property_options(info).get(PrimaryKey)
    if option is None or not option.generated or info.default_factory is not None:
        return
    info.default, info.default_factory = PydanticUndefined, GeneratedKey()
    if cls.__pydantic_complete__:
        _rebuild(cls, cls.__runic_registry__, force=True)


def _set_labels(cls: Any, labels: Any, primary_label: str | None, type_: str | None) -> None:
    if type_ is not None:
        raise MetadataError(f"{cls.__name__} is a Node: use labels=[{type_!r}] instead of type=")
    own = _checked_labels(cls, labels)
    inherited = _inherited_labels(cls)
    if cls.__runic_abstract__ and labels is None:
        own = ()
    cls.__runic_labels__ = tuple(dict.fromkeys((*inherited, *own)))
    cls.__runic_label__ = primary_label or (own or inherited or ("",))[0]
    if primary_label is not None and primary_label not in cls.__runic_labels__:
        raise MetadataError(
            f"{cls.__name__}: primary_label {primary_label!r} is not among its labels"
            f" {list(cls.__runic_labels__)}"
        )
    parents = [base for base in cls.__mro__[1:] if getattr(base, "__runic_labels__", ())]
    cls.__runic_root__ = parents[-1] if parents and not cls.__runic_abstract__ else cls


def _checked_labels(cls: Any, labels: Any) -> tuple[str, ...]:
    if isinstance(labels, str):
        raise MetadataError(f"{cls.__name__}: labels is a list, write labels=[{labels!r}]")
    if labels is not None and not labels:
        raise MetadataError(
            f"{cls.__name__} has an empty list of labels; name one, or leave labels= out to use the"
            " class name"
        )
    chosen = (cls.__name__,) if labels is None else tuple(labels)
    return tuple(checked_identifier(label, f"label of {cls.__name__}") for label in chosen)


def _inherited_labels(cls: Any) -> tuple[str, ...]:
    return tuple(
        label for base in reversed(cls.__bases__) for label in getattr(base, "__runic_labels__", ())
    )


def _set_type(cls: Any, labels: Any, primary_label: str | None, type_: str | None) -> None:
    if labels is not None or primary_label is not None:
        raise MetadataError(f"{cls.__name__} is an Edge: it has one type, write type=… for labels=")
    name = upper_snake(cls.__name__) if type_ is None else type_
    cls.__runic_type__ = checked_identifier(name, f"type of {cls.__name__}")
    if cls.__runic_relations__:
        raise MetadataError(f"{cls.__name__} is an Edge and cannot have relations of its own")


def upper_snake(name: str) -> str:
    """Return `AuthoredBy` as `AUTHORED_BY`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper()


def _register(cls: Any) -> None:
    cls.__runic_registry__.add(cls)


def complete_pending(registry: Registry) -> None:
    """Finish the classes whose annotations name classes that have come since."""
    pending = [cls for cls in registry if not cls.__pydantic_complete__]
    for cls in pending:
        _rebuild(cls, registry)


def completed(cls: Any) -> Any:
    """Return a class after trying to complete it, where names in its annotations were not known."""
    if not cls.__pydantic_complete__:
        _rebuild(cls, cls.__runic_registry__)
    return cls


def _rebuild(cls: Any, registry: Registry, *, force: bool = False) -> None:
    token = _building.set(True)
    try:
        names = {**registry.names(), **(cls.__pydantic_parent_namespace__ or {})}
        cls.model_rebuild(force=force, raise_errors=False, _types_namespace=names)
    finally:
        _building.reset(token)


def node_info(cls: type[Entity] | Any) -> NodeInfo:
    """Return the description of a node class.

    Raises:
        MetadataError: It is abstract, or names a class that is not defined yet.
    """
    info = cls.__dict__.get("__runic_info__")
    return info if isinstance(info, NodeInfo) else _describe_node(cls)


def edge_info(cls: type[Entity] | Any) -> EdgeInfo:
    """Return the description of an edge class.

    Raises:
        MetadataError: It names a class that is not defined yet.
    """
    info = cls.__dict__.get("__runic_info__")
    return info if isinstance(info, EdgeInfo) else _describe_edge(cls)


def entity_info(cls: type[Entity] | Any) -> NodeInfo | EdgeInfo:
    """Return the description of an entity class."""
    info: NodeInfo | EdgeInfo | None = cls.__dict__.get("__runic_info__")
    if info is not None:
        return info
    return node_info(cls) if cls.__runic_entity__ == "node" else edge_info(cls)


def _describe_node(cls: Any) -> NodeInfo:
    _require_complete(cls)
    if cls.__runic_abstract__:
        raise MetadataError(f"{cls.__name__} is abstract and has no entities; use a class below it")
    claim_form(cls)
    properties = describe_properties(cls, cls.__runic_key__)
    cls.__runic_info__ = NodeInfo(
        entity=cls,
        properties=properties,
        labels=cls.__runic_labels__,
        label=cls.__runic_label__,
        root=cls.__runic_root__,
        key=properties[cls.__runic_key__],
        relations=describe_relations(cls, lambda name, where: find_class(cls, name, where)),
    )
    found: NodeInfo = cls.__runic_info__
    return found


def _describe_edge(cls: Any) -> EdgeInfo:
    _require_complete(cls)
    if cls.__runic_abstract__:
        raise MetadataError(f"{cls.__name__} is abstract and has no edges; use a class below it")
    claim_form(cls)
    properties = describe_properties(cls, None)
    cls.__runic_info__ = EdgeInfo(entity=cls, properties=properties, type=cls.__runic_type__)
    found: EdgeInfo = cls.__runic_info__
    return found


def _require_complete(cls: Any) -> None:
    # Looked at by another name: type checkers would know it as the metaclass's, and nothing more.
    model: Any = cls
    if not isinstance(cls, EntityMeta) or not hasattr(cls, "__runic_abstract__"):
        raise MetadataError(f"{getattr(cls, '__name__', cls)!r} is not a Node or Edge class")
    if not completed(model).__pydantic_complete__:
        raise MetadataError(
            f"{cls.__name__} has an annotation that names a class not defined yet; import the"
            " module that defines it before the first use"
        )


def find_class(cls: Any, name: Any, where: str) -> Any:
    """Return the class that a relation names as text; None and classes are returned as they are.

    Raises:
        MetadataError: No model of this name is defined.
    """
    if not isinstance(name, str):
        return name
    found = cls.__runic_registry__.find(name, cls.__module__)
    if found is None:
        raise MetadataError(f"{where} names {name!r}, and no model of this name is defined")
    return found


def fits(entity: type[Any] | None, other: type[Any]) -> bool:
    """Tell whether fields of `other` can be read of an element of class `entity`."""
    return entity is not None and (issubclass(entity, other) or issubclass(other, entity))
