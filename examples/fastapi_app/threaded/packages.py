"""Find packages and look at one: on a sync session, in a thread."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from examples.fastapi_app.answers import Part
from examples.fastapi_app.models import Package
from examples.fastapi_app.statements import Filters
from examples.fastapi_app.threaded.access import GraphSession, Limit, Skip
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages", tags=["packages"])


@router.get("")
def list_packages(
    session: GraphSession,
    filters: Annotated[Filters, Depends()],
    skip: Skip = 0,
    limit: Limit = 20,
) -> Part[Package]:
    """A page of the packages that satisfy every filter, by key."""
    found = filters.statement()
    total = session.count(found)
    items = session.scalars(found.order_by(Package.key).skip(skip).limit(limit))
    return Part(total=total, skip=skip, limit=limit, items=items)


@router.get("/{key}")
def get_package(key: str, session: GraphSession) -> Package:
    """A package with its maintainers, tags, direct dependencies and reviews."""
    return get_or_404(session, Package, key, fetch=["maintainers", "tags", "requires", "reviews"])
