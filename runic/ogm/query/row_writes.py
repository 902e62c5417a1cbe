"""What the steps of a plan write, row by row: the clauses that create and change.

`writes` puts them into one statement for a whole plan, `alone` into one a step. A row is `r`.
"""

from __future__ import annotations

from collections.abc import Iterable

from runic.ogm.query.dialect import Dialect
from runic.ogm.query.plan import (
    Column,
    Columns,
    CreateEdges,
    CreateNodes,
    MergeNodes,
    UpdateEdges,
    UpdateNodes,
)
from runic.ogm.query.removal import found_edge, found_node


def created_node(step: CreateNodes, first: int, dialect: Dialect) -> str:
    """Return the clauses that create the node of a row, as `n`; its values begin at `first`."""
    made = f"CREATE {dialect.new_node('n', step.labels, _cells(step.columns, first, dialect))}"
    if step.generated is not None:
        made += f" SET n.{dialect.quote(step.generated)} = {dialect.generated_key('n')}"
    return made


def answered(alias: str, step: CreateNodes, dialect: Dialect) -> str:
    """Return what a step tells of a new node: its id, with the key where the database gave it."""
    if step.generated is None:
        return dialect.node_id(alias)
    return f"[{dialect.node_id(alias)}, {alias}.{dialect.quote(step.generated)}]"


def created_edge(step: CreateEdges, first: int, dialect: Dialect) -> tuple[str, str]:
    """Return the clauses that relate `s` and `t`, and what the step tells of the relationship."""
    type_ = dialect.quote(step.type)
    if step.merge:
        head = "->" if step.directed else "-"
        changed = _replace("e", "r, s, t, e", step.columns, first, None, dialect)
        ids = ", ".join(dialect.node_id(name) for name in "ste")
        return f"MERGE (s)-[e:{type_}]{head}(t) {changed}", f"[{ids}]"
    made = f"CREATE (s)-[e:{type_} {{{_cells(step.columns, first, dialect)}}}]->(t)"
    return made, dialect.node_id("e")


def updated_node(step: UpdateNodes, rows: str, dialect: Dialect) -> str:
    """Return the clauses that change the node of each row, and count them."""
    found, width = found_node(step, rows, dialect)
    changed = _replace("n", "r, n", step.columns, width, step.version, dialect)
    return f"{found} {changed} RETURN count(n)"


def updated_edge(step: UpdateEdges, rows: str, dialect: Dialect) -> str:
    """Return the clauses that change the relationship of each row, and count them."""
    found, width = found_edge(step, rows, dialect)
    changed = _replace("e", "r, e", step.columns, width, step.version, dialect)
    return f"{found} {changed} RETURN count(e)"


def merged_node(step: MergeNodes, rows: str, dialect: Dialect) -> str:
    """Return the clauses that create or change the node of each row."""
    label = dialect.quote(step.kind.label)
    others = [dialect.quote(each) for each in step.kind.labels if each != step.kind.label]
    key = f"{dialect.quote(step.key.stored)}: {_value(step.key.function, 'r[0]')}"
    created = _set("n", step.columns, 1, None, dialect)
    written = {i: _assignment("n", step.columns[i], i + 1, dialect) for i in step.on_match}
    sticky = [i for i in step.on_match if step.columns[i].function in dialect.sticky]
    again = [written.pop(i) for i in sticky]
    matched = _cleared("n", [step.columns[i] for i in sticky], dialect)
    matched += written.values()
    if step.version is not None:
        matched.append(_next_version("n", step.version, dialect))
    return (
        f"UNWIND {rows} AS r MERGE (n:{label} {{{key}}})"
        + (f" ON CREATE {created}" if created else "")
        + (f" ON MATCH SET {', '.join(matched)}" if matched else "")
        + (f" SET n:{':'.join(others)}" if others else "")
        + (f" WITH r, n SET {', '.join(again)}" if again else "")
    )


def merged_apart(step: MergeNodes, rows: str, dialect: Dialect) -> tuple[str, str]:
    """Return two texts, of which one changes the nodes that are there, the other creates the rest.

    For databases whose MERGE does not tell the two apart. The keys of the rows are different.
    """
    wanted = f"{dialect.quote(step.key.stored)} = {_value(step.key.function, 'r[0]')}"
    stored, other = (
        f"MATCH {dialect.node(alias, (step.kind.label,), step.kind.labels)} WHERE {alias}.{wanted}"
        for alias in ("n", "o")
    )
    written = [_assignment("n", step.columns[i], i + 1, dialect) for i in step.on_match]
    if step.version is not None:
        written.append(_next_version("n", step.version, dialect))
    changed = f" SET {', '.join(written)}" if written else ""
    cells = _cells((step.key, *step.columns), 0, dialect)
    created = dialect.new_node("n", step.kind.labels, cells)
    return (
        f"UNWIND {rows} AS r {stored}{changed}",
        f"UNWIND {rows} AS r OPTIONAL {other} WITH r, o WHERE o IS NULL CREATE {created}",
    )


def _cells(columns: Columns, first: int, dialect: Dialect) -> str:
    return ", ".join(
        f"{dialect.quote(c.stored)}: {_value(c.function, f'r[{first + i}]')}"
        for i, c in enumerate(columns)
    )


def _set(name: str, columns: Columns, first: int, version: str | None, dialect: Dialect) -> str:
    items = [_assignment(name, column, first + i, dialect) for i, column in enumerate(columns)]
    if version is not None:
        items.append(_next_version(name, version, dialect))
    return f"SET {', '.join(items)}" if items else ""


def _replace(
    name: str, kept: str, columns: Columns, first: int, version: str | None, dialect: Dialect
) -> str:
    """Return the SET of a stored entity; `kept` names the variables that are used after it."""
    cleared = _cleared(name, columns, dialect)
    text = _set(name, columns, first, version, dialect)
    return f"SET {', '.join(cleared)} WITH {kept} {text}" if cleared else text


def _cleared(name: str, columns: Iterable[Column], dialect: Dialect) -> list[str]:
    sticky = (column for column in columns if column.function in dialect.sticky)
    return [f"{name}.{dialect.quote(column.stored)} = null" for column in sticky]


def _assignment(name: str, column: Column, cell: int, dialect: Dialect) -> str:
    return f"{name}.{dialect.quote(column.stored)} = {_value(column.function, f'r[{cell}]')}"


def _next_version(name: str, version: str, dialect: Dialect) -> str:
    stored = f"{name}.{dialect.quote(version)}"
    return f"{stored} = coalesce({stored}, 0) + 1"


def _value(function: str | None, operand: str) -> str:
    return f"{function}({operand})" if function else operand
