"""Split a Debian control file into stanzas, as a stream.

A stanza is a block of `Field: value` lines; a line that starts with a blank continues the value
above it; blank lines separate stanzas. Field names are compared in lower case. The file is never
held in memory, so a list of 60,000 packages needs no more than one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

_SKIPPED = ""


@dataclass(frozen=True, slots=True)
class Stanza:
    """The fields of one stanza by lower-case name, and the lines that are no field.

    The lines of a value are joined with a newline, without the blank that marked them.
    A second field of the same name counts among `odd_lines`; the first one holds.
    """

    fields: dict[str, str]
    odd_lines: tuple[str, ...]


def iter_stanzas(lines: Iterable[str], wanted: Collection[str] | None = None) -> Iterator[Stanza]:
    """Yield the stanzas of `lines`, with only the `wanted` fields (lower case) where given."""
    for block in _blocks(lines):
        yield _parsed(block, wanted)


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if line.strip(" \t\r\n"):
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _parsed(block: list[str], wanted: Collection[str] | None) -> Stanza:
    fields: dict[str, str] = {}
    odd: list[str] = []
    name: str | None = None
    for line in block:
        if line[0] in " \t":
            if name is None:
                odd.append(line.strip())
            elif name is not _SKIPPED:
                fields[name] += "\n" + line[1:].rstrip()
            continue
        head, colon, value = line.partition(":")
        name = head.lower()
        if not colon or not head or " " in head or name in fields:
            odd.append(line.strip())
            name = _SKIPPED
        elif wanted is None or name in wanted:
            fields[name] = value.strip()
        else:
            name = _SKIPPED
    return Stanza(fields, tuple(odd))
