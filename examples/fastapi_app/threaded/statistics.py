"""Numbers over all packages: on a sync session, in a thread."""

from __future__ import annotations

from fastapi import APIRouter

from examples.fastapi_app import statements
from examples.fastapi_app.answers import LicenceCount, MaintainerCount, NeedCount
from examples.fastapi_app.sources.rows import Source
from examples.fastapi_app.threaded.access import GraphSession, Limit, Skip

router = APIRouter(prefix="/statistics", tags=["statistics"])


@router.get("/licences")
def licences(
    session: GraphSession, source: Source | None = None, skip: Skip = 0, limit: Limit = 20
) -> list[LicenceCount]:
    """How many packages come under each licence, the most frequent first."""
    counted = statements.licences(source).into(LicenceCount)
    return session.scalars(counted.skip(skip).limit(limit))


@router.get("/maintainers")
def maintainers(
    session: GraphSession, source: Source | None = None, skip: Skip = 0, limit: Limit = 20
) -> list[MaintainerCount]:
    """How many packages somebody stands behind, the busiest first."""
    counted = statements.maintainers(source).into(MaintainerCount)
    return session.scalars(counted.skip(skip).limit(limit))


@router.get("/needed")
def needed(
    session: GraphSession, source: Source | None = None, skip: Skip = 0, limit: Limit = 20
) -> list[NeedCount]:
    """How many packages need one directly, the most needed first."""
    counted = statements.needed(source).into(NeedCount)
    return session.scalars(counted.skip(skip).limit(limit))
