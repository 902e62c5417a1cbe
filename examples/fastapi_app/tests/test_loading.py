"""What is read arrives in the graph whole, once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from examples.fastapi_app import loading
from examples.fastapi_app.database import fill
from examples.fastapi_app.models import Maintainer, Package, Reading, Review, Tag
from examples.fastapi_app.origin import find_origin
from examples.fastapi_app.sources import SourceError
from runic.ogm import AsyncConnectionManager, AsyncSession, select

SAMPLE = Path(__file__).parents[1] / "sample"


async def counts(session: AsyncSession) -> dict[str, int]:
    """Return how many nodes and relationships of each kind there are."""
    nodes = {
        cls.__name__: await session.count(select(cls))
        for cls in (Package, Maintainer, Tag, Review, Reading)
    }
    edges = await session.execute("MATCH ()-[r]->() RETURN type(r), count(r)")
    return nodes | dict(edges.rows)


async def test_every_row_is_in_the_graph(
    sample: AsyncConnectionManager, async_session: AsyncSession
) -> None:
    """The graph has what the source has."""
    inventory = find_origin(str(SAMPLE)).read()
    assert await counts(async_session) == {
        "Package": len(inventory.packages),
        "Maintainer": 5,
        "Tag": 4,
        "Review": 0,
        "Reading": 1,
        "DEPENDS_ON": len(inventory.dependencies),
        "MAINTAINED_BY": len(inventory.maintainers),
        "TAGGED": len(inventory.tags),
    }


async def test_progress_adds_up(manager: AsyncConnectionManager) -> None:
    """The bar is full when everything is written."""
    origin = find_origin(str(SAMPLE))
    inventory = origin.read()
    written: list[int] = []
    await loading.load(manager, inventory, reading_of(origin.fingerprint), written.append)
    assert sum(written) == loading.rows_of(inventory)


async def test_batches_lose_nothing(
    manager: AsyncConnectionManager,
    console: Console,
    async_session: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows at the edges of batches are written too."""
    monkeypatch.setattr(loading, "BATCH", 4)
    await fill(manager, find_origin(str(SAMPLE)), console)
    found = await counts(async_session)
    assert (found["Package"], found["DEPENDS_ON"]) == (21, 32)


async def test_second_start_reuses_what_is_stored(
    sample: AsyncConnectionManager, console: Console, assert_query_count: object
) -> None:
    """Nothing is read or written again: one query finds the reading."""
    with assert_query_count(1):  # type: ignore[operator]
        await fill(sample, find_origin(str(SAMPLE)), console)
    assert "Reusing 21 packages" in console.export_text()


async def test_changed_source_is_read_again(
    manager: AsyncConnectionManager, console: Console, async_session: AsyncSession, tmp_path: Path
) -> None:
    """What was uninstalled is gone, with its dependencies and reviews."""
    place = tmp_path / "site-packages"
    shutil.copytree(SAMPLE, place)
    await fill(manager, find_origin(str(place)), console)
    async with manager.session() as session:
        stocktake = await session.get(Package, "python:stocktake")
        assert stocktake is not None
        session.add(Review(key="a", author="eve", rating=1, package=stocktake))
    shutil.rmtree(place / "stocktake-1.4.0.dist-info")
    await fill(manager, find_origin(str(place)), console)
    found = await counts(async_session)
    assert (found["Package"], found["DEPENDS_ON"], found["Review"]) == (20, 30, 0)


async def test_load_that_was_cut_short_is_done_again(
    manager: AsyncConnectionManager, console: Console, async_session: AsyncSession
) -> None:
    """Packages without a reading are not taken for a whole load."""
    async with manager.session() as session:
        session.add(Package(key="python:half", source="python", name="half", version="1"))
    await fill(manager, find_origin(str(SAMPLE)), console)
    assert await async_session.get(Package, "python:half") is None
    assert await async_session.count(select(Package)) == 21


async def test_sources_live_side_by_side(
    sample: AsyncConnectionManager, console: Console, async_session: AsyncSession, tmp_path: Path
) -> None:
    """Reading Debian's packages leaves Python's alone, and shares people with them."""
    packages = tmp_path / "Packages"
    packages.write_text(
        "Package: bookshop\nVersion: 1\nMaintainer: Ada Byron <ada@bookshop.example>\n"
    )
    await fill(sample, find_origin(str(packages)), console)
    found = await counts(async_session)
    assert (found["Package"], found["Maintainer"], found["Reading"]) == (22, 5, 2)


def test_place_without_packages_is_refused(tmp_path: Path) -> None:
    """The message says what can be given."""
    with pytest.raises(SourceError, match="python, debian, the directory"):
        find_origin(str(tmp_path / "nothing"))


def test_fingerprint_changes_with_the_packages(tmp_path: Path) -> None:
    """The same place gives the same text until something is installed there."""
    place = tmp_path / "site-packages"
    shutil.copytree(SAMPLE, place)
    before = find_origin(str(place)).fingerprint
    assert find_origin(str(place)).fingerprint == before
    (place / "new-1.0.dist-info").mkdir()
    assert find_origin(str(place)).fingerprint != before


def reading_of(fingerprint: str) -> Reading:
    """Return the reading of the sample."""
    return Reading(
        source="python",
        origin="sample",
        fingerprint=fingerprint,
        packages=21,
        dependencies=32,
        read_at=datetime.now(UTC),
    )
