"""What users of other libraries write, answered with what it is called here.

Statements and expressions ask here when they have no attribute of a name. Type checkers do not see
it: to them there is no such attribute at all.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from runic.ogm.errors import StatementError, UnknownMethodError

_CRITERIA = "where(User.name == 'Ada', …)"

# Also those of sessions' methods: a statement does not know a session.
STATEMENT_WORDS = {
    "filter": _CRITERIA,
    "filter_by": _CRITERIA,
    "having": ".with_(…, count('*').as_('total')).where(var('total') > 3)",
    "group_by": "aggregate(count('*'), group_by=User.city)",
    "values_list": "project(User.id, User.name)",
    "with_entities": "project(User.id, User.name)",
    "only": "project(User.id, User.name)",
    "join": "traverse(User.articles)",
    "outerjoin": "traverse(User.articles, optional=True)",
    "options": "fetch(User.articles)",
    "selectinload": "fetch(User.articles)",
    "prefetch_related": "fetch(User.articles)",
    "include": "fetch(User.articles)",
    "offset": "skip(20)",
    "sort": "order_by(User.name)",
    "order": "order_by(User.name)",
    "params": "bind(name=…)",
    "set": "values(name=…)",
    "subquery": "call(outside, within(User, 'n')…)",
    "all": "session.scalars(statement), or session.all_rows(statement) for values",
    "fetchall": "session.scalars(statement), or session.all_rows(statement) for values",
    "to_list": "session.scalars(statement)",
    "scalars": "session.scalars(statement)",
    "scalar": "session.scalar(statement)",
    "first": "session.first(statement)",
    "one": "session.one(statement)",
    "one_or_none": "session.first(statement)",
    "get": "session.get(User, key)",
    "count": "session.count(statement)",
    "exists": "session.exists(statement)",
    "stream": "session.stream(statement)",
    "execute": "session.execute(statement)",
    "run": "session.execute(statement)",
}

EXPRESSION_WORDS = {
    "desc": "order_by({0}, desc=True)",
    "asc": "order_by({0})",
    "like": "{0}.contains('…'), .startswith, .endswith, or .matches('A.*')",
    "ilike": "{0}.matches('(?i).*ada.*')",
    "icontains": "{0}.matches('(?i).*ada.*')",
    "regexp_match": "{0}.matches('A.*')",
    "between": "({0} >= low) & ({0} <= high)",
    "is_": "{0}.is_null(), or {0} == True",
    "is_not": "{0}.is_not_null(), or {0} != True",
    "isnull": "{0}.is_null()",
    "is_none": "{0}.is_null()",
    "notin_": "{0}.not_in_([…])",
    "not_in": "{0}.not_in_([…])",
    "isin": "{0}.in_([…])",
    "label": "{0}.as_('name')",
    "alias": "{0}.as_('name')",
}

RELATION_WORDS = {
    "has": "{0}.any(…)",
    "contains": "{0}.any(Article.id == key)",
    "is_null": "~{0}.any()",
    "filter": "{0}.where(…) to fetch a part, or {0}.any(…) to keep what has one",
    "size": "{0}.count()",
}


def unknown_method(owner: object, shown: str, name: str, words: dict[str, str]) -> AttributeError:
    """Return the error for an attribute that an object has not, with what to write instead."""
    if name.startswith("_"):
        # What Python itself and its tools look for.
        return AttributeError(f"{type(owner).__name__!r} object has no attribute {name!r}")
    if name in words:
        return UnknownMethodError(f"{shown} has no {name!r}; write {words[name].format(shown)}")
    known = [each for each in dir(type(owner)) if not each.startswith("_")]
    close = get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known)}"
    return UnknownMethodError(f"{shown} has no {name!r}; {hint}")


class StatementHabits:
    """Answers for the methods that statements do not have."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Refuse, and say what to write."""
            words = STATEMENT_WORDS
            raise unknown_method(self, type(self).__name__, name, words)


class ExpressionHabits:
    """Answers for the methods and operators that expressions do not have."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Refuse, and say what to write."""
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            raise unknown_method(self, str(self), name, EXPRESSION_WORDS)

        def _joined(self, other: object) -> Any:
            """Refuse: `1 & User.name` comes of `User.age == 1 & User.name == "Ada"`."""
            raise StatementError(
                f"{self} is a value and no criterion: compare it first, each comparison in"
                " parentheses, as (User.age == 1) & (User.name == 'Ada')"
            )

        __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _joined

        def __invert__(self) -> Any:
            """Refuse, as `&` does."""
            return self._joined(None)


class RelationHabits:
    """Answers for the methods that relations do not have."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Refuse, and say what to write."""
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            raise unknown_method(self, str(self), name, RELATION_WORDS)
