"""Optional hops that some databases have no words for: to what is counted, and paths from nowhere.

Where what is counted is counted in a stage of its own, what such a stage leaves out is gone with
its row, and an optional hop loses no row. So the hop is made in a subquery that lists what it
finds; of an empty list it makes one row without anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from runic.ogm.query.pattern import ROOT, Place
from runic.ogm.query.related import Hoist
from runic.ogm.query.steps import PipelineStep, is_alive, names_after
from runic.ogm.query.writer import Writer


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a path begins that has to begin somewhere, and what leaves out those that do not."""

    clause: str
    source: str
    kept: str


def begin_somewhere(writer: Writer, steps: tuple[PipelineStep, ...], index: int) -> Beginning:
    """Return where a repeated hop begins if an optional hop before it found nothing to begin at.

    Where it is optional its row stays: the path begins at a node that is there, and is left out.

    Raises:
        UnsupportedFeatureError: No such node was carried along.
    """
    hop = writer.pattern.hops[index]
    source = writer.alias(Place(False, hop.source))
    there = f"{source} IS NOT NULL"
    if not hop.optional:
        return Beginning(f"WITH * WHERE {there}", source, there)
    begin = writer.counts.fresh("b")
    other = writer.alias(_found_before(writer, steps, index))
    return Beginning(f"WITH *, coalesce({source}, {other}) AS {begin}", begin, there)


def _found_before(writer: Writer, steps: tuple[PipelineStep, ...], index: int) -> Place:
    pattern = writer.pattern
    done = tuple(step for step in steps if step.hops <= index)
    nodes = [Place(False, 0)]
    nodes += [Place(False, i + 1) for i, hop in enumerate(pattern.hops[:index]) if not hop.optional]
    found = next((place for place in nodes if is_alive(done, pattern, place)), None)
    if found is None:
        _refuse_alone(writer, pattern.alias(Place(False, pattern.hops[index].source)))
    return found


def _refuse_alone(writer: Writer, missing: str) -> NoReturn:
    writer.dialect.refuse(
        f"optional repeat from {missing!r}, which may be missing, without a node beside it that is"
        f" always there; carry the first one: with_({writer.pattern.alias(ROOT)!r}, …)",
        ["falkordb", "neo4j", "arcadedb"],
    )


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


def names_before(writer: Writer, steps: tuple[PipelineStep, ...], index: int) -> list[str]:
    """Return the names of what there is before a hop: elements, and values of stages."""
    done = tuple(step for step in steps if step.hops <= index)
    nodes = [Place(False, number) for number in range(index + 1)]
    edges = [Place(True, number) for number in range(index)]
    alive = [place for place in nodes + edges if is_alive(done, writer.pattern, place)]
    return [*map(writer.alias, alive), *map(writer.value, names_after(done))]
