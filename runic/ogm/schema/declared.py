"""Read from models which indexes and constraints they ask for; no I/O.

Nodes are looked up by their primary label, so each class has its indexes there. A subclass's nodes
carry its parents' labels too: what a parent's constraint already guarantees is not asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from runic.ogm.errors import MetadataError, SchemaError
from runic.ogm.model.description import NodeInfo, PropertyInfo
from runic.ogm.model.meta import EntityMeta, entity_info
from runic.ogm.query.definitions import (
    Definition,
    FullTextIndex,
    Host,
    Index,
    RangeIndex,
    RequiredConstraint,
    UniqueConstraint,
    VectorSearchIndex,
)
from runic.ogm.query.dialect import Dialect


def declared(entities: Iterable[type[Any]], dialect: Dialect) -> list[Definition]:
    """Return what the classes and the classes above them ask for: indexes, then constraints.

    Raises:
        MetadataError: A class is abstract, incomplete or no entity at all.
        SchemaError: Two full-text properties of a label ask for different settings, or a name does
            not suit the backend.
        UnsupportedFeatureError: The backend has no such index or constraint.
    """
    found: dict[tuple[Any, ...], Definition] = {}
    for cls in _with_parents(entities):
        for asked in _asked_by(cls, dialect):
            definition = replace(asked, labels=_labels_of(cls))
            dialect.check_definition(definition)
            known = found.get(definition.identity)
            found[definition.identity] = _joined(known, definition)
    return sorted(found.values(), key=lambda definition: not isinstance(definition, Index))


def _with_parents(entities: Iterable[type[Any]]) -> list[type[Any]]:
    found: dict[Any, None] = {}
    for cls in entities:
        if not isinstance(cls, EntityMeta):
            raise MetadataError(f"{cls!r} is not a Node or Edge class; give the classes themselves")
        entity_info(cls)  # says what is wrong with a class that cannot be described
        found.update(dict.fromkeys((*_parents(cls), cls)))
    return list(found)


def _parents(cls: type[Any]) -> list[type[Any]]:
    """Return the classes whose labels the nodes of a class carry as well, uppermost first."""
    above: list[Any] = [
        base for base in cls.__mro__[:0:-1] if getattr(base, "__runic_labels__", ())
    ]
    return [base for base in above if not base.__runic_abstract__]


def _labels_of(cls: type[Any]) -> tuple[str, ...]:
    info = entity_info(cls)
    return info.labels if isinstance(info, NodeInfo) else ()


def _asked_by(cls: type[Any], dialect: Dialect) -> Iterator[Definition]:
    info = entity_info(cls)
    on: Host = "node" if isinstance(info, NodeInfo) else "edge"
    label = info.label if isinstance(info, NodeInfo) else info.type
    above = [p for base in _parents(cls) for p in entity_info(base).properties.values()]
    unique = {p.stored for p in above if _is_unique(p)}
    required = {p.stored for p in above if p.required}
    for made in info.properties.values():
        again = made.stored in unique and dialect.indexes_each_label
        yield from _indexes(on, label, made, again)
        if made.required and made.stored not in required:
            yield RequiredConstraint(on, label, (made.stored,), values=made.kind)
        if _is_unique(made) and made.stored not in unique:
            constraint = UniqueConstraint(on, label, (made.stored,), values=made.kind)
            support = dialect.supporting_index(constraint)
            yield from (constraint,) if support is None else (support, constraint)


def _is_unique(made: PropertyInfo) -> bool:
    return made.unique or made.primary_key


def _indexes(on: Host, label: str, made: PropertyInfo, again: bool) -> Iterator[Index]:
    place = (on, label, (made.stored,))
    # A unique property is found through its constraint, which belongs to one label only.
    if again or (made.index and not _is_unique(made)):
        yield RangeIndex(*place, values=made.kind)
    if made.fulltext is not None:
        options = made.fulltext
        yield FullTextIndex(*place, options.language, options.stopwords or None, (options.weight,))
    if made.vector is not None:
        v = made.vector
        yield VectorSearchIndex(
            *place, v.dimension, v.similarity, v.m, v.ef_construction, v.ef_runtime
        )


def _joined(known: Definition | None, new: Definition) -> Definition:
    """Return one definition for two of equal identity; full-text indexes grow by properties."""
    if not (isinstance(known, FullTextIndex) and isinstance(new, FullTextIndex)):
        return new
    if new.covered_by(known):
        return known
    return FullTextIndex(
        known.on,
        known.label,
        known.properties + new.properties,
        _agreed(known, new, "language"),
        _agreed(known, new, "stopwords"),
        known.weights + new.weights,
        labels=known.labels,
    )


def _agreed(known: FullTextIndex, new: FullTextIndex, option: str) -> Any:
    """Return the setting that both ask for, or the one that asks."""
    one, other = getattr(known, option), getattr(new, option)
    if None not in (one, other) and one != other:
        raise SchemaError(
            f"{known} asks for {option} {one!r} and {new} for {other!r}, but a label has one"
            f" full-text index; give both the same FullText({option}=…)"
        )
    return one if other is None else other
