"""Count what is called on a session, and on what it hands out, so that nothing stays untried."""

from __future__ import annotations

from collections import Counter
from inspect import getattr_static
from typing import Any

from runic.ogm.query.habits import Word
from runic.ogm.repository import AsyncRepository, Repository
from runic.ogm.session import AsyncBoundQuery, BoundQuery, Session
from runic.ogm.session.search import AsyncSearch, Search

# What a session hands out that asks the database itself, by its name on the sync face.
_HANDED_OUT = (AsyncBoundQuery, BoundQuery, AsyncRepository, Repository, AsyncSearch, Search)


def members() -> list[str]:
    """Return every public member of a session, and what asks the database of what it hands out.

    A word of other libraries is none: it only says what to write in its place.
    """
    names = [name for name in dir(Session) if not isinstance(getattr_static(Session, name), Word)]
    found = [f"Session.{name}" for name in names]
    for cls in (BoundQuery, Repository, Search):
        found += [f"{cls.__name__}.{name}" for name in vars(cls)]
    return [name for name in found if "._" not in name]


class Counted:
    """Stands before an object and counts the uses of its public members."""

    def __init__(self, target: Any, counts: Counter[str]) -> None:
        self._target, self._counts = target, counts

    def __contains__(self, item: object) -> bool:
        return item in self._target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name.startswith("_"):
            return value
        self._counts[f"{type(self._target).__name__.removeprefix('Async')}.{name}"] += 1
        return self._calling(value) if callable(value) else value

    def _calling(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            made = method(*args, **kwargs)
            return Counted(made, self._counts) if isinstance(made, _HANDED_OUT) else made

        return call
