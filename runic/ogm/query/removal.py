"""Text that finds stored nodes and relationships again, and deletes them.

Called by `writes`. Alone, a step deletes where it finds. In a plan that creates too, it only
finds, and its deletions stand at the end of the statement: FalkorDB gives the id of a deleted node
to the next new one, and when it then undoes the statement, the deleted node comes back under
another id. Until the end doomed nodes are without labels, and doomed relationships have values of
their own, so that no constraint holds their unique values against the new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    Column,
    Columns,
    CreateEdges,
    DeleteEdges,
    DeleteNodes,
    Step,
    Unlink,
    UnlinkOthers,
    UpdateEdges,
    UpdateNodes,
)
from runic.ogm.query.set_items import SetItem

UniqueColumns = Mapping[str, Columns]

# What stands in for unique values: nobody has such ones, and these numbers are exact in a double.
_FAR = 2**52
_WORD = "runic:6f1d8e0b7a42c953:"

Removal = DeleteNodes | DeleteEdges | Unlink | UnlinkOthers


@dataclass(frozen=True, slots=True)
class Doomed:
    """A match of what a step deletes: the text, what it finds, and how its rows are counted."""

    match: str
    name: str
    count: str
    verb: str = "DELETE"
    labels: tuple[str, ...] = ()


def removal_at_once(step: Removal, rows: str, dialect: Dialect) -> str:
    """Return the body of a block that deletes what it finds; it returns the count."""
    doomed = _doomed(step, rows, dialect)
    return f"{doomed.match} {doomed.verb} {doomed.name} RETURN {doomed.count}"


def removal_found(
    step: Removal, rows: str, name: str, unique: UniqueColumns, dialect: Dialect
) -> str:
    """Return the body of a block that finds what `removal_done` deletes; it returns the count."""
    doomed = _doomed(step, rows, dialect)
    vacated = dialect.relabelled(doomed.name, (), doomed.labels)
    if not isinstance(step, DeleteNodes) and step.type in unique:
        vacated = f" {_vacated(doomed.name, unique[step.type], dialect)}"
    found = f"collect({doomed.name}) AS {_gone(name)}"
    return f"{doomed.match}{vacated} RETURN {found}, {doomed.count}"


def vacated_edges(name: str, unique: UniqueColumns, dialect: Dialect) -> Iterator[str]:
    """Yield blocks that free the unique values of relationships that go with nodes just found."""
    gone = _gone(name)
    for number, (type_, columns) in enumerate(unique.items()):
        yield (
            f"CALL {{ WITH {gone} UNWIND {gone} AS x MATCH (x)-[e:{dialect.quote(type_)}]-()"
            f" {_vacated('e', columns, dialect)} RETURN count(e) AS {gone}_{number} }}"
        )


def unique_columns(steps: Iterable[Step]) -> UniqueColumns:
    """Return the unique properties that the steps write, for each type of relationship."""
    found: dict[str, dict[Column, None]] = {}
    for step in steps:
        if isinstance(step, CreateEdges | UpdateEdges):
            mine = {column: None for column in step.columns if column.unique}
            if mine:
                found.setdefault(step.type, {}).update(mine)
    return {type_: tuple(columns) for type_, columns in found.items()}


def _vacated(name: str, columns: Columns, dialect: Dialect) -> str:
    items = [SetItem(dialect.quote(c.stored), _stand_in(name, c, dialect)) for c in columns]
    return dialect.assigned(name, items)


def _stand_in(name: str, column: Column, dialect: Dialect) -> str:
    number = dialect.node_id(name)
    if column.unique == "number":
        return f"-{_FAR} - {number}"
    return f"'{_WORD}' + toString({number})"


def removal_done(step: Removal, name: str) -> str:
    """Return the block that deletes what `removal_found` found under this name."""
    gone = _gone(name)
    verb = "DETACH DELETE" if isinstance(step, DeleteNodes) else "DELETE"
    return (
        f"CALL {{ WITH {gone} UNWIND {gone} AS x WITH DISTINCT x {verb} x"
        f" RETURN count(x) AS {gone}_done }}"
    )


def _gone(name: str) -> str:
    return f"{name}_gone"


@singledispatch
def _doomed(step: Any, rows: str, dialect: Dialect) -> Doomed:
    raise TypeError(f"{step!r} deletes nothing")


@_doomed.register
def _doomed_nodes(step: DeleteNodes, rows: str, dialect: Dialect) -> Doomed:
    found, _ = found_node(step, rows, dialect)
    return Doomed(found, "n", "count(r)", "DETACH DELETE", step.kind.labels)


@_doomed.register
def _doomed_edges(step: DeleteEdges, rows: str, dialect: Dialect) -> Doomed:
    found, _ = found_edge(step, rows, dialect)
    return Doomed(found, "e", "count(si)")


@_doomed.register
def _doomed_links(step: Unlink, rows: str, dialect: Dialect) -> Doomed:
    return Doomed(found_links(step, rows, dialect), "e", "count(DISTINCT r)")


@_doomed.register
def _doomed_others(step: UnlinkOthers, rows: str, dialect: Dialect) -> Doomed:
    type_ = dialect.quote(step.type)
    left, right = ("-", "->") if step.outgoing else ("<-", "-")
    left, right = (left, right) if step.directed else ("-", "-")
    labelled = f" AND {dialect.has_label('t', step.label)}" if step.label else ""
    match = (
        f"UNWIND {rows} AS r WITH r, r[0] AS si MATCH (s){left}[e:{type_}]{right}(t)"
        f" WHERE {dialect.node_id('s')} = si"
        f" AND (r[1] IS NULL OR {dialect.node_id('t')} <> r[1]){labelled}"
    )
    return Doomed(match, "e", "count(si)")


def found_node(step: UpdateNodes | DeleteNodes, rows: str, dialect: Dialect) -> tuple[str, int]:
    """Return the match of each row's node as `n`, and how many cells of a row it uses."""
    text = f"UNWIND {rows} AS r {dialect.found('n', step.kind, 'r')}"
    if step.version is not None:
        text += f" AND coalesce(n.{dialect.quote(step.version)}, 0) = r[2]"
    return text, 2 + (step.version is not None)


def found_links(step: Unlink, rows: str, dialect: Dialect) -> str:
    """Return the match of the relationships between each row's nodes as `e`."""
    head = "->" if step.directed else "-"
    return (
        f"UNWIND {rows} AS r WITH r, r[0] AS si, r[1] AS ti"
        f" MATCH (s)-[e:{dialect.quote(step.type)}]{head}(t)"
        f" WHERE {dialect.node_id('s')} = si AND {dialect.node_id('t')} = ti"
    )


def found_edge(step: UpdateEdges | DeleteEdges, rows: str, dialect: Dialect) -> tuple[str, int]:
    """Return the match of each row's relationship as `e`, and how many cells of a row it uses."""
    # Through the source: looking a relationship up by its own id reads all of them.
    check = ""
    if step.version is not None:
        check = f" AND coalesce(e.{dialect.quote(step.version)}, 0) = r[3]"
    text = (
        f"UNWIND {rows} AS r WITH r, r[0] AS si MATCH (s)-[e:{dialect.quote(step.type)}]->(t)"
        f" WHERE {dialect.node_id('s')} = si AND {dialect.node_id('e')} = r[1]"
        f" AND {dialect.node_id('t')} = r[2]{check}"
    )
    return text, 3 + (step.version is not None)
