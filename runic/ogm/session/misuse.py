"""The words for what is given to a session in the place of a statement."""

from __future__ import annotations

from typing import Any

from runic.ogm.query import Change
from runic.ogm.query.search import SearchStatement


def shown(given: Any) -> str:
    """Return what was given, and what to write in its place."""
    if isinstance(given, type) and getattr(given, "__runic_entity__", None) is not None:
        return f"the class {given.__name__}; write select({given.__name__})"
    if isinstance(given, str):
        return f"the text {given[:40]!r}; write session.execute(text) for Cypher"
    if isinstance(given, Change):
        return f"{given!r}, which writes; write session.execute(…) and read its .affected or .rows"
    if isinstance(given, SearchStatement) or hasattr(given, "search"):
        return "a search; it ends in .all(), .first() or .scored()"
    if hasattr(given, "statement"):
        return "a query that is bound to a session; it ends in .all(), .count() and the like"
    return f"{given!r}; write select(User), or session.execute(text) for Cypher"
