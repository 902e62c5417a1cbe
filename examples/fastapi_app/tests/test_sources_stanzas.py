"""Stanzas of Debian control files: what is a field, a continuation, a separator, a mistake."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from examples.fastapi_app.sources.stanzas import Stanza, iter_stanzas

SAMPLE = """\
Package: adduser
Status: install ok installed
Depends: passwd,
 debconf (>= 0.5)
Description: add and remove users and groups
 This package includes the 'adduser' and 'deluser' commands.
 .
 Adding users with 'adduser' is easier.

Package: passwd
Version: 1:4.13
"""


def stanzas(text: str, wanted: frozenset[str] | None = None) -> list[Stanza]:
    """Parse a text as if it were a file."""
    return list(iter_stanzas(text.splitlines(keepends=True), wanted))


def test_blank_lines_separate_stanzas() -> None:
    """Two blocks are two stanzas, in order."""
    assert [stanza.fields["package"] for stanza in stanzas(SAMPLE)] == ["adduser", "passwd"]


def test_continuation_lines_belong_to_the_value_above() -> None:
    """A folded value is joined with newlines, without the blank that marks its lines."""
    assert stanzas(SAMPLE)[0].fields["depends"] == "passwd,\ndebconf (>= 0.5)"


def test_a_colon_in_a_value_is_part_of_it() -> None:
    """Only the first colon of a line ends the name."""
    assert stanzas(SAMPLE)[1].fields["version"] == "1:4.13"


def test_only_wanted_fields_are_kept() -> None:
    """The lines of other fields are skipped with their continuations, and are no mistakes."""
    first = stanzas(SAMPLE, frozenset({"package"}))[0]
    assert first == Stanza({"package": "adduser"}, ())


def test_a_stanza_without_a_wanted_field_is_still_a_stanza() -> None:
    """A block that holds nothing of interest is yielded, so that it can be counted."""
    assert stanzas("Origin: Debian\n", frozenset({"package"})) == [Stanza({}, ())]


def test_lines_that_are_no_field_are_reported() -> None:
    """A line without a colon and a continuation of nothing are kept as odd lines."""
    (stanza,) = stanzas(" orphan\nPackage: a\nno colon here\n")
    assert stanza == Stanza({"package": "a"}, ("orphan", "no colon here"))


def test_the_first_of_two_fields_of_one_name_holds() -> None:
    """A repeated field changes nothing and is an odd line; names ignore case."""
    (stanza,) = stanzas("Package: a\nPACKAGE: b\n more\n")
    assert stanza == Stanza({"package": "a"}, ("PACKAGE: b",))


def test_lines_of_blanks_separate_too() -> None:
    """Spaces and tabs alone on a line end a stanza, as in files edited by hand."""
    assert len(stanzas("Package: a\n \t\nPackage: b\n\n\n\n")) == 2


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
# str.splitlines knows more line ends than a file opened as text; the parser sees neither.
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
LINES = st.text(CHARACTERS, min_size=1, max_size=20).map(str.strip).filter(bool)
VALUES = st.lists(LINES, min_size=1, max_size=3).map("\n".join)
FIELDS = st.dictionaries(NAMES.map(str.lower), VALUES, min_size=1, max_size=5)


def written(fields: dict[str, str]) -> str:
    """Write fields as one stanza of a control file."""
    return "".join(f"{name}: {value}".replace("\n", "\n ") + "\n" for name, value in fields.items())


@given(st.lists(FIELDS, max_size=5))
def test_what_is_written_is_read(blocks: list[dict[str, str]]) -> None:
    """Any fields, written as a control file, come back as they were."""
    text = "\n".join(written(block) for block in blocks)
    assert [stanza.fields for stanza in stanzas(text)] == blocks
    assert all(stanza.odd_lines == () for stanza in stanzas(text))


@given(st.text(st.sampled_from("ab: \t\n"), max_size=60))
def test_every_line_is_accounted_for(text: str) -> None:
    """Whatever the input, each line that is not blank is in a field or among the odd lines."""
    lines = [line for line in text.split("\n") if line.strip()]
    found = sum(_lines_of(stanza) for stanza in iter_stanzas(text.split("\n")))
    ignored = sum(_continues_an_odd_line(text))
    assert found + ignored == len(lines)


def _lines_of(stanza: Stanza) -> int:
    return len(stanza.odd_lines) + sum(value.count("\n") + 1 for value in stanza.fields.values())


def _continues_an_odd_line(text: str) -> list[bool]:
    """Tell for each continuation whether the field line above it was refused."""
    ignored, names, refused = [], set[str](), False
    for line in text.split("\n"):
        if not line.strip():
            names, refused = set(), False
        elif line[0] in " \t":
            ignored.append(refused)
        else:
            name, colon, _ = line.partition(":")
            refused = not colon or not name or " " in name or name in names
            names.add("" if refused else name)
    return ignored
