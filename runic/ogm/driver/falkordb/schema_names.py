"""The names of labels, properties and relationship types, which replies give as numbers.

FalkorDB numbers names per graph in the order they first appeared. A driver keeps the three tables
with the version the server gave them and sends that version with every query: a graph that was
deleted and made again answers "version mismatch" and runs nothing, so a stale table can never
put a wrong name on a value. Used by `wire` and `decode`; does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

UNCHECKED = 2**32 - 1
"""The version that makes the server run a query whatever names the client knows."""


@dataclass(frozen=True, slots=True)
class SchemaNames:
    """Names by number, as they are at `version`; the default is an empty graph's."""

    version: int = 0
    labels: list[str] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    def continues(self, older: SchemaNames) -> bool:
        """Tell whether these are the older names, perhaps with more added."""
        return (
            _starts_with(self.labels, older.labels)
            and _starts_with(self.properties, older.properties)
            and _starts_with(self.types, older.types)
        )


def _starts_with(names: list[str], beginning: list[str]) -> bool:
    return names[: len(beginning)] == beginning


def names_from_replies(replies: list[Any], version: int) -> SchemaNames:
    """Read the three tables from compact replies of one row, which holds a list of names."""
    labels, properties, types = ([cell[1] for cell in reply[1][0][0][1]] for reply in replies)
    return SchemaNames(version, labels, properties, types)
