"""`union` and `union_all`: the rows of several statements, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeVar

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.query.bindable import joined_bindings
from runic.ogm.query.computed import kind_of
from runic.ogm.query.expressions import Attribute, Labelled
from runic.ogm.query.forms import entities_in
from runic.ogm.query.pattern import ROOT, attribute_at
from runic.ogm.query.statement import Item, Order, Statement, Yields

E = TypeVar("E")


@dataclass(frozen=True, eq=False, repr=False)
class Union(Statement, Yields[E]):
    """The rows of several statements; sorted and cut as one."""

    __hash__ = object.__hash__

    @property
    @override
    def contents(self) -> tuple[Item, ...]:
        return self.branches[0].contents

    @property
    @override
    def returns_entities(self) -> bool:
        return self.branches[0].returns_entities

    @property
    @override
    def node_classes(self) -> tuple[type[Any], ...]:
        return self.branches[0].node_classes

    @override
    def where(self, *criteria: Any, on: str | None = None, **equal: Any) -> NoReturn:
        """Refuse: a union has no pattern of its own."""
        raise _not_here("where")

    @override
    def traverse(self, relation: Any, **options: Any) -> NoReturn:
        """Refuse: a union has no pattern of its own."""
        raise _not_here("traverse")

    @override
    def repeat(self, relation: Any, **options: Any) -> NoReturn:
        """Refuse: a union has no pattern of its own."""
        raise _not_here("repeat")

    @override
    def alias(self, name: str) -> NoReturn:
        """Refuse: a union has no pattern of its own."""
        raise _not_here("alias")

    @override
    def _order(self, by: Any, desc: bool) -> Order:
        name = by.label if isinstance(by, Labelled) else by
        if isinstance(name, str) and name.startswith("-"):
            name, desc = name[1:], not desc
        if isinstance(name, str) and self._has_column(name):
            return Order(name, desc)
        if isinstance(name, Attribute | str) and self.returns_entities:
            return Order(self._field(name), desc)
        have = ", ".join(item.name for item in self.contents)
        raise StatementError(f"a union is sorted by its columns ({have}), not by {by}")

    @override
    def _has_column(self, name: str) -> bool:
        return any(item.name == name for item in self.contents if item.expression is not None)

    def _field(self, by: Attribute[Any] | str) -> Attribute[Any]:
        first = self.branches[0]
        name = by.name if isinstance(by, Attribute) else by
        return replace(attribute_at(first.pattern, name, first.returned), alias=None)


def union(first: Statement, *others: Statement) -> Union[Any]:
    """Return the rows of several statements, equal ones once.

    Each sorts and cuts its own rows; `order_by`, `skip` and `limit` of the union come after.

    Raises:
        StatementError: They return different columns.
    """
    return _union((first, *others), everything=False)


def union_all(first: Statement, *others: Statement) -> Union[Any]:
    """Return the rows of several statements, as `union` does, however often each comes."""
    return _union((first, *others), everything=True)


def _union(branches: tuple[Statement, ...], everything: bool) -> Union[Any]:
    for branch in branches:
        if not isinstance(branch, Statement) or isinstance(branch, Union):
            raise StatementError(f"union takes select statements, not {branch!r}")
    for other in branches[1:]:
        _require_same(branches[0], other)
    if len(branches) == 1:
        raise StatementError("union takes at least two statements")
    numbered = enumerate(branches, 1)
    bindings = joined_bindings(
        (f"part {number} of the union", part.bindings) for number, part in numbered
    )
    return Union(branches[0].pattern, branches=branches, everything=everything, bindings=bindings)


def _require_same(first: Statement, other: Statement) -> None:
    for part in (first, other):
        if part.paths:
            shown = ", ".join(map(repr, part.paths))
            raise StatementError(
                f"a union loads relations with its rows, whichever part they come from: leave"
                f" fetch({shown}) out of the part, and write union(…).fetch({shown})"
            )
    ours, theirs = _described(first), _described(other)
    if ours != theirs:
        raise StatementError(
            f"the parts of a union return the same columns; these return {ours} and {theirs}. Name"
            " values with .as_(…)"
        )


def _described(stmt: Statement) -> list[tuple[str, str]]:
    described = []
    for item in stmt.contents:
        if item.expression is not None:
            kind = kind_of(item.expression)
            holds = sorted(each.__name__ for each in entities_in(item.expression))
            words = ["value" if kind is None else kind.value, *holds]
            described.append((item.name, " of ".join(words)))
        else:
            place = item.place or ROOT
            if place.is_edge and stmt.pattern.hops[place.number].span is not None:
                raise StatementError("the parts of a union return no paths; return their ends")
            entity = stmt.pattern.entity(place)
            described.append(("entity", "edge" if entity is None else entity.__name__))
    return described


def _not_here(what: str) -> StatementError:
    return StatementError(f"{what} belongs to the parts of a union; write it before union(…)")
