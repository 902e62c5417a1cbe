"""The same examples in every run: nothing about a random test depends on where it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ASK = """
import conftest
from hypothesis import settings
print(settings())
"""


def profile(**environ: str) -> str:
    """Return the settings that a random test has in a fresh process."""
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"CI": "1"}, {"GITHUB_ACTIONS": "true"}])
def test_ci_in_the_environment_changes_nothing(environ: dict[str, str]) -> None:
    """The settings of random tests are the same with and without CI, and derandomised."""
    assert profile(**environ) == profile()
    assert "derandomize=True" in profile()


def test_the_gate_does_not_say_that_it_is_ci() -> None:
    """`.ci/run` passes with CI set and unset, so it sets nothing."""
    assert "export CI" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
