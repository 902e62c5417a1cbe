"""What a package needs, what needs it, why it is here, what breaks without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console

from examples.fastapi_app.api import create_app
from examples.fastapi_app.database import Manager, fill
from examples.fastapi_app.origin import find_origin

DEBIAN = """\
Package: editor
Version: 1
Depends: libc, lib-a (>= 2) | lib-b
Recommends: dictionary

Package: lib-a
Version: 2
Depends: libc

Package: lib-b
Version: 1
Depends: libc

Package: libc
Version: 1

Package: dictionary
Version: 1

Package: ring-one
Version: 1
Depends: ring-two

Package: ring-two
Version: 1
Depends: ring-one
"""


@pytest.fixture
async def debian(manager: Manager, console: Console, tmp_path: Path) -> httpx2.AsyncClient:
    """Return a client of the application on packages with alternatives and a cycle."""
    packages = tmp_path / "Packages"
    packages.write_text(DEBIAN)
    fill(manager.driver, find_origin(str(packages)), console)
    transport = httpx2.ASGITransport(create_app(manager))
    return httpx2.AsyncClient(transport=transport, base_url="http://test")


async def ask(client: httpx2.AsyncClient, question: str, **parameters: Any) -> Any:
    """Return the answer to a question about a package of the sample."""
    response = await client.get(f"/packages/{question}", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def names(items: list[dict[str, Any]]) -> list[str]:
    """Return the names of the packages in an answer."""
    return [item.get("package", item)["name"] for item in items]


async def test_dependencies_are_direct_unless_told(client: httpx2.AsyncClient) -> None:
    """One step, with the requirement as it was written."""
    found = (await ask(client, "python:webframe/dependencies"))["items"]
    assert names(found) == ["httpcore-lite", "templates", "typing-bits"]
    assert [item["requirement"]["specifier"] for item in found] == [">=1", ">=3", ""]
    assert {item["distance"] for item in found} == {1}


async def test_dependencies_to_a_depth(client: httpx2.AsyncClient) -> None:
    """Each package once, at its shortest distance, nearest first."""
    found = await ask(client, "python:webframe/dependencies", depth=3)
    assert [(item["distance"], item["package"]["name"]) for item in found["items"]] == [
        (1, "httpcore-lite"),
        (1, "templates"),
        (1, "typing-bits"),
        (2, "markup-safe-lite"),
        (2, "socketpool"),
    ]


async def test_dependencies_take_one_query_a_step(
    client: httpx2.AsyncClient, assert_query_count: Any
) -> None:
    """One for the package itself, and one for all that is shown."""
    with assert_query_count(5):
        await ask(client, "python:bookshop/dependencies", depth=3)


async def test_optional_dependencies_are_asked_for(client: httpx2.AsyncClient) -> None:
    """What an extra needs counts only with `optional`."""
    needed = await ask(client, "python:bookshop/dependencies")
    assert "statsd-lite" not in names(needed["items"])
    found = (await ask(client, "python:bookshop/dependencies", optional=True))["items"]
    extra = next(item for item in found if item["package"]["name"] == "statsd-lite")
    assert (extra["requirement"]["kind"], extra["requirement"]["extra"]) == ("optional", "metrics")


async def test_pages_of_dependencies_cover_them(client: httpx2.AsyncClient) -> None:
    """`skip` and `limit` cut the same list; `total` counts all of it."""
    question = "python:bookshop/dependencies"
    whole = await ask(client, question, depth=9)
    pages = [await ask(client, question, depth=9, skip=skip, limit=6) for skip in (0, 6, 12)]
    assert [name for page in pages for name in names(page["items"])] == names(whole["items"])
    assert whole["total"] == len(whole["items"]) == 14


async def test_dependents_are_direct(client: httpx2.AsyncClient) -> None:
    """Who needs it, one step, in pages."""
    found = await ask(client, "python:recordstore/dependents", limit=2)
    assert (found["total"], names(found["items"])) == (3, ["bookshop-catalogue", "bookshop-orders"])
    rest = await ask(client, "python:recordstore/dependents", skip=2)
    assert names(rest["items"]) == ["fulltext-lite"]


async def test_why_shows_paths_from_what_was_requested(client: httpx2.AsyncClient) -> None:
    """A path for each root, from the root to the package, the shortest first."""
    found = await ask(client, "python:socketpool/why")
    assert [names(path) for path in found["items"]] == [
        ["statsd-lite", "socketpool"],
        ["bookshop", "bookshop-catalogue", "recordstore", "socketpool"],
        ["stocktake", "bookshop-catalogue", "recordstore", "socketpool"],
    ]
    assert found["total"] == 3


async def test_why_of_a_root_is_itself(client: httpx2.AsyncClient) -> None:
    """What was requested is here because it was requested."""
    assert [names(path) for path in (await ask(client, "python:stocktake/why"))["items"]] == [
        ["stocktake"]
    ]


async def test_breaks_follows_what_needs_it_to_the_end(client: httpx2.AsyncClient) -> None:
    """Everything that needs it over any number of steps, nearest first."""
    found = await ask(client, "python:isbn-tools/breaks")
    assert [(item["distance"], item["package"]["name"]) for item in found["items"]] == [
        (1, "bookshop-catalogue"),
        (1, "shelf-label"),
        (2, "bookshop"),
        (2, "stocktake"),
    ]


async def test_nothing_breaks_without_what_nobody_needs(client: httpx2.AsyncClient) -> None:
    """An empty answer, not an error."""
    assert (await ask(client, "python:bookshop/breaks"))["total"] == 0


async def test_another_choice_keeps_a_package_working(debian: httpx2.AsyncClient) -> None:
    """Without lib-a there is lib-b; without libc there is nothing."""
    async with debian:
        assert (await ask(debian, "debian:lib-a/breaks"))["items"] == []
        broken = await ask(debian, "debian:libc/breaks")
    assert names(broken["items"]) == ["editor", "lib-a", "lib-b"]


async def test_recommended_packages_are_here_for_a_reason(debian: httpx2.AsyncClient) -> None:
    """Debian installs what is recommended, so `why` follows it; nothing breaks without it."""
    async with debian:
        why = await ask(debian, "debian:dictionary/why")
        assert [names(path) for path in why["items"]] == [["editor", "dictionary"]]
        assert (await ask(debian, "debian:dictionary/breaks"))["total"] == 0


async def test_walks_end_in_a_cycle(debian: httpx2.AsyncClient) -> None:
    """Packages that need each other are met once; no root leads to them."""
    async with debian:
        found = await ask(debian, "debian:ring-one/dependencies", depth=50)
        assert names(found["items"]) == ["ring-two"]
        assert names((await ask(debian, "debian:ring-one/breaks"))["items"]) == ["ring-two"]
        assert (await ask(debian, "debian:ring-one/why"))["total"] == 0


@pytest.mark.parametrize("question", ["dependencies", "dependents", "why", "breaks"])
async def test_questions_about_nothing_are_not_found(
    client: httpx2.AsyncClient, question: str
) -> None:
    """A package that is not there is 404, not an empty answer."""
    assert (await client.get(f"/packages/python:nothing/{question}")).status_code == 404


async def test_depth_has_a_limit(client: httpx2.AsyncClient) -> None:
    """A depth of 0 or beyond 50 is refused."""
    for depth in (0, 51):
        response = await client.get("/packages/python:x/dependencies", params={"depth": depth})
        assert response.status_code == 422
