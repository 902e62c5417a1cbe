"""What a model class says about its stored form, worked out once per class.

`describe_node` and `describe_edge` are called when everything else asks; the class must be
complete then, that is, every name in its annotations known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic.fields import FieldInfo

from runic.ogm.errors import MetadataError
from runic.ogm.model import fields as meta
from runic.ogm.model.annotations import entity_in, metadata_in, refuse_entities
from runic.ogm.model.comparison import ValueComparison, comparison_of
from runic.ogm.model.converters import (
    PORTABLE,
    Codec,
    checked_codec,
    enum_codec,
    indexed_vector_codec,
    json_codec,
    kept_by,
    list_codec,
    open_codec,
    read_by,
)
from runic.ogm.model.generics import is_open, is_type_variable
from runic.ogm.model.identifiers import checked_identifier
from runic.ogm.model.keys import GeneratedKey
from runic.ogm.model.kinds import Kind, ValueType, native_types, value_type
from runic.ogm.model.load_check import LoadCheck, load_check_of
from runic.ogm.model.relation import Direction, RelationDefault, check_shape, leads_to_many
from runic.ogm.model.storable import refuse_unreadable

if TYPE_CHECKING:
    from runic.ogm.model.edge import Edge
    from runic.ogm.model.node import Node

    # Aliases, because a relation has a field called `type`.
    NodeClass = type[Node]
    EdgeClass = type[Edge]

# Kinds for which no database index can tell equal values (facts of each backend).
NEVER_UNIQUE = frozenset({Kind.LIST, Kind.VECTOR, Kind.GEO, Kind.JSON, Kind.CUSTOM})

# Kinds whose values are made by runic, or by a converter.
_CHANGES_IN_PLACE = frozenset({Kind.LIST, Kind.JSON})
_OWN_FORM = frozenset({Kind.CUSTOM, Kind.VECTOR, Kind.GEO})


@dataclass(frozen=True, slots=True, eq=False)
class PropertyInfo:
    """One stored property: its field, its name in the database, its kind and its options."""

    name: str
    stored: str
    type: ValueType
    annotation: Any
    has_default: bool
    check: LoadCheck
    primary_key: bool = False
    generated: bool = False
    version: bool = False
    index: bool = False
    unique: bool = False
    required: bool = False
    interned: bool = False
    converter: meta.TypeConverter | None = None
    vector: meta.VectorIndex | None = None
    fulltext: meta.FullText | None = None
    owner: str = ""
    # The type is a parameter of a generic class that is not chosen: `Box`, and not `Box[int]`.
    open: bool = False
    # What is worked out of the above when it is first asked for.
    memo: dict[Any, Any] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The kind of the field's values."""
        return self.type.kind

    @property
    def takes_none(self) -> bool:
        """True when None is a value of the field: it is stored as no property and read as None.

        What counts is what the type takes, as `Any` does, and not that it says `| None`.
        """
        found: bool | None = self.memo.get("takes_none")
        if found is None:
            found = self.type.nullable or self.check.takes_none(self.name)
            self.memo["takes_none"] = found
        return found

    @property
    def loses_none(self) -> bool:
        """True when None would be stored as no property, and read as the default or not at all."""
        return not (self.takes_none or self.numbered)

    @property
    def indexed(self) -> bool:
        """True when lookups of the property go through a range index."""
        return self.index or self.unique or self.primary_key

    @property
    def numbered(self) -> bool:
        """True for a key that is a number of the database's own."""
        return self.generated and self.kind is Kind.INT

    @property
    def constrained(self) -> bool:
        """True when the database keeps two entities from having the same value."""
        return self.unique or self.primary_key

    def portable_codec(self) -> Codec:
        """Return the stored form that every database can hold."""
        if self.open:
            return open_codec(self.owner)
        if self.converter is not None:
            c = self.converter
            encode = kept_by(c.to_graph, c.cypher_fn)
            return Codec(encode, read_by(c.from_graph), c.cypher_fn, ordered=False)
        return self.checked(self._codec())

    def checked(self, codec: Codec) -> Codec:
        """Return a codec that checks what comes back, where the type's own code may change it."""
        if self.kind in _OWN_FORM:
            return codec
        if self.check.runs_foreign_code(self.name):
            return checked_codec(codec, self.check.reads_field(self.name))
        # What is assigned was validated; what was put in in place was not.
        if self.kind in _CHANGES_IN_PLACE and self.check.may_refuse(self.name):
            return checked_codec(codec, self.check.reads_loaded(self.name))
        return codec

    def _codec(self) -> Codec:
        if self.kind is Kind.JSON:
            return json_codec(self.annotation, self.check)
        if self.kind is Kind.ENUM:
            return enum_codec(self.type.members)
        if self.kind is Kind.LIST:
            return list_codec(self._item_codec())
        if self.kind is Kind.VECTOR and self.vector is not None:
            return indexed_vector_codec(self.vector.dimension)
        return PORTABLE[self.kind]

    def _item_codec(self) -> Codec:
        assert self.type.item is not None
        if self.type.item is Kind.ENUM:
            return enum_codec(self.type.members)
        return PORTABLE[self.type.item]


@dataclass(frozen=True, slots=True, eq=False)
class RelationInfo:
    """One relation: where it leads and through which relationships."""

    name: str
    owner: NodeClass
    type: str
    direction: Direction
    many: bool
    target: NodeClass
    edge: EdgeClass | None
    holds_edges: bool
    options: RelationDefault

    def __str__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class EntityInfo:
    """What nodes and edges have in common."""

    entity: type[Any]
    properties: Mapping[str, PropertyInfo]
    # What other rooms work out once for the class; it goes when the class goes.
    memo: dict[Any, Any] = field(init=False, default_factory=dict)
    version: PropertyInfo | None = field(init=False)
    # How the properties are remembered and compared.
    comparison: ValueComparison = field(init=False)

    def __post_init__(self) -> None:
        found = [p for p in self.properties.values() if p.version]
        object.__setattr__(self, "version", found[0] if found else None)
        object.__setattr__(self, "comparison", comparison_of(self.properties))

    @property
    def name(self) -> str:
        """The name of the class."""
        return str(self.entity.__name__)


@dataclass(frozen=True, slots=True, eq=False)
class NodeInfo(EntityInfo):
    """The stored form of a node class."""

    labels: tuple[str, ...]
    label: str
    root: type[Node]
    key: PropertyInfo
    relations: Mapping[str, RelationInfo]

    @property
    def heads(self) -> list[type[Any]]:
        """The classes with labels that have none above them: several, if it has several parents."""
        bases = [base for base in self.entity.__mro__ if getattr(base, "__runic_labels__", ())]
        return [b for b in bases if not any(b is not o and issubclass(b, o) for o in bases)]


@dataclass(frozen=True, slots=True, eq=False)
class EdgeInfo(EntityInfo):
    """The stored form of an edge class."""

    type: str


def property_options(info: FieldInfo) -> dict[type[Any], Any]:
    """Return the graph metadata of a field, the last of each kind.

    Raises:
        MetadataError: The metadata is a class, which says nothing: `Unique` for `Unique()`.
    """
    found = [*metadata_in(info.annotation), *info.metadata]
    for option in found:
        if isinstance(option, type) and issubclass(option, meta.Metadata):
            raise MetadataError(f"metadata is an object: write {option.__name__}(), with its ()")
    return {type(m): m for m in found if isinstance(m, meta.Metadata)}


def relation_options(info: FieldInfo) -> RelationDefault | None:
    """Return the options of a relation field, or None for a property."""
    return info.default_factory if isinstance(info.default_factory, RelationDefault) else None


def primary_key_name(cls: type[Any]) -> str:
    """Return the name of the field that identifies the entities of a node class.

    Raises:
        MetadataError: There is none, or more than one.
    """
    fields: dict[str, FieldInfo] = cls.__pydantic_fields__
    marked = [name for name, info in fields.items() if meta.PrimaryKey in property_options(info)]
    if len(marked) > 1:
        raise MetadataError(
            f"{cls.__name__} has {len(marked)} primary keys ({', '.join(marked)}); keep one, and"
            " make the others unique=True"
        )
    if marked:
        return marked[0]
    if "id" in fields and relation_options(fields["id"]) is None:
        return "id"
    raise MetadataError(
        f"{cls.__name__} has no primary key: mark a field with Field(primary_key=True), or call one"
        " `id`. A base without entities of its own is declared with abstract=True"
    )


def describe_properties(cls: type[Any], key: str | None) -> dict[str, PropertyInfo]:
    """Return the stored properties of a complete class, by field name."""
    fields: dict[str, FieldInfo] = cls.__pydantic_fields__
    found = {
        name: _property(cls, name, info, key)
        for name, info in fields.items()
        if relation_options(info) is None
    }
    _refuse_twins(cls, found)
    if sum(made.version for made in found.values()) > 1:
        raise MetadataError(f"{cls.__name__} has two version fields; keep one")
    return found


def _property(cls: type[Any], name: str, info: FieldInfo, key: str | None) -> PropertyInfo:
    options = property_options(info)
    where = f"{cls.__name__}.{name}"
    convert = options.get(meta.Convert)
    if convert is None:
        refuse_entities(info.annotation, where)
    found = ValueType(Kind.CUSTOM) if convert else value_type(info.annotation, info.metadata, where)
    stored = options[meta.Property].name if meta.Property in options else name
    made = PropertyInfo(
        name=name,
        stored=checked_identifier(stored, f"property name of {where}"),
        type=found,
        annotation=info.annotation,
        has_default=not info.is_required(),
        check=load_check_of(cls),
        primary_key=name == key,
        generated=isinstance(info.default_factory, GeneratedKey),
        version=meta.Version in options,
        index=meta.Index in options,
        unique=meta.Unique in options,
        required=meta.Required in options,
        interned=meta.Interned in options,
        converter=convert.converter if convert else None,
        vector=options.get(meta.VectorIndex),
        fulltext=options.get(meta.FullText),
        owner=cls.__name__,
        open=is_open(cls) and is_type_variable(info.annotation),
    )
    _check_property(made, where)
    if made.kind not in _OWN_FORM:
        refuse_unreadable(cls, name, where)
    return made


def _check_property(made: PropertyInfo, where: str) -> None:
    if made.primary_key and (what := inexact_key(made.type, made.annotation)):
        raise MetadataError(
            f"{where}: {what} cannot be a primary key, by which one entity is told from another"
            " exactly; use str, int or UUID"
        )
    if made.unique and made.kind in NEVER_UNIQUE:
        raise MetadataError(
            f"{where}: databases do not enforce uniqueness of a {made.kind.value}; drop unique=True"
        )
    if made.version and made.kind is not Kind.INT:
        raise MetadataError(f"{where}: a version field is an int")
    if made.vector and made.kind is not Kind.VECTOR:
        raise MetadataError(f"{where}: vector=VectorIndex(…) belongs to a field of type Vector")
    if made.interned and made.kind is not Kind.STR:
        raise MetadataError(f"{where}: interned=True belongs to a field of type str")
    if made.fulltext and made.kind is not Kind.STR:
        raise MetadataError(f"{where}: a full-text index needs a field of type str")


def inexact_key(type_: ValueType, annotation: Any) -> str | None:
    """Return what it is about a type that makes it no primary key; None for one that can be."""
    if type_.kind in NEVER_UNIQUE:
        return f"a {type_.kind.value}"
    # Equal values with several stored forms (1.10 and 1.1), or one that replies do not give back.
    if type_.kind in (Kind.FLOAT, Kind.DECIMAL):
        return f"a {type_.kind.value}"
    found = native_types(annotation)
    # 1, 1.0 and True are one key to Python, and three values to the database.
    if type_.kind in (Kind.SCALAR, Kind.ENUM) and found - {str, int}:
        return "a value that can be of the types " + ", ".join(sorted(t.__name__ for t in found))
    return None


def _refuse_twins(cls: type[Any], properties: Mapping[str, PropertyInfo]) -> None:
    seen: dict[str, str] = {}
    for made in properties.values():
        if made.stored in seen:
            raise MetadataError(
                f"{cls.__name__}.{made.name} and {cls.__name__}.{seen[made.stored]} are both stored"
                f" as {made.stored!r}; give one another Field(property=…)"
            )
        seen[made.stored] = made.name


def describe_relations(cls: type[Node], lookup: Any) -> dict[str, RelationInfo]:
    """Return the relations of a complete node class; `lookup` finds classes by name."""
    return {
        name: _relation(cls, name, info, options, lookup)
        for name, info in cls.__pydantic_fields__.items()
        if (options := relation_options(info)) is not None
    }


def check_relation(cls: type[Node], name: str, info: FieldInfo, options: RelationDefault) -> None:
    """Raise if a relation's annotation does not say what it leads to, without looking it up.

    Raises:
        MetadataError: It is neither a list of entities nor one entity or None.
    """
    where = f"{cls.__name__}.{name}"
    check_shape(info.annotation, where)
    entity_in(info.annotation, where)
    if options.starts is None and leads_to_many(info.annotation):
        raise MetadataError(f"{where} is a list: a new entity has [] in it, and not None")
    if options.starts == [] and not leads_to_many(info.annotation):
        raise MetadataError(f"{where} leads to one entity: a new one has None in it, and not []")


def _relation(
    cls: type[Node], name: str, info: FieldInfo, options: RelationDefault, lookup: Any
) -> RelationInfo:
    where = f"{cls.__name__}.{name}"
    check_relation(cls, name, info, options)
    found = entity_in(info.annotation, where)
    holds_edges = getattr(found, "__runic_entity__", "") == "edge"
    edge = found if holds_edges else lookup(options.edge_model, where)
    target = lookup(options.target, where) if holds_edges else found
    if target is None:
        raise MetadataError(f"{where} holds edges; say where they lead: Relation(…, target=…)")
    if edge is not None and edge.__runic_type__ != options.type:
        raise MetadataError(
            f"{where} is of type {options.type!r}, but {edge.__name__} is of type"
            f" {edge.__runic_type__!r}; use the same name in both"
        )
    return RelationInfo(
        name, cls, options.type, options.direction, leads_to_many(info.annotation),
        target, edge, holds_edges, options,
    )  # fmt: skip
