"""Primary keys made by the application: time-ordered UUIDs."""

from __future__ import annotations

import secrets
import time
import typing
from typing import Any
from uuid import UUID

from runic.ogm.errors import StatementError


def uuid7() -> UUID:
    """Return a new UUID whose order is the order of creation, to the millisecond.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76
    value |= (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)


class GeneratedKey:
    """The default of a generated key; made before its field's type is known, so asked later."""

    def __init__(self) -> None:
        self._owner: type[Any] | None = None
        self._name = ""

    def bind(self, owner: type[Any], name: str) -> None:
        """Tell which field this is the default of."""
        self._owner, self._name = owner, name

    def __call__(self) -> Any:
        """Return a new key; None for an int, which the database assigns."""
        types = self._types()
        if int in types:
            return None
        return uuid7() if UUID in types else str(uuid7())

    def _types(self) -> tuple[Any, ...]:
        assert self._owner is not None
        annotation = self._owner.__pydantic_fields__[self._name].annotation
        return typing.get_args(annotation) or (annotation,)


def refuse_given_key(cls: type[Any], name: str, value: Any) -> None:
    """Raise where a new node has a key that the database is to make.

    The number may be the one that it gives to a later node: two nodes would have one key.

    Raises:
        StatementError: It has one.
    """
    if value is not None:
        raise StatementError(
            f"{cls.__name__}.{name} is made by the database, and a new {cls.__name__} was given"
            f" {value!r}; leave it out, or declare the key without generated=True"
        )
