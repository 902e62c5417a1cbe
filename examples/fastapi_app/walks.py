"""Questions over any number of steps: what it needs, what needs it, why it is here.

Each walk goes breadth first, one query to a step, so that every package is met once and by a
shortest way. A pattern of any length would list every path, which on a whole distribution never
ends. A walk knows keys only; entities are read for the page that is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from examples.fastapi_app.answers import Affected, Dependency
from examples.fastapi_app.models import NEEDS, DependsOn, Package
from runic.ogm import AsyncSession, select

# What brings a package in: Debian installs recommended packages as well.
BRINGS = (*NEEDS, "recommends")

_DOWN = """
    UNWIND $keys AS key
    MATCH (p:Package {key: key})-[d:DEPENDS_ON]->(q:Package)
    WHERE d.kind IN $kinds AND (d.choice = false OR $choices)
    RETURN q.key AS found, min(key) AS via ORDER BY found
"""
_UP = """
    UNWIND $keys AS key
    MATCH (q:Package {key: key})<-[d:DEPENDS_ON]-(p:Package)
    WHERE d.kind IN $kinds AND (d.choice = false OR $choices)
    RETURN p.key AS found, min(key) AS via ORDER BY found
"""
_REQUIREMENTS = """
    UNWIND $pairs AS pair
    MATCH (p:Package {key: pair[0]})-[d:DEPENDS_ON]->(q:Package {key: pair[1]})
    WHERE d.kind IN $kinds
    WITH q, d ORDER BY d.kind, d.extra
    RETURN collect(d)[0], q
"""
_ROOTS = """
    UNWIND $keys AS key
    MATCH (p:Package {key: key})
    OPTIONAL MATCH (p)<-[d:DEPENDS_ON]-(:Package) WHERE d.kind IN $kinds
    WITH key, p.requested AS requested, count(d) AS needed
    WHERE requested = true OR needed = 0
    RETURN key
"""


@dataclass(frozen=True, slots=True)
class Step:
    """How a walk reached a package: at which distance, and from which one."""

    distance: int
    via: str


async def dependencies(
    session: AsyncSession, key: str, depth: int, kinds: Sequence[str]
) -> dict[str, Step]:
    """Return what a package needs within `depth` steps, nearest first."""
    steps = await _walk(session, _DOWN, key, kinds, depth=depth)
    del steps[key]
    return steps


async def required(
    session: AsyncSession, steps: Iterable[tuple[str, Step]], kinds: Sequence[str]
) -> list[Dependency]:
    """Return the steps of a walk with their packages and requirements."""
    listed = list(steps)
    parameters = {"pairs": [[step.via, key] for key, step in listed], "kinds": list(kinds)}
    found = await session.execute(
        _REQUIREMENTS, parameters, returns=[DependsOn, Package], read_only=True
    )
    by_package = {package.key: (requirement, package) for requirement, package in found}
    return [
        Dependency(
            distance=step.distance,
            via=step.via,
            requirement=by_package[key][0],
            package=by_package[key][1],
        )
        for key, step in listed
    ]


async def breaks(session: AsyncSession, key: str) -> dict[str, Step]:
    """Return every package that cannot work without this one, nearest first."""
    steps = await _walk(session, _UP, key, NEEDS, choices=False)
    del steps[key]
    return steps


async def why(session: AsyncSession, key: str) -> list[list[str]]:
    """Return a shortest path of keys from each root to this package, shortest first.

    A root was requested, or nothing brings it.
    """
    steps = await _walk(session, _UP, key, BRINGS)
    parameters = {"keys": list(steps), "kinds": list(BRINGS)}
    roots = set((await session.execute(_ROOTS, parameters, read_only=True)).scalars())
    return [_path(root, steps) for root in steps if root in roots]


async def affected(session: AsyncSession, steps: Iterable[tuple[str, Step]]) -> list[Affected]:
    """Return the steps of a walk with their packages."""
    listed = list(steps)
    packages = await by_key(session, [key for key, _ in listed])
    return [
        Affected(distance=step.distance, via=step.via, package=packages[key])
        for key, step in listed
    ]


async def by_key(session: AsyncSession, keys: Iterable[str]) -> dict[str, Package]:
    """Return packages by their keys, in one query."""
    found = await session.scalars(select(Package).where(Package.key.in_(set(keys))))
    return {package.key: package for package in found}


async def _walk(
    session: AsyncSession,
    text: str,
    start: str,
    kinds: Sequence[str],
    *,
    choices: bool = True,
    depth: float = math.inf,
) -> dict[str, Step]:
    steps = {start: Step(0, start)}
    frontier, distance = [start], 0
    while frontier and distance < depth:
        distance += 1
        parameters = {"keys": frontier, "kinds": list(kinds), "choices": choices}
        result = await session.execute(text, parameters, read_only=True)
        fresh = {found: Step(distance, via) for found, via in result if found not in steps}
        steps.update(fresh)
        frontier = list(fresh)
    return steps


def _path(root: str, steps: dict[str, Step]) -> list[str]:
    path = [root]
    while steps[path[-1]].distance:
        path.append(steps[path[-1]].via)
    return path
