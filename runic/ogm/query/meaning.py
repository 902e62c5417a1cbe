"""What stands in an expression gets its meaning from the statement it becomes part of.

Called by statements for columns, orders and lists: classes and aliases become the elements of the
pattern that they name, variables learn what made them, however deep inside they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from runic.ogm.query.comparisons import GivenComparison
from runic.ogm.query.computed import rebuilt
from runic.ogm.query.element import Element, element_at
from runic.ogm.query.expressions import Attribute, Expression
from runic.ogm.query.functions import Aggregate, require_summable
from runic.ogm.query.learning import remade
from runic.ogm.query.part import Part
from runic.ogm.query.pattern import Pattern, Place, attribute_at
from runic.ogm.query.steps import PipelineStep, names_after, require_alive
from runic.ogm.query.variables import Variable, known, unknown

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What names can mean: elements of a pattern that the steps left alive, and their values.

    A path without an alias is a field of the element `default`.
    """

    pattern: Pattern
    steps: tuple[PipelineStep, ...]
    default: Place

    @property
    def names(self) -> Mapping[str, Expression[Any]]:
        """The values that stages have made."""
        return names_after(self.steps)

    def meaning(self, part: P) -> P:
        """Return a part in which every name has its meaning.

        Raises:
            StatementError: A name means nothing here, or what it means was left out by a stage.
        """
        made = rebuilt(part, self._changed)
        for attribute in made.attributes:
            place = self.pattern.place_of(attribute, None, len(self.pattern.nodes))
            require_alive(self.steps, self.pattern, place)
        return cast(P, made)

    def _changed(self, part: Part) -> Part:
        if isinstance(part, Variable):
            return self._value(part)
        if isinstance(part, GivenComparison):
            return remade(part)
        if isinstance(part, Element):
            return self._alive(part if part.place is not None else part.found(self.pattern))
        if isinstance(part, Aggregate) and isinstance(part.operand, str) and part.operand != "*":
            return replace(part, operand=self._operand(part.function, part.operand))
        return part

    def _value(self, variable: Variable) -> Part:
        if variable.name in self.names:
            return known(variable, self.names[variable.name])
        element = element_at(self.pattern, variable.name)
        if element is None:
            raise unknown(variable, self.names)
        return self._alive(element)

    def _alive(self, element: Element) -> Element:
        assert element.place is not None
        require_alive(self.steps, self.pattern, element.place)
        return element

    def _operand(self, function: str, path: str) -> Element | Attribute[Any]:
        if function in ("count", "collect"):
            element = element_at(self.pattern, path)
            if element is not None:
                return self._alive(element)
        operand = attribute_at(self.pattern, path, self.default)
        if function in ("sum", "avg"):
            require_summable(function, operand)
        return operand
