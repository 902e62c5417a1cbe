"""Text that would change what a query means if it became a part of it, and a graph to try it on.

Used by the tests of hostile values (test_hostile_text.py), of names and of the places that take
text (test_hostile_places.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from runic.ogm.errors import OgmError
from runic.ogm.model import Edge, Field, Node, Registry, Relation

REGISTRY = Registry()

_QUOTES = ["'", '"', "`", "\\", "\\'", "\\\\", "''", "``", "`)", "'}", '"}', "\\u0027", "\\x27"]
_ENDS = [
    " //", "/*", "*/", "--", ";", "\n", "\r\n", "\t", " OR 1=1",
    ") DETACH DELETE n", "}) DETACH DELETE n //", "] MATCH (m) DETACH DELETE m RETURN m",
    " RETURN 1", " UNION MATCH (n)",
    "$p0",
    "$", "{", "}", "{}", "[", "]", "(", ")", ",", ".", ":", "=", "-", "*", "%", "|", "&", "~",
]  # fmt: skip
_ALONE = [
    "CYPHER x=1 RETURN 1", "n", "n.text", "-text", "count(*)", "NULL", "true", "0", "1.5",
    "[1]",
    '{"a": 1}', "MATCH", "delete", "p0", "e_1", "\x01", "\x1b[0m", "\x7f", "\u0085", "\u2028",
    "\u202eabc", "\u200b", "\ufeff", "\u0430dmin", "\uff07", "\u2018", "e\u0301", "%s",
    "${x}", "{{x}}", "..", "id", "text", "__class__", "self", "a b", "x" * 5000, "\U00020000",
]  # fmt: skip
HOSTILE = list(
    dict.fromkeys(
        [*_QUOTES, *_ENDS, *_ALONE]
        + [a + b for a, b in itertools.product(_QUOTES, _ENDS)]
        + [f"a{a}{b}" for a, b in itertools.product(_QUOTES, _ENDS)]
        + [f"{a} {b} x" for a, b in itertools.product(_QUOTES[:6], _ALONE[:30])]
    )
)
# What no database keeps whole, or no encoding can send.
UNSTORABLE = ["\x00", "a\x00b", "\ud800", "a\udfffb"]
SAMPLE = [*_QUOTES, *_ENDS, *_ALONE, *HOSTILE[100::20], *UNSTORABLE]


class Held(Edge, type="HOLDS", registry=REGISTRY):
    """What is said of an edge."""

    note: str = ""


class Box(Node, registry=REGISTRY):
    """Something that holds text."""

    id: int = Field(primary_key=True)
    text: str = ""
    tags: list[str] = Field(default_factory=list)
    data: dict[str, str] = Field(default_factory=dict)
    holds: list[Box] = Relation("HOLDS", edge_model=Held)


class Named(Node, registry=REGISTRY):
    """Something whose key is text."""

    key: str = Field(primary_key=True)


def refused(action: Callable[[], Any]) -> Any:
    """Return what an action makes; None if runic refuses it."""
    try:
        return action()
    except OgmError:
        return None


def without(texts: Iterable[str], *others: str) -> list[str]:
    """Return the texts without some of them."""
    return [each for each in texts if each not in others]
