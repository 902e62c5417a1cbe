"""What a database can be told about stored properties: indexes and constraints, as values.

The schema room makes these from models and a dialect from what its database reports, so the two
can be compared. They carry stored names (labels, types, properties), never Python ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from runic.ogm.model.kinds import Kind
from runic.ogm.query.compiled import Query

Host = Literal["node", "edge"]
Readiness = Literal["ready", "building", "failed"]


@dataclass(frozen=True, slots=True)
class Definition:
    """An index or a constraint on properties of the nodes of a label, or the edges of a type."""

    on: Host
    label: str
    properties: tuple[str, ...]
    # What kind of values a model keeps there, all labels of the nodes (those they inherit first),
    # and what the database calls a definition it has.
    values: Kind | None = field(default=None, compare=False, kw_only=True)
    labels: tuple[str, ...] = field(default=(), compare=False, kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    kind: ClassVar[str] = "definition"
    # The fields in which two definitions of the same properties may differ; None leaves it open.
    options: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        place = f"(:{self.label})" if self.on == "node" else f"[:{self.label}]"
        return f"{self.kind} on {place}.{', '.join(self.properties)}"

    @property
    def identity(self) -> tuple[object, ...]:
        """What a database has at most one of."""
        return (self.kind, self.on, self.label, self.properties)

    def covered_by(self, stored: Definition) -> bool:
        """Tell whether a stored definition of equal identity holds every property of this one."""
        return set(self.properties) <= set(stored.properties)

    def differences(self, stored: Definition) -> list[str]:
        """Return the options that a stored definition of equal identity has otherwise."""
        wanted = [(name, getattr(self, name)) for name in self.options]
        return [
            f"{name} is {getattr(stored, name)!r}, not {value!r}"
            for name, value in wanted
            if value is not None and value != getattr(stored, name)
        ]


@dataclass(frozen=True, slots=True)
class RangeIndex(Definition):
    """Finds entities by equality and order of a property."""

    kind: ClassVar[str] = "range index"


@dataclass(frozen=True, slots=True)
class FullTextIndex(Definition):
    """Finds entities by words; a label has one, over all its full-text properties.

    `weights` belong to the properties, in their order. None leaves an option to the database.
    """

    language: str | None = None
    stopwords: tuple[str, ...] | None = None
    weights: tuple[float | None, ...] = ()

    kind: ClassVar[str] = "full-text index"
    options: ClassVar[tuple[str, ...]] = ("language", "stopwords")

    @property
    def identity(self) -> tuple[object, ...]:
        """What a database has at most one of."""
        return (self.kind, self.on, self.label)


@dataclass(frozen=True, slots=True)
class VectorSearchIndex(Definition):
    """Finds the entities whose vector is nearest; M and ef as in `VectorIndex`."""

    dimension: int = 0
    similarity: str = "cosine"
    m: int | None = None
    ef_construction: int | None = None
    ef_runtime: int | None = None

    kind: ClassVar[str] = "vector index"
    options: ClassVar[tuple[str, ...]] = (
        "dimension", "similarity", "m", "ef_construction", "ef_runtime",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UniqueConstraint(Definition):
    """No two entities have the same value."""

    kind: ClassVar[str] = "unique constraint"


@dataclass(frozen=True, slots=True)
class RequiredConstraint(Definition):
    """Every entity has the property."""

    kind: ClassVar[str] = "required constraint"


Index = RangeIndex | FullTextIndex | VectorSearchIndex
Constraint = UniqueConstraint | RequiredConstraint


@dataclass(frozen=True, slots=True)
class Stored:
    """A definition the database has, and whether it can be relied upon yet."""

    definition: Definition
    readiness: Readiness = "ready"


@dataclass(frozen=True, slots=True)
class Hazard:
    """Stored values that a definition must not meet.

    `query` returns their count and a few of them as a list; `reason` says what would happen.
    """

    query: Query
    reason: str
