"""The clauses of a Cypher text, each with what belongs to it; no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from runic.ogm.driver.cypher_text.tokens import Token, clause_words

WRITES = frozenset({"CREATE", "MERGE", "SET", "DELETE", "REMOVE"})
_CLAUSES = WRITES | {
    "MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "WHERE", "ORDER", "SKIP", "LIMIT", "UNION",
    "CALL", "YIELD",
}  # fmt: skip


class TextClause(NamedTuple):
    """A clause of a text: the word it begins with, in capitals, and what follows."""

    keyword: str
    body: Sequence[Token]


def clauses_of(tokens: Sequence[Token]) -> Iterator[TextClause]:
    """Yield the clauses of a text; those of subqueries belong to what is around them."""
    starts = [i for i, token in enumerate(tokens) if token.keyword in _CLAUSES]
    words = set(clause_words(tokens))
    starts = [i for i in starts if tokens[i] in words and not _is_operator(tokens, i)]
    for start, end in pairwise([*starts, len(tokens)]):
        yield TextClause(tokens[start].keyword, tokens[start + 1 : end])


def _is_operator(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a WITH is that of STARTS WITH or ENDS WITH."""
    return at > 0 and tokens[at - 1].keyword in ("STARTS", "ENDS")
