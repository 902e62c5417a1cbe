"""What the query room remembers about an entity class, kept on the class itself.

Compiled texts, stored forms and validators cost much to make and nothing to keep. They live on
the class and not in a table of this module, so that a class its program drops can go.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter

from runic.ogm.model.description import EdgeInfo, NodeInfo, PropertyInfo
from runic.ogm.model.kinds import Kind
from runic.ogm.model.meta import entity_info

if TYPE_CHECKING:
    from runic.ogm.model.converters import Codec
    from runic.ogm.query.dialect import Dialect

# Programs have a limited number of differently shaped statements; what generates more of them
# than this must not fill the memory.
MAX_PLANS = 512


class Plans:
    """The compiled texts of one class; those not used for long go when there are too many.

    There are two halves: when the young one is full it becomes the old one, and what is used moves
    back. Threads may share it without a lock: what one of them loses sight of is made again.
    """

    def __init__(self, size: int = MAX_PLANS) -> None:
        self._half = size // 2
        self._young: dict[Hashable, Any] = {}
        self._old: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self.keys())

    def keys(self) -> set[Hashable]:
        """Return the keys of all plans."""
        return self._young.keys() | self._old.keys()

    def get(self, key: Hashable) -> Any:
        """Return the plan of a key, or None."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Hashable, plan: Any) -> None:
        """Store a plan."""
        young = self._young
        young[key] = plan
        if len(young) >= self._half:
            self._old, self._young = young, {}

    def clear(self) -> None:
        """Forget all plans."""
        self._old, self._young = {}, {}


@dataclass(slots=True, eq=False)
class Memory:
    """What is remembered about one class."""

    info: NodeInfo | EdgeInfo
    plans: Plans = field(default_factory=Plans)
    # Pieces of texts: how the class's nodes are matched and returned, under which aliases.
    texts: Plans = field(default_factory=Plans)
    codecs: dict[Hashable, Codec] = field(default_factory=dict)
    codings: dict[Hashable, Any] = field(default_factory=dict)
    adapters: dict[str, TypeAdapter[Any]] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    # What statements of the class start from, by the kind of pattern: an edge alone, as a search
    # finds it, is another than an edge between its ends.
    patterns: dict[Hashable, Any] = field(default_factory=dict)

    def pieces(self, alias: str, dialect: Dialect) -> dict[Hashable, Any]:
        """Return the pieces of texts about the one node of a statement, under an alias.

        There is one at most for each field and operator.
        """
        key = (alias, dialect.variant)
        found: dict[Hashable, Any] | None = self.texts.get(key)
        if found is None:
            found = {}
            self.texts.put(key, found)
        return found

    def codec(self, info: PropertyInfo, dialect: Dialect) -> Codec:
        """Return the stored form of a property; made once for each kind of dialect."""
        key = (info.name, dialect.variant)
        found = self.codecs.get(key)
        if found is None:
            found = self.codecs[key] = dialect.codec(info)
        return found


def memory_of(entity: type[Any]) -> Memory:
    """Return what is remembered about a class.

    Raises:
        MetadataError: The class is abstract, or names a class that is not defined yet.
    """
    # Of the class's own dict: a parent's memory is about the parent.
    found: Memory | None = entity.__dict__.get("__runic_queries__")
    if found is None:
        found = cast(Any, entity).__runic_queries__ = Memory(entity_info(entity))
    return found


def codec_of(entity: type[Any], info: PropertyInfo, dialect: Dialect) -> Codec:
    """Return the stored form of a property; made once per class and kind of dialect."""
    return memory_of(entity).codec(info, dialect)


def adapter_of(entity: type[Any], info: PropertyInfo) -> TypeAdapter[Any]:
    """Return the validator of a property's annotation; made once per class."""
    adapters = memory_of(entity).adapters
    found = adapters.get(info.name)
    if found is None:
        found = adapters[info.name] = _adapter(info)
    return found


def _adapter(info: PropertyInfo) -> TypeAdapter[Any]:
    annotation = info.annotation
    # Only a field with a converter may have a type that Pydantic does not know.
    if info.kind is not Kind.CUSTOM or (
        isinstance(annotation, type) and issubclass(annotation, BaseModel)
    ):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
