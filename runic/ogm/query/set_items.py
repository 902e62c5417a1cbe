"""Items of a SET clause, as values: a dialect decides how several of one entity are written.

Made by `row_writes` for the steps of a plan and by `assigned` for statements; `Dialect.assigned`
turns them into text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class SetItem(NamedTuple):
    """A property that is set: its quoted name and the text of its value.

    `removes` says that the value may be null, which removes the property; `sticks` that it may be
    a number for which the database takes an equal one of another type or sign.
    """

    name: str
    value: str
    removes: bool = False
    sticks: bool = False


def counted_up(alias: str, name: str) -> SetItem:
    """Return the item that counts a version up."""
    return SetItem(name, f"coalesce({alias}.{name}, 0) + 1")


def plainly(alias: str, items: Iterable[SetItem]) -> str:
    """Return the items as openCypher writes them, one by one."""
    return ", ".join([f"{alias}.{item.name} = {item.value}" for item in items])


def removing(
    rows: Sequence[Sequence[Any]], cells: Sequence[int], beside: int = 0
) -> frozenset[int]:
    """Return those of the cells that remove a property, if some row removes several with them.

    `beside` is how many properties the same SET removes in any case.
    """
    if len(cells) + beside < 2:
        return frozenset()
    least = 2 - beside
    found = [row for row in rows if row.count(None) >= least]  # few, and found in C
    several = [row for row in found if sum([row[cell] is None for cell in cells]) >= least]
    return frozenset(cell for cell in cells if any(row[cell] is None for row in several))
