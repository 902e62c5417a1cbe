"""What is published: a wheel named `runic-ogm` whose package is imported as `runic.ogm`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "pyproject.toml",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.toml")),
    *sorted((ROOT / "runic").rglob("*.py")),
]

# `pip install runic`, "runic[neo4j]" or a dependency "runic>=1": the other project's name.
OTHER_PROJECT = re.compile(
    r"(?<!un)install[ \w\"'=-]*\brunic(?![\w.-])|\brunic\[|[\"']runic *[<>=~!]"
)

PROGRAM = """
from importlib.metadata import distribution
import runic.ogm
from runic.ogm import Node, Session, create_driver

class User(Node):
    id: str

driver = create_driver("falkordb+embedded://")
with Session(driver) as session:
    session.add(User(id="ada"))
with Session(driver) as session:
    print(session.get(User, "ada"))
print(distribution("runic-ogm").metadata["Name"], runic.ogm.__file__)
"""


def pip(*arguments: str) -> None:
    """Run pip of this environment; fail with everything it printed."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_wheel_is_runic_ogm_and_works_when_installed(tmp_path: Path) -> None:
    """Built and installed elsewhere, it stores and reads without the checkout."""
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), ".")
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith("runic_ogm-")

    site = tmp_path / "site"
    pip("install", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "id='ada'",
        f"runic-ogm {site / 'runic' / 'ogm' / '__init__.py'}",
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_tells_anybody_to_install_another_project(path: Path) -> None:
    """`runic` on the package index is somebody else's; every hint says `runic-ogm`."""
    assert OTHER_PROJECT.findall(path.read_text(encoding="utf-8")) == []
