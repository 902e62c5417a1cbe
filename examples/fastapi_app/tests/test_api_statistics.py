"""Numbers over all packages."""

from __future__ import annotations

from typing import Any

import httpx2


async def rows(client: httpx2.AsyncClient, of: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of a statistic."""
    response = await client.get(f"/statistics/{of}", params=parameters)
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()
    return found


async def test_licences_count_every_package_once(client: httpx2.AsyncClient) -> None:
    """The most frequent first, equal ones by name."""
    found = await rows(client, "licences")
    assert sum(row["packages"] for row in found) == 21
    assert found[:3] == [
        {"licence": "MIT", "packages": 7},
        {"licence": "BSD-3-Clause", "packages": 4},
        {"licence": "Apache-2.0", "packages": 2},
    ]


async def test_maintainers_count_packages_not_roles(client: httpx2.AsyncClient) -> None:
    """Who is author and maintainer of a package stands behind one package."""
    found = {row["name"]: row["packages"] for row in await rows(client, "maintainers")}
    assert found == {
        "Sol Ongo": 6,
        "Ada Byron": 5,
        "Web Works": 5,
        "Tim Kay": 4,
        "Data Guild": 3,
    }


async def test_needed_counts_direct_dependents(client: httpx2.AsyncClient) -> None:
    """The most needed package comes first."""
    assert await rows(client, "needed", limit=1) == [{"key": "python:typing-bits", "needed_by": 6}]


async def test_statistics_have_pages(client: httpx2.AsyncClient) -> None:
    """`skip` and `limit` cut the list."""
    everything = await rows(client, "licences")
    assert await rows(client, "licences", skip=1, limit=2) == everything[1:3]


async def test_statistics_of_one_source(client: httpx2.AsyncClient) -> None:
    """`source` leaves the others out."""
    for of in ("licences", "maintainers", "needed"):
        assert await rows(client, of, source="debian") == []
        assert await rows(client, of, source="python") == await rows(client, of)
