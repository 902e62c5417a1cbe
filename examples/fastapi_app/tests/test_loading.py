"""What is read arrives in the graph whole, once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from examples.fastapi_app import loading
from examples.fastapi_app.database import Manager, fill
from examples.fastapi_app.models import Maintainer, Package, Reading, Review, Tag
from examples.fastapi_app.origin import find_origin
from examples.fastapi_app.sources import SourceError
from runic.ogm import Session, select

SAMPLE = Path(__file__).parents[1] / "sample"


def counts(session: Session) -> dict[str, int]:
    """Return how many nodes and relationships of each kind there are."""
    nodes = {
        cls.__name__: session.count(select(cls))
        for cls in (Package, Maintainer, Tag, Review, Reading)
    }
    edges = session.execute("MATCH ()-[r]->() RETURN type(r), count(r)")
    return nodes | dict(edges.rows)


async def test_every_row_is_in_the_graph(sample: Manager, store: Session) -> None:
    """The graph has what the source has."""
    inventory = find_origin(str(SAMPLE)).read()
    assert counts(store) == {
        "Package": len(inventory.packages),
        "Maintainer": 5,
        "Tag": 4,
        "Review": 0,
        "Reading": 1,
        "DEPENDS_ON": len(inventory.dependencies),
        "MAINTAINED_BY": len(inventory.maintainers),
        "TAGGED": len(inventory.tags),
    }


async def test_progress_adds_up(manager: Manager) -> None:
    """The bar is full when everything is written."""
    origin = find_origin(str(SAMPLE))
    inventory = origin.read()
    written: list[int] = []
    loading.load(manager.driver, inventory, reading_of(origin.fingerprint), written.append)
    assert sum(written) == loading.rows_of(inventory)


async def test_batches_lose_nothing(
    manager: Manager,
    console: Console,
    store: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows at the edges of batches are written too."""
    monkeypatch.setattr(loading, "BATCH", 4)
    fill(manager.driver, find_origin(str(SAMPLE)), console)
    found = counts(store)
    assert (found["Package"], found["DEPENDS_ON"]) == (21, 32)


async def test_second_start_reuses_what_is_stored(
    sample: Manager, console: Console, assert_query_count: object
) -> None:
    """Nothing is read or written again: one query finds the reading."""
    with assert_query_count(1):  # type: ignore[operator]
        fill(sample.driver, find_origin(str(SAMPLE)), console)
    assert "Reusing 21 packages" in console.export_text()


async def test_changed_source_is_read_again(
    manager: Manager, console: Console, store: Session, tmp_path: Path
) -> None:
    """What was uninstalled is gone, with its dependencies and reviews."""
    place = tmp_path / "site-packages"
    shutil.copytree(SAMPLE, place)
    fill(manager.driver, find_origin(str(place)), console)
    with Session(manager.driver) as session:
        stocktake = session.get(Package, "python:stocktake")
        assert stocktake is not None
        session.add(Review(key="a", author="eve", rating=1, package=stocktake))
    shutil.rmtree(place / "stocktake-1.4.0.dist-info")
    fill(manager.driver, find_origin(str(place)), console)
    found = counts(store)
    assert (found["Package"], found["DEPENDS_ON"], found["Review"]) == (20, 30, 0)


async def test_load_that_was_cut_short_is_done_again(
    manager: Manager, console: Console, store: Session
) -> None:
    """Packages without a reading are not taken for a whole load."""
    with Session(manager.driver) as session:
        session.add(Package(key="python:half", source="python", name="half", version="1"))
    fill(manager.driver, find_origin(str(SAMPLE)), console)
    assert store.get(Package, "python:half") is None
    assert store.count(select(Package)) == 21


async def test_sources_live_side_by_side(
    sample: Manager, console: Console, store: Session, tmp_path: Path
) -> None:
    """Reading Debian's packages leaves Python's alone, and shares people with them."""
    packages = tmp_path / "Packages"
    packages.write_text(
        "Package: bookshop\nVersion: 1\nMaintainer: Ada Byron <ada@bookshop.example>\n"
    )
    fill(sample.driver, find_origin(str(packages)), console)
    found = counts(store)
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
