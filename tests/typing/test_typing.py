"""mypy --strict and pyright infer what the docs promise, and refuse what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.typing.checkers import ONCE, Found, mypy, pyright

HERE = Path(__file__).parent
ACCEPTED, REJECTED = HERE / "accepted.py", HERE / "rejected.py"

pytestmark = ONCE


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_types_are_inferred_and_mistakes_refused(checker: Callable[..., Found]) -> None:
    """No line of the one file has an error; of the other, exactly those that are marked have."""
    found = checker(ACCEPTED, REJECTED)
    assert found[ACCEPTED.name] == {}
    lines = REJECTED.read_text().splitlines()
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("# error")]
    assert sorted(found[REJECTED.name]) == marked, found[REJECTED.name]
