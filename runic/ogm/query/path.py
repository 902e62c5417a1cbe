"""Paths as values: nodes and the edges between them, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runic.ogm.errors import StatementError


@dataclass(frozen=True, slots=True)
class Path:
    """A way through the graph: `nodes` has one more than `edges`, both in the order of the way.

    Nodes and edges are entities of the session. One without a model is left as the record that the
    database returned (`NodeRecord`, `EdgeRecord`).
    """

    nodes: tuple[Any, ...]
    edges: tuple[Any, ...]

    @property
    def start(self) -> Any:
        """The first node."""
        return self.nodes[0]

    @property
    def end(self) -> Any:
        """The last node."""
        return self.nodes[-1]

    def __len__(self) -> int:
        return len(self.edges)

    def __bool__(self) -> bool:
        # A path without edges is one, too.
        return True

    def __iter__(self) -> Iterator[Any]:
        """Yield node, edge, node, …, node."""
        for node, edge in zip(self.nodes, self.edges, strict=False):
            yield node
            yield edge
        yield self.nodes[-1]

    @staticmethod
    def of(*classes: type[Any]) -> PathOf:
        """Say of which classes the nodes and edges of a path may be, for `execute(returns=[…])`.

        Raises:
            StatementError: One of them is no Node or Edge class.
        """
        for each in classes:
            if getattr(each, "__runic_entity__", None) is None:
                raise StatementError(f"Path.of takes Node and Edge classes, not {each!r}")
        return PathOf(classes)


@dataclass(frozen=True, slots=True)
class PathOf:
    """The classes that the nodes and edges of a path may be of."""

    classes: tuple[type[Any], ...]
