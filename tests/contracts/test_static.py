"""Lint, types and the order of the rooms, as tests: one command is the whole gate."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.typing.checkers import ONCE

ROOT = Path(__file__).parents[2]

pytestmark = ONCE


def check(tool: str, *arguments: str) -> None:
    """Run a tool of this environment on the project; fail with everything it printed."""
    scripts = Path(sys.executable).parent
    path = shutil.which(tool, path=str(scripts))
    assert path, f"{tool} is missing: python -m pip install --editable '.[test]'"
    done = subprocess.run(
        [path, *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{tool} {' '.join(arguments)}\n{done.stdout}{done.stderr}"


def test_ruff_finds_nothing() -> None:
    """Style and complexity rules hold everywhere."""
    check("ruff", "check", "--no-cache")


def test_code_is_formatted() -> None:
    """Nobody has to discuss layout: it is what `ruff format` makes."""
    check("ruff", "format", "--check", "--no-cache")


def test_rooms_import_only_rooms_above_them() -> None:
    """The layers and bans of pyproject's import-linter contracts hold."""
    check("lint-imports", "--no-cache")


def test_mypy_strict_finds_nothing() -> None:
    """The package and the examples type-check under mypy --strict."""
    check("mypy")


def test_pyright_finds_nothing() -> None:
    """The package and the examples type-check under pyright."""
    check("pyright", "--pythonpath", sys.executable)
