"""Random criteria on the relations of what is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle.statements.pen import Pen
from tests.oracle.statements.values import SIGNS, Row, Term, View
from tests.oracle.statements.world import WAYS, Way

if TYPE_CHECKING:
    from tests.oracle.statements.terms import Asker


class Related:
    """The part of an `Asker` that follows relations, out of which it asks again."""

    pen: Pen
    views: list[View]
    scope: int

    def deeper(self, views: list[View] | None = None, scope: int = 0) -> Asker:
        """Return an asker for what is inside."""
        raise NotImplementedError

    def ways(self) -> list[tuple[View, Way]]:
        """Return the relations of what is in view."""
        return [
            (view, way) for view in self.views for way in WAYS if issubclass(view.cls, way.source)
        ]

    def about_relation(self, view: View, way: Way) -> Term:
        """Draw whether there is something at the other end, or how much of it."""
        node, edge = f"t{self.scope}", f"e{self.scope}"
        views = [View(way.target, node)] + ([View(way.edge, edge)] if way.edge else [])
        # What is outside needs an alias to be told from what is inside.
        outside = [one for one in self.views if one.alias is not None]
        inner = self.deeper(views + outside, 1)
        asked = inner.criterion() if self.pen.flag() else None

        def number(row: Row) -> int:
            start = row[view.key]
            steps = [] if start is None else way.steps(start)
            return sum(
                asked is None or asked.value({**row, edge: e, node: n}) is True for e, n in steps
            )

        criteria = () if asked is None else (asked.made,)
        return self._asked(view.relation(way), criteria, number)

    def _asked(self, relation: Any, criteria: tuple[Any, ...], number: Any) -> Term:
        if self.pen.flag():
            self.pen.tell("EXISTS { (n)-->(m) }")
            some = Term(relation.any(*criteria), lambda row: number(row) > 0, "bool")
            if not self.pen.one_in(3):
                return some
            self.pen.tell("NOT EXISTS { … }", "NOT")
            return Term(~some.made, lambda row: number(row) == 0, "bool")
        self.pen.tell("COUNT { (n)-->(m) }")
        sign, wanted = self.pen.pick([*SIGNS]), self.pen.number(0, 2)
        made = SIGNS[sign](relation.count(*criteria), wanted)
        return Term(made, lambda row: SIGNS[sign](number(row), wanted), "bool")
