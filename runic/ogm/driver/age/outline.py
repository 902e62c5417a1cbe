"""See what a Cypher text returns, names and writes, without understanding it; no I/O.

AGE has to be told how many columns a text returns, makes labels as a side effect of writes, and
takes a missing parameter for null. The driver needs to know these of raw text too, so they are
read off the words and brackets of the text, past strings, quoted names and comments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from runic.ogm.driver.age.clauses import WRITES, clauses_of
from runic.ogm.driver.age.wholeness import check_whole
from runic.ogm.driver.cypher_text.tokens import Token, clause_words, tokens_of
from runic.ogm.errors import UnsupportedFeatureError

_MAKES = frozenset({"CREATE", "MERGE"})
_ENDS = frozenset({"ORDER", "SKIP", "LIMIT", "UNION"})


@dataclass(frozen=True, slots=True)
class Outline:
    """What a text returns (None where it has no RETURN), whether it writes, and what it names.

    `labels` and `types` are those of the patterns of a text that creates, and types also those of
    paths that may be without an edge, which AGE only finds where there is the type. Others are not
    listed. `keys` are the parameters that MERGE finds something by.
    """

    columns: tuple[str, ...] | None
    writes: bool
    params: frozenset[str]
    keys: frozenset[str]
    labels: tuple[str, ...]
    types: tuple[str, ...]


@lru_cache(maxsize=1024)
def outline_of(text: str) -> Outline:
    """Return the outline of a text.

    Raises:
        UnsupportedFeatureError: It returns `*`, of which the columns cannot be told, or AGE would
            carry out a part of it only.
    """
    tokens = list(tokens_of(text))
    check_whole(tokens)
    words = {token.keyword for token in clause_words(tokens)}
    named = list(_named(tokens)) if words & _MAKES else []
    types = [name for bracket, name in named if bracket == "["]
    return Outline(
        columns=_columns(tokens, text),
        writes=not words.isdisjoint(WRITES),
        params=frozenset(token.text[1:] for token in tokens if token.kind == "param"),
        keys=frozenset(_keys(tokens)),
        labels=tuple(dict.fromkeys(name for bracket, name in named if bracket == "(")),
        types=tuple(dict.fromkeys([*types, *_types_from_zero(tokens)])),
    )


def _named(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield labels and types with the bracket they stand in."""
    for colon, name in pairwise(tokens):
        if colon.text == ":" and colon.inside in ("(", "[") and name.kind in ("word", "name"):
            yield colon.inside, _unquoted(name)


def _types_from_zero(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the types of paths as `[:KNOWS*0..3]`."""
    for colon, name, star, least in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if (colon.text, colon.inside, star.text) == (":", "[", "*") and least.text.strip("0") == "":
            yield _unquoted(name)


def _keys(tokens: Sequence[Token]) -> Iterator[str]:
    for clause in clauses_of(tokens):
        if clause.keyword == "MERGE":
            for colon, param in pairwise(clause.body):
                if (colon.text, colon.inside, param.kind) == (":", "{", "param"):
                    yield param.text[1:]


def _unquoted(token: Token) -> str:
    if token.kind != "name":
        return token.text
    return token.text[1:-1].replace("``", "`")


def _columns(tokens: list[Token], text: str) -> tuple[str, ...] | None:
    """Return the names of the columns; those of the first part where parts are joined by UNION."""
    returns = next((t for t in clause_words(tokens) if t.keyword == "RETURN"), None)
    if returns is None:
        return None
    listed = tokens[tokens.index(returns) + 1 :]
    ends = [t for t in clause_words(listed) if t.keyword in _ENDS]
    listed = listed[: listed.index(ends[0])] if ends else listed
    if listed and listed[0].keyword == "DISTINCT":
        listed = listed[1:]
    return tuple(_column(item, text) for item in _items(listed))


def _items(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    item: list[Token] = []
    for token in tokens:
        if token.text == "," and not token.inside:
            yield item
            item = []
        elif token.text != ";":
            item.append(token)
    yield item


def _column(item: list[Token], text: str) -> str:
    if [token.text for token in item] == ["*"]:
        raise UnsupportedFeatureError(
            "age cannot return *: it has to be told the number of columns; name them in the RETURN"
        )
    if len(item) > 2 and item[-2].keyword == "AS" and not item[-2].inside:
        return _unquoted(item[-1])
    return text[item[0].start : item[-1].end] if item else ""
