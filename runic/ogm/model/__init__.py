"""Models: what an entity is, and what its class says about its stored form."""

from runic.ogm.model.edge import Edge
from runic.ogm.model.fields import (
    Convert,
    Field,
    FullText,
    Index,
    Interned,
    PrimaryKey,
    Property,
    Required,
    TypeConverter,
    Unique,
    VectorIndex,
    Version,
)
from runic.ogm.model.node import Node
from runic.ogm.model.registry import Registry
from runic.ogm.model.relation import Relation
from runic.ogm.model.state import State, relation_is_partial, state_of
from runic.ogm.model.types import GeoLocation, Vector

__all__ = [
    "Convert",
    "Edge",
    "Field",
    "FullText",
    "GeoLocation",
    "Index",
    "Interned",
    "Node",
    "PrimaryKey",
    "Property",
    "Registry",
    "Relation",
    "Required",
    "State",
    "TypeConverter",
    "Unique",
    "Vector",
    "VectorIndex",
    "Version",
    "relation_is_partial",
    "state_of",
]
