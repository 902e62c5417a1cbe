"""Turn a plan of writes into text: one statement for all of it, or one a step.

Every step becomes a block that ends in an aggregate, so it returns one row even when it has
nothing to do. A step that must carry out each of its rows is counted, and the statement divides by
zero when one count is short: the database then undoes the statement whole. New nodes reach the
edges as variables, because a statement does not find by label what it has just created.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Host
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.ends import share_ends
from runic.ogm.query.plan import (
    CreateEdges,
    CreateNodes,
    DeleteEdges,
    DeleteNodes,
    End,
    Found,
    MergeNodes,
    Plan,
    Step,
    Unlink,
    UpdateEdges,
    UpdateNodes,
)
from runic.ogm.query.removal import (
    Removal,
    UniqueColumns,
    found_edge,
    found_links,
    found_node,
    removal_at_once,
    removal_done,
    removal_found,
    unique_columns,
    vacated_edges,
)
from runic.ogm.query.row_writes import (
    answered,
    created_edge,
    created_node,
    merged_node,
    updated_edge,
    updated_node,
)


def compile_plan(plan: Plan, dialect: Dialect) -> Query:
    """Return the one statement that carries out a plan or leaves nothing behind.

    It returns one row: for each step in order what `CreateNodes` and `CreateEdges` promise, or how
    many rows were carried out.
    """
    lists, steps = share_ends(plan.steps)
    named = list(zip(steps, _names(steps), strict=True))
    late = any(isinstance(step, CreateNodes | CreateEdges) for step in steps)
    unique = unique_columns(steps) if late else None
    blocks = [found.block(dialect) for found in lists]
    for number, (step, name) in enumerate(named):
        blocks += _blocks(step, name, f"$p{number}", unique, dialect)
    if late:
        blocks += [removal_done(step, name) for step, name in named if isinstance(step, Removal)]
    returned = [_returned(step, name, dialect) for step, name in named]
    guard = [
        _complete(step, name, f"$p{number}")
        for number, (step, name) in enumerate(named)
        if step.counted
    ]
    if guard:
        returned.append(f"1 / (CASE WHEN {' AND '.join(guard)} THEN 1 ELSE 0 END) AS complete")
    text = "\n".join([*blocks, f"RETURN {', '.join(returned)}"])
    params: dict[str, Any] = {found.name: found.rows for found in lists}
    return Query(text, params | {f"p{number}": step.rows for number, step in enumerate(steps)})


def compile_step(step: Step, dialect: Dialect) -> Query:
    """Return the statement that carries out one step whose rows hold database ids only."""
    return compile_plan(Plan([step]), dialect)


def guard_failed(message: str) -> bool:
    """Tell whether an error of the database says that a counted step came up short."""
    return "division by zero" in message.lower() or "/ by zero" in message


def compile_merge(steps: Sequence[MergeNodes], dialect: Dialect) -> Query:
    """Return the statement that creates or changes each row's node, all or nothing.

    It returns one row: for each step a list of pairs of key and node.
    """
    merges = [merged_node(step, f"$p{number}", dialect) for number, step in enumerate(steps)]
    blocks = [
        f"CALL {{ {merge} RETURN collect([r[0], n]) AS s{number} }}"
        for number, merge in enumerate(merges)
    ]
    names = ", ".join(f"s{number}" for number in range(len(steps)))
    params = {f"p{number}": step.rows for number, step in enumerate(steps)}
    return Query("\n".join([*blocks, f"RETURN {names}"]), params)


def compile_check(step: Step, dialect: Dialect) -> Query | None:
    """Return the read that tells which rows of a step would be carried out now.

    Its rows are the number of the row and the version stored now. None: the step is not counted.
    """
    if isinstance(step, Unlink):
        found = found_links(step, "$p0", dialect)
        return Query(f"{found} RETURN r[0], r[1], NULL", {"p0": step.rows}, read_only=True)
    if isinstance(step, UpdateNodes | DeleteNodes):
        found, _ = found_node(replace(step, version=None), "$p0", dialect)
        name = "n"
    elif isinstance(step, UpdateEdges | DeleteEdges):
        found, _ = found_edge(replace(step, version=None), "$p0", dialect)
        name = "e"
    else:
        return None
    version = f"{name}.{dialect.quote(step.version)}" if step.version else "NULL"
    return Query(f"{found} RETURN r[0], r[1], {version}", {"p0": step.rows}, read_only=True)


def compile_presence(kind: Found, rows: list[Any], dialect: Dialect) -> Query:
    """Return the read of which nodes, given as [id, key], are still there: it returns their ids."""
    text = f"UNWIND $p0 AS r {dialect.found('n', kind, 'r')} RETURN r[0]"
    return Query(text, {"p0": rows}, read_only=True)


def compile_taken(
    on: Host, label: str, stored: Sequence[str], rows: list[list[Any]], dialect: Dialect
) -> Query:
    """Return the read of who has these values of properties: rows of the values and an id.

    `label` is a type, or the first label of a family of classes.
    """
    place = f"()-[n:{dialect.quote(label)}]->()"
    if on == "node":
        place = dialect.node("n", (label,), (label,))
    same = [f"n.{dialect.quote(name)} = r[{i}]" for i, name in enumerate(stored)]
    values = "".join(f"r[{i}], " for i in range(len(stored)))
    text = f"UNWIND $rows AS r MATCH {place} WHERE {' AND '.join(same)}"
    return Query(f"{text} RETURN {values}{dialect.node_id('n')}", {"rows": rows}, read_only=True)


def compile_edges_read(type_: str, ids: Sequence[Sequence[Any]], dialect: Dialect) -> Query:
    """Return the read of relationships: a row for each that exists.

    `ids` are pairs: of a relationship's source and its own, or lists that begin so.
    """
    # Through the source: looking a relationship up by its own id reads all of them.
    text = (
        f"UNWIND $ids AS r WITH r[0] AS si, r[1] AS ei MATCH (s)-[e:{dialect.quote(type_)}]->()"
        f" WHERE {dialect.node_id('s')} = si AND {dialect.node_id('e')} = ei RETURN e"
    )
    return Query(text, {"ids": ids}, read_only=True)


def compile_labels(
    kind: Found,
    place: Sequence[Any],
    added: Sequence[str],
    removed: Sequence[str],
    dialect: Dialect,
) -> Query:
    """Return the query that changes the labels of one node; it returns all of them, and its id."""
    text = f"UNWIND $p0 AS r {dialect.found('n', kind, 'r')}"
    text += dialect.relabelled("n", added, removed)
    returned = f"RETURN {dialect.labels_of('n')}, {dialect.node_id('n')}"
    return Query(f"{text} {returned}", {"p0": [place]}, not added and not removed)


def _names(steps: Sequence[Step]) -> Iterator[str]:
    created = 0
    for number, step in enumerate(steps):
        if isinstance(step, CreateNodes):
            yield f"n{created}"
            created += 1
        else:
            yield f"s{number}"


def _complete(step: Step, name: str, rows: str) -> str:
    # Counted against the parameter: a number in the text would make a new text of every plan.
    listed = isinstance(step, CreateEdges) and not step.bare
    done = f"size({name})" if listed else name
    # Of relationships of a type that run parallel already MERGE finds each, and its ends are there:
    # where they are stored they have been counted in front.
    exact = not (isinstance(step, CreateEdges) and step.merge)
    return f"{done} {'=' if exact else '>='} size({rows})"


def _returned(step: Step, name: str, dialect: Dialect) -> str:
    if isinstance(step, CreateNodes):
        return f"[x IN {name} | {answered('x', step, dialect)}] AS {name}"
    return name


def _imports(step: Step) -> str:
    if not isinstance(step, CreateEdges):
        return ""
    names = sorted({_list_name(step.source), _list_name(step.target)})
    return f"WITH {', '.join(names)} "


def _list_name(end: End) -> str:
    assert not isinstance(end, Found)  # `share_ends` has put these into lists
    return end if isinstance(end, str) else f"n{end}"


def _blocks(
    step: Step, name: str, rows: str, unique: UniqueColumns | None, dialect: Dialect
) -> Iterator[str]:
    """Yield the blocks of one step; with `unique`, deletions stand at the end of the statement."""
    if not isinstance(step, Removal):
        body = f"{_imports(step)}{_body(step, rows, dialect)}"
    elif unique is None:
        body = removal_at_once(step, rows, dialect)
    else:
        body = removal_found(step, rows, name, unique, dialect)
    yield f"CALL {{ {body} AS {name} }}"
    if unique and isinstance(step, DeleteNodes):
        yield from vacated_edges(name, unique, dialect)


@singledispatch
def _body(step: Any, rows: str, dialect: Dialect) -> str:
    raise TypeError(f"no text for {step!r}")


@_body.register
def _create_nodes(step: CreateNodes, rows: str, dialect: Dialect) -> str:
    return f"UNWIND {rows} AS r {created_node(step, 0, dialect)} RETURN collect(n)"


@_body.register
def _update_nodes(step: UpdateNodes, rows: str, dialect: Dialect) -> str:
    return updated_node(step, rows, dialect)


@_body.register
def _create_edges(step: CreateEdges, rows: str, dialect: Dialect) -> str:
    source, target = _list_name(step.source), _list_name(step.target)
    bound = f"UNWIND {rows} AS r WITH r, {source}[r[0]] AS s, {target}[r[1]] AS t"
    made, answer = created_edge(step, 2, dialect)
    return f"{bound} {made} RETURN {'count(e)' if step.bare else f'collect({answer})'}"


@_body.register
def _update_edges(step: UpdateEdges, rows: str, dialect: Dialect) -> str:
    return updated_edge(step, rows, dialect)
