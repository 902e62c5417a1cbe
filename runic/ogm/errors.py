"""Every error of runic, in one tree.

    OgmError
    ├── MetadataError               a model is declared wrongly
    ├── StatementError              a statement or expression is built or used wrongly
    │   └── UnknownMethodError      a statement or expression has no method of that name
    ├── FieldValidationError        a value cannot be stored as it is
    ├── HydrationError              the database returned what the model does not accept
    ├── EntityNotFoundError         an entity that must be in the database is not
    ├── MultipleResultsError        more rows than the one that was asked for
    ├── SessionError                a session is used against its rules
    │   ├── LazyLoadError           a relation is read that was not loaded
    │   ├── DetachedEntityError     an entity is used after its session closed
    │   ├── ConcurrentSessionError  two tasks use one session at once
    │   └── SessionClosedError      a session is used after close()
    ├── StaleEntityError            somebody else changed or deleted the entity
    ├── PartialCommitError          a commit with atomic=False stopped halfway
    ├── SchemaError                 an index or constraint cannot be made
    ├── UnsupportedFeatureError     this backend cannot do that
    │   └── AsyncNotSupportedError  this driver cannot serve an AsyncSession
    └── DriverError                 the database or the way to it failed
        ├── ConnectionLostError     no answer: unreachable, closed, killed
        ├── QueryTimeoutError       the query took longer than it was given
        ├── QuerySyntaxError        the database refused the text
        ├── QueryTooLargeError      a statement is over the size that may be sent
        ├── ResultCutError          the server may have cut the result off
        ├── ConstraintViolationError
        │   └── UniqueViolationError
        ├── TransientError          may work when tried again
        └── AuthenticationError     the database refused the credentials

Nothing else of runic imports into this module, and no error of a client library passes
through the public API: each is the `__cause__` of one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class OgmError(Exception):
    """Base of every error that runic raises on purpose."""


class MetadataError(OgmError):
    """A model is declared in a way that cannot be stored or told apart."""


class StatementError(OgmError):
    """A statement or an expression was built or executed in a way that has no meaning."""


# An AttributeError, too, so that hasattr() and tools that look for attributes get their answer.
class UnknownMethodError(StatementError, AttributeError):
    """A statement or an expression has no such method; the message says what to write instead."""


class FieldValidationError(OgmError):
    """A value cannot be stored in its field without being changed or lost."""

    def __init__(
        self, message: str, *, entity: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.entity = entity
        self.field = field


class HydrationError(OgmError):
    """A record does not fit the model it was asked for.

    `entity` is the name of the model, `key` the primary key of the node (of an edge, those of both
    its nodes) and `field` the field whose value does not fit, each where it is known.
    """

    def __init__(
        self, message: str, *, entity: str | None = None, key: Any = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.entity = entity
        self.key = key
        self.field = field


class EntityNotFoundError(OgmError):
    """An entity that had to be in the database is not there."""


class MultipleResultsError(OgmError):
    """One result was asked for and the database has several."""


class SessionError(OgmError):
    """A session was used against its rules."""


# Not derived from AttributeError: Pydantic and hasattr() would swallow it.
class LazyLoadError(SessionError):
    """A relation was read that is not loaded and cannot be loaded here."""


class LazyLoadWarning(UserWarning):
    """A relation was loaded because it was read; see `Session(on_lazy_load="warn")`."""


class DetachedEntityError(SessionError):
    """An entity whose session is closed was asked for something only a session can give."""


class ConcurrentSessionError(SessionError):
    """A session was used by two tasks or threads at the same time."""


class SessionClosedError(SessionError):
    """A session was used after it was closed."""


class StaleEntityError(OgmError):
    """The stored entity is not the one this session loaded: changed, deleted or never there."""


class PartialCommitError(OgmError):
    """A commit or an insert that was told to write in batches failed after some of them.

    `written` holds the entities whose changes are in the database, of which the rest keep theirs;
    or the rows that are.
    """

    def __init__(self, message: str, *, written: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.written = list(written)


class SchemaError(OgmError):
    """An index or a constraint cannot be created, found or relied upon."""


class UnsupportedFeatureError(OgmError):
    """The backend in use cannot do what was asked; nothing was sent."""


class AsyncNotSupportedError(UnsupportedFeatureError):
    """A driver that blocks was given to an AsyncSession."""


class DriverError(OgmError):
    """The database refused or the way to it failed.

    `statement` is the text that was being run (parameters are never part of it).
    """

    def __init__(self, message: str, *, statement: str | None = None) -> None:
        super().__init__(message)
        self.statement = statement


class ConnectionLostError(DriverError):
    """The server cannot be reached or closed the connection.

    After a write it is unknown whether the server carried it out.
    """


class QueryTimeoutError(DriverError):
    """A query took longer than its timeout."""


class QuerySyntaxError(DriverError):
    """The database could not understand the text."""


class QueryTooLargeError(DriverError):
    """A statement is larger than may be sent at once; nothing was sent."""


class ResultCutError(DriverError):
    """The server cuts long results, and this one may have been longer; a write was carried out."""


class ConstraintViolationError(DriverError):
    """A write was refused by a constraint; nothing of its statement was kept."""


class UniqueViolationError(ConstraintViolationError):
    """A write would have stored a second entity with the same unique value."""


class TransientError(DriverError):
    """The database could not do it now; the same call may succeed later."""


class AuthenticationError(DriverError):
    """The database refused the credentials or the permission."""
