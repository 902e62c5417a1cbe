"""The SQL around a Cypher text, and SQL in place of one; no I/O.

AGE takes Cypher as an argument of a SQL function, between dollar quotes. A text that could end
them would go on as SQL, so the tag is chosen for each text; values travel as one parameter, which
is never part of a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runic.ogm.errors import StatementError
from runic.ogm.query.compiled import Query

# The parameter that holds the name of the graph, for functions that have to be told it.
GRAPH_PARAMETER = "runic_graph"

# Stands for the name of the graph, quoted as an identifier or as a text.
SCHEMA, GRAPH = "%SCHEMA%", "%GRAPH%"

_GRAPH_NAME = re.compile(r"[A-Za-z_\x80-\uffff][\w.\-]{1,}\w")
_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class SqlQuery(Query):
    """A query whose text is SQL: what AGE has no Cypher for, as indexes.

    `%SCHEMA%` and `%GRAPH%` stand for the graph's name. `labels` and `types` are made first where
    they are missing.
    """

    labels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


def checked_graph(name: str) -> str:
    """Return the name of a graph.

    Raises:
        StatementError: AGE does not take it, or PostgreSQL would cut it off.
    """
    if not _GRAPH_NAME.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
        raise StatementError(
            f"{name!r} cannot name a graph of age; use 3 to 63 letters, digits, _, - and ., a"
            " letter or _ first"
        )
    return name


def identifier(name: str) -> str:
    """Return a name as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


def placed(text: str, graph: str) -> str:
    """Return the text of a `SqlQuery` for a graph."""
    return text.replace(SCHEMA, identifier(graph)).replace(GRAPH, literal(graph))


def call_text(graph: str, cypher: str, columns: int, *, given: bool) -> str:
    """Return the SQL that runs a Cypher text; `given` tells that it has parameters.

    Every call has one column at least: AGE asks for it where nothing is returned, too.
    """
    tag = "runic"
    while f"${tag}" in cypher:
        tag += "_"
    listed = ", ".join(f"c{number} ag_catalog.agtype" for number in range(max(columns, 1)))
    # On a line of its own: a text that ends in a comment, or in a dollar, would hide the tag.
    quoted = f"${tag}$ {cypher}\n${tag}$"
    given_as = ", $1" if given else ""
    return f"SELECT * FROM ag_catalog.cypher({literal(graph)}, {quoted}{given_as}) AS ({listed})"
