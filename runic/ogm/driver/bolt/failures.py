"""Say in runic's errors what went wrong between the driver and a Bolt server.

Most servers give a code, some only a message, so a failure is known by ``code: message``; a
backend puts the meanings of its own in front of the general ones. No error of the client leaves
the driver except as the `__cause__` of one of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import neo4j.exceptions as client

from runic.ogm.errors import (
    AuthenticationError,
    ConnectionLostError,
    ConstraintViolationError,
    DriverError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    TransientError,
    UniqueViolationError,
)

Stage = Literal["read", "write", "in transaction", "commit"]

KEEP_UNIQUE = (
    "unique constraint violation, nothing of it was kept: change the value that is taken, or write"
    " over what has it with session.merge(…)"
)
KEEP_REQUIRED = "nothing of it was kept: give the property a value"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The error that a server's answer means, for texts in which `pattern` is found."""

    pattern: str
    kind: type[DriverError]
    hint: str = ""

    def found_in(self, text: str) -> bool:
        """Tell whether the text means this."""
        return re.search(self.pattern, text) is not None


_GENERAL = (
    Meaning(
        r"ConstraintValidationFailed: .*(already exists with|both .* share the property)",
        UniqueViolationError,
        KEEP_UNIQUE,
    ),
    Meaning(r"ConstraintValidationFailed", ConstraintViolationError, KEEP_REQUIRED),
    Meaning(
        r"TransactionTimedOut|Transaction\.Terminated.*time(d)?[ -]?out|LockClientStopped",
        QueryTimeoutError,
        "nothing was kept; give the call a longer timeout=",
    ),
    Meaning(
        r"Statement\.AccessMode",
        DriverError,
        "this text writes, and nothing was kept: leave out read_only=True",
    ),
    Meaning(
        r"Statement\.ParameterMissing",
        QuerySyntaxError,
        "give every $name of the text a value in params",
    ),
    Meaning(r"Statement\.(SyntaxError|SemanticError)", QuerySyntaxError),
    Meaning(
        r"Neo\.ClientError\.Security\.",
        AuthenticationError,
        "check username= and password= and the user's permissions on the server",
    ),
    Meaning(
        r"Database\.DatabaseNotFound",
        DriverError,
        "create it on the server, or name another with graph=",
    ),
    Meaning(
        r"TransactionNotFound",
        TransientError,
        "the server ended the transaction and kept nothing of it; begin again",
    ),
)

# Messages that quote stored values: parameters are never shown.
_QUOTED = ((re.compile(r"(and propert(?:y|ies) .*?) = .*", re.DOTALL), r"\1"),)


@dataclass(frozen=True, slots=True)
class Failures:
    """What the errors of one kind of server mean; `product` is its name in messages."""

    product: str
    meanings: Sequence[Meaning] = ()
    quoted: Sequence[tuple[re.Pattern[str], str]] = ()

    @contextmanager
    def translated(self, where: str, statement: str, stage: Stage) -> Iterator[None]:
        """Raise the errors of the client as runic's."""
        try:
            yield
        except client.Neo4jError as error:
            raise self.refused(error, statement) from error
        except client.DriverError as error:
            raise self._failed(error, where, statement, stage) from error
        except OSError as error:
            raise self._lost(error, where, statement, stage) from error

    def refused(self, error: client.Neo4jError, statement: str) -> DriverError:
        """Return the error that a server's answer means."""
        message = self._without_values(error.message or str(error))
        text = f"{error.code}: {message}"
        for meaning in (*self.meanings, *_GENERAL):
            if meaning.found_in(text):
                hint = f" ({meaning.hint})" if meaning.hint else ""
                return meaning.kind(f"{message}{hint}", statement=statement)
        kind = TransientError if isinstance(error, client.TransientError) else DriverError
        return kind(message, statement=statement)

    def _without_values(self, message: str) -> str:
        for pattern, shown in (*self.quoted, *_QUOTED):
            message = pattern.sub(shown, message)
        return message

    def _failed(
        self, error: client.DriverError, where: str, statement: str, stage: Stage
    ) -> DriverError:
        if isinstance(error, client.ServiceUnavailable | client.SessionExpired):
            return self._lost(error, where, statement, stage)
        if isinstance(error, client.ConnectionAcquisitionTimeoutError):
            return TransientError(
                f"all connections to {self.product} were in use; nothing was run. Raise"
                " max_connections= of the driver, or run fewer queries at once",
                statement=statement,
            )
        if isinstance(error, client.TransactionError):
            return DriverError(
                f"this transaction is over ({error}): roll it back and begin again",
                statement=statement,
            )
        kind = AuthenticationError if _about_login(error) else DriverError
        return kind(f"{self.product} at {where}: {error}", statement=statement)

    def _lost(self, error: Exception, where: str, statement: str, stage: Stage) -> DriverError:
        reason = " ".join(str(error).split())
        if is_unreachable(error):
            return ConnectionLostError(
                f"cannot reach {self.product} at {where}: {reason}; nothing was run. Start the"
                " server or correct the address",
                statement=statement,
            )
        return ConnectionLostError(
            f"the connection to {self.product} at {where} broke: {reason}{_OUTCOMES[stage]}",
            statement=statement,
        )

    def too_large(self, size: int, limit: int, statement: str) -> QueryTooLargeError:
        """Return the error for a query that the server would not take."""
        return QueryTooLargeError(
            f"this query is {size / 2**20:.1f} MiB, over the {limit / 2**20:.1f} MiB that"
            f" {self.product} takes; nothing was sent. Write fewer rows at once",
            statement=statement,
        )


_OUTCOMES: dict[Stage, str] = {
    "read": "",
    "write": "; it is unknown whether this write was carried out, so look before repeating it",
    "in transaction": "; nothing of the transaction was kept",
    "commit": "; it is unknown whether the transaction was kept, so look before repeating it",
}


def is_unreachable(error: BaseException) -> bool:
    """Tell whether the error means that there was no connection, so that nothing was sent."""
    text = str(error)
    return any(words in text for words in ("Couldn't connect", "DNS resolve", "retrieve routing"))


def _about_login(error: client.DriverError) -> bool:
    return isinstance(error, client.AuthConfigurationError)


def closed(statement: str) -> DriverError:
    """Return the error for a driver that is used after `close()`."""
    return DriverError("this driver is closed; create a new one", statement=statement)
