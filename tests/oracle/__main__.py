"""Explore at random: `python -m tests.oracle --seconds 60 --backend falkordb`.

`--part sessions` walks through what a session does, `--part statements` asks statements over the
whole of docs/cypher.md; without it, each has half of the time. Prints what was tried, with counts,
so that what is never tried can be seen. A failure is shrunk, its smallest form is kept in
tests/oracle/found/, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import random
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.backends import BACKENDS, FALKORDB
from tests.oracle.counted import members
from tests.oracle.statements import explore as asking
from tests.oracle.statements import places
from tests.oracle.targets import started

FOUND = Path(__file__).parent / "found"


def explore(
    machine: type[Any], seconds: float, first_seed: int, steps: int, *, shrink: bool = True
) -> str | None:
    """Walk until the time is over; return the text of the first failure, shrunk, or None."""
    end, number = time.monotonic() + seconds, first_seed
    while time.monotonic() < end:
        if (failure := walk(machine, number, steps, shrink=shrink)) is not None:
            return f"seed {number}\n{failure}"
        number += 1
    return None


def walk(machine: type[Any], number: int, steps: int, *, shrink: bool) -> str | None:
    """Take some walks of one seed; return the text of a failure, shrunk, or None."""
    said = io.StringIO()
    chosen = settings(
        max_examples=20,
        stateful_step_count=steps,
        derandomize=False,
        report_multiple_bugs=False,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
    )
    try:
        with contextlib.redirect_stdout(said):
            run_state_machine_as_test(seed(number)(machine), settings=chosen)
    except Exception as error:  # noqa: BLE001
        # Whatever it is, it is what was looked for.
        steps_taken = "\n".join(getattr(error, "__notes__", ()))
        where = traceback.extract_tb(error.__traceback__)
        places = [f"{each.filename}:{each.lineno} {each.name}" for each in where[-6:]]
        return "\n".join([steps_taken, *places, f"{type(error).__name__}: {error}"])
    return None


def kept(backend: str, failure: str) -> Path:
    """Keep the smallest form of a failure, to be made a named regression."""
    FOUND.mkdir(exist_ok=True)
    name = hashlib.sha256(failure.encode()).hexdigest()[:8]
    path = FOUND / f"{backend}-{name}.txt"
    path.write_text(failure)
    return path


def table(machine: type[Any], seconds: float) -> str:
    """Return what was tried, how often."""
    counts = sorted(machine.counts.items())
    total = sum(machine.counts.values())
    lines = [f"{count:8}  {name}" for name, count in counts]
    lines += [f"{machine.calls[name]:8}  {name}" for name in members()]
    return "\n".join([*lines, f"{total:8}  steps, {total / seconds * 60:.0f} a minute"])


def sessions(chosen: argparse.Namespace, seconds: float, number: int) -> str | None:
    """Walk through sessions, print what was tried, and return the failure."""
    with started(chosen.backend, chosen.face) as machine:
        began = time.monotonic()
        failure = explore(machine, seconds, number, chosen.steps, shrink=chosen.shrink)
        sys.stdout.write(table(machine, time.monotonic() - began) + "\n")
    return failure


def statements(chosen: argparse.Namespace, seconds: float, number: int) -> str | None:
    """Ask statements, print what was tried, and return the failure."""
    with places.started(chosen.backend, chosen.face) as place:
        began = time.monotonic()
        explored = asking.explore(place, seconds, number)
        sys.stdout.write(explored.table(time.monotonic() - began) + "\n")
    return explored.failure


PARTS = {"sessions": sessions, "statements": statements}


def main() -> int:
    """Explore as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--part", choices=PARTS, default=None)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--backend", choices=[FALKORDB, *BACKENDS], default=FALKORDB)
    parser.add_argument("--face", choices=["sync", "async"], default="sync")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    chosen = parser.parse_args()
    number = random.randrange(10**9) if chosen.seed is None else chosen.seed
    parts = [chosen.part] if chosen.part else list(PARTS)
    failures = [PARTS[part](chosen, chosen.seconds / len(parts), number) for part in parts]
    for failure in filter(None, failures):
        sys.stderr.write(f"{failure}\nkept in {kept(chosen.backend, failure)}\n")
    return int(any(failures))


if __name__ == "__main__":
    sys.exit(main())
