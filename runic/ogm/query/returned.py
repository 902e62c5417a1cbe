"""What a row can hold of a pattern: nodes, edges and paths that no stage has left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runic.ogm.errors import StatementError
from runic.ogm.query.pattern import Place
from runic.ogm.query.steps import require_alive

if TYPE_CHECKING:
    from runic.ogm.query.statement import Item, Statement


def element_item(stmt: Statement, place: Place) -> Item:
    """Return an element of a statement's pattern as something that a row holds.

    Raises:
        StatementError: A stage left it out.
    """
    require_alive(stmt.steps, stmt.pattern, place)
    return stmt.item(stmt.pattern.alias(place), place, None)


def edge_item(stmt: Statement, alias: str | None) -> Item:
    """Return an edge, the last one unless named."""
    if not stmt.pattern.hops:
        raise StatementError("there is no edge to return; .traverse(…) first")
    last = Place(True, len(stmt.pattern.hops) - 1)
    place = last if alias is None else stmt.pattern.place(alias)
    if not place.is_edge:
        raise StatementError(f"{alias!r} is a node; use .return_nodes or .return_target")
    if stmt.pattern.hops[place.number].span is not None:
        raise StatementError(f"{stmt.pattern.alias(place)!r} is a path; use .return_path()")
    return element_item(stmt, place)


def path_item(stmt: Statement, alias: str | None) -> Item:
    """Return a path, the last one unless named."""
    paths = [i for i, hop in enumerate(stmt.pattern.hops) if hop.span is not None]
    if not paths:
        raise StatementError("there is no path to return; .repeat(…) a relation first")
    place = Place(True, paths[-1]) if alias is None else stmt.pattern.place(alias)
    if not place.is_edge or place.number not in paths:
        raise StatementError(f"{alias!r} is no path; use .return_nodes or .return_edge")
    return element_item(stmt, place)


def refuse_twins(items: tuple[Item, ...]) -> None:
    """Raise StatementError if two things that a row holds have one name."""
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            raise StatementError(f"two columns are called {item.name!r}; name one with .as_(…)")
        seen.add(item.name)
