"""Remember every query a driver sends.

The plugin's drivers are recorded, so that `assert_query_count` sees the queries of sessions,
repositories and siblings made from them. Nothing is changed about how a query is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from runic.ogm.driver.base import Driver, Result, Transaction
from runic.ogm.query.compiled import Query

D = TypeVar("D", bound=Driver | Transaction)


class QueryLog:
    """The queries that were sent, in order."""

    def __init__(self) -> None:
        self.queries: list[Query] = []

    def __len__(self) -> int:
        return len(self.queries)

    def __str__(self) -> str:
        lines = [f"  {number}. {query.text}" for number, query in enumerate(self.queries, 1)]
        return "\n".join(lines) or "  (none)"


def recorded(driver: D, log: QueryLog) -> D:
    """Return the driver, which from now on writes each query it sends to `log`.

    Its transactions, and drivers for other graphs that are made from it, are recorded as well.
    """
    kind: Any = type(driver)
    if getattr(kind, "recorded_in", None) is log:
        return driver
    # A subclass in place instead of a wrapper: whatever else the driver offers, and every call it
    # makes to its own run(), stays as it is.
    driver.__class__ = _recording(kind, log)
    return driver


def _recording(kind: Any, log: QueryLog) -> Any:
    async def run(self: Any, query: Query, **options: Any) -> Result:
        log.queries.append(query)
        result: Result = await kind.run(self, query, **options)
        return result

    async def begin(self: Any, **options: Any) -> Transaction:
        begun: Transaction = await kind.begin(self, **options)
        return recorded(begun, log)

    def graph(self: Any, name: str) -> Any:
        return recorded(kind.graph(self, name), log)

    members = {"__slots__": (), "recorded_in": log, "run": run}
    own = {"begin": begin, "graph": graph} if hasattr(kind, "begin") else {}
    return type(kind.__name__, (kind,), members | own)


@contextmanager
def expect_queries(
    log: QueryLog, count: int | None = None, *, at_most: int | None = None
) -> Iterator[QueryLog]:
    """Fail when the block sends another number of queries; yield their log, filled at its end.

    Give either the exact `count` or `at_most`. Raises `AssertionError` with every statement that
    was sent; parameters are left out.
    """
    __tracebackhide__ = True
    start, sent = len(log), QueryLog()
    yield sent
    sent.queries += log.queries[start:]
    if count is not None and len(sent) != count:
        raise AssertionError(f"expected {_queries(count)}, {_sent(sent)}")
    if at_most is not None and len(sent) > at_most:
        raise AssertionError(f"expected at most {_queries(at_most)}, {_sent(sent)}")


def _queries(count: int) -> str:
    return f"{count} {'query' if count == 1 else 'queries'}"


def _sent(log: QueryLog) -> str:
    return f"{len(log)} {'was' if len(log) == 1 else 'were'} sent:\n{log}"
