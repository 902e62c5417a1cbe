"""Every Python block of the README and the docs runs, and prints what the page shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, Reader, blocks_of, is_suite, pages

# Has a test of its own: its blocks assume models, a session and a server.
GUIDE = DOCS / "async-guide.md"
READ = [page for page in pages() if page != GUIDE and blocks_of(page)]
SUITES = [page for page in READ if is_suite(blocks_of(page))]
PROMPTS = [page for page in READ if page not in SUITES]


def name_of(page: Path) -> str:
    """Return a page's name for the test report."""
    return page.name


@pytest.mark.parametrize("page", PROMPTS, ids=name_of)
def test_blocks_of_the_page_run_and_print_what_it_shows(
    page: Path, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in order at one prompt, each block works and prints the text below it."""
    monkeypatch.chdir(tmp_path)
    for block in blocks_of(page):
        printed = reader.read(block)
        assert block.printed in (None, printed), f"{block} prints something else"


@pytest.mark.parametrize("page", SUITES, ids=name_of)
def test_tests_of_the_page_pass(page: Path, run_files: Callable[..., pytest.RunResult]) -> None:
    """The blocks of the page, as one test file, pass."""
    source = "\n\n".join(block.source for block in blocks_of(page))
    outcome = run_files({"test_page.py": source}).parseoutcomes()
    assert set(outcome) == {"passed"}
