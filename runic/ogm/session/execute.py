"""`execute`: the session's way for raw Cypher, and for statements that write what they find."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.errors import StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.query import Change, Statement
from runic.ogm.query.compile import compile_select
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.params import named
from runic.ogm.query.path import PathOf
from runic.ogm.query.search import SearchStatement
from runic.ogm.session.loading.argument_errors import shown
from runic.ogm.session.loading.result import QueryResult
from runic.ogm.session.loading.row_reader import Reader, column_names
from runic.ogm.session.persistence.dml_sync import Changer
from runic.ogm.session.persistence.query_runner import Channel
from runic.ogm.session.raw_parameters import encoded_parameters
from runic.ogm.session.state.guard import Guard, exclusive

_ONLY_PLANNED = re.compile(
    r"(?:\s|//[^\n]*\n|/\*.*?\*/)*(EXPLAIN|PROFILE)\b", re.IGNORECASE | re.DOTALL
)

_GIVEN = "execute(statement, {'name': value})"


class Executing:
    """The part of a session that runs any statement; see `AsyncSession`."""

    _driver: Driver
    _channel: Channel
    _guard: Guard
    _reader: Reader
    _changer: Changer

    @exclusive
    async def execute(
        self,
        statement: str | Statement | Change,
        params: Mapping[str, Any] | None = None,
        *,
        returns: Sequence[type[Entity] | PathOf | None] = (),
        read_only: bool = False,
        batch_size: int | None = None,
        timeout: float | None = None,
    ) -> QueryResult:
        """Run raw Cypher, or any statement, and return its rows.

        `update`, `delete`, `insert`, `merge`, `connect` and `disconnect` write at once, in one
        statement; `.affected` of the result counts what they wrote. Entities that the session holds
        take the new values; their own unwritten changes stay and win at the next flush.

        Args:
            statement: Cypher text whose values are `$parameters`, or a statement.
            params: The values; dates, UUIDs, enums and so on take the form a field would store.
                Those of a statement are the values of its `param(…)`, as with `.bind`.
            returns: For each column the entity class to make of it, or None to leave it as it is.
            read_only: Promise that the text writes nothing; the database holds you to it.
            batch_size: Write the rows of an `insert` or `merge` so many at a time: for more than
                one query takes. Without transactions each batch stays written.
            timeout: Seconds each query may take.

        Raises:
            PartialCommitError: A batch was refused after others were written.
        """
        given = named(params, _GIVEN)
        if isinstance(statement, Change):
            statement = statement.bind(**given) if given else statement
            if batch_size is not None:
                return await self._changer.execute_in_batches(statement, batch_size, timeout)
            return await self._changer.execute(statement, timeout)
        if batch_size is not None:
            raise StatementError("batch_size is for rows, of insert(…) and merge(…)")
        if isinstance(statement, Statement):
            statement = statement.bind(**given) if given else statement
            rows = await self._reader.tuples(statement, timeout)
            return QueryResult(column_names(statement), rows)
        _require_text(statement)
        reads = read_only or self._channel.read_only
        query = Query(statement, encoded_parameters(given), reads)
        return await self._reader.raw(query, returns, timeout)

    @exclusive
    async def explain(
        self,
        statement: str | Statement | Change | SearchStatement[Any],
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> str:
        """Return how the server would run a statement, as readable text; nothing is run.

        The plan is the server's own, one line for each operation. Relations that are fetched with
        the entities are queries of their own and not part of it.

        Args:
            statement: Any statement, of reading or writing, or Cypher text.
            params: Values of the text's parameters, or of the statement's `param(…)`.
            timeout: Seconds this may take.

        Raises:
            UnsupportedFeatureError: The database shows no plans.
            DriverError: The graph does not exist yet, or the text is wrong.
        """
        dialect = self._driver.dialect
        dialect.require("explain")
        query = _query_of(statement, named(params, _GIVEN), dialect)
        limit = self._channel.timeout if timeout is None else timeout
        return await self._driver.explain(query, timeout=limit)


def _query_of(
    statement: str | Statement | Change | SearchStatement[Any],
    params: Mapping[str, Any],
    dialect: Dialect,
) -> Query:
    if not isinstance(statement, Statement | Change | SearchStatement):
        _require_text(statement)
        return Query(statement, encoded_parameters(params))
    bound = statement.bind(**params) if params else statement
    if isinstance(bound, Statement):
        return compile_select(bound, dialect).query
    return bound.compile(dialect).query


def _require_text(text: object) -> None:
    if not isinstance(text, str):
        raise StatementError(f"expected Cypher text or a statement, got {shown(text)}")
    # FalkorDB ignores the word, and runs the text.
    if _ONLY_PLANNED.match(text):
        raise StatementError(
            "leave EXPLAIN and PROFILE out of the text, and ask session.explain(text) for the plan"
        )
