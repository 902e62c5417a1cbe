"""The docs leave nothing out: every public name, every error, and no link that leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import runic.ogm
from tests.docs.pages import DOCS, README, pages

# The target of an inline link, without titles; images are links too.
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
ERRORS = [name for name in runic.ogm.__all__ if name.endswith("Error")]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> list[tuple[Path, str]]:
    """Return every link of the docs to a place in this project."""
    return [
        (page, link)
        for page in pages()
        for link in _LINK.findall(_FENCED.sub("", page.read_text()))
        if "://" not in link
    ]


@pytest.mark.parametrize("name", runic.ogm.__all__)
def test_public_name_is_listed(name: str) -> None:
    """docs/names.md has a line for every name that runic.ogm exports."""
    assert f"| `{name}` |" in (DOCS / "names.md").read_text()


@pytest.mark.parametrize("name", ERRORS)
def test_error_has_a_section(name: str) -> None:
    """docs/errors.md says of each error when it comes and what to do."""
    assert name == "OgmError" or f"## {name}\n" in (DOCS / "errors.md").read_text()


@pytest.mark.parametrize(("page", "link"), links(), ids=lambda value: getattr(value, "name", value))
def test_link_leads_somewhere(page: Path, link: str) -> None:
    """A link within the project has a file, and a heading if it names one."""
    place, _, anchor = link.partition("#")
    target = (page.parent / place) if place else page
    assert target.exists(), f"{page.name} links to {place}, which is not there"
    assert not anchor or anchor in anchors(target), f"{target.name} has no heading #{anchor}"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_page_is_found_from_the_index(page: Path) -> None:
    """docs/index.md links to every other page."""
    assert page.name == "index.md" or f"]({page.name})" in (DOCS / "index.md").read_text()


def test_the_readme_leads_to_the_docs() -> None:
    """Who starts at the README finds the index."""
    assert "](docs/index.md)" in README.read_text()
