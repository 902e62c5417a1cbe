"""What a package needs, what needs it, and why it is here."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from examples.fastapi_app import statements, walks
from examples.fastapi_app.answers import Affected, Dependency, Part
from examples.fastapi_app.endpoints.access import GraphSession, Limit, Skip
from examples.fastapi_app.models import NEEDS, Package
from examples.fastapi_app.sources.rows import KINDS
from examples.fastapi_app.walks import answered
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages/{key}", tags=["questions"])

Depth = Annotated[int, Query(ge=1, le=50, description="Steps to follow")]
Optional = Annotated[bool, Query(description="Follow what is only useful as well")]


@router.get("/dependencies")
async def dependencies(
    key: str,
    session: GraphSession,
    depth: Depth = 1,
    optional: Optional = False,
    skip: Skip = 0,
    limit: Limit = 20,
) -> Part[Dependency]:
    """What a package needs within some steps, nearest first."""
    await get_or_404(session, Package, key)
    kinds = KINDS if optional else NEEDS
    steps = await answered(session, walks.dependencies(key, depth, kinds))
    shown = islice(steps.items(), skip, skip + limit)
    items = await answered(session, walks.required(shown, kinds))
    return Part(total=len(steps), skip=skip, limit=limit, items=items)


@router.get("/dependents")
async def dependents(
    key: str, session: GraphSession, skip: Skip = 0, limit: Limit = 20
) -> Part[Package]:
    """What needs a package directly, for whatever reason, by key."""
    await get_or_404(session, Package, key)
    found = statements.dependents(key)
    total = await session.count(found)
    items = await session.scalars(found.order_by("needing.key").skip(skip).limit(limit))
    return Part(total=total, skip=skip, limit=limit, items=items)


@router.get("/why")
async def why(
    key: str, session: GraphSession, skip: Skip = 0, limit: Limit = 5
) -> Part[list[Package]]:
    """Paths to a package from what was requested or is needed by nothing, shortest first."""
    await get_or_404(session, Package, key)
    paths = await answered(session, walks.why(key))
    items = await answered(session, walks.along(paths[skip : skip + limit]))
    return Part(total=len(paths), skip=skip, limit=limit, items=items)


@router.get("/breaks")
async def breaks(
    key: str, session: GraphSession, skip: Skip = 0, limit: Limit = 20
) -> Part[Affected]:
    """What stops working without a package, over any number of steps, nearest first."""
    await get_or_404(session, Package, key)
    steps = await answered(session, walks.breaks(key))
    items = await answered(session, walks.affected(islice(steps.items(), skip, skip + limit)))
    return Part(total=len(steps), skip=skip, limit=limit, items=items)
