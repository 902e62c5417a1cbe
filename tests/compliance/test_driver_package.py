"""The example of a driver in a package of its own: found by its entry point, and compliant."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "examples" / "driver_package"
_FINDS = """
from runic.ogm import create_driver, create_async_driver, AsyncNotSupportedError

def test_the_entry_point_leads_to_the_driver():
    driver = create_driver("redisgraph://localhost:6379/social")
    assert type(driver).__module__ == "runic_redis"
    try:
        create_async_driver("redisgraph://localhost")
    except AsyncNotSupportedError as error:
        assert "falkordb://" in str(error)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the package where only a child process looks: its file, and what pip writes of it."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    shutil.copy(PACKAGE / "runic_redis.py", tmp_path)
    written = tmp_path / f"runic_redis-{project['version']}.dist-info"
    written.mkdir()
    (written / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = [
        f"{name} = {place}" for name, place in project["entry-points"]["runic.drivers"].items()
    ]
    (written / "entry_points.txt").write_text("\n".join(["[runic.drivers]", *lines]))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    return tmp_path


def test_the_driver_is_found_and_meets_every_requirement(
    installed: Path, pytester: pytest.Pytester
) -> None:
    """Its own tests pass: the compliance suite, with skips for what FalkorDB has not."""
    shutil.copy(PACKAGE / "tests" / "test_compliance.py", pytester.path)
    (pytester.path / "test_found.py").write_text(_FINDS)
    outcome = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rs").parseoutcomes()
    assert set(outcome) == {"passed", "skipped"}
    assert outcome["passed"] > 100


def test_a_driver_is_one_file_and_one_line() -> None:
    """The package has no other code than the file that the entry point names."""
    assert [path.name for path in PACKAGE.glob("*.py")] == ["runic_redis.py"]
