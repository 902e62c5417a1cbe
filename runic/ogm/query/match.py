"""Write the reading part of a query: MATCH clauses with what they keep.

The first hop stands in one clause with the root, so that the planner may start at either end. Each
further hop has a clause of its own: inside one clause some databases never pass an edge twice and
others do; between clauses all of them do.
"""

from __future__ import annotations

from runic.ogm.query.counted import uncounted
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.pattern import ROOT, Filter, Hop, Pattern, Place
from runic.ogm.query.related import Hoist, hoisted
from runic.ogm.query.writer import Writer


def write_match(writer: Writer, filters: tuple[Filter, ...]) -> str:
    """Return the MATCH clauses of the writer's pattern."""
    stages = [Stage() for _ in writer.pattern.nodes]
    for each in filters:
        writer.focus(each.place, each.known)
        stages[_stage(writer.pattern, each)].add(writer, each.criterion)
    for index, hop in enumerate(writer.pattern.hops):
        used = writer.dialect.keeps_parallel(writer.name(hop.alias))
        if used is not None:
            stages[index + 1].plain.append(used)
        if hop.optional and stages[index + 1].hoists:
            raise uncounted(writer.dialect)
    return " ".join(_clauses(writer, stages))


class Stage:
    """What one MATCH clause keeps: at once, and after counting what relations lead to."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.late: list[str] = []
        self.hoists: list[Hoist] = []

    def add(self, writer: Writer, criterion: Criterion) -> None:
        """Take in a criterion."""
        plain, late = writer.counts.split((criterion,))
        self.plain += plain
        self.late += late
        self.hoists += writer.counts.taken()

    def joined(self, other: Stage) -> Stage:
        """Return the stage of a clause that does the work of two."""
        made = Stage()
        made.plain = self.plain + other.plain
        made.late = self.late + other.late
        made.hoists = self.hoists + other.hoists
        return made

    def __str__(self) -> str:
        kept = f" WHERE {' AND '.join(self.plain)}" if self.plain else ""
        return kept + hoisted(self.hoists, self.late)


def _stage(pattern: Pattern, each: Filter) -> int:
    places = (pattern.place_of(a, each.place, each.known) for a in each.criterion.attributes)
    return max((pattern.stage(place) for place in places), default=0)


def _clauses(writer: Writer, stages: list[Stage]) -> list[str]:
    hops = writer.pattern.hops
    root = node_text(writer.alias(ROOT), writer.pattern.nodes[0].entity, writer.dialect)
    if hops and not hops[0].optional:
        first = f"MATCH {root}{_step(writer, 0, hops[0])}{stages[0].joined(stages[1])}"
        return [first, *(_hop(writer, i, hops[i], stages[i + 1]) for i in range(1, len(hops)))]
    first = f"MATCH {root}{stages[0]}"
    return [first, *(_hop(writer, i, hop, stages[i + 1]) for i, hop in enumerate(hops))]


def _hop(writer: Writer, index: int, hop: Hop, stage: Stage) -> str:
    source = writer.alias(Place(False, hop.source))
    word = "OPTIONAL MATCH" if hop.optional else "MATCH"
    return f"{word} ({source}){_step(writer, index, hop)}{stage}"


def _step(writer: Writer, index: int, hop: Hop) -> str:
    target = writer.pattern.nodes[index + 1]
    arrow = arrow_text(writer.name(hop.alias), hop.relation, writer.dialect)
    return arrow + node_text(writer.name(target.alias), target.entity, writer.dialect)
