"""`union` and `union_all`: the rows of several statements, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeVar

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.query.computed import kind_of
from runic.ogm.query.expressions import Attribute, Labelled
from runic.ogm.query.fetch import checked_paths
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

    def fetch(self, *paths: Any) -> Union[E]:
        """Load relations with the entities."""
        return self._with(paths=self.paths + checked_paths(_entity(self.branches[0]), paths))

    @override
    def where(self, *criteria: Any, on: str | None = None) -> NoReturn:
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
    bindings: dict[str, Any] = {}
    for branch in branches:
        for name, value in branch.bindings.items():
            if name in bindings and bindings[name] is not value:
                raise StatementError(f"the parameter {name!r} has two values; bind the union")
            bindings[name] = value
    return Union(branches[0].pattern, branches=branches, everything=everything, bindings=bindings)


def _require_same(first: Statement, other: Statement) -> None:
    ours, theirs = _described(first), _described(other)
    if ours != theirs or first.paths or other.paths:
        raise StatementError(
            f"the parts of a union return the same columns, without fetch; these return {ours} and"
            f" {theirs}. Name values with .as_(…)"
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


def _entity(stmt: Statement) -> type[Any]:
    found = stmt.pattern.entity(stmt.returned)
    assert found is not None
    return found


def _not_here(what: str) -> StatementError:
    return StatementError(f"{what} belongs to the parts of a union; write it before union(…)")
