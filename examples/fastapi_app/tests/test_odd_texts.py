"""Packages that say odd things of themselves are read, reported and loaded like any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from examples.fastapi_app.database import Manager, fill
from examples.fastapi_app.models import Package
from examples.fastapi_app.origin import find_origin
from examples.fastapi_app.sources import Reason
from runic.ogm import Session

PYTHON = (
    "Name: odd\nVersion: 1.0\nSummary: cut\0off\nLicense: \x01MIT\nAuthor: {}\n"
    "Classifier: Topic ::  Games \nClassifier: Topic :: \nRequires-Dist: odd2 (>=1\0)\n"
)
DEBIAN = "Package: odd\nVersion: 1\nDescription: cut\0off\nSection: \x01games\x01\n"


@pytest.fixture(params=["python", "debian"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a place with one package whose texts hold control characters."""
    if request.param == "debian":
        (tmp_path / "Packages").write_text(DEBIAN)
        return tmp_path / "Packages"
    (tmp_path / "odd-1.0.dist-info").mkdir()
    (tmp_path / "odd-1.0.dist-info" / "METADATA").write_text(PYTHON.format("x" * 5_000))
    return tmp_path


def test_control_characters_are_taken_out_and_reported(place: Path) -> None:
    """The report says which package had them; its texts are readable."""
    inventory = find_origin(str(place)).read()
    assert inventory.report.remarks[Reason.CONTROL_CHARACTERS] == 1
    assert [package.summary for package in inventory.packages] == ["cut off"]
    assert [tag.name.lower() for tag in inventory.tags] == ["games"]


async def test_odd_texts_can_be_stored(
    place: Path, manager: Manager, console: Console, store: Session
) -> None:
    """Whatever was read can be loaded: keys are keys, however long a name is."""
    origin = find_origin(str(place))
    fill(manager.driver, origin, console)
    package = store.get(Package, f"{origin.source}:odd", fetch=["tags", "maintainers"])
    assert package is not None
    assert [tag.name.lower() for tag in package.tags] == ["games"]
    assert all(len(person.key) <= 200 for person in package.maintainers)
