"""What a package needs, what needs it, and why it is here."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from examples.fastapi_app import walks
from examples.fastapi_app.answers import Affected, Dependency, Part
from examples.fastapi_app.endpoints.access import GraphSession, Limit, Skip
from examples.fastapi_app.models import NEEDS, Package
from examples.fastapi_app.sources.rows import KINDS
from runic.ogm import select
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages/{key}", tags=["questions"])


@router.get("/dependencies")
async def dependencies(
    key: str,
    session: GraphSession,
    depth: Annotated[int, Query(ge=1, le=50, description="Steps to follow")] = 1,
    optional: Annotated[bool, Query(description="Follow what is only useful as well")] = False,
    skip: Skip = 0,
    limit: Limit = 20,
) -> Part[Dependency]:
    """What a package needs within some steps, nearest first."""
    await get_or_404(session, Package, key)
    kinds = KINDS if optional else NEEDS
    steps = await walks.dependencies(session, key, depth, kinds)
    shown = islice(steps.items(), skip, skip + limit)
    items = await walks.required(session, shown, kinds)
    return Part(total=len(steps), skip=skip, limit=limit, items=items)


@router.get("/dependents")
async def dependents(
    key: str, session: GraphSession, skip: Skip = 0, limit: Limit = 20
) -> Part[Package]:
    """What needs a package directly, for whatever reason, by key."""
    await get_or_404(session, Package, key)
    found = (
        select(Package)
        .alias("needed")
        .where(Package.key == key)
        .traverse(Package.needed_by)
        .alias("needing")
        .return_target()
        .distinct()
    )
    total = await session.count(found)
    items = await session.scalars(found.order_by("needing.key").skip(skip).limit(limit))
    return Part(total=total, skip=skip, limit=limit, items=items)


@router.get("/why")
async def why(
    key: str, session: GraphSession, skip: Skip = 0, limit: Limit = 5
) -> Part[list[Package]]:
    """Paths to a package from what was requested or is needed by nothing, shortest first."""
    await get_or_404(session, Package, key)
    paths = await walks.why(session, key)
    shown = paths[skip : skip + limit]
    packages = await walks.by_key(session, [step for path in shown for step in path])
    items = [[packages[step] for step in path] for path in shown]
    return Part(total=len(paths), skip=skip, limit=limit, items=items)


@router.get("/breaks")
async def breaks(
    key: str, session: GraphSession, skip: Skip = 0, limit: Limit = 20
) -> Part[Affected]:
    """What stops working without a package, over any number of steps, nearest first."""
    await get_or_404(session, Package, key)
    steps = await walks.breaks(session, key)
    items = await walks.affected(session, islice(steps.items(), skip, skip + limit))
    return Part(total=len(steps), skip=skip, limit=limit, items=items)
