"""Look at a graph below the session, as a test needs it."""

from __future__ import annotations

from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.query import Query

Dump = tuple[list[Any], list[Any]]


async def cypher(place: Any, text: str, **params: Any) -> list[list[Any]]:
    """Run Cypher and return its rows.

    `place` is a driver, to which only what is committed is there, or a session, which sees what it
    has written as well.
    """
    if isinstance(place, Driver):
        return (await place.run(Query(text, params))).rows
    return [list(row) for row in (await place.execute(text, params)).rows]


async def dump(place: Any) -> Dump:
    """Return every node and relationship with its id, labels and properties, in order of id."""
    nodes = await cypher(place, "MATCH (n) RETURN id(n), labels(n), properties(n) ORDER BY id(n)")
    edges = await cypher(
        place,
        "MATCH (s)-[e]->(t) RETURN id(e), type(e), id(s), id(t), properties(e) ORDER BY id(e)",
    )
    return nodes, edges


async def links(place: Any, type_: str) -> list[tuple[Any, Any]]:
    """Return the keys of both ends of every relationship of a type, sorted."""
    rows = await cypher(
        place, f"MATCH (s)-[e:{type_}]->(t) RETURN s.id, t.id, id(e) ORDER BY s.id, t.id"
    )
    return [(row[0], row[1]) for row in rows]
