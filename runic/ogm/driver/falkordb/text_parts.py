"""Parts of texts, worded around what FalkorDB gets wrong in text beyond ASCII (S16; 4.16 and 4.22).

`substring` counts bytes in one place and characters in another: it answers with other text, with
what else is in the server's memory, or kills the server. `left` reads past the end of a text that
has fewer characters than it is to return, and more bytes. What is asked of `left` and `right` here
is never more than there is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FUNCTIONS = frozenset({"substring", "left", "right"})

# What may be written several times: a parameter, a variable or a property of one.
_NAME = re.compile(r"\$?\w+(\.`[^`]+`)?\Z")


def text_part(function: str, operands: Sequence[str]) -> str:
    """Return the call of one of `FUNCTIONS`: a text, then its bounds."""
    write = _substring if function == "substring" else _at_most
    if all(_NAME.match(text) for text in operands):
        return write(function, *operands)
    # Worked out once. The + keeps the parser from reading the list twice, which would add up for
    # parts of parts.
    named = [f"part[{number}]" for number in range(len(operands))]
    return f"[part IN [[{', '.join(operands)}]] + [] | {write(function, *named)}][0]"


def _at_most(function: str, text: str, length: str) -> str:
    size = f"size({text})"
    return f"{function}({text}, CASE WHEN {length} > {size} THEN {size} ELSE {length} END)"


def _substring(_: str, text: str, start: str, length: str | None = None) -> str:
    size = f"size({text})"
    # `right` refuses a number below 0 as `substring` does.
    rest = f"CASE WHEN {start} > {size} THEN 0 WHEN {start} < 0 THEN -1 ELSE {size} - {start} END"
    found = f"right({text}, {rest})"
    if length is None:
        return found
    last = f"{size} - {start}"
    most = (
        f"CASE WHEN {start} >= {size} AND {length} >= 0 THEN 0 WHEN {length} > {last} THEN {last}"
    )
    return f"left({found}, {most} ELSE {length} END)"
