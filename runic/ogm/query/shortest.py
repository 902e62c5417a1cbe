"""`shortest_path`: the fewest edges from one node to another."""

from __future__ import annotations

from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.meta import fits
from runic.ogm.query.bindable import joined_bindings
from runic.ogm.query.expressions import RelationAttribute
from runic.ogm.query.hops import span
from runic.ogm.query.path import Path
from runic.ogm.query.pattern import ROOT, Filter, Place
from runic.ogm.query.select import Select, SingleSelect
from runic.ogm.query.statement import Item


def shortest_path(
    source: Select[Any],
    target: Select[Any],
    *relations: RelationAttribute[Any] | Any,
    max_hops: int | None = None,
    every: bool = False,
) -> SingleSelect[Path]:
    """Return a statement that finds the shortest path between nodes, for every two there are.

    `session.first(shortest_path(…))` is a `Path` or None. Directions are those of the relations.
    There is no path from a node to itself.

    Args:
        source: The node to start from, as `select(User).where(User.id == "ada")`.
        target: The node to get to.
        *relations: What to follow, as `User.friends`; several of one direction may be mixed.
        max_hops: The greatest number of edges; None for any.
        every: Find all paths that are as short as the shortest, not just one.

    Raises:
        StatementError: An end is more than a node with criteria, no relation leaves it, or both
            ends bind one parameter to different values.
    """
    if not relations:
        raise StatementError("name what the path goes along, as shortest_path(a, b, User.friends)")
    start, end = _end("source", source), _end("target", target)
    bounds = span(1, max_hops, "all" if every else "one")
    pattern = start.pattern.extended(list(relations), None, False, bounds)
    pattern = pattern.with_last(_landing(pattern.nodes[1].entity, end.entity))
    alias = end.pattern.nodes[0].alias
    if alias not in pattern.aliases:
        pattern = pattern.rename_last(alias)
    begun = [each.at(ROOT, 1) for each in start.filters]
    ended = [each.at(Place(False, 1), 2) for each in end.filters]
    path = Place(True, 0)
    return SingleSelect(
        pattern,
        filters=(*begun, *ended),
        items=(Item(pattern.alias(path), path),),
        bindings=joined_bindings([("source", start.bindings), ("target", end.bindings)]),
    )


def _end(name: str, stmt: object) -> Select[Any]:
    if not isinstance(stmt, Select):
        raise StatementError(f"{name} is a statement, as select(User).where(…), not {stmt!r}")
    parts = (stmt.pattern.hops, stmt.steps, stmt.items, stmt.orders, stmt.paths, stmt.once)
    if any(parts) or stmt.imported or stmt.skipped is not None or stmt.maximum is not None:
        raise StatementError(
            f"{name} is one node with criteria, without hops, stages, order, limit or fetch"
        )
    _refuse_aliases(name, stmt.filters)
    return stmt


def _refuse_aliases(name: str, filters: tuple[Filter, ...]) -> None:
    if any(a.alias is not None for each in filters for a in each.criterion.attributes):
        raise StatementError(f"criteria of {name} need no .on(alias): they are about one node")


def _landing(reached: type[Any], wanted: type[Any]) -> type[Any]:
    if not fits(reached, wanted):
        raise StatementError(
            f"the relations lead to {reached.__name__}, which is no {wanted.__name__}"
        )
    return wanted
