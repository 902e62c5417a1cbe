"""What a backend can do, as data: dialects have it, and errors name the backends that can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

Feature = Literal[
    "async",
    "transactions",
    "savepoints",
    "atomic_plan",  # a whole plan of writes can be one statement
    "constraints",
    "required_constraints",
    "fulltext",
    "vector",
    "geo",
    "regex",
    "shortest_path",
    "subqueries",  # CALL { … }
    "several_labels",  # of one node, which Cypher can match and set
    "any_names",  # of labels and types: blanks, quotes and the like
    "explain",
    "timeouts",  # of a query or a transaction
    "mixed_lists",  # stored lists of several types
    "null_items",  # in lists made in the query: what is compared with them is unknown
    "read_only",  # what is sent as a read cannot write
]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The features that a backend has."""

    features: frozenset[Feature] = field(default_factory=frozenset)

    @classmethod
    def of(cls, *features: Feature) -> Self:
        """Return exactly these features."""
        return cls(frozenset(features))

    def without(self, *features: Feature) -> Capabilities:
        """Return the same features less some."""
        return Capabilities(self.features - frozenset(features))

    def __contains__(self, feature: object) -> bool:
        return feature in self.features


_backends: dict[str, Capabilities] = {}


def provide_backends(backends: Mapping[str, Capabilities]) -> None:
    """Set what the backends of this package, by their names, can do."""
    _backends.update(backends)


def backends_with(feature: Feature) -> list[str]:
    """Return the names of the backends of this package that have a feature.

    An edition, as "neo4j Enterprise", is named where the backend as such lacks it.
    """
    found = [name for name, capabilities in _backends.items() if feature in capabilities]
    return [name for name in found if " " not in name or name.split()[0] not in found]
