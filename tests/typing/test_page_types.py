"""mypy --strict and pyright have nothing to say about the blocks of the README and the docs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks_of, pages
from tests.typing.checkers import ONCE, Found, mypy, pyright

# Its blocks assume models, a session and a server that the page does not show.
GUIDE = DOCS / "async-guide.md"
CHECKED = [page for page in pages() if page != GUIDE and blocks_of(page)]
# What a reader types at `python -m asyncio` awaits outside of functions, and both checkers say so.
AT_THE_PROMPT = (
    '"await" outside function',
    '"async for" outside async function',
    '"async with" outside async function',
    '"await" allowed only within async function',
    'Use of "async" not allowed outside of async function',
)

pytestmark = ONCE


def module_of(page: Path, directory: Path) -> Path:
    """Write the blocks of a page as one module, each at its lines of the page."""
    lines: list[str] = []
    for block in blocks_of(page):
        lines += [""] * (block.line - 1 - len(lines)) + block.source.splitlines()
    path = directory / f"{page.stem.replace('-', '_').lower()}_page.py"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_blocks_of_the_pages_have_types_that_fit(
    checker: Callable[..., Found], tmp_path: Path
) -> None:
    """No line of a page has an error, besides that it awaits outside of a function."""
    found = checker(*(module_of(page, tmp_path) for page in CHECKED))
    wrong = [
        f"{name}:{line}: {message}"
        for name, lines in found.items()
        for line, messages in sorted(lines.items())
        for message in messages
        if not message.startswith(AT_THE_PROMPT)
    ]
    assert wrong == []
