"""Write, change and delete reviews: one for each person and package."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from examples.fastapi_app.endpoints.access import GraphSession
from examples.fastapi_app.models import Package, Review, ReviewDraft, review_key
from runic.ogm.contrib.fastapi import get_or_404

router = APIRouter(prefix="/packages/{key}/reviews", tags=["reviews"])


class ReviewChange(BaseModel):
    """What is to be changed, and in which revision of the review it was seen."""

    revision: int
    rating: int | None = None
    text: str | None = None


@router.post("", status_code=201, response_model_exclude={"package"})
async def add_review(key: str, draft: ReviewDraft, session: GraphSession) -> Review:
    """Add a review; 409 when this person has reviewed this package before."""
    package = await get_or_404(session, Package, key)
    review = Review(**draft.model_dump(), key=review_key(draft.author, key))
    review.package = package
    session.add(review)
    await session.commit()
    return review


@router.patch("/{author}", response_model_exclude={"package"})
async def change_review(
    key: str, author: str, change: ReviewChange, session: GraphSession
) -> Review:
    """Change a review; 409 when somebody changed it since it was read."""
    review = await get_or_404(session, Review, review_key(author, key))
    if review.revision != change.revision:
        raise HTTPException(409, f"The review is at revision {review.revision} now")
    for name, value in change.model_dump(exclude={"revision"}, exclude_none=True).items():
        setattr(review, name, value)
    await session.commit()
    return review


@router.delete("/{author}", status_code=204)
async def delete_review(key: str, author: str, session: GraphSession) -> None:
    """Delete a review."""
    session.delete(await get_or_404(session, Review, review_key(author, key)))
    await session.commit()
