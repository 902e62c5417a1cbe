"""Base of everything that keeps what satisfies criteria: reading statements and those that write.

What `where` means and refuses is written here, once: a field belongs to an element of the pattern
that is still there, a name is one that a stage made, and no criterion asks one row about many.
"""

from __future__ import annotations

from typing import Any, Never, Self

from runic.ogm.errors import StatementError
from runic.ogm.query.bindable import Bindable
from runic.ogm.query.criteria import Criterion, FieldComparison, checked
from runic.ogm.query.learning import learned
from runic.ogm.query.pattern import ONE_NODE, Filter, Pattern, Reach
from runic.ogm.query.steps import PipelineStep, names_after, require_alive
from runic.ogm.query.variables import check_asked


class Filterable(Bindable):
    """What has a pattern and criteria on it."""

    # Fields of the statements; those that write have no stages.
    pattern: Pattern
    filters: tuple[Filter, ...]
    steps: tuple[PipelineStep, ...]

    def where(self, /, *criteria: Criterion | bool, on: str | None = None, **equal: Never) -> Self:
        """Keep only what satisfies every criterion; `on` names the element whose fields they read.

        A field belongs to the one node or edge of the pattern that is of its class. Criteria on
        the target of an optional hop decide what the hop finds, not which rows remain.

        Raises:
            StatementError: A field's class is not in the pattern, or is there twice; a name was
                not made by a stage, or was left out by one; a criterion asks about many rows.
        """
        if equal:
            raise keywords_refused(next(iter(equal)), self.pattern.nodes[0].entity)
        # Asked here: most statements are about one node, and where is called for every query.
        alone = on is None and not self.pattern.hops and not self.steps
        reach = ONE_NODE if alone else self._reach(on)
        added = [self._filter(checked(criterion), reach) for criterion in criteria]
        return self._with(filters=(*self.filters, *added))

    def _reach(self, on: str | None) -> Reach:
        place = None if on is None else self.pattern.place(on)
        hops = self.steps[-1].hops if self.steps else 0
        return Reach(place, len(self.pattern.nodes), hops, len(self.steps))

    def _filter(self, criterion: Criterion, reach: Reach) -> Filter:
        for attribute in criterion.attributes:
            found = self.pattern.place_of(attribute, reach.place, reach.known)
            require_alive(self.steps, self.pattern, found)
        # Nothing in a field and a value can be out of place.
        if type(criterion) is not FieldComparison:
            names = names_after(self.steps)
            check_asked(criterion, names)
            criterion = learned(criterion, names) if names else criterion
        return Filter(criterion, reach)


def keywords_refused(name: str, entity: type[Any]) -> StatementError:
    """Return the error for `where(name="Ada")`, as other libraries have it."""
    cls = entity.__name__
    return StatementError(
        f"where takes criteria: write where({cls}.{name} == …), or find_by({name}=…) of a"
        " repository"
    )
