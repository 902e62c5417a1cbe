"""Find packages and look at one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from examples.fastapi_app.answers import Part
from examples.fastapi_app.endpoints.access import GraphSession, Limit, Skip
from examples.fastapi_app.models import Package
from examples.fastapi_app.statements import Filters
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages", tags=["packages"])


@router.get("")
async def list_packages(
    session: GraphSession,
    filters: Annotated[Filters, Depends()],
    skip: Skip = 0,
    limit: Limit = 20,
) -> Part[Package]:
    """A page of the packages that satisfy every filter, by key."""
    found = filters.statement()
    total = await session.count(found)
    items = await session.scalars(found.order_by(Package.key).skip(skip).limit(limit))
    return Part(total=total, skip=skip, limit=limit, items=items)


@router.get("/{key}")
async def get_package(key: str, session: GraphSession) -> Package:
    """A package with its maintainers, tags, direct dependencies and reviews."""
    return await get_or_404(
        session, Package, key, fetch=["maintainers", "tags", "requires", "reviews"]
    )
