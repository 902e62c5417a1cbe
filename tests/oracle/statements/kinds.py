"""Every kind of statement that is drawn, by its name."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.statements.asked import KINDS_OF_CALLS
from tests.oracle.statements.cases import Case
from tests.oracle.statements.paths import KINDS_OF_PATHS
from tests.oracle.statements.pen import NotDrawn, Pen
from tests.oracle.statements.reads import KINDS_OF_READS
from tests.oracle.statements.searches import KINDS_OF_SEARCHES
from tests.oracle.statements.writes import KINDS_OF_WRITES

KINDS: dict[str, Callable[[Pen], Case]] = {
    **KINDS_OF_READS,
    **KINDS_OF_PATHS,
    **KINDS_OF_SEARCHES,
    **KINDS_OF_WRITES,
    **KINDS_OF_CALLS,
}
# What a backend has to have of docs/cypher.md, for a kind that is about nothing else.
NEEDED = {"shortest": "shortestPath()", "procedure": "CALL p() YIELD x"}


def case(pen: Pen, kind: str) -> Case:
    """Draw something of a kind."""
    if kind in NEEDED and not pen.has(NEEDED[kind]):
        raise NotDrawn
    return KINDS[kind](pen)
