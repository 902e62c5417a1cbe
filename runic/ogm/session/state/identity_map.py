"""The identity map: one object for one stored entity.

Nodes are keyed by the root class and the stored form of their primary key, so that a node asked
for as a base class is the object that was loaded as the subclass. Edges are keyed by type, ends
and id: databases give the id of a deleted edge to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runic.ogm.errors import FieldValidationError, SessionError
from runic.ogm.model.converters import refused
from runic.ogm.model.description import NodeInfo
from runic.ogm.model.edge import Edge
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.missing import refuse_missing
from runic.ogm.model.node import Node
from runic.ogm.model.state import EntityState, notes_of, values_of
from runic.ogm.query.dialect import Dialect
from runic.ogm.session.state.codecs import EntityCodec, entity_codec

NodeKey = tuple[type[Any], Any]

# Of a class: the root class, the name of the key's field, and how the key is stored.
KeyForm = tuple[type[Any], str, Callable[[Any], Any]]

_native_keys = {str: str, int: int}


def stored_key(info: NodeInfo, pk: Any, dialect: Dialect) -> Any:
    """Return the stored form of a primary key as the caller gave it.

    Raises:
        FieldValidationError: It is not a value of the primary key's type.
    """
    if type(pk) is not _native_keys.get(info.key.annotation):
        pk = _validated(info, pk)
    return _encoded_key(entity_codec(info.entity, dialect), pk)


def _encoded_key(codec: EntityCodec, pk: Any) -> Any:
    encode = codec.encode_key
    try:
        return encode(pk) if encode else pk
    except (ValueError, OverflowError) as error:
        info: Any = codec.info
        raise refused(pk, info.key.name, info.name, error) from error


def _validated(info: NodeInfo, pk: Any) -> Any:
    try:
        return _key_adapter(info).validate_python(pk)
    except ValidationError as error:
        raise FieldValidationError(
            f"{pk!r} is no primary key of {info.name}: {info.name}.{info.key.name} is"
            f" {getattr(info.key.annotation, '__name__', info.key.annotation)}",
            entity=info.name,
            field=info.key.name,
        ) from error


def _key_adapter(info: NodeInfo) -> TypeAdapter[Any]:
    # Kept: making one takes longer than the query that the key is for.
    found: TypeAdapter[Any] | None = info.memo.get(TypeAdapter)
    if found is None:
        found = info.memo[TypeAdapter] = TypeAdapter(info.key.annotation)
    return found


class IdentityMap:
    """The entities a session holds: stored ones, and those waiting to be."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._keys: dict[type[Node], KeyForm] = {}
        self.nodes: dict[NodeKey, Node] = {}
        self.edges: dict[Any, Edge] = {}

    def __iter__(self) -> Iterator[Node | Edge]:
        yield from self.nodes.values()
        yield from self.edges.values()

    def key_of(self, node: Node) -> NodeKey | None:
        """Return a node's place in the map; None while the database has to give it a key."""
        root, encode, pk = self._key_in(node)
        return None if pk is None else (root, encode(pk))

    def _key_in(self, node: Node) -> tuple[type[Any], Callable[[Any], Any], Any]:
        """Return a node's root class, how its key is stored, and its key."""
        root, name, encode = self._keys.get(type(node)) or self._key_form(type(node))
        try:
            return root, encode, values_of(node)[name]
        except KeyError as error:
            refuse_missing(node_info(type(node)), [values_of(node)], error)
            raise

    def _key_form(self, cls: type[Node]) -> KeyForm:
        codec = entity_codec(cls, self.dialect)
        info = node_info(cls)
        form = info.root, info.key.name, partial(_encoded_key, codec)
        self._keys[cls] = form
        return form

    def place(self, node: Node, notes: EntityState) -> None:
        """Put a node where its primary key says.

        Raises:
            SessionError: The session holds another object with the same key.
        """
        root, encode, pk = self._key_in(node)
        if pk is None:
            return
        key = (root, encode(pk))
        other = self.nodes.setdefault(key, node)
        if other is not node:
            self._refuse_second(node, other)
            self.nodes[key] = node
        if notes.key is not None and notes.key != key:
            self.nodes.pop(notes.key, None)
        notes.key = key

    def _refuse_second(self, node: Node, other: Node) -> None:
        notes = notes_of(other)
        # A node that is to be deleted gives its key to the next one in the same commit.
        if notes is not None and not notes.deleting:
            info = node_info(type(node))
            raise SessionError(
                f"this session already holds a {type(other).__name__} with {info.key.name}"
                f" {values_of(node)[info.key.name]!r}; change that object, or session.merge(…) this"
                " one"
            )

    def places_for(self, entity: Entity) -> dict[Any, Any]:
        """Return the part of the map that has the place of an entity: nodes or edges, by key."""
        return self.edges if isinstance(entity, Edge) else self.nodes

    def holds(self, entity: Entity) -> bool:
        """Tell whether the map has this object at its place."""
        notes = notes_of(entity)
        return notes is not None and self.places_for(entity).get(notes.key) is entity

    def has_place_of(self, entity: Entity, notes: EntityState) -> bool:
        """Tell whether the place that an entity had is taken."""
        return notes.key in self.places_for(entity)

    def put_back(self, entity: Entity, notes: EntityState) -> None:
        """Give an entity the place it had before another one took it."""
        self.places_for(entity)[notes.key] = entity

    def place_edge(self, edge: Edge, key: Any) -> None:
        """Put a stored edge under a key of type, ends and id."""
        notes = notes_of(edge)
        assert notes is not None
        notes.key = key
        self.edges[key] = edge

    def remove(self, entity: Entity) -> None:
        """Forget an entity."""
        if (notes := notes_of(entity)) is not None:
            self.remove_all((entity,), (notes,))

    def remove_all(self, entities: Sequence[Entity], notes: Sequence[EntityState]) -> None:
        """Forget entities whose notes these are."""
        nodes: dict[Any, Any] = self.nodes
        edges: dict[Any, Any] = self.edges
        for entity, each in zip(entities, notes, strict=True):
            held = edges if isinstance(entity, Edge) else nodes
            if held.get(each.key) is entity:
                del held[each.key]

    def clear(self) -> None:
        """Forget everything."""
        self.nodes.clear()
        self.edges.clear()
