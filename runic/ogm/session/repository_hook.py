"""What the repository room, which imports this one, hands in: how `session.repository` is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

Face = Literal["async", "sync"]

_repositories: dict[Face, Callable[[Any, Any], Any]] = {}


def provide_repository(face: Face, make: Callable[[Any, Any], Any]) -> None:
    """Set what `session.repository(entity)` returns on one face."""
    _repositories[face] = make


def provided_repository(face: Face) -> Callable[[Any, Any], Any]:
    """Return how the repository of a session and a class is made."""
    return _repositories[face]
