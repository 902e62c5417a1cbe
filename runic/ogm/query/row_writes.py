"""What the steps of a plan write, row by row: the clauses that create and change.

`writes` puts them into one statement for a whole plan, `alone` into one a step. A row is `r`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter

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
from runic.ogm.query.set_items import SetItem, counted_up, removing


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
        return _merged_edge(step, first, dialect), _told(step, dialect)
    made = f"CREATE (s)-[e:{type_} {{{_cells(step.columns, first, dialect)}}}]->(t)"
    return made, dialect.node_id("e")


def _told(step: CreateEdges, dialect: Dialect) -> str:
    if step.told:
        return "e"
    return f"[{', '.join(dialect.node_id(name) for name in 'ste')}]"


def _merged_edge(step: CreateEdges, first: int, dialect: Dialect) -> str:
    head, type_ = "->" if step.directed else "-", dialect.quote(step.type)
    merged = f"MERGE (s)-[e:{type_}]{head}(t)"
    if not dialect.tells_created:
        return _asked_first(step, first, merged, dialect)
    created = _set("e", _items(step.columns, first, dialect), dialect, "ON CREATE SET")
    matched, again = _matched("e", step, first, dialect)
    return merged + created + matched + (f" WITH r, s, t, e{again}" if again else "")


def _asked_first(step: CreateEdges, first: int, merged: str, dialect: Dialect) -> str:
    """Return the same for databases whose MERGE does not tell what was there."""
    if not step.columns:
        return merged
    stored = merged.replace("MERGE (s)-[e:", "OPTIONAL MATCH (s)-[o:", 1)
    items = _items(step.columns, first, dialect)
    for i, (column, item) in enumerate(zip(step.columns, items, strict=True)):
        if i not in step.on_match:
            counted = column.stored == step.version
            kept = counted_up("e", item.name).value if counted else f"e.{item.name}"
            items[i] = item._replace(value=f"CASE WHEN fresh THEN {item.value} ELSE {kept} END")
    fresh = f"{stored} WITH r, s, t, count(o) = 0 AS fresh"
    return f"{fresh} {merged}{_set('e', items, dialect)}"


def _matched(
    name: str, step: CreateEdges | MergeNodes, first: int, dialect: Dialect
) -> tuple[str, str]:
    """Return the clause that sets what MERGE finds, and that of what must be set after it."""
    sticky = [i for i in step.on_match if step.columns[i].function in dialect.sticky]
    matched = [_cleared(step.columns[i], dialect) for i in sticky]
    others = [i for i in step.on_match if i not in sticky]
    matched += _on_match(step, others, first, dialect, len(sticky))
    if step.version is not None:
        matched.append(counted_up(name, dialect.quote(step.version)))
    again = [_item(step.columns[i], first + i, dialect) for i in sticky]
    return _set(name, matched, dialect, "ON MATCH SET"), _set(name, again, dialect)


def updated_node(step: UpdateNodes, rows: str, dialect: Dialect) -> str:
    """Return the clauses that change the node of each row, and count them."""
    found, width = found_node(step, rows, dialect)
    changed = _replace("n", "r, n", step, width, step.version, dialect)
    return f"{found} {changed} RETURN count(n)"


def updated_edge(step: UpdateEdges, rows: str, dialect: Dialect) -> str:
    """Return the clauses that change the relationship of each row, and count them."""
    found, width = found_edge(step, rows, dialect)
    changed = _replace("e", "r, e", step, width, step.version, dialect)
    return f"{found} {changed} RETURN count(e)"


def merged_node(step: MergeNodes, rows: str, dialect: Dialect) -> str:
    """Return the clauses that create or change the node of each row."""
    label = dialect.quote(step.kind.label)
    others = [dialect.quote(each) for each in step.kind.labels if each != step.kind.label]
    key = f"{dialect.quote(step.key.stored)}: {_value(step.key.function, 'r[0]', dialect)}"
    created = _set("n", _items(step.columns, 1, dialect), dialect, "ON CREATE SET")
    matched, again = _matched("n", step, 1, dialect)
    return (
        f"UNWIND {rows} AS r MERGE (n:{label} {{{key}}}){created}{matched}"
        + (f" SET n:{':'.join(others)}" if others else "")
        + (f" WITH r, n{again}" if again else "")
    )


def _on_match(
    step: CreateEdges | MergeNodes,
    numbers: Sequence[int],
    first: int,
    dialect: Dialect,
    beside: int = 0,
) -> list[SetItem]:
    # Where the values begin in the rows of the step; `first` counts what the text has in front.
    start, name = (1, "n") if isinstance(step, MergeNodes) else (2, "e")
    ahead = first - start
    removed = {cell + ahead for cell in removing(step.rows, [start + i for i in numbers], beside)}
    stuck = {cell + ahead for cell in _stuck(step, start)}
    items = [_item(step.columns[i], first + i, dialect, removed, stuck) for i in numbers]
    return [
        _merged(name, item, step.columns[i], dialect)
        for i, item in zip(numbers, items, strict=True)
    ]


def _merged(name: str, item: SetItem, column: Column, dialect: Dialect) -> SetItem:
    if column.numbers is None:
        return item
    stored = f"{name}.{item.name}"
    return item._replace(value=dialect.merged(stored, item.value, column.numbers))


def merged_apart(step: MergeNodes, rows: str, dialect: Dialect) -> tuple[str, str]:
    """Return two texts, of which one changes the nodes that are there, the other creates the rest.

    For databases whose MERGE does not tell the two apart. The keys of the rows are different.
    """
    wanted = f"{dialect.quote(step.key.stored)} = {_value(step.key.function, 'r[0]', dialect)}"
    stored, other = (
        f"MATCH {dialect.node(alias, (step.kind.label,), step.kind.labels)} WHERE {alias}.{wanted}"
        for alias in ("n", "o")
    )
    written = _on_match(step, step.on_match, 1, dialect)
    if step.version is not None:
        written.append(counted_up("n", dialect.quote(step.version)))
    changed = _set("n", written, dialect)
    cells = _cells((step.key, *step.columns), 0, dialect)
    created = dialect.new_node("n", step.kind.labels, cells)
    # Sorted, so that all nodes are found before one is changed: AGE finds some of them again in
    # front of a UNION, and counts their version twice.
    first = f"{stored} WITH r, n ORDER BY {dialect.node_id('n')}"
    return (
        f"UNWIND {rows} AS r {first}{changed}",
        f"UNWIND {rows} AS r OPTIONAL {other} WITH r, o WHERE o IS NULL CREATE {created}",
    )


def _cells(columns: Columns, first: int, dialect: Dialect) -> str:
    return ", ".join(
        f"{dialect.quote(c.stored)}: {_value(c.function, f'r[{first + i}]', dialect)}"
        for i, c in enumerate(columns)
    )


def _replace(
    name: str,
    kept: str,
    step: UpdateNodes | UpdateEdges,
    first: int,
    version: str | None,
    dialect: Dialect,
) -> str:
    """Return the SET of a stored entity; `kept` names the variables that are used after it."""
    sticky = [c for c in step.columns if c.function in dialect.sticky]
    cleared = _set(name, [_cleared(column, dialect) for column in sticky], dialect)
    removed = removing(step.rows, range(first, first + len(step.columns)))
    items = _items(step.columns, first, dialect, removed, _stuck(step, first))
    if version is not None:
        items.append(counted_up(name, dialect.quote(version)))
    text = _set(name, items, dialect).lstrip()
    return f"{cleared.lstrip()} WITH {kept} {text}" if cleared else text


def _set(name: str, items: Sequence[SetItem], dialect: Dialect, verb: str = "SET") -> str:
    return f" {dialect.assigned(name, items, verb)}" if items else ""


def _cleared(column: Column, dialect: Dialect) -> SetItem:
    return SetItem(dialect.quote(column.stored), "null", removes=True)


def _stuck(
    step: UpdateNodes | UpdateEdges | CreateEdges | MergeNodes, first: int
) -> frozenset[int]:
    """Return the cells that hold a number which the database may take for the one that is there."""
    return frozenset(
        first + i
        for i, column in enumerate(step.columns)
        if column.numbers is not None
        and any(map(column.numbers.has_equals, map(itemgetter(first + i), step.rows)))
    )


def _items(
    columns: Columns,
    first: int,
    dialect: Dialect,
    removed: Collection[int] = (),
    stuck: Collection[int] = (),
) -> list[SetItem]:
    return [_item(column, first + i, dialect, removed, stuck) for i, column in enumerate(columns)]


def _item(
    column: Column,
    cell: int,
    dialect: Dialect,
    removed: Collection[int] = (),
    stuck: Collection[int] = (),
) -> SetItem:
    value = _value(column.function, f"r[{cell}]", dialect)
    return SetItem(dialect.quote(column.stored), value, cell in removed, cell in stuck)


def _value(function: str | None, operand: str, dialect: Dialect) -> str:
    return dialect.made_stored(function, operand) if function else operand
