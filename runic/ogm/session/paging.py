"""Read the entities of a statement page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from runic.ogm.errors import StatementError
from runic.ogm.model.node import Node
from runic.ogm.query import Select
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.keyset import keyset
from runic.ogm.session.loading.row_reader import Reader
from runic.ogm.session.state.guard import Guard, exclusive

E = TypeVar("E", bound=Node)


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[E]):
    """A part of what a statement finds; `next` is the cursor of the page after it, or None."""

    items: list[E]
    next: str | None

    @property
    def has_next(self) -> bool:
        """True when there are entities after this page."""
        return self.next is not None


class Paging:
    """The part of a session that reads pages; see `AsyncSession`."""

    _guard: Guard
    _reader: Reader

    @exclusive
    async def page(
        self,
        statement: Select[E],
        *,
        limit: int = 20,
        after: str | None = None,
        fetch: Any = (),
        timeout: float | None = None,
    ) -> KeysetPage[E]:
        """Return the entities that come after a cursor, and the cursor of the next page.

        Pages follow the statement's order, then the primary key. Entities that are inserted or
        deleted meanwhile shift nothing: no entity comes twice, and none is left out. A page costs
        the same however far down it is.

        Args:
            statement: `select(User)` with criteria and an order by fields that sort exactly.
            limit: How many entities a page has.
            after: The `.next` of the page before; None for the first.
            fetch: Relations to load with the entities.
            timeout: Seconds the query may take.

        Raises:
            StatementError: The statement cannot be read page by page, or the cursor is not its own.
        """
        if type(limit) is not int or limit < 1:
            raise StatementError(f"limit is a whole number ≥ 1, not {limit!r}")
        dialect: Dialect = self._reader.dialect
        pages = keyset(statement)
        part = pages.statement if after is None else pages.after(after, dialect)
        found = await self._reader.entities(part.limit(limit + 1), fetch, timeout)
        more = len(found) > limit
        items = found[:limit]
        return KeysetPage(items, pages.cursor(items[-1], dialect) if more else None)

    @exclusive
    async def scalars_with_total(
        self, statement: Select[E], fetch: Any = (), *, timeout: float | None = None
    ) -> tuple[list[E], int]:
        """Return the entities of a statement, and how many there would be without skip and limit.

        One query, where each row is one node and the order is by fields.
        """
        return await self._reader.entities_and_total(statement, fetch, timeout)
