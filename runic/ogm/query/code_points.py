"""What comes after a text by code points, asked of a database that compares UTF-16 code units.

In UTF-16 characters beyond U+FFFF are pairs of units from U+D800 on, which come before U+E000 to
U+FFFF. So the two orders differ only where two texts first differ in a character beyond U+FFFF on
one side, and one of U+E000 to U+FFFF on the other.
"""

from __future__ import annotations

from typing import Any

from runic.ogm.query.criteria import Comparison, Criterion, Negation
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.lists import any_item
from runic.ogm.query.values import Value

# The first character of those that UTF-16 puts last, and the first of those it puts before them.
_LAST_UNITS = "\ue000"
_FIRST_PAIR = "\U00010000"


def differs(text: Any) -> bool:
    """Tell whether there may be texts that come before a value in one order, after it in the other.

    What is no text has but one order.
    """
    return isinstance(text, str) and not text.isascii() and max(text) >= _LAST_UNITS


def beyond(attribute: Attribute[Any], text: str, descending: bool) -> Criterion:
    """Return the criterion that a field comes after a stored text, or before it."""
    # Where the text has a last unit, what has a pair there is greater; and the other way round.
    greater = _at(attribute, text, pairs=False)
    smaller = _at(attribute, text, pairs=True)
    more, less = (smaller, greater) if descending else (greater, smaller)
    found: Criterion = Comparison(attribute, "<" if descending else ">", Value(text))
    found = found if less is None else found & Negation(less)
    return found if more is None else found | more


def _at(attribute: Attribute[Any], text: str, *, pairs: bool) -> Criterion | None:
    """Return the criterion that a field has the other sort of character where a text has one.

    `pairs` says which the text has there; both are alike before it.
    """
    low, high = (_FIRST_PAIR, "\U0010ffff") if pairs else (_LAST_UNITS, "\uffff")
    before = [text[:i] for i, letter in enumerate(text) if low <= letter <= high]
    if not before:
        return None
    return any_item(before, lambda start: _goes_on(attribute, start, pairs=not pairs))


def _goes_on(attribute: Attribute[Any], start: Any, *, pairs: bool) -> Criterion:
    """Return the criterion that a field has a pair, or a last unit, after a beginning."""
    begins: Criterion = Comparison(attribute, "STARTS WITH", start)
    units = Comparison(attribute, ">=", start + _LAST_UNITS)
    if not pairs:
        return begins & units
    return begins & Comparison(attribute, ">=", start + _FIRST_PAIR) & Negation(units)
