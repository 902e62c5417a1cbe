"""Numbers over all packages."""

from __future__ import annotations

from fastapi import APIRouter

from examples.fastapi_app.answers import LicenceCount, MaintainerCount, NeedCount
from examples.fastapi_app.endpoints.access import GraphSession, Limit, Skip
from examples.fastapi_app.models import Maintainer, Package
from examples.fastapi_app.sources.rows import Source
from runic.ogm import Select, count, select

router = APIRouter(prefix="/statistics", tags=["statistics"])


@router.get("/licences")
async def licences(
    session: GraphSession, source: Source | None = None, skip: Skip = 0, limit: Limit = 20
) -> list[LicenceCount]:
    """How many packages come under each licence, the most frequent first."""
    counted = _of(source).aggregate(
        count("*").as_("packages"), group_by=Package.licence.as_("licence")
    )
    ordered = counted.order_by("packages", desc=True).order_by("licence")
    rows = await session.all_rows(ordered.skip(skip).limit(limit))
    return [LicenceCount(**row) for row in rows]


@router.get("/maintainers")
async def maintainers(
    session: GraphSession, source: Source | None = None, skip: Skip = 0, limit: Limit = 20
) -> list[MaintainerCount]:
    """How many packages somebody stands behind, the busiest first."""
    counted = (
        _of(source)
        .traverse(Package.maintainers)
        .aggregate(
            count(Package.key, distinct=True).as_("packages"),
            group_by=(Maintainer.key.as_("key"), Maintainer.name.as_("name")),
        )
    )
    ordered = counted.order_by("packages", desc=True).order_by("key")
    rows = await session.all_rows(ordered.skip(skip).limit(limit))
    return [MaintainerCount(**row) for row in rows]


@router.get("/needed")
async def needed(
    session: GraphSession, source: Source | None = None, skip: Skip = 0, limit: Limit = 20
) -> list[NeedCount]:
    """How many packages need one directly, the most needed first."""
    counted = (
        _of(source)
        .alias("needing")
        .traverse(Package.requires)
        .alias("needed")
        .aggregate(
            count("needing.key", distinct=True).as_("needed_by"),
            group_by=Package.key.on("needed").as_("key"),
        )
    )
    ordered = counted.order_by("needed_by", desc=True).order_by("key")
    rows = await session.all_rows(ordered.skip(skip).limit(limit))
    return [NeedCount(**row) for row in rows]


def _of(source: Source | None) -> Select[Package]:
    packages = select(Package)
    return packages if source is None else packages.where(Package.source == source)
