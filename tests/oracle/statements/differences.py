"""Where a server answers otherwise than openCypher, as the docs say: the only place for that.

The generator asks `pen.differs(name)`, and draws something else or expects the other answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """Where the docs tell of it, and what stands for it on each backend that differs."""

    page: str
    on: Mapping[str, Any]


DIFFERENCES: dict[str, Difference] = {
    "a path does not go on from a node that it has been at": Difference(
        "falkordb.md#paths-through-circles", {"falkordb": True}
    ),
    "round_ of a negative half is the lower number": Difference(
        "falkordb.md#functions-that-answer-otherwise", {"falkordb": True, "age": True}
    ),
    "stdev of nothing is 0.0": Difference(
        "falkordb.md#functions-that-answer-otherwise", {"falkordb": 0.0, "age": 0.0}
    ),
    "a query's list knows no missing items": Difference("age.md#what-is-different", {"age": True}),
    "to_int of empty text is 0": Difference("age.md#what-is-different", {"age": True}),
    "a count and a question about items do not sort or group together": Difference(
        "age.md#what-is-different", {"age": True}
    ),
    "a label stays in the transaction that adds it": Difference(
        "arcadedb.md#what-is-different", {"arcadedb": True}
    ),
    "map_ leaves out what is missing": Difference("age.md#what-is-different", {"age": True}),
}

# What errors say of statements that a backend refuses, as its page tells.
REFUSED: dict[str, tuple[str, ...]] = {
    "falkordb": ("expressions are nested so deeply",),
    # The second of counts, too, of what optional hops are asked after a stage.
    "age": ("age has no null_items", "age has no subqueries"),
}
