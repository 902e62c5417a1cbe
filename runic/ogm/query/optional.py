"""Optional hops to what is counted, for databases that count in a stage of its own.

What such a stage leaves out is gone with its row, and an optional hop loses no row. So the hop is
made in a subquery that lists what it finds; of an empty list it makes one row without anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from runic.ogm.query.pattern import Place
from runic.ogm.query.related import Hoist
from runic.ogm.query.steps import Step, is_alive, names_after
from runic.ogm.query.writer import Writer


class Counted(Protocol):
    """What an optional hop keeps: counts, and criteria on them."""

    @property
    def hoists(self) -> Sequence[Hoist]:
        """The counts."""
        ...

    @property
    def late(self) -> Sequence[str]:
        """The criteria."""
        ...


def optional_text(writer: Writer, found: str, made: tuple[str, str], before: Sequence[str]) -> str:
    """Return the clauses of an optional hop that the clauses `found` would make if it were not.

    `made` are the names of its edge and its node, `before` those of everything before it.
    """
    writer.dialect.require("subqueries")
    edge, node = made
    listed, pair = writer.counts.fresh("f"), writer.counts.fresh("g")
    return (
        f"CALL {{ WITH {', '.join(before)} {found} RETURN collect([{edge}, {node}]) AS {listed} }}"
        f" UNWIND CASE WHEN size({listed}) = 0 THEN [[null, null]] ELSE {listed} END AS {pair}"
        f" WITH *, {pair}[0] AS {edge}, {pair}[1] AS {node}"
    )


def optional_stages(
    writer: Writer,
    bare: str,
    counted: Counted,
    made: tuple[str, str],
    before: Sequence[str],
) -> str:
    """Return the same for databases without subqueries: stages that list what the hop finds.

    `bare` is the hop without the criteria that count. Rows before it must be different.
    """
    edge, node = made
    listed, pair = writer.counts.fresh("f"), writer.counts.fresh("g")
    counts = ", ".join(f"{hoist.count} AS {hoist.name}" for hoist in counted.hoists)
    kept = " AND ".join(counted.late) or "true"
    names = ", ".join(before)
    return (
        f"OPTIONAL {bare} WITH *, {counts} WITH {names},"
        f" collect(CASE WHEN {kept} THEN [{edge}, {node}] ELSE null END) AS {listed}"
        f" UNWIND CASE WHEN size({listed}) = 0 THEN [[null, null]] ELSE {listed} END AS {pair}"
        f" WITH {names}, {pair}[0] AS {edge}, {pair}[1] AS {node}"
    )


def names_before(writer: Writer, steps: tuple[Step, ...], index: int) -> list[str]:
    """Return the names of what there is before a hop: elements, and values of stages."""
    done = tuple(step for step in steps if step.hops <= index)
    nodes = [Place(False, number) for number in range(index + 1)]
    edges = [Place(True, number) for number in range(index)]
    alive = [place for place in nodes + edges if is_alive(done, writer.pattern, place)]
    return [*map(writer.alias, alive), *map(writer.value, names_after(done))]
