"""Begin the next stage of a statement: what `with_` and `unwind` do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from runic.ogm.errors import StatementError
from runic.ogm.query.bindable import joined_bindings
from runic.ogm.query.computed import LISTS, Call, kind_of, operand, require
from runic.ogm.query.element import Element
from runic.ogm.query.expressions import Attribute, Expression, checked_name
from runic.ogm.query.steps import (
    Clause,
    PipelineStep,
    Unwind,
    With,
    alive_places,
    names_after,
    require_alive,
    require_apart,
)
from runic.ogm.query.variables import Variable, check_row, known

if TYPE_CHECKING:
    from runic.ogm.query.pattern import Pattern
    from runic.ogm.query.select import Select
    from runic.ogm.query.statement import Item, Order, Statement

S = TypeVar("S", bound="Select[Any]")


def carried(stmt: Select[Any], column: object) -> Item | None:
    """Return what an alias or a name of a value carries into the next stage; None for others."""
    name = column.name if isinstance(column, Variable) else column
    if not isinstance(name, str):
        return None
    names = names_after(stmt.steps)
    if name in names:
        return stmt.item(name, None, known(Variable(name), names[name]))
    if name not in stmt.pattern.aliases or isinstance(column, Variable):
        return None
    place = stmt.pattern.place(name)
    require_alive(stmt.steps, stmt.pattern, place)
    return stmt.item(name, place, None)


def staged(stmt: S, items: tuple[Item, ...], distinct: bool) -> S:
    """Return the statement that goes on with these items only."""
    if stmt.once:
        raise StatementError("distinct() before with_(…) is written .with_(…, distinct=True)")
    if stmt.paths:
        raise StatementError(f"fetch={stmt.paths} is for what is returned; fetch after with_(…)")
    orders = tuple(_by_value(order) for order in stmt.orders)
    clause = With(items, distinct, orders, stmt.skipped, stmt.maximum, len(stmt.pattern.nodes))
    kept = frozenset(item.place for item in items if item.place is not None)
    names = {item.name: item.expression for item in items if item.expression is not None}
    require_apart(names, stmt.pattern)
    step = PipelineStep(clause, len(stmt.pattern.hops), kept, names)
    nodes = [item for item in items if item.place is not None and not item.place.is_edge]
    values = [stmt.item(name, None, known(Variable(name), made)) for name, made in names.items()]
    elements = [item for item in items if item.place is not None]
    return stmt.restated(
        steps=(*stmt.steps, step),
        items=tuple(nodes[:1] or elements + values),
        orders=(),
        skipped=None,
        maximum=None,
    )


def _by_value(order: Order) -> Order:
    # Columns are there in the last stage only; here they are the values of the stage before.
    return replace(order, by=Variable(order.by)) if isinstance(order.by, str) else order


def unwound(stmt: S, items: Any, name: str) -> S:
    """Return the statement that has a row for each item of a list, which is called `name`."""
    if stmt.skipped is not None or stmt.maximum is not None or stmt.orders:
        raise StatementError("sort and cut rows with .with_(…) before unwind, or after it")
    names = names_after(stmt.steps)
    if name in names or name in stmt.pattern.aliases:
        raise StatementError(f"the name {name!r} is taken; call the item something else")
    part = operand(list(items) if isinstance(items, set | frozenset | range) else items)
    require("unwind", part, LISTS)
    check_row(part)
    part = stmt.meaning(part)
    checked_name(name, "value")
    # An item of a list is what its first item is.
    made: Expression[Any] = Call("head", (part,), _kind_of_item(part))
    clause = Unwind(part, name, len(stmt.pattern.nodes))
    alive = alive_places(stmt.steps, stmt.pattern)
    step = PipelineStep(clause, len(stmt.pattern.hops), alive, {**names, name: made})
    return stmt.restated(steps=(*stmt.steps, step))


def called(stmt: S, inner: Statement, clause: Clause) -> S:
    """Return the statement that runs a subquery for each row, and knows its values."""
    if stmt.skipped is not None or stmt.maximum is not None or stmt.orders:
        raise StatementError("sort and cut rows with .with_(…) before call, or after it")
    names = dict(names_after(stmt.steps))
    made = {item.name: _value(stmt, inner.pattern, item) for item in inner.contents}
    require_apart(made, stmt.pattern)
    for name in made:
        if name in names:
            raise StatementError(f"the name {name!r} is taken; call the subquery's value otherwise")
    alive = alive_places(stmt.steps, stmt.pattern)
    step = PipelineStep(clause, len(stmt.pattern.hops), alive, {**names, **made})
    bindings = joined_bindings(
        [("the statement outside", stmt.bindings), ("the subquery", inner.bindings)]
    )
    return stmt.restated(steps=(*stmt.steps, step), bindings=bindings)


def _value(stmt: Select[Any], pattern: Pattern, item: Item) -> Expression[Any]:
    if item.expression is not None:
        return item.expression
    assert item.place is not None
    entity = pattern.entity(item.place)
    if item.name in stmt.pattern.aliases:
        raise StatementError(
            f"the subquery returns {item.name!r}, which is there outside: call it otherwise with"
            " .alias(…), or return values with .project(…)"
        )
    assert entity is not None
    return Element(entity, item.name, item.place)


def _kind_of_item(part: Any) -> Any:
    item = part.info.type.item if isinstance(part, Attribute) else None
    return item if item is not None else kind_of(Variable("item"))
