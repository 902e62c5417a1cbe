"""Find packages and look at one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from examples.fastapi_app.answers import Part
from examples.fastapi_app.endpoints.access import GraphSession, Limit, Skip
from examples.fastapi_app.models import Package, Tag
from examples.fastapi_app.sources.rows import Source
from runic.ogm import Select, select
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages", tags=["packages"])


@router.get("")
async def list_packages(
    session: GraphSession,
    source: Source | None = None,
    name: Annotated[str | None, Query(description="Part of the name")] = None,
    licence: str | None = None,
    tag: str | None = None,
    skip: Skip = 0,
    limit: Limit = 20,
) -> Part[Package]:
    """A page of the packages that satisfy every filter, by key."""
    found = _filtered(source, name, licence, tag)
    total = await session.count(found)
    items = await session.scalars(found.order_by(Package.key).skip(skip).limit(limit))
    return Part(total=total, skip=skip, limit=limit, items=items)


@router.get("/{key}")
async def get_package(key: str, session: GraphSession) -> Package:
    """A package with its maintainers, tags, direct dependencies and reviews."""
    return await get_or_404(
        session, Package, key, fetch=["maintainers", "tags", "requires", "reviews"]
    )


def _filtered(
    source: Source | None, name: str | None, licence: str | None, tag: str | None
) -> Select[Package]:
    found = select(Package)
    if source is not None:
        found = found.where(Package.source == source)
    if name is not None:
        found = found.where(Package.name.contains(name))
    if licence is not None:
        found = found.where(Package.licence == licence)
    if tag is not None:
        found = found.traverse(Package.tags).where(Tag.name == tag)
    return found
