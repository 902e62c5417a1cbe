"""What users of other libraries write, answered with what it is called here.

Each word is an attribute that is not there: reading it raises. Type checkers do not see them, and
`hasattr` says no. Not a `__getattr__`: with one, Python looks up every attribute the slow way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from runic.ogm.errors import StatementError, UnknownMethodError

_CRITERIA = "where(User.name == 'Ada', …)"

# Also those of sessions' methods: a statement does not know a session.
STATEMENT_WORDS = {
    "where": "update(User).where(…), or leave rows out: insert and merge write what they are given",
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
    "sort": "order_by(User.name)",
    "order": "order_by(User.name)",
    "offset": "skip(20)",
    "slice": "skip(20).limit(10)",
    "take": "limit(10)",
    "top": "limit(10)",
    "unique": "distinct()",
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
}

SESSION_WORDS = {
    "exec": "session.scalars(statement), or session.all_rows(statement) for values",
    "save": "session.add(entity), and session.commit()",
    "find": "session.get(User, key), or session.scalars(select(User).where(…))",
    "get_one": "session.get(User, key)",
    "bulk_save_objects": "session.add_all(entities)",
    "bulk_insert_mappings": "session.execute(insert(User).values(rows))",
    "insert": "session.add(entity), or session.execute(insert(User).values(rows))",
    "update": "change the entity and session.commit(), or session.execute(update(User)…)",
    "remove": "session.delete(entity)",
    "run": "session.execute(text, params)",
}

RELATION_WORDS = {
    "has": "{0}.any(…)",
    "contains": "{0}.any(Article.id == key)",
    "is_null": "~{0}.any()",
    "filter": "{0}.where(…) to fetch a part, or {0}.any(…) to keep what has one",
    "size": "{0}.count()",
}


class Word:
    """A name that means something in other libraries, and nothing here."""

    __slots__ = ("_hint", "_name")

    def __init__(self, name: str, hint: str) -> None:
        self._name = name
        self._hint = hint

    def __get__(self, owner: object, cls: type[Any]) -> Any:
        # What looks at classes, as tools for documentation do, is not to stumble over it.
        if owner is None:
            return self
        # Statements are shown by their class: their text may be long.
        shown = str(owner) if isinstance(owner, ExpressionHabits | RelationHabits) else cls.__name__
        raise UnknownMethodError(f"{shown} has no {self._name!r}; write {self._hint.format(shown)}")


def answer(cls: type[Any], words: Mapping[str, str]) -> None:
    """Have a class, and those below it that do not define them, answer for some names."""
    for name, hint in words.items():
        setattr(cls, name, Word(name, hint))


class StatementHabits:
    """Answers for the methods that statements do not have."""

    __slots__ = ()


class ExpressionHabits:
    """Answers for the methods and operators that expressions do not have."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def _joined(self, other: object) -> NoReturn:
            """Refuse: `1 & User.name` comes of `User.age == 1 & User.name == "Ada"`."""
            raise StatementError(
                f"{self} is a value and no criterion: compare it first, each comparison in"
                " parentheses, as (User.age == 1) & (User.name == 'Ada')"
            )

        __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _joined

        def __invert__(self) -> NoReturn:
            """Refuse, as `&` does."""
            self._joined(None)


class RelationHabits:
    """Answers for the methods that relations do not have."""

    __slots__ = ()


class SessionHabits:
    """Answers for the methods that sessions do not have."""


answer(StatementHabits, STATEMENT_WORDS)
answer(ExpressionHabits, EXPRESSION_WORDS)
answer(RelationHabits, RELATION_WORDS)
answer(SessionHabits, SESSION_WORDS)
