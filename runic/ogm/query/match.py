"""Write the reading part of a query: MATCH clauses with what they keep.

The first hop stands in one clause with the root, so that the planner may start at either end. Each
further hop has a clause of its own: inside one clause some databases never pass an edge twice and
others do; between clauses all of them do.
"""

from __future__ import annotations

from runic.ogm.model.description import NodeInfo, RelationInfo
from runic.ogm.model.meta import node_info
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.pattern import ROOT, Filter, Hop, Pattern, Place
from runic.ogm.query.writer import Writer


def write_match(writer: Writer, filters: tuple[Filter, ...]) -> str:
    """Return the MATCH clauses of the writer's pattern."""
    kept: list[list[str]] = [[] for _ in writer.pattern.nodes]
    for each in filters:
        writer.focus(each.place, each.known)
        kept[_stage(writer.pattern, each)].append(each.criterion.write(writer))
    for index, hop in enumerate(writer.pattern.hops):
        used = writer.dialect.keeps_parallel(writer.name(hop.alias))
        if used is not None:
            kept[index + 1].append(used)
    return " ".join(_clauses(writer, kept))


def _stage(pattern: Pattern, each: Filter) -> int:
    places = (pattern.place_of(a, each.place, each.known) for a in each.criterion.attributes)
    return max((pattern.stage(place) for place in places), default=0)


def _clauses(writer: Writer, kept: list[list[str]]) -> list[str]:
    hops = writer.pattern.hops
    root = node_text(writer.alias(ROOT), writer.pattern.nodes[0].entity, writer.dialect)
    if hops and not hops[0].optional:
        first = f"MATCH {root}{_step(writer, 0, hops[0])}{_where(kept[0] + kept[1])}"
        return [first, *(_hop(writer, i, hops[i], kept) for i in range(1, len(hops)))]
    first = f"MATCH {root}{_where(kept[0])}"
    return [first, *(_hop(writer, i, hop, kept) for i, hop in enumerate(hops))]


def _hop(writer: Writer, index: int, hop: Hop, kept: list[list[str]]) -> str:
    source = writer.alias(Place(False, hop.source))
    word = "OPTIONAL MATCH" if hop.optional else "MATCH"
    return f"{word} ({source}){_step(writer, index, hop)}{_where(kept[index + 1])}"


def _step(writer: Writer, index: int, hop: Hop) -> str:
    target = writer.pattern.nodes[index + 1]
    arrow = arrow_text(writer.name(hop.alias), hop.relation, writer.dialect)
    return arrow + node_text(writer.name(target.alias), target.entity, writer.dialect)


def _where(criteria: list[str]) -> str:
    return f" WHERE {' AND '.join(criteria)}" if criteria else ""


def node_text(alias: str, entity: type, dialect: Dialect) -> str:
    """Return the pattern of a node of a class, as ``(n:`User`)``."""
    labels = "".join(f":{dialect.quote(label)}" for label in own_labels(node_info(entity)))
    return f"({alias}{labels})"


def own_labels(info: NodeInfo) -> tuple[str, ...]:
    """Return the labels that tell nodes of a class from others: its own, the primary one first.

    Those it inherits come with them and need not be looked for.
    """
    bases = {label for b in info.entity.__mro__[1:] for label in getattr(b, "__runic_labels__", ())}
    own = [label for label in info.labels if label not in bases or label == info.label]
    return tuple(sorted(own, key=lambda label: label != info.label))


def arrow_text(alias: str, relation: RelationInfo, dialect: Dialect) -> str:
    """Return the pattern of a relation's edge, as ``-[r:`AUTHORED`]->``."""
    edge = f"-[{alias}:{dialect.quote(relation.type)}]-"
    if relation.direction == "OUTGOING":
        return edge + ">"
    return "<" + edge if relation.direction == "INCOMING" else edge
