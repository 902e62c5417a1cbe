"""Tell whether a text may write, by the words of clauses that do.

ArcadeDB does not hold a query to the promise that it only reads: over Bolt it carries out writes in
read mode as well. Neo4j does, and not inside of a transaction that writes.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What cannot hold a clause: strings, quoted names, comments, and names behind a dot or a $.
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMES = re.compile(rf"{QUOTED.pattern}|[.$]\s*\w+", re.DOTALL)
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|FOREACH|DROP|LOAD|ALTER)\b", re.IGNORECASE)
_PROCEDURES = re.compile(r"\bCALL\s+(apoc\s*\.\s*(?:merge|create|refactor)\b)", re.IGNORECASE)


_CALLS = re.compile(r"\bCALL\b", re.IGNORECASE)


@lru_cache(maxsize=1024)
def may_write(text: str) -> bool:
    """Tell whether a text has a clause that writes, or calls a procedure that could."""
    return writing_word(text) is not None or bool(_CALLS.search(_NAMES.sub(" ", text)))


@lru_cache(maxsize=1024)
def writing_word(text: str) -> str | None:
    """Return the first word of a text that writes, None if it only reads."""
    found = _PROCEDURES.search(text) or _WRITES.search(_NAMES.sub(" ", text))
    return found[1] if found else None
