"""Tell whether a text writes: ArcadeDB does not hold a query to the promise that it only reads.

Over Bolt it carries out writes in read mode as well. So a text that is said to read is looked
through for the words of clauses that write, before it is sent.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What cannot hold a clause: strings, quoted names, comments, and names behind a dot or a $.
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMES = re.compile(rf"{QUOTED.pattern}|[.$]\s*\w+", re.DOTALL)
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|FOREACH|DROP|LOAD|ALTER)\b", re.IGNORECASE)
_PROCEDURES = re.compile(r"\bCALL\s+(apoc\s*\.\s*(?:merge|create|refactor)\b)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def writing_word(text: str) -> str | None:
    """Return the first word of a text that writes, None if it only reads."""
    found = _PROCEDURES.search(text) or _WRITES.search(_NAMES.sub(" ", text))
    return found[1] if found else None
