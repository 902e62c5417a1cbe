"""The words, names, values and brackets of a Cypher text, past comments; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>`(?:[^`]|``)*`)
    |(?P<param>\$\w+)
    |(?P<word>[^\W\d]\w*)
    |(?P<number>\d\w*)
    |(?P<mark>::|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"


class Token(NamedTuple):
    """A piece of a text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int
    inside: str  # the bracket around it, or nothing

    @property
    def keyword(self) -> str:
        """The word in capitals, or nothing if it is none."""
        return self.text.upper() if self.kind == "word" else ""


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, with the bracket that each stands in."""
    brackets: list[str] = []
    for match in _TOKEN.finditer(text):
        kind, found = str(match.lastgroup), match[0]
        if kind == "skip":
            continue
        if found in _CLOSE and brackets:
            brackets.pop()
        yield Token(kind, found, match.start(), match.end(), brackets[-1] if brackets else "")
        if found in _OPEN:
            brackets.append(found)


def clause_words(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the words outside of all brackets that no property, label or value is called by."""
    before = ""
    for token in tokens:
        if token.kind == "word" and not token.inside and before not in (".", ":"):
            yield token
        before = token.text
