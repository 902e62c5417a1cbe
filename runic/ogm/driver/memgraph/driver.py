"""The Memgraph driver, and the factory that makes it from a name or a URL without any I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from runic.ogm.driver.base import NodeId, Result
from runic.ogm.driver.bolt import BoltDriver, Failures, Meaning, read_settings
from runic.ogm.driver.memgraph import definitions
from runic.ogm.driver.memgraph.dialect import MemgraphDialect
from runic.ogm.driver.registry import DriverRequest
from runic.ogm.errors import (
    ConstraintViolationError,
    QuerySyntaxError,
    QueryTimeoutError,
    TransientError,
    UniqueViolationError,
)
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint

# An index or a constraint waits for the storage, to itself or (since 3.8) without writers; the
# server gives up after a second.
_ACCESS_TRIES = 10
_NO_ACCESS = ("unique access to the storage", "Cannot get read-only access")

_NOTHING_KEPT = "nothing of it was kept"
# The server has one code for nearly everything.
_MEANINGS = (
    Meaning(
        r"unique constraint violation",
        UniqueViolationError,
        f"{_NOTHING_KEPT}: change the value that is taken, or write over what has it with"
        " session.merge(…)",
    ),
    Meaning(
        r"(existence|data type) constraint violation|IS TYPED .* violation",
        ConstraintViolationError,
        f"{_NOTHING_KEPT}: give the property a value that the constraint allows",
    ),
    Meaning(
        r"Unable to create unique constraint",
        UniqueViolationError,
        "stored values violate the constraint, which was not made",
    ),
    Meaning(
        r"Unable to create existence constraint",
        ConstraintViolationError,
        "stored values violate the constraint, which was not made",
    ),
    Meaning(
        r"transaction timeout|asked to abort because of timeout",
        QueryTimeoutError,
        "nothing was kept; give the call a longer timeout=",
    ),
    Meaning(
        r"serialization error|Cannot resolve conflicting transactions",
        TransientError,
        f"{_NOTHING_KEPT}: another transaction changed the same; run the work again, for instance"
        " with session.run_in_transaction(…)",
    ),
    Meaning(
        r"underlying parsing error|Unbound variable|SemanticException|doesn't exist\.$",
        QuerySyntaxError,
    ),
)


class MemgraphDriver(BoltDriver):
    """One database of a Memgraph server, 3.10 or later; for `Session`, as it blocks."""

    failures: ClassVar[Failures] = Failures("Memgraph", _MEANINGS)
    read_id: ClassVar[Callable[[str], NodeId]] = int

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query as a transaction of its own and return its result.

        One that makes or drops an index is sent again while other transactions keep the storage
        from it: the server says so before it does anything.
        """
        for _ in range(_ACCESS_TRIES - 1):
            try:
                return await super().run(query, timeout=timeout)
            except TransientError as error:
                if not any(words in str(error) for words in _NO_ACCESS):
                    raise
        return await super().run(query, timeout=timeout)

    def constraint_queries(self, constraint: Constraint, *, drop: bool) -> list[Query]:
        """Return what makes or drops a constraint."""
        return [definitions.constraint(constraint, self.dialect, drop=drop)]


def create(request: DriverRequest) -> MemgraphDriver:
    """Return a driver for `memgraph://`; `memgraph+s` encrypts and checks the certificate.

    `memgraph+ssc` encrypts only. Takes the options of `BoltSettings`, and `graph`, the database.
    """
    security = request.name.partition("+")[2]
    settings, rest = read_settings(
        request.name,
        request.options,
        frozenset({"graph"}),
        tls=bool(security),
        trust="any" if security == "ssc" else "system",
    )
    return MemgraphDriver(settings, MemgraphDialect(), rest.get("graph"))
