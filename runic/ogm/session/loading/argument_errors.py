"""The words for what is given to a session in the place of a statement, a class or a relation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.query import Change
from runic.ogm.query.pattern import relation_named
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


def require_node_class(given: Any) -> None:
    """Raise StatementError unless a class of nodes was given."""
    if isinstance(given, type) and issubclass(given, Node):
        return
    raise StatementError(
        f"expected a Node class and a key, as session.get(User, 'ada'), got {given!r:.100}"
    )


def require_relations(entity: type[Any], names: Iterable[str]) -> None:
    """Raise StatementError for a name that is a relation of no class at or below this one."""
    classes = list(_below(entity))
    for name in names:
        if not any(name in node_info(cls).relations for cls in classes):
            relation_named(entity, name)


def _below(entity: type[Any]) -> Iterable[type[Any]]:
    if not entity.__runic_abstract__:
        yield entity
    for cls in entity.__subclasses__():
        yield from _below(cls)
