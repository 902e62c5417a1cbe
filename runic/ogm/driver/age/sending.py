"""Make SQL of a query and run it on a connection.

What AGE would take silently for something else is refused here, before anything is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runic.ogm.driver.age import failures
from runic.ogm.driver.age.outline import Outline, outline_of
from runic.ogm.driver.age.server import AgeServer, Connection
from runic.ogm.driver.age.sql import GRAPH_PARAMETER, SqlQuery, call_text, placed
from runic.ogm.driver.base import Result
from runic.ogm.errors import DriverError, QuerySyntaxError
from runic.ogm.query.compiled import Query


@dataclass(frozen=True, slots=True)
class Sending:
    """SQL with its argument, and what the driver has to know of it.

    `columns` is None where they have the names that the SQL gives them.
    """

    statement: str
    sql: str
    args: tuple[str, ...]
    columns: tuple[str, ...] | None
    read_only: bool
    labels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    async def make_names(self, server: AgeServer, graph: str) -> None:
        """Make the graph of a write, the labels and types it may create, and what a read needs."""
        # SQL that names none is about what is there.
        writes = not self.read_only and (self.columns is not None or bool(self.labels))
        if writes or self.types:
            await server.make_labels(graph, self.labels, self.types, and_graph=not self.read_only)

    async def fetch(self, connection: Connection, timeout: float | None) -> Result:
        """Run it; raises what asyncpg raises."""
        # Never fetchrow or fetchval: they stop AGE after the first row, and so its writes.
        records = await connection.fetch(self.sql, *self.args, timeout=timeout)
        if self.columns is None:
            return Result(list(records[0].keys()) if records else [], [[*r] for r in records])
        rows = [[*record] for record in records] if self.columns else []
        return Result(list(self.columns), rows)

    def failed(self, error: Exception, server: AgeServer, timeout: float | None) -> DriverError:
        """Return the error for what asyncpg raised."""
        return failures.failed(
            error, str(server.address), self.statement, read=self.read_only, timeout=timeout
        )


def sending(query: Query, graph: str) -> Sending:
    """Return a query as SQL.

    Raises:
        DriverError: It names a parameter that has no value, or writes and promised not to.
        StatementError: A parameter has no form in AGE.
    """
    _check_characters(query.text)
    if isinstance(query, SqlQuery):
        sql = placed(query.text, graph)
        return Sending(query.text, sql, (), None, query.read_only, query.labels, query.types)
    outline = outline_of(query.text)
    params = {**query.params}
    if GRAPH_PARAMETER in outline.params:
        params[GRAPH_PARAMETER] = graph
    _check(query, outline, params)
    args = (_argument(params, query.text),) if params else ()
    columns = outline.columns or ()
    sql = call_text(graph, query.text, len(columns), given=bool(args))
    return Sending(
        query.text, sql, args, columns, not outline.writes, outline.labels, outline.types
    )


def _check_characters(text: str) -> None:
    if "\0" in text:
        raise QuerySyntaxError("the text holds a NUL character; remove it", statement=text)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QuerySyntaxError(
            f"the text holds a lone surrogate at position {error.start}, which is not valid"
            " Unicode; remove it",
            statement=ascii(text),
        ) from error


def _check(query: Query, outline: Outline, params: Mapping[str, Any]) -> None:
    if query.read_only and outline.writes:
        raise failures.writes_in_read(query.text)
    if missing := sorted(outline.params - params.keys()):
        raise failures.missing_parameters(missing, query.text)
    if nulls := sorted(key for key in outline.keys if params[key] is None):
        raise failures.merged_by_null(nulls)


def _argument(params: Mapping[str, Any], statement: str) -> str:
    """Return parameters as the one value that AGE takes."""
    try:
        text = json.dumps(params, ensure_ascii=False)
        if not text.isascii():
            text.encode()  # a lone surrogate shows here, and not in asyncpg
    except (TypeError, ValueError) as error:
        raise failures.not_sent(error, statement) from error
    return text
