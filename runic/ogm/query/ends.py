"""Find the stored ends of new relationships once each, however many relationships they have.

Called by `writes` for a whole plan. A block in front finds and recognises the nodes into a list;
the relationships then name their ends by the place in it, as they do with new nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import CreateEdges, End, Found, Step


@dataclass(slots=True)
class FoundNodes:
    """Stored nodes of one kind: their list's name in the statement, and [id, key] of each."""

    name: str
    kind: Found
    rows: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def take(self, pairs: Sequence[Sequence[Any]]) -> list[int]:
        """Return where nodes stand in the list, which takes in those that are new to it."""
        places, ids = self.places, [pair[0] for pair in pairs]
        for node_id, pair in dict(zip(ids, pairs, strict=True)).items():
            if node_id not in places:
                places[node_id] = len(self.rows)
                self.rows.append(pair)
        return [places[node_id] for node_id in ids]

    def block(self, dialect: Dialect) -> str:
        """Return the block that finds the nodes, in the order of the rows, or fails."""
        # Checked at once: with one missing, places in the list would name other nodes.
        complete = f"CASE WHEN size({self.name}) = size(${self.name}) THEN 1 ELSE 0 END"
        found = f"UNWIND ${self.name} AS r {dialect.found('n', self.kind, 'r')}"
        return (
            f"CALL {{ {found} RETURN collect(n) AS {self.name} }}"
            f" WITH *, 1 / ({complete}) AS {self.name}_complete"
        )


def share_ends(steps: Sequence[Step]) -> tuple[list[FoundNodes], list[Step]]:
    """Return the lists of stored ends, and the steps with places in them."""
    lists: dict[Found, FoundNodes] = {}
    shared = [_shared(step, lists) if isinstance(step, CreateEdges) else step for step in steps]
    return list(lists.values()), shared


def _shared(step: CreateEdges, lists: dict[Found, FoundNodes]) -> CreateEdges:
    source, target = _list_of(step.source, lists), _list_of(step.target, lists)
    if source is None and target is None:
        return step
    columns = list(zip(*step.rows, strict=True))
    if source is not None:
        columns[0] = tuple(source.take(columns[0]))
    if target is not None:
        columns[1] = tuple(target.take(columns[1]))
    rows = list(zip(*columns, strict=True))
    ends: list[End] = [
        end if found is None else found.name
        for end, found in ((step.source, source), (step.target, target))
    ]
    return replace(step, source=ends[0], target=ends[1], rows=rows)


def _list_of(end: End, lists: dict[Found, FoundNodes]) -> FoundNodes | None:
    if not isinstance(end, Found):
        return None
    return lists.setdefault(end, FoundNodes(f"f{len(lists)}", end))
