"""How long FalkorDB's parser takes for a query, which is refused if that is too long.

The parser of 4.16 and 4.22 reads what stands in parentheses, brackets or `CASE … END` twice, and
once more for a `NOT` before it, and so on inside (S20). It reads once only what an expression
begins with, if an operator follows. Meanwhile the server answers nobody, and a timeout does not end
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runic.ogm.errors import UnsupportedFeatureError

# What takes longest takes 2 microseconds for each reading of a name, a number or an operator.
_MOST_READINGS = 25_000

_OPENING = {"(": ")", "[": "]", "{": "}", "CASE": "END"}
_CLOSING = frozenset(_OPENING.values())
_SIGNS = frozenset({"+", "-", "*", "/", "%", "^", "=", "<>", "<", "<=", ">", ">=", ".", "["})
_OPERATORS = _SIGNS | {"AND", "OR", "XOR", "NOT", "IN", "STARTS", "ENDS", "CONTAINS", "IS"}
# After these an expression begins.
_MARKS = frozenset({",", "|", "(", "[", "{", ":", ".."})
_BEFORE = _MARKS | {"WHEN", "THEN", "ELSE", "CASE", "WHERE", "WITH", "RETURN", "BY", "UNWIND"}

_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|\$?\w+|<>|<=|>=|->|\.\.|[^\s\w]""", re.DOTALL
)
_OTHERS = bytes(set(range(256)) - set(b"([{)]}"))
# What has no more levels takes no time worth knowing.
_SHALLOW = 8


@dataclass(slots=True)
class _Group:
    """What stands in one pair of parentheses, or outside of all, so far."""

    closing: str
    # True of what an expression begins with.
    begins: bool
    # True of an index of a list, and of a subquery.
    once: bool
    times: int
    readings: int = 0
    # How often what comes next is read because of a NOT before it.
    again: int = 1


def check(text: str) -> None:
    """Raise UnsupportedFeatureError if the parser would take more than some 50 milliseconds."""
    if not _is_shallow(text) and readings(text) > _MOST_READINGS:
        raise UnsupportedFeatureError(
            "falkordb cannot be sent this statement: expressions are nested so deeply in it that"
            " its parser, whose time doubles with every level, would keep the server from all its"
            " clients. Nest them less: give where(…) several criteria, or make a column of what is"
            " inside, .with_(…, ….as_('x')), and use var('x')"
        )


def _is_shallow(text: str) -> bool:
    """Return whether a text cannot be nested deeply: nearly all are found to be, in no time."""
    words = text.count("CASE") + text.count("NOT")
    brackets = text.encode("utf-8", "surrogatepass").translate(None, _OTHERS)
    if len(brackets) // 2 + words <= _SHALLOW:
        return True
    level = most = 0
    for bracket in brackets:
        level += 1 if bracket in b"([{" else -1
        most = max(most, level)
    return most + words <= _SHALLOW


def readings(text: str) -> int:
    """Return how many names, numbers and operators the parser reads, each as often as it does."""
    tokens = _TOKEN.findall(text)
    groups = [_Group("", False, True, 1)]
    previous = ""
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        group, word = groups[-1], token.upper()
        if word == group.closing:
            groups.pop()
            once = group.once or (group.begins and following.upper() in _OPERATORS)
            groups[-1].readings += group.readings * group.times * (1 if once else 2)
        elif word in _OPENING:
            groups.append(_opened(word, previous, group.again))
            group.again = 1
        elif word == "NOT" or (word == "-" and (previous in _BEFORE or previous in _OPERATORS)):
            group.again *= 2
        else:
            group.readings += group.again
            # A function is no operand of its own: what NOT is for is its call.
            group.again = 1 if following != "(" else group.again
        # What precedes a call is what precedes its name.
        previous = previous if following == "(" and token[0].isalpha() else word
    return groups[0].readings


def _opened(word: str, previous: str, times: int) -> _Group:
    begins = previous in _BEFORE
    indexes = word == "[" and not begins and previous not in _OPERATORS
    return _Group(_OPENING[word], begins, indexes or previous == "CALL", times)
