"""Comparisons of computed expressions, which remember what was given for a value in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.query.criteria import ORDERING, Comparison
from runic.ogm.query.quick import quick

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GivenComparison(Comparison):
    """A comparison that knows what was given for its right side, before it took a stored form.

    What a variable holds is not known until it stands in a statement: see `learning`.
    """

    given: Any = None


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contained(GivenComparison):
    """A value, of which it is known what was given for it, in a list that is computed."""


@quick
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ComputedComparison(GivenComparison):
    """A comparison whose left side is computed."""

    @override
    def write(self, writer: Writer) -> str:
        like = getattr(self.left, "like", None)
        if like is not None and self.operator in ORDERING:
            writer.require_order(like)
        left, right = self.left.write(writer), self.right.write(writer)
        return writer.dialect.compared(left, self.operator, right)
