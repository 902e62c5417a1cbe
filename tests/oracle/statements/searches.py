"""Random searches: for words, and for what is near."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.oracle.statements.cases import Case
from tests.oracle.statements.models import Note
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.spelled import real
from tests.oracle.statements.terms import Asker
from tests.oracle.statements.values import Term, View

_ASKED = [
    "graph",
    "Tree",
    "jazz",
    "blue graph",
    "tree, graph!",
    "penguin",
    "ROME jazz",
    '"blue" -x',
]
_POINTS = [[0.0, 0.0], [4.0, 1.0], [-1.0, 2.5]]


@dataclass(frozen=True)
class Words:
    """A search for words: what it finds, in an order of scores that is the database's."""

    words: str
    kept: Term
    limit: int | None
    found: list[str]

    async def ask(self, session: Any) -> None:
        """Search, and compare the set that is found."""
        search = session.fulltext_search(Note, self.words).where(real(self.kept.made))
        search = search if self.limit is None else search.limit(self.limit)
        hits = await search.scored()
        keys, scores = [note.id for note, _ in hits], [score for _, score in hits]
        assert scores == sorted(scores, reverse=True), scores
        most = len(self.found) if self.limit is None else min(self.limit, len(self.found))
        assert len(keys) == len({*keys}) == most, f"{keys}, not {most} of {self.found}"
        assert {*keys} <= {*self.found}, f"{keys}, not of {self.found}"

    def __str__(self) -> str:
        cut = "" if self.limit is None else f".limit({self.limit})"
        return (
            f"session.fulltext_search(Note, {self.words!r}).where({self.kept.made}){cut}.scored()"
        )


def words(pen: Pen) -> Case:
    """All words are there, whatever their case and whatever else is between them."""
    pen.tell("CALL fulltext")
    asked, kept = pen.pick(_ASKED), _kept(pen)
    wanted = ["x" if each == "-x" else each.strip('",!').lower() for each in asked.split()]
    found = [
        note.key
        for note in pen.world.of_class(Note)
        if {*wanted} <= {*note.values["words"].lower().split()} and kept.value({"n": note}) is True
    ]
    return Words(asked, kept, pen.pick([None, 1, 2]), found)


def _kept(pen: Pen) -> Term:
    return Asker(pen, [View(Note, "n")], depth=pen.number(0, 1), related=False).criterion()


@dataclass(frozen=True)
class Near:
    """A search for the nearest: how far they are; of what is equally far, any will do."""

    point: list[float]
    most: int
    kept: Term
    far: dict[str, float]

    async def ask(self, session: Any) -> None:
        """Search, and compare the distances."""
        search = session.vector_search(Note, field=Note.spot, vector=self.point, k=self.most)
        hits = await search.where(real(self.kept.made)).scored()
        found = [far for _, far in hits]
        wanted = sorted(self.far.values())[: self.most]
        told = f"{[(note.id, far) for note, far in hits]}, not {self.far}"
        assert len(found) == len(wanted), told
        assert all(map(_alike, found, wanted)), told
        assert all(_alike(far, self.far.get(note.id, -1)) for note, far in hits), told

    def __str__(self) -> str:
        return (
            f"session.vector_search(Note, field=Note.spot, vector={self.point}, k={self.most})"
            f".where({self.kept.made}).scored()"
        )


def _alike(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-5)


def near(pen: Pen) -> Case:
    """The nearest of those that satisfy a criterion, nearest first."""
    point, kept = pen.pick(_POINTS), _kept(pen)
    far = {
        note.key: math.dist(note.values["spot"], point)
        for note in pen.world.of_class(Note)
        if note.values["spot"] is not None and kept.value({"n": note}) is True
    }
    return Near(point, pen.number(1, 4), kept, far)


KINDS_OF_SEARCHES: dict[str, Callable[[Pen], Case]] = {"words": words, "near": near}
