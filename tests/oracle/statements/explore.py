"""Ask statements at random, until the time is over or an answer is wrong.

Each seed draws a world, whether it has its indexes, and the statements that are asked about it. A
failure is shrunk: of the statement and of the world all goes that it does not need.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from runic.ogm.errors import UnsupportedFeatureError
from tests.oracle.statements.differences import REFUSED
from tests.oracle.statements.kinds import KINDS, NEEDED, case
from tests.oracle.statements.pen import NotDrawn, Pen, grammar, repeated
from tests.oracle.statements.places import Place
from tests.oracle.statements.spelled import program
from tests.oracle.statements.world import FIRST, World, drawn

_STATEMENTS_A_WORLD = 60
# There are more functions than anything else.
_CHOSEN = [*KINDS, *["functions"] * 3]
_SHRINKING = 60.0


@dataclass
class Explored:
    """What was asked, how often, by the rows of docs/cypher.md."""

    place: Place
    rows: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    failure: str | None = None

    def table(self, seconds: float) -> str:
        """Return the counts of each clause and function, and of each kind of statement."""
        backend = self.place.backend
        lines = [
            f"{self.rows[row] or ('no' if marks.get(backend) == 'no' else 0):>8}  {row}"
            for row, marks in grammar().items()
        ]
        here = {k for k in KINDS if grammar()[NEEDED.get(k, "WHERE")].get(backend) != "no"}
        lines += [
            f"{self.kinds[kind] if kind in here else 'no':>8}  statements: {kind}" for kind in KINDS
        ]
        total = sum(self.kinds.values())
        rate = f"{total / seconds * 60:.0f} a minute, {self.refused} refused"
        return "\n".join([*lines, f"{total:8}  statements, {rate}"])


@dataclass(frozen=True)
class Failed:
    """What to draw in which world to see it fail, and how it failed."""

    world: World
    kind: str
    numbers: list[int]
    error: Exception


def explore(place: Place, seconds: float, first_seed: int) -> Explored:
    """Ask until the time is over; stops at the first failure."""
    found, end, number = Explored(place), time.monotonic() + seconds, first_seed
    while time.monotonic() < end and found.failure is None:
        chance = random.Random(number)
        world = FIRST if number == first_seed else drawn(chance)
        indexed = chance.random() < 0.5
        place.indexed(indexed)
        place.store(world)
        failed = _asked(found, world, chance, end)
        if failed is not None:
            said = told(place, smallest(place, failed))
            found.failure = f"seed {number}{', indexed' if indexed else ''}\n{said}"
        number += 1
    return found


def _asked(found: Explored, world: World, chance: random.Random, end: float) -> Failed | None:
    """Ask about one world; return what failed."""
    for _ in range(_STATEMENTS_A_WORLD):
        if time.monotonic() > end:
            return None
        kind = chance.choice(_CHOSEN)
        pen = Pen(chance.randint, world, found.place.backend)
        try:
            found.place.run(_twice(found.place, pen, kind))
        except NotDrawn:
            continue
        except Exception as error:  # noqa: BLE001
            # Whatever it is, it is what is looked for.
            if not is_documented(error, found.place.backend):
                return Failed(world, kind, pen.numbers, error)
            found.refused += 1
        else:
            found.rows.update(pen.told)
            found.kinds[kind] += 1
    return None


def is_documented(error: Exception, backend: str) -> bool:
    """Tell whether the docs say that a backend refuses this."""
    documented = REFUSED.get(backend, ())
    refused = isinstance(error, UnsupportedFeatureError)
    return refused and any(words in str(error) for words in documented)


async def _twice(place: Place, pen: Pen, kind: str) -> None:
    """Ask, and ask again with an equal statement, whose text is kept."""
    async with place.session() as session:
        await case(pen, kind).ask(session)
        again = Pen(repeated(pen.numbers), pen.world, pen.backend)
        await case(again, kind).ask(session)


def smallest(place: Place, failed: Failed) -> Failed:
    """Return the smallest failure of this kind that is found in time."""
    end = time.monotonic() + _SHRINKING
    before: Failed | None = None
    while failed is not before and time.monotonic() < end:
        before = failed
        for length in (32, 8, 3, 2, 1):
            failed = _shortened(place, failed, length, end)
        failed = _lowered(place, failed, end)
    return _in_less(place, failed, end + _SHRINKING)


def _shortened(place: Place, failed: Failed, length: int, end: float) -> Failed:
    """Leave out some choices after others."""
    start = 0
    while start < len(failed.numbers) and time.monotonic() < end:
        kept = failed.numbers[:start] + failed.numbers[start + length :]
        if _fails(place, shorter := replace(failed, numbers=kept)):
            failed = shorter
        else:
            start += length
    return failed


def _lowered(place: Place, failed: Failed, end: float) -> Failed:
    """Choose what is simpler: the first of several, no list, no step."""
    for at, number in enumerate(failed.numbers):
        for lower in sorted({n for n in (0, 1, number // 2, number - 1) if 0 <= n < number}):
            numbers = [*failed.numbers[:at], lower, *failed.numbers[at + 1 :]]
            if time.monotonic() < end and _fails(place, less := replace(failed, numbers=numbers)):
                failed = less
                break
    return failed


def _in_less(place: Place, failed: Failed, end: float) -> Failed:
    """Take from the world what the failure does not need."""
    worlds = failed.world.smaller()
    while time.monotonic() < end and (world := next(worlds, None)) is not None:
        if _fails(place, less := replace(failed, world=world)):
            failed, worlds = less, world.smaller()
    return failed


def _fails(place: Place, failed: Failed) -> bool:
    """Tell whether something fails in the same way."""
    error = _failing(place, failed)
    return error is not None and type(error) is type(failed.error)


def _failing(place: Place, failed: Failed) -> Exception | None:
    pen = Pen(repeated(failed.numbers), failed.world, place.backend)
    place.store(failed.world)
    try:
        place.run(_twice(place, pen, failed.kind))
    except NotDrawn:
        return None
    except Exception as error:  # noqa: BLE001
        return error
    return None


def told(place: Place, failed: Failed) -> str:
    """Return a failure as a program: the rows that it needs, and the statement."""
    pen = Pen(repeated(failed.numbers), failed.world, place.backend)
    try:
        drawn_case = str(case(pen, failed.kind))
    except Exception as error:  # noqa: BLE001
        drawn_case = f"# it cannot be built: {type(error).__name__}"
    error = _failing(place, failed)
    seen = "it did not fail again" if error is None else f"{type(error).__name__}: {error}"
    text = program("\n".join([str(failed.world), drawn_case]))
    return f"{text}\n{seen}\n{failed.kind}: {failed.numbers}\n"
