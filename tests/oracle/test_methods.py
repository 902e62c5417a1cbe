"""Nothing public of a session is left out by the random walk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.oracle.counted import members

STEPS = [*Path(__file__).parent.glob("*_steps.py"), *Path(__file__).parent.glob("[cw]*.py")]


def test_every_public_method_has_a_step() -> None:
    """A method that is added to a session, or to what it hands out, needs a step here."""
    used = {name for path in STEPS for name in used_in(ast.parse(path.read_text()))}
    assert [name for name in members() if name not in used] == []


def used_in(tree: ast.Module) -> Iterator[str]:
    """Return the attributes that are read; of sessions with their class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of_session = ast.unparse(node.value) in ("self.session", "other")
            kinds = ["Session"] if of_session else ["BoundQuery", "Repository", "Search"]
            yield from (f"{kind}.{node.attr}" for kind in kinds)


def test_the_members_are_found() -> None:
    """The list is made from the classes, and the important ones are in it."""
    assert {"Session.commit", "BoundQuery.all", "Repository.page", "Search.scored"} <= {*members()}
