"""Reviews: written, changed and deleted by people who do not know of each other."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from examples.fastapi_app import endpoints, threaded
from examples.fastapi_app.changes import ReviewChange, changed
from examples.fastapi_app.database import Manager
from examples.fastapi_app.models import Review
from runic.ogm import Session

REVIEWS = "/packages/python:csv-plus/reviews"
DRAFT = {"author": "eve", "rating": 4, "text": "Reads all my tables"}


async def test_review_is_added(client: httpx2.AsyncClient, store: Session) -> None:
    """201 with the review; it is in the database, on its package."""
    response = await client.post(REVIEWS, json=DRAFT)
    assert response.status_code == 201
    assert response.json() == {**DRAFT, "key": "eve@python:csv-plus", "revision": 0}
    stored = store.get(Review, "eve@python:csv-plus", fetch=["package"])
    assert stored is not None
    assert stored.package is not None
    assert stored.package.name == "csv-plus"


async def test_review_is_seen_with_its_package(client: httpx2.AsyncClient) -> None:
    """The next reader of the package finds it."""
    await client.post(REVIEWS, json=DRAFT)
    reviews = (await client.get("/packages/python:csv-plus")).json()["reviews"]
    assert [(review["author"], review["rating"]) for review in reviews] == [("eve", 4)]


async def test_review_needs_a_package(client: httpx2.AsyncClient) -> None:
    """404, and nothing is written."""
    response = await client.post("/packages/python:nothing/reviews", json=DRAFT)
    assert response.status_code == 404


async def test_second_review_of_a_person_is_a_conflict(client: httpx2.AsyncClient) -> None:
    """409: the database itself refuses it, so two requests at once cannot both win."""
    await client.post(REVIEWS, json=DRAFT)
    response = await client.post(REVIEWS, json={**DRAFT, "rating": 1})
    assert response.status_code == 409
    reviews = (await client.get("/packages/python:csv-plus")).json()["reviews"]
    assert [review["rating"] for review in reviews] == [4]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rating": 6}, "rating"),
        ({"rating": "good"}, "rating"),
        ({"author": ""}, "author"),
        ({"author": "e v e"}, "author"),
        ({"text": "x" * 2001}, "text"),
        ({"revision": 7}, "revision"),
        ({"key": "somebody@else"}, "key"),
    ],
)
async def test_wrong_review_is_refused(
    client: httpx2.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    """422 names the field; what is the database's business cannot be sent at all."""
    response = await client.post(REVIEWS, json={**DRAFT, **wrong})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", field]


async def test_text_that_cannot_be_stored_is_refused(client: httpx2.AsyncClient) -> None:
    """A NUL would cut the text off: 422, nothing is written."""
    response = await client.post(REVIEWS, json={**DRAFT, "text": "a\0b"})
    assert response.status_code == 422
    assert (await client.get("/packages/python:csv-plus")).json()["reviews"] == []


async def test_review_is_changed(client: httpx2.AsyncClient) -> None:
    """What is sent changes, the rest stays, the revision counts."""
    await client.post(REVIEWS, json=DRAFT)
    response = await client.patch(f"{REVIEWS}/eve", json={"revision": 0, "rating": 5})
    assert response.status_code == 200
    assert response.json() == {
        **DRAFT,
        "rating": 5,
        "key": "eve@python:csv-plus",
        "revision": 1,
    }


async def test_change_of_an_old_revision_is_a_conflict(client: httpx2.AsyncClient) -> None:
    """409 for who has not seen the last change; nothing is overwritten."""
    await client.post(REVIEWS, json=DRAFT)
    await client.patch(f"{REVIEWS}/eve", json={"revision": 0, "rating": 5})
    response = await client.patch(f"{REVIEWS}/eve", json={"revision": 0, "rating": 1})
    assert response.status_code == 409
    reviews = (await client.get("/packages/python:csv-plus")).json()["reviews"]
    assert [review["rating"] for review in reviews] == [5]


async def test_change_that_loses_a_race_is_a_conflict(
    client: httpx2.AsyncClient, sample: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """409 as well when the other change comes between reading and writing."""
    await client.post(REVIEWS, json=DRAFT)

    def after_another(review: Review, change: ReviewChange) -> Review:
        with Session(sample.driver) as other:
            same = other.get(Review, review.key)
            assert same is not None
            same.rating = 2
        return changed(review, change)

    for part in (endpoints.reviews, threaded.reviews):
        monkeypatch.setattr(part, "changed", after_another)
    response = await client.patch(f"{REVIEWS}/eve", json={"revision": 0, "rating": 1})
    assert response.status_code == 409
    reviews = (await client.get("/packages/python:csv-plus")).json()["reviews"]
    assert [(review["rating"], review["revision"]) for review in reviews] == [(2, 1)]


async def test_wrong_change_is_refused(client: httpx2.AsyncClient) -> None:
    """422 from the entity's own rules, and the review stays as it was."""
    await client.post(REVIEWS, json=DRAFT)
    response = await client.patch(f"{REVIEWS}/eve", json={"revision": 0, "rating": 9})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["Review", "rating"]
    reviews = (await client.get("/packages/python:csv-plus")).json()["reviews"]
    assert [review["rating"] for review in reviews] == [4]


async def test_review_is_deleted_once(client: httpx2.AsyncClient) -> None:
    """204, then 404; the package stays."""
    await client.post(REVIEWS, json=DRAFT)
    assert (await client.delete(f"{REVIEWS}/eve")).status_code == 204
    assert (await client.delete(f"{REVIEWS}/eve")).status_code == 404
    assert (await client.get("/packages/python:csv-plus")).json()["reviews"] == []


async def test_missing_review_cannot_be_changed(client: httpx2.AsyncClient) -> None:
    """404 names the review."""
    response = await client.patch(f"{REVIEWS}/eve", json={"revision": 0})
    assert response.status_code == 404
    assert response.json() == {"detail": "Review 'eve@python:csv-plus' not found"}
