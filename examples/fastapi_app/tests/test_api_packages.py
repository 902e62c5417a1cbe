"""Finding packages and looking at one."""

from __future__ import annotations

import httpx2
import pytest


async def keys(client: httpx2.AsyncClient, **filters: object) -> list[str]:
    """Return the keys of the packages that the filters leave."""
    response = await client.get("/packages", params={"limit": 100, **filters})
    assert response.status_code == 200
    return [package["key"].removeprefix("python:") for package in response.json()["items"]]


async def test_list_has_every_package_by_key(client: httpx2.AsyncClient) -> None:
    """Without filters all packages come, sorted."""
    found = await keys(client)
    assert len(found) == 21
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"source": "debian"}, []),
        ({"name": "typ"}, ["moneytypes", "typing-bits"]),
        ({"licence": "PSF-2.0"}, ["clock-tz", "typing-bits"]),
        ({"tag": "Internet :: WWW/HTTP", "licence": "MIT"}, ["bookshop"]),
        ({"name": "%' OR 1=1"}, []),
    ],
)
async def test_filters_narrow_the_list(
    client: httpx2.AsyncClient, filters: dict[str, str], found: list[str]
) -> None:
    """Each filter is exact, filters add up, and their values are never part of a query's text."""
    assert await keys(client, **filters) == found


async def test_pages_cover_the_list_without_gaps(client: httpx2.AsyncClient) -> None:
    """`skip` and `limit` cut the same list; `total` counts all of it."""
    pages = [await keys(client, skip=skip, limit=8) for skip in (0, 8, 16)]
    assert [key for page in pages for key in page] == await keys(client)
    page = (await client.get("/packages", params={"name": "book", "limit": 1})).json()
    assert (page["total"], page["skip"], page["limit"], len(page["items"])) == (3, 0, 1, 1)


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 201}, {"skip": -1}, {"source": "npm"}])
async def test_wrong_parameters_are_refused(
    client: httpx2.AsyncClient, wrong: dict[str, str]
) -> None:
    """A page that cannot be is 422 and names the parameter."""
    response = await client.get("/packages", params=wrong)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", *wrong]


async def test_package_comes_with_its_relations(client: httpx2.AsyncClient) -> None:
    """One request has maintainers, tags, dependencies and reviews."""
    package = (await client.get("/packages/python:webframe")).json()
    assert package["version"] == "2.6.2"
    assert [person["name"] for person in package["maintainers"]] == ["Ada Byron", "Web Works"]
    assert package["tags"] == [{"name": "Internet :: WWW/HTTP"}]
    assert [needed["name"] for needed in package["requires"]] == [
        "httpcore-lite",
        "templates",
        "typing-bits",
    ]
    assert package["reviews"] == []


async def test_list_leaves_relations_out(client: httpx2.AsyncClient) -> None:
    """What was not asked for is neither loaded nor sent."""
    first = (await client.get("/packages", params={"limit": 1})).json()["items"][0]
    assert not {"maintainers", "tags", "requires", "needed_by", "reviews"} & first.keys()


async def test_package_costs_a_query_for_each_relation(
    client: httpx2.AsyncClient, assert_query_count: object
) -> None:
    """However many there are at its end."""
    with assert_query_count(5):  # type: ignore[operator]
        await client.get("/packages/python:bookshop")


async def test_unknown_package_is_not_found(client: httpx2.AsyncClient) -> None:
    """404 names the key."""
    response = await client.get("/packages/python:nothing")
    assert response.status_code == 404
    assert response.json() == {"detail": "Package 'python:nothing' not found"}


async def test_schema_describes_packages(client: httpx2.AsyncClient) -> None:
    """OpenAPI has the entities with their relations, which need not be there."""
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    package = next(schema for name, schema in schemas.items() if name.startswith("Package"))
    assert {"key", "requires", "maintainers"} <= package["properties"].keys()
    assert "requires" not in package["required"]
