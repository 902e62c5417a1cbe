"""Questions over any number of steps: what it needs, what needs it, why it is here.

Each walk goes breadth first, one query to a step, so that every package is met once and by a
shortest way. A pattern of any length would list every path, which on a whole distribution never
ends. A walk knows keys only; entities are read for the page that is shown.

A walk is a generator that yields statements and is sent their rows: `answered` runs one on an async
session, `answered_in_thread` on a sync one.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from examples.fastapi_app.answers import Affected, Dependency
from examples.fastapi_app.models import NEEDS, DependsOn, Package
from runic.ogm import AsyncSession, RowSelect, Session, col, min_, select

T = TypeVar("T")
Rows = Sequence[Sequence[Any]]
Walk = Generator[RowSelect, Rows, T]

# What brings a package in: Debian installs recommended packages as well.
BRINGS = (*NEEDS, "recommends")


@dataclass(frozen=True, slots=True)
class Step:
    """How a walk reached a package: at which distance, and from which one."""

    distance: int
    via: str


async def answered(session: AsyncSession, walk: Walk[T]) -> T:
    """Return what a walk finds out."""
    try:
        statement = next(walk)
        while True:
            rows = (await session.execute(statement)).rows
            statement = walk.send(rows)
    except StopIteration as stop:
        found: T = stop.value
        return found


def answered_in_thread(session: Session, walk: Walk[T]) -> T:
    """Return what a walk finds out."""
    try:
        statement = next(walk)
        while True:
            statement = walk.send(session.execute(statement).rows)
    except StopIteration as stop:
        found: T = stop.value
        return found


def dependencies(key: str, depth: int, kinds: Sequence[str]) -> Walk[dict[str, Step]]:
    """Find what a package needs within `depth` steps, nearest first."""
    steps = yield from _walk(Package.requires, key, kinds, depth=depth)
    del steps[key]
    return steps


def required(steps: Iterable[tuple[str, Step]], kinds: Sequence[str]) -> Walk[list[Dependency]]:
    """Find the packages of the steps of a walk, with what is required of them."""
    listed = list(steps)
    rows = yield (
        select(Package)
        .alias("needing")
        .where(Package.key.in_({step.via for _, step in listed}))
        .traverse(Package.requires, edge_alias="way")
        .where(col(DependsOn.kind).in_(list(kinds)), on="way")
        .alias("needed")
        .where(Package.key.in_({key for key, _ in listed}), on="needed")
        .order_by("way.kind")
        .order_by("way.extra")
        .return_nodes("needing", "needed")
        .return_edge("way")
    )
    first: dict[tuple[str, str], tuple[Package, DependsOn]] = {}
    for needing, needed, requirement in rows:
        first.setdefault((needing.key, needed.key), (needed, requirement))
    return [
        Dependency(
            distance=step.distance,
            via=step.via,
            requirement=first[step.via, key][1],
            package=first[step.via, key][0],
        )
        for key, step in listed
    ]


def breaks(key: str) -> Walk[dict[str, Step]]:
    """Find every package that cannot work without this one, nearest first."""
    steps = yield from _walk(Package.needed_by, key, NEEDS, choices=False)
    del steps[key]
    return steps


def why(key: str) -> Walk[list[list[str]]]:
    """Find a shortest path of keys from each root to this package, shortest first.

    A root was requested, or nothing brings it.
    """
    steps = yield from _walk(Package.needed_by, key, BRINGS)
    rows = yield (
        select(Package)
        .alias("root")
        .where(Package.key.in_(list(steps)))
        .where((col(Package.requested) == True) | ~_is_brought())  # noqa: E712
        .project(Package.key)
    )
    roots = {row[0] for row in rows}
    return [_path(root, steps) for root in steps if root in roots]


def affected(steps: Iterable[tuple[str, Step]]) -> Walk[list[Affected]]:
    """Find the packages of the steps of a walk."""
    listed = list(steps)
    packages = yield from _by_key(key for key, _ in listed)
    return [
        Affected(distance=step.distance, via=step.via, package=packages[key])
        for key, step in listed
    ]


def along(paths: Sequence[Sequence[str]]) -> Walk[list[list[Package]]]:
    """Find the packages on paths of keys."""
    packages = yield from _by_key(key for path in paths for key in path)
    return [[packages[key] for key in path] for path in paths]


def _by_key(keys: Iterable[str]) -> Walk[dict[str, Package]]:
    rows = yield select(Package).alias("p").where(Package.key.in_(set(keys))).return_nodes("p")
    return {package.key: package for (package,) in rows}


def _is_brought() -> Any:
    needed_by: Any = Package.needed_by
    return needed_by.any(col(DependsOn.kind).in_(list(BRINGS)))


def _walk(
    relation: Any,
    start: str,
    kinds: Sequence[str],
    *,
    choices: bool = True,
    depth: float = math.inf,
) -> Walk[dict[str, Step]]:
    steps = {start: Step(0, start)}
    frontier, distance = [start], 0
    while frontier and distance < depth:
        distance += 1
        rows = yield _one_step(relation, frontier, kinds, choices)
        fresh = {found: Step(distance, via) for found, via in rows if found not in steps}
        steps.update(fresh)
        frontier = list(fresh)
    return steps


def _one_step(
    relation: Any, frontier: Sequence[str], kinds: Sequence[str], choices: bool
) -> RowSelect:
    steps = (
        select(Package)
        .alias("here")
        .where(Package.key.in_(list(frontier)))
        .traverse(relation, edge_alias="way")
        .where(col(DependsOn.kind).in_(list(kinds)), on="way")
    )
    if not choices:
        steps = steps.where(col(DependsOn.choice) == False, on="way")  # noqa: E712
    found = Package.key.on("there").as_("found")
    nearest: Any = min_("here.key").as_("via")
    return steps.alias("there").aggregate(nearest, group_by=found).order_by("found")


def _path(root: str, steps: dict[str, Step]) -> list[str]:
    path = [root]
    while steps[path[-1]].distance:
        path.append(steps[path[-1]].via)
    return path
