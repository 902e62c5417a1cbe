"""`Pen`: every choice that a statement is drawn with, and what was drawn.

All choices are numbers. So whatever made them, the same numbers draw the same statement, in another
world too: that is how a failure is asked again in ever smaller worlds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from tests.docs.cypher_table import rows
from tests.oracle.statements.differences import DIFFERENCES
from tests.oracle.statements.world import World

T = TypeVar("T")
_MOST_NUMBERS = 2000
# Returns a number between two, both included.
Choose = Callable[[int, int], int]


class NotDrawn(Exception):
    """The numbers draw nothing here: there is nothing to choose from."""


def repeated(numbers: Sequence[int]) -> Choose:
    """Return choices that were made before, as far as they are possible, and then the least."""
    left = iter(numbers)
    return lambda least, most: min(most, max(least, next(left, least)))


@cache
def grammar() -> dict[str, dict[str, str]]:
    """Return the rows of docs/cypher.md: what each database has of it, by the openCypher."""
    return {row.cypher.replace("`", ""): row.marks for row in rows()}


class Pen:
    """Draws for one statement, about one world, for one backend."""

    def __init__(self, choose: Choose, world: World, backend: str) -> None:
        self._choose = choose
        self.world = world
        self.backend = backend
        self.numbers: list[int] = []
        # The rows of docs/cypher.md that are in the statement.
        self.told: Counter[str] = Counter()

    def number(self, least: int, most: int) -> int:
        """Draw a number; shrinks to the least."""
        self.numbers.append(self._choose(least, most))
        if len(self.numbers) > _MOST_NUMBERS:
            raise NotDrawn
        return self.numbers[-1]

    def flag(self) -> bool:
        """Draw a truth value; shrinks to False."""
        return self.number(0, 1) == 1

    def one_in(self, times: int) -> bool:
        """Draw a truth value that is rarely True; shrinks to False."""
        return self.number(1, times) == times

    def pick(self, options: Sequence[T]) -> T:
        """Draw one of several; shrinks to the first."""
        if not options:
            raise NotDrawn
        return options[self.number(0, len(options) - 1)]

    def some(self, options: Sequence[T], least: int = 0, most: int = 3) -> list[T]:
        """Draw a list of several, which may be equal."""
        return [self.pick(options) for _ in range(self.number(least, most))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Draw an order."""
        left = list(options)
        return [left.pop(self.number(0, len(left) - 1)) for _ in options]

    def tell(self, *names: str) -> None:
        """Note that rows of docs/cypher.md are in the statement."""
        unknown = [name for name in names if name not in grammar()]
        if unknown:
            raise KeyError(f"{unknown} are no rows of docs/cypher.md")
        self.told.update(names)

    def has(self, name: str) -> bool:
        """Tell whether the backend has a row of docs/cypher.md."""
        return grammar()[name].get(self.backend, "yes") != "no"

    def differs(self, name: str) -> Any:
        """Return how the backend differs in a documented way; None where it does not."""
        return DIFFERENCES[name].on.get(self.backend)
