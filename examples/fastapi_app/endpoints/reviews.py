"""Write, change and delete reviews: one for each person and package."""

from __future__ import annotations

from fastapi import APIRouter

from examples.fastapi_app.changes import ReviewChange, changed, new_review
from examples.fastapi_app.endpoints.access import GraphSession
from examples.fastapi_app.models import Package, Review, ReviewDraft, review_key
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages/{key}/reviews", tags=["reviews"])


@router.post("", status_code=201, response_model_exclude={"package"})
async def add_review(key: str, draft: ReviewDraft, session: GraphSession) -> Review:
    """Add a review; 409 when this person has reviewed this package before."""
    review = new_review(await get_or_404(session, Package, key), draft)
    session.add(review)
    await session.commit()
    return review


@router.patch("/{author}", response_model_exclude={"package"})
async def change_review(
    key: str, author: str, change: ReviewChange, session: GraphSession
) -> Review:
    """Change a review; 409 when somebody changed it since it was read."""
    review = changed(await get_or_404(session, Review, review_key(author, key)), change)
    await session.commit()
    return review


@router.delete("/{author}", status_code=204)
async def delete_review(key: str, author: str, session: GraphSession) -> None:
    """Delete a review."""
    session.delete(await get_or_404(session, Review, review_key(author, key)))
    await session.commit()
