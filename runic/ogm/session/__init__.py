"""Sessions: the unit of work, async and sync."""

from runic.ogm.session.async_session import AsyncSession
from runic.ogm.session.bound_query import AsyncBoundQuery, BoundQuery
from runic.ogm.session.loading.result import QueryResult
from runic.ogm.session.manager import AsyncConnectionManager, ConnectionManager
from runic.ogm.session.paging import KeysetPage
from runic.ogm.session.search import AsyncSearch, Search
from runic.ogm.session.session import Session

__all__ = [
    "AsyncBoundQuery",
    "AsyncConnectionManager",
    "AsyncSearch",
    "AsyncSession",
    "BoundQuery",
    "ConnectionManager",
    "KeysetPage",
    "QueryResult",
    "Search",
    "Session",
]
