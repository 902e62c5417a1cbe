"""Subqueries: a statement that runs for each row of another, and gives it values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from runic.ogm.errors import StatementError
from runic.ogm.query.match import write_match
from runic.ogm.query.pattern import ROOT, Pattern
from runic.ogm.query.related import hoisted
from runic.ogm.query.select import Select, select
from runic.ogm.query.stages import called
from runic.ogm.query.statement import Statement
from runic.ogm.query.steps import require_alive
from runic.ogm.query.tails import aggregates_apart, tail_text
from runic.ogm.query.values import Value
from runic.ogm.query.writer import Writer

if TYPE_CHECKING:
    from runic.ogm.model.node import Node
    from runic.ogm.query.statement import Item

E = TypeVar("E", bound="Node")
S = TypeVar("S", bound="Select[Any]")


def within(entity: type[E], alias: str) -> Select[E]:
    """Begin a subquery at a node of the statement outside, which has this alias there.

    It goes into `call(stmt, …)`, and runs for each row.
    """
    started: Select[E] = select(entity).restated(imported=True)
    return started if alias == "n" else started.alias(alias)


@dataclass(frozen=True, slots=True, eq=False)
class Subquery:
    """Runs a statement for each row; its values are those of the rows that come of it."""

    inner: Statement
    glue = " WITH *"

    def outline(self, shape: list[Any], values: list[Value]) -> None:
        """Append its shape and its values, in the order of `write`."""
        outline, inner = self.inner.outline()
        shape.append(("call", outline))
        values += inner

    def write(self, writer: Writer) -> str:
        """Return the text."""
        writer.dialect.require("subqueries")
        inner = self.inner
        inside = writer.inside(inner.pattern)
        match = write_match(inside, inner.filters, inner.steps, imported=inner.imported)
        inside.focus(None, len(inner.pattern.nodes))
        texts = [
            f"{_returned(inside, item)} AS {inside.value(item.name)}" for item in inner.contents
        ]
        tail = tail_text(inside, inner, final=False)
        made = hoisted(inside.taken(), [])
        apart = aggregates_apart(inside.dialect, f"{match}{made}") if inner.groups else ""
        writer.skip_to(inside.written)
        distinct = "DISTINCT " if inner.once else ""
        return f"CALL {{ {match}{made} {apart}RETURN {distinct}{', '.join(texts)}{tail} }}"


def _returned(writer: Writer, item: Item) -> str:
    if item.place is not None:
        return writer.alias(item.place)
    assert item.expression is not None
    return writer.alone(item.expression)


def call(stmt: S, inner: Statement) -> S:
    """Return a statement that runs another for each of its rows, and reads its values by name.

    There is a row for each row of the subquery; a row for which it has none goes. The subquery
    starts at a node outside with `within(User, "n")`, or is any statement on its own. Entities that
    it returns are called by their aliases.

    Raises:
        StatementError: It starts at a node that is not outside, or returns what has a name there.
    """
    for what, given in (("call", stmt), ("the subquery", inner)):
        if not isinstance(given, Select if what == "call" else Statement):
            raise StatementError(f"{what} takes a select statement, not {given!r}")
    _check_inner(inner, stmt.pattern)
    if inner.imported:
        require_alive(stmt.steps, stmt.pattern, stmt.pattern.place(inner.pattern.alias(ROOT)))
    return called(stmt, inner, Subquery(inner))


def _check_inner(inner: Statement, outside: Pattern) -> None:
    if inner.branches:
        raise StatementError("a union cannot be a subquery; call each of its parts")
    if inner.paths:
        raise StatementError("fetch= loads relations of what a statement returns; fetch outside")
    if any(_is_bare(inner.pattern, item) for item in inner.contents):
        raise StatementError(
            "a subquery returns nodes, edges that have a class, and values; not paths"
        )
    if inner.imported:
        place = outside.place(inner.pattern.alias(ROOT))
        entity = outside.entity(place)
        if place.is_edge or entity is None or not issubclass(entity, inner.entity):
            raise StatementError(
                f"the subquery is within a {inner.entity.__name__} called"
                f" {inner.pattern.alias(ROOT)!r}, and the statement outside has {outside}"
            )


def _is_bare(pattern: Pattern, item: Item) -> bool:
    return item.place is not None and pattern.entity(item.place) is None
