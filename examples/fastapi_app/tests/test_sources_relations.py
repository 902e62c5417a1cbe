"""The grammar of Debian's relationship fields, and the order of Debian's versions."""

from __future__ import annotations

from itertools import pairwise

import pytest

from examples.fastapi_app.sources.debian_version import version_key
from examples.fastapi_app.sources.relations import Relation, iter_groups, parse_relation


def parsed(text: str) -> Relation:
    """Parse a text that must be a relation."""
    relation = parse_relation(text)
    assert relation is not None, text
    return relation


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("libc6", Relation("libc6", "", "", ())),
        ("libc6 (>= 2.34)", Relation("libc6", ">= 2.34", "", ())),
        ("libstdc++6(>=12)", Relation("libstdc++6", ">= 12", "", ())),
        ("zlib1g ( << 1:1.2.0~rc1 )", Relation("zlib1g", "<< 1:1.2.0~rc1", "", ())),
        ("python3:any (>= 3.11)", Relation("python3", ">= 3.11", "any", ())),
        ("libnuma1 [amd64 arm64]", Relation("libnuma1", "", "", ("amd64", "arm64"))),
        ("debhelper <!nocheck>", Relation("debhelper", "", "", ())),
    ],
)
def test_a_relation_is_taken_apart(text: str, relation: Relation) -> None:
    """Name, version, architecture qualifier and restriction are told apart."""
    assert parsed(text) == relation


@pytest.mark.parametrize("text", ["", "(>= 1)", "a (1)", "a (>= )", "a b", "a [amd64", "ä"])
def test_what_is_no_relation_is_none(text: str) -> None:
    """A text that is not a relation is refused as a whole."""
    assert parse_relation(text) is None


def test_groups_hold_alternatives() -> None:
    """Commas separate requirements, bars alternatives; folded lines and a last comma are fine."""
    assert list(iter_groups("a | b (>= 1),\nc,")) == [["a", "b (>= 1)"], ["c"]]


@pytest.mark.parametrize(
    ("restriction", "architecture", "applies"),
    [
        ("", "amd64", True),
        ("[amd64]", "amd64", True),
        ("[arm64]", "amd64", False),
        ("[arm64]", "all", True),
        ("[!i386]", "amd64", True),
        ("[!amd64]", "amd64", False),
        ("[linux-any]", "amd64", True),
        ("[any-arm64]", "amd64", False),
        ("[hurd-any]", "amd64", False),
        ("[any]", "hurd-i386", True),
    ],
)
def test_brackets_restrict_to_architectures(
    restriction: str, architecture: str, applies: bool
) -> None:
    """Names, wildcards and exclusions are compared with the package's architecture."""
    assert parsed(f"a {restriction}").applies_to(architecture) is applies


def test_versions_sort_as_dpkg_sorts() -> None:
    """Epoch first, a tilde before the end of the text, letters before signs, numbers by value."""
    ordered = ["1.0~~", "1.0~rc1", "1.0", "1.0a", "1.0+b1", "1.0.1-1", "1.9-2", "1.10-1", "1:0.1"]
    assert all(version_key(a) < version_key(b) for a, b in pairwise(ordered))


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0-0"), ("0:1.0", "1.0"), ("1.01", "1.1")])
def test_versions_that_dpkg_calls_equal_have_equal_keys(one: str, other: str) -> None:
    """A missing epoch or revision is zero, and leading zeros do not count."""
    assert version_key(one) == version_key(other)
