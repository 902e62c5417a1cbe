"""Write the reading part of a query: MATCH clauses with what they keep.

The first hop stands in one clause with the root, so that the planner may start at either end. Each
further hop has a clause of its own: inside one clause some databases never pass an edge twice and
others do; between clauses all of them do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from runic.ogm.query.criteria import Criterion
from runic.ogm.query.elements import arrow_text, node_text
from runic.ogm.query.optional import begin_somewhere, names_before, optional_stages, optional_text
from runic.ogm.query.pattern import ROOT, Filter, Hop, Pattern, Place
from runic.ogm.query.related import Hoist, hoisted
from runic.ogm.query.steps import PipelineStep
from runic.ogm.query.writer import Writer


def write_match(
    writer: Writer,
    filters: tuple[Filter, ...],
    steps: tuple[PipelineStep, ...] = (),
    *,
    imported: bool = False,
) -> str:
    """Return the MATCH clauses of the writer's pattern, with the steps between them."""
    if not (writer.pattern.hops or steps or imported):
        return f"MATCH {writer.root()}{where_text(writer, filters)}"
    stages = [Stage(), *(Stage(hop.optional) for hop in writer.pattern.hops)]
    heads = [Stage() for _ in steps]
    for each in filters:
        writer.focus(each.reach.place, each.reach.known)
        number = _stage(writer.pattern, each)
        if imported and not each.criterion.attributes:
            # FalkorDB drops a subquery's whole row where a part of it that reads nothing is false.
            number = max(number, _first_required(writer.pattern))
        of_step = each.reach.step > 0 and number == each.reach.stage
        (heads[each.reach.step - 1] if of_step else stages[number]).add(writer, each.criterion)
    for index, hop in enumerate(writer.pattern.hops):
        stage = stages[index + 1]
        for kept in (_used(writer, hop), _typed(writer, hop)):
            if kept is not None:
                stage.keep(writer, kept)
    between: dict[int, list[str]] = {}
    for step, head in zip(steps, heads, strict=True):
        between.setdefault(step.hops, []).append(_between(writer, step, head))
    return " ".join(_Clauses(writer, stages, steps, between).texts(imported))


def conjunction(criteria: Sequence[str], alone: Callable[[str], str]) -> str:
    """Return criteria as one; `alone` is what the dialect makes of a text that stands alone."""
    return alone(criteria[0]) if len(criteria) == 1 else " AND ".join(criteria)


class Stage:
    """What one MATCH clause keeps: at once, and after counting what relations lead to."""

    def __init__(self, optional: bool = False) -> None:
        self._optional = optional
        self.plain: list[str] = []
        self.late: list[str] = []
        self.hoists: list[Hoist] = []
        self._alone: Callable[[str], str] = str

    def add(self, writer: Writer, criterion: Criterion) -> None:
        """Take in a criterion."""
        self.keep(writer, criterion.write(writer))

    def keep(self, writer: Writer, text: str) -> None:
        """Take in the text of a criterion."""
        text = writer.apart(text) if self._optional else text
        self._alone = writer.dialect.alone
        made = writer.taken()
        if not made:
            self.plain.append(text)
            return
        self.late.append(text)
        self.hoists += made

    def joined(self, other: Stage) -> Stage:
        """Return the stage of a clause that does the work of two."""
        made = Stage()
        made.plain = self.plain + other.plain
        made.late = self.late + other.late
        made.hoists = self.hoists + other.hoists
        made._alone = self._alone if self.plain else other._alone
        return made

    @property
    def where(self) -> str:
        """What it keeps at once."""
        return f" WHERE {conjunction(self.plain, self._alone)}" if self.plain else ""

    def __str__(self) -> str:
        return self.where + hoisted(self.hoists, self.late)


def where_text(writer: Writer, filters: Iterable[Filter], plain: Iterable[str] = ()) -> str:
    """Return what keeps only what satisfies the criteria, after a clause that binds elements."""
    stage = Stage()
    stage.plain += plain
    reach = None
    for each in filters:
        if each.reach is not reach:
            reach = each.reach
            writer.focus(reach.place, reach.known)
        stage.add(writer, each.criterion)
    return str(stage)


def _stage(pattern: Pattern, each: Filter) -> int:
    place, known, stage, _ = each.reach
    places = (pattern.place_of(a, place, known) for a in each.criterion.attributes)
    return max([stage, *(pattern.stage(place) for place in places)])


def _first_required(pattern: Pattern) -> int:
    return 1 if pattern.hops and not pattern.hops[0].optional else 0


def _between(writer: Writer, step: PipelineStep, head: Stage) -> str:
    text = step.clause.write(writer)
    # Counts that the step reads are made before it.
    counts = hoisted(writer.taken(), [])
    kept = str(head)
    return f"{counts} {text}{step.clause.glue if kept else ''}{kept}".lstrip()


def _used(writer: Writer, hop: Hop) -> str | None:
    """Return what makes parallel edges count each for itself, if the database needs it."""
    alias = writer.name(hop.alias)
    if hop.span is None:
        return writer.dialect.keeps_parallel(alias)
    return None if hop.span.shortest else writer.dialect.keeps_parallel_paths(alias, hop.span)


def _typed(writer: Writer, hop: Hop) -> str | None:
    """Return what keeps a hop to its types, if an arrow cannot say it."""
    if len(hop.types) < 2 or writer.dialect.joins_types:
        return None
    return writer.dialect.typed(writer.name(hop.alias), hop.types, hop.span)


@dataclass(frozen=True, slots=True)
class _Clauses:
    """The clauses of a pattern: hops, each with what it keeps, and the steps between them."""

    writer: Writer
    stages: Sequence[Stage]
    steps: tuple[PipelineStep, ...]
    between: Mapping[int, list[str]]

    def texts(self, imported: bool) -> list[str]:
        writer, stages, between = self.writer, self.stages, self.between
        hops = writer.pattern.hops
        root = writer.root()
        apart = imported or 0 in between or not hops or hops[0].optional or _is_shortest(hops[0])
        if not apart:
            clauses = [f"MATCH {_path(writer, hops[0])}{root}{_step(writer, 0, hops[0])}"]
            clauses[0] += str(stages[0].joined(stages[1]))
        else:
            clauses = [_begin(writer, root, stages[0], imported), *between.get(0, [])]
            clauses += [self._hop(0, hop) for hop in hops[:1]]
        clauses += between.get(1, []) if hops else []
        for index, hop in enumerate(hops[1:], 1):
            clauses += [self._hop(index, hop), *between.get(index + 1, [])]
        return clauses

    def _hop(self, index: int, hop: Hop) -> str:
        writer, stage = self.writer, self.stages[index + 1]
        source = writer.alias(Place(False, hop.source))
        if _is_shortest(hop):
            return _shortest(writer, index, hop, stage)
        before = ""
        if _may_begin_nowhere(writer, hop):
            begins = begin_somewhere(writer, self.steps, index)
            before, source = f"{begins.clause} ", begins.source
            stage.plain.insert(0, begins.kept)
        return before + self._hop_from(source, index, hop)

    def _hop_from(self, source: str, index: int, hop: Hop) -> str:
        writer, stage = self.writer, self.stages[index + 1]
        found = f"MATCH {_path(writer, hop)}({source}){_step(writer, index, hop)}{stage}"
        if hop.optional and stage.hoists:
            made = (writer.name(hop.alias), writer.name(writer.pattern.nodes[index + 1].alias))
            before = names_before(writer, self.steps, index)
            if writer.dialect.has("subqueries"):
                return optional_text(writer, found, made, before)
            if any(step.hops <= index for step in self.steps):
                # Stages may have made equal rows, which would become one.
                writer.dialect.require("subqueries")
            bare = f"MATCH {_path(writer, hop)}({source}){_step(writer, index, hop)}{stage.where}"
            return optional_stages(writer, bare, stage, made, before)
        if hop.optional:
            return f"OPTIONAL {found}"
        return f"WITH * {found}" if self._is_kept_from_optional(index) else found

    def _is_kept_from_optional(self, index: int) -> bool:
        """Tell whether a clause must stand between a hop and the optional one before it."""
        apart = self.writer.dialect.parts_optional
        return apart and index > 0 and self.writer.pattern.hops[index - 1].optional


def _may_begin_nowhere(writer: Writer, hop: Hop) -> bool:
    """Tell whether a path begins at a node that may be missing, of which the database has none."""
    if hop.span is None or hop.source == 0 or writer.dialect.repeats_from_nothing:
        return False
    return writer.pattern.hops[hop.source - 1].optional


def _begin(writer: Writer, root: str, stage: Stage, imported: bool) -> str:
    if not imported:
        return f"MATCH {root}{stage}"
    # What imports a node may do nothing else.
    taken, kept = f"WITH {writer.alias(ROOT)}", str(stage)
    return f"{taken} {taken}{kept}" if kept else taken


def _is_shortest(hop: Hop) -> bool:
    return hop.span is not None and bool(hop.span.shortest)


def _path(writer: Writer, hop: Hop) -> str:
    return "" if hop.span is None else f"{writer.name(hop.alias)} = "


def _step(writer: Writer, index: int, hop: Hop) -> str:
    target = writer.pattern.nodes[index + 1]
    name, dialect = writer.name(hop.alias), writer.dialect
    span = None if hop.span is None else dialect.followed(hop.span)
    arrow = arrow_text(name, hop.relation, dialect, hop.types, span)
    return arrow + node_text(writer.name(target.alias), target.entity, dialect)


def _shortest(writer: Writer, index: int, hop: Hop, stage: Stage) -> str:
    """Return the clauses that find a target, then the shortest paths to it."""
    dialect, target = writer.dialect, writer.pattern.nodes[index + 1]
    dialect.require("shortest_path")
    source, end = writer.alias(Place(False, hop.source)), writer.name(target.alias)
    # A node has no way to itself in some databases, and an error in others.
    stage.plain.append(f"{dialect.node_id(source)} <> {dialect.node_id(end)}")
    node = node_text(end, target.entity, dialect)
    return f"MATCH {node}{stage}{dialect.shortest_path(writer.name(hop.alias), source, end, hop)}"
