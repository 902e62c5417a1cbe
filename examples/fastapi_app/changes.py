"""What a request makes of a review, before it is committed."""

from __future__ import annotations

from fastapi import HTTPException
from pydantic import BaseModel

from examples.fastapi_app.models import Package, Review, ReviewDraft, review_key


class ReviewChange(BaseModel):
    """What is to be changed, and in which revision of the review it was seen."""

    revision: int
    rating: int | None = None
    text: str | None = None


def new_review(package: Package, draft: ReviewDraft) -> Review:
    """Return the review that a person writes of a package."""
    review = Review(**draft.model_dump(), key=review_key(draft.author, package.key))
    review.package = package
    return review


def changed(review: Review, change: ReviewChange) -> Review:
    """Return the review as it is wanted; 409 when somebody changed it since it was read."""
    if review.revision != change.revision:
        raise HTTPException(409, f"The review is at revision {review.revision} now")
    for name, value in change.model_dump(exclude={"revision"}, exclude_none=True).items():
        setattr(review, name, value)
    return review
