"""The aggregates of docs/cypher.md, each with what it is in plain Python."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.statements.pen import Pen
from tests.oracle.statements.spelled import q
from tests.oracle.statements.values import once

_STDEV = "stdev of nothing is 0.0"


@dataclass(frozen=True)
class Aggregate:
    """A row of docs/cypher.md: what it takes, and what becomes of the values that are there."""

    row: str
    takes: Sequence[str]
    build: Callable[[Any], Any]
    of: Callable[[list[Any]], Any]
    # The name of a documented difference in what becomes of no values.
    empty: str | None = None

    def python(self, pen: Pen) -> Callable[[list[Any]], Any]:
        """Return what the backend makes of values."""
        if self.empty is None:
            return self.of
        nothing = pen.differs(self.empty)
        return lambda found: self.of(found) if found else nothing


def _mean(found: list[Any]) -> Any:
    return sum(found) / len(found) if found else None


def _deviation(found: list[Any]) -> Any:
    return statistics.stdev(found) if len(found) > 1 else 0.0


def _continuous(found: list[Any], share: float) -> Any:
    if not found:
        return None
    place, values = share * (len(found) - 1), sorted(found)
    low, high = values[math.floor(place)], values[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def _discrete(found: list[Any], share: float) -> Any:
    return sorted(found)[max(0, math.ceil(share * len(found)) - 1)] if found else None


AGGREGATES = [
    Aggregate("count(n.p)", ("int", "text", "moment", "mood"), q.count, len),
    Aggregate("count(DISTINCT n.p)", ("int", "text", "bool", "moment"),
              lambda made: q.count(made, distinct=True), lambda found: len(once(found))),
    Aggregate("collect()", ("int", "text", "mood", "moment", "list"), q.collect, list),
    Aggregate("sum()", ("int", "float"), q.sum_, sum),
    Aggregate("avg()", ("int", "float"), q.avg, _mean),
    Aggregate("min()", ("int", "float", "text", "moment", "date"), q.min_,
              lambda found: min(found, default=None)),
    Aggregate("max()", ("int", "float", "text", "moment", "date"), q.max_,
              lambda found: max(found, default=None)),
    Aggregate("stDev()", ("int", "float"), q.stdev, _deviation, _STDEV),
    Aggregate("stDevP()", ("int", "float"), q.stdev_p, statistics.pstdev, _STDEV),
    Aggregate("percentileCont()", ("int", "float"), lambda made: q.percentile(made, 0.25),
              lambda found: _continuous(found, 0.25)),
    Aggregate("percentileDisc()", ("int", "float"), lambda made: q.percentile_disc(made, 0.5),
              lambda found: _discrete(found, 0.5)),
]  # fmt: skip
