"""Turn one step of a plan into a statement of its own, for databases with transactions.

The transaction keeps the steps together, so a step is plain text without blocks and guards: what it
did is compared with what it had to do here, where the answer is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    Found,
    MergeNodes,
    Step,
    UpdateEdges,
    UpdateNodes,
)
from runic.ogm.query.removal import Removal, removal_at_once
from runic.ogm.query.row_writes import (
    answered,
    created_edge,
    created_node,
    merged_apart,
    merged_node,
    updated_edge,
    updated_node,
)

Rows = Sequence[Sequence[Any]]


def parts_of(step: Step, size: int) -> Iterator[Step]:
    """Yield steps of at most `size` rows that together are the step."""
    for start in range(0, len(step.rows), size):
        end = start + size
        yield replace(step, rows=step.rows[start:end], subjects=step.subjects[start:end])


def compile_alone(step: Step, dialect: Dialect) -> Query:
    """Return the statement of one step; its edges run between `Found` nodes."""
    if isinstance(step, Removal):
        return Query(removal_at_once(step, "$p0", dialect), {"p0": step.rows})
    if isinstance(step, CreateNodes | CreateEdges):
        return Query(_created(step, dialect), {"p0": _numbered(step.rows)})
    if isinstance(step, MergeNodes):
        return Query(_merged(step, dialect), {"p0": step.rows})
    if isinstance(step, UpdateNodes):
        return Query(updated_node(step, "$p0", dialect), {"p0": step.rows})
    assert isinstance(step, UpdateEdges)
    return Query(updated_edge(step, "$p0", dialect), {"p0": step.rows})


def read_alone(step: Step, rows: Rows) -> Any:
    """Return what a step promises from the rows of its statement, or None if it came up short."""
    if isinstance(step, MergeNodes):
        return rows
    if isinstance(step, CreateNodes | CreateEdges):
        if len({row[0] for row in rows}) != len(step.rows):
            return None
        return [answer for _, answer in sorted(rows, key=lambda row: int(row[0]))]
    done = rows[0][0] if rows else 0
    return None if step.counted and done != len(step.rows) else done


def _numbered(rows: Rows) -> list[list[Any]]:
    # A database may join what it finds in another order than the rows came.
    return [[number, *row] for number, row in enumerate(rows)]


def _merged(step: MergeNodes, dialect: Dialect) -> str:
    if dialect.tells_created:
        return f"{merged_node(step, '$p0', dialect)} RETURN r[0], n"
    texts = (f"{text} RETURN r[0], n" for text in merged_apart(step, "$p0", dialect))
    return " UNION ALL ".join(texts)


def _created(step: CreateNodes | CreateEdges, dialect: Dialect) -> str:
    if isinstance(step, CreateNodes):
        told = answered("n", step, dialect)
        return f"UNWIND $p0 AS r {created_node(step, 1, dialect)} RETURN r[0], {told}"
    assert isinstance(step.source, Found)
    assert isinstance(step.target, Found)
    source = dialect.found("s", step.source, "r[1]")
    target = dialect.found("t", step.target, "r[2]", "r, s")
    made, answer = created_edge(step, 3, dialect)
    return f"UNWIND $p0 AS r {source} {target} {made} RETURN r[0], {answer}"
